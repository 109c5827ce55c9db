"""The economy: a slow cycle that moves incomes and the rate at which borrowers get into trouble."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from book.sources.simulate.draws import Draws, Floats, grow
from book.sources.simulate.plan import Plan

CYCLE_MONTHS = 34
INCOME_SWING = 0.05
HAZARD_SWING = 0.45


@dataclass(frozen=True)
class Macro:
    """Monthly factors, each of shape (months,): on incomes, and on the hazard of trouble."""

    income: Floats
    hazard: Floats


def macro(plan: Plan) -> Macro:
    """The cycle of a plan; the same for all its parts."""
    phase = ((plan.first_month + np.arange(plan.months)) % CYCLE_MONTHS) / CYCLE_MONTHS
    noise = Draws(plan.seed, 0, "macro").bell(plan.months)
    stress = _wave(phase) + 0.15 * noise
    return Macro(1.0 - INCOME_SWING * stress, grow(HAZARD_SWING * stress))


def _wave(phase: Floats) -> Floats:
    """One up and one down per cycle, between -1 and 1, made of two parabolas."""
    up = 16.0 * phase * (0.5 - phase)
    down = -16.0 * (phase - 0.5) * (1.0 - phase)
    return np.where(phase < 0.5, up, down)
