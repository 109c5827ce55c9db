"""Where books come from: the simulator and importers of public data."""
