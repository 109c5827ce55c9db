"""What goes wrong in borrowers' lives, one file per cause, and what only looks like it."""

from __future__ import annotations

from book.sources.simulate.causes.assign import Story, stories
from book.sources.simulate.causes.shares import CAUSES, CONFOUNDERS
from book.sources.simulate.causes.strain import Strain

__all__ = ["CAUSES", "CONFOUNDERS", "Story", "Strain", "stories"]
