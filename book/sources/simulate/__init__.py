"""Simulated loan books: behaviour from money and will, trouble from planted causes, all from one seed."""

from book.sources.simulate.make import simulate
from book.sources.simulate.plan import Plan

__all__ = ["Plan", "simulate"]
