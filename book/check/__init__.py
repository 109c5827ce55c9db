"""Checking a book: every fault with its place, bad rows set aside, bad batches refused."""
