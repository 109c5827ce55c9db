"""The definitions of the catalogue, one file per family."""
