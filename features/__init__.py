"""What was known of a loan on a date, as numbers?"""
