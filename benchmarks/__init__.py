"""Figures we defend, each made by a command."""
