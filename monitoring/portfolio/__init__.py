"""The state of the book: what the month-end states and the lives of loans say of it, figure by figure."""
