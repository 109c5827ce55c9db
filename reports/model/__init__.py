"""The model card and validation report: what a committee reads before a model may serve."""
