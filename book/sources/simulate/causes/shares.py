"""All causes and confounders, and how often each strikes which borrowers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from book.sources.simulate.causes import (
    collateral_decay,
    firm_decline,
    funds_diverted,
    income_loss,
    moved_away,
    over_indebted,
    payday_shift,
    refinancing,
    returned_goods,
    revaluation,
    seasonal_income,
    second_bank,
    slipping_habit,
    strategic,
    succession,
    technical_failure,
    wrong_number,
)
from book.sources.simulate.causes.strain import Spell, Strain
from book.sources.simulate.draws import Draws

KINDS_OF_BORROWER = ("person", "person with a pledge", "firm")


@dataclass(frozen=True)
class Trouble:
    """A cause or confounder: its effect, and its share among those of each kind of borrower.

    Shares of causes are relative to each other (how many are struck at all: `assign.MONTHLY_HAZARD`);
    shares of confounders are shares of all borrowers.
    """

    apply: Callable[[Strain, Spell, Draws], None]
    shares: tuple[float, float, float]


CAUSES = {
    "income_loss": Trouble(income_loss.apply, (0.36, 0.30, 0.12)),
    "over_indebted": Trouble(over_indebted.apply, (0.26, 0.20, 0.16)),
    "funds_diverted": Trouble(funds_diverted.apply, (0.14, 0.08, 0.16)),
    "slipping_habit": Trouble(slipping_habit.apply, (0.16, 0.14, 0.10)),
    "strategic": Trouble(strategic.apply, (0.08, 0.06, 0.06)),
    "moved_away": Trouble(moved_away.apply, (0.08, 0.06, 0.08)),
    "firm_decline": Trouble(firm_decline.apply, (0.0, 0.0, 0.40)),
    "collateral_decay": Trouble(collateral_decay.apply, (0.0, 0.22, 0.0)),
}
CONFOUNDERS = {
    "technical_failure": Trouble(technical_failure.apply, (0.06, 0.06, 0.06)),
    "payday_shift": Trouble(payday_shift.apply, (0.06, 0.06, 0.0)),
    "seasonal_income": Trouble(seasonal_income.apply, (0.06, 0.06, 0.12)),
    "refinancing": Trouble(refinancing.apply, (0.06, 0.06, 0.06)),
    "second_bank": Trouble(second_bank.apply, (0.06, 0.06, 0.08)),
    "wrong_number": Trouble(wrong_number.apply, (0.05, 0.05, 0.05)),
    "returned_goods": Trouble(returned_goods.apply, (0.05, 0.05, 0.08)),
    "revaluation": Trouble(revaluation.apply, (0.0, 0.25, 0.08)),
    "succession": Trouble(succession.apply, (0.0, 0.0, 0.18)),
}
