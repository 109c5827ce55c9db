"""Where the money went and what stands behind the loan: payouts, traces, collateral, guarantees, parties."""

from __future__ import annotations

from typing import Final

from book.contract.declare import (
    BORROWER,
    LOAN,
    columns,
    count,
    date,
    ident,
    money,
    number,
    one_of,
    optional,
    person,
    text,
)
from book.contract.kinds import Table

DISBURSEMENTS: Final = Table(
    name="disbursements",
    meaning="Payouts of the loan.",
    owner="loan",
    key=("disbursement_id",),
    event_date="on",
    columns=columns(
        ident("disbursement_id", "the payout"),
        LOAN,
        date("on", "day of the payout"),
        money("amount", "amount paid out"),
        one_of("mode", "paid to the payee for the borrower, or to the borrower", "entrusted self"),
        optional(person("payee_id", "who received it")),
        one_of("payee_type", "kind of payee", "person firm lender own related"),
        optional(number("contract_qty", "quantity in the purchase contract", minimum=0.0)),
        optional(number("annual_use", "quantity used in a usual year", minimum=0.0)),
    ),
)

FUND_TRACE: Final = Table(
    name="fund_trace",
    meaning="Transfers that follow the proceeds; without it the proceeds features are missing.",
    owner="loan",
    key=("trace_id",),
    event_date="on",
    columns=columns(
        ident("trace_id", "the transfer"),
        LOAN,
        count("hop", "steps from the payout"),
        person("from_id", "sender"),
        person("to_id", "receiver"),
        date("on", "day of the transfer"),
        money("amount", "amount transferred"),
    ),
)

PARTIES: Final = Table(
    name="parties",
    meaning="Links between persons and firms, contractual or from a registry only.",
    owner="borrower",
    key=("borrower_id", "party_id", "relation"),
    event_date="from",
    columns=columns(
        BORROWER,
        person("party_id", "the linked person or firm"),
        text("relation", "kind of link"),
        date("from", "first day of the link"),
        optional(date("to", "last day of the link")),
    ),
)

COLLATERAL: Final = Table(
    name="collateral",
    meaning="Pledged things and their values.",
    owner="loan",
    key=("collateral_id", "valued_on"),
    event_date="valued_on",
    columns=columns(
        ident("collateral_id", "the pledged thing"),
        LOAN,
        text("kind", "what it is"),
        date("valued_on", "day of the valuation"),
        money("value", "value"),
        count("lien_rank", "our rank, the first is 1", minimum=1),
        one_of("status", "state of the thing", "ok disposed seized disputed"),
    ),
)

GUARANTEES: Final = Table(
    name="guarantees",
    meaning="Guarantors of the loan.",
    owner="loan",
    key=("loan_id", "guarantor_id"),
    event_date="from",
    columns=columns(
        LOAN,
        person("guarantor_id", "the guarantor"),
        optional(money("cap", "largest amount guaranteed")),
        date("from", "first day of the guarantee"),
        optional(date("to", "last day of the guarantee")),
    ),
)
