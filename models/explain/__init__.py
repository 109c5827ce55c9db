"""Exact TreeSHAP from tables: what a leaf adds depends on a row through a few bits, so it can be looked up."""
