"""Key risk indicators: the figures that the rules of the book, the model and the process ask (P01-P05, R26)."""
