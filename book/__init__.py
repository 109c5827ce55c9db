"""What does the lender know, and since when?"""
