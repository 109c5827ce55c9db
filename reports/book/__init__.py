"""The monthly pack: the state of the book as people read it."""
