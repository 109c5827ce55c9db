"""What a random book is about: each theme makes one part of the definitions frequent, and leaves the rest to chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PURPOSES = (None, "scheduled", "partial_prepay", "full_prepay", "penalty", "fee", "recovery", "compensation")
PAYERS = (None, "borrower", "co_borrower", "other", "guarantor", "platform", "refinance")
METHODS = (None, "autopay", "transfer", "cash")
Choices = tuple[Any, ...]


@dataclass(frozen=True)
class Theme:
    """Values to choose from; the first of each is the simplest. Repeated values are likelier."""

    name: str
    dues: Choices = (4, 8, 14, 8, 1, 0)
    rewrites: Choices = (0, 0, 1, 2)
    charges: Choices = (0, 0, 1, 3)
    steady: Choices = (False, True)
    purpose: Choices = ((None,), ("scheduled",), (None, "scheduled"), PURPOSES)
    payer: Choices = ((None,), ("borrower",), PAYERS[:4], PAYERS)
    method: Choices = ((None,), ("autopay",), METHODS)
    status: Choices = (("posted",), (None, "posted"), ("posted", "posted", "failed"))
    grace: Choices = (None, None, 0, 5)
    months: Choices = (False, False, False, False, False, False, False, True)
    observed_late: Choices = (False, False, False, True)


ANYTHING = Theme("anything")
THEMES = (
    ANYTHING,
    Theme("long and steady", (14, 12), (0,), (0,), (True,), payer=((None,),), grace=(5, 0), observed_late=(False,)),
    Theme("schedules rewritten", (4, 8), (1, 2), (0,), payer=((None,),), status=(("posted",),)),
    Theme(
        "debits that fail",
        (8,),
        (0,),
        steady=(True,),
        purpose=((None,), ("scheduled",)),
        method=(("autopay",), ("autopay", "transfer")),
        status=(("posted", "posted", "failed"),),
        months=(False,),
    ),
    Theme("penalties", (4, 8), (0, 1), (1, 3), (False,), ((None,), (None, "scheduled", "penalty")), ((None,),)),
    Theme("dated by month", months=(True,)),
    Theme("observed late", rewrites=(0, 0, 1), observed_late=(True,)),
)
