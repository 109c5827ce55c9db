"""Making, judging and promoting a model."""
