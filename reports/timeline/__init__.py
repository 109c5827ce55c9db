"""The state of a model as people read it: a verdict, and one timeline behind it."""
