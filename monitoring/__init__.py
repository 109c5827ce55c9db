"""What came of it, and are the book and the model still what we think?"""
