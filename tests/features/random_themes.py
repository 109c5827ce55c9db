"""What a random book is about: each theme makes one part of the definitions frequent, and leaves the rest to chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PURPOSES = (None, "scheduled", "partial_prepay", "full_prepay", "penalty", "fee", "recovery", "compensation")
PAYERS = (None, "borrower", "co_borrower", "other", "guarantor", "platform", "refinance")
METHODS = (None, "autopay", "transfer", "cash")
Choices = tuple[Any, ...]
ACCOUNTS = ("cashflow", "external_debts")
PROCEEDS = ("disbursements", "fund_trace", "parties", "cashflow")
FIRMS = ("public_events", "invoices", "financials", "tax_filings", "cashflow")
SECURITY = ("collateral", "guarantees", "balances")
ALL_TABLES = tuple(dict.fromkeys((*ACCOUNTS, *PROCEEDS, *FIRMS, *SECURITY, "contacts")))


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
    repayment_type: Choices = ("annuity", "annuity", "bullet", "revolving")
    firm: Choices = (False, True)
    beside: Choices = ((), (), ALL_TABLES)


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
"""Themes of the repayments themselves."""

_CALM: dict[str, Choices] = {"rewrites": (0, 0, 1), "charges": (0,), "months": (False,) * 7 + (True,)}
BORROWER_THEMES = (
    Theme("accounts", beside=(ACCOUNTS,), **_CALM),
    Theme("accounts of short loans", (4, 1), beside=(ACCOUNTS,), observed_late=(False,), **_CALM),
    Theme("debts elsewhere", beside=(("external_debts",),), **_CALM),
    Theme("where the money went", beside=(PROCEEDS,), **_CALM),
    Theme("firms", beside=(FIRMS,), firm=(True, True, False), **_CALM),
    Theme("security", beside=(SECURITY,), repayment_type=("annuity", "bullet"), **_CALM),
    Theme("revolving", beside=(SECURITY,), repayment_type=("revolving",), **_CALM),
    Theme("contacts", beside=(("contacts",),), **_CALM),
    Theme("balloons", beside=(ACCOUNTS,), repayment_type=("bullet", "interest_only"), **_CALM),
    Theme("everything", beside=(ALL_TABLES,)),
)
"""Themes of what is known beside them."""
