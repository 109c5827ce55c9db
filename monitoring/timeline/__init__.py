"""The state of a model on one timeline: drift at once, an early read after a month, truth when it is mature."""
