"""Answering: batch files and the API."""
