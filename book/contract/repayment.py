"""What was agreed and what was paid: loans, instalments, payments, events, balances, charges, impairment."""

from __future__ import annotations

from typing import Final

from book.contract.declare import (
    BORROWER,
    LOAN,
    columns,
    count,
    date,
    flag,
    ident,
    money,
    number,
    one_of,
    optional,
    person,
    text,
)
from book.contract.kinds import Table

LOANS: Final = Table(
    name="loans",
    meaning="One row per loan; static facts only.",
    owner="loan",
    key=("loan_id",),
    event_date="disbursed_on",
    required=True,
    columns=columns(
        ident("loan_id", "the loan", refers="loans.loan_id"),
        BORROWER,
        text("product", "the lender's product name"),
        one_of("borrower_type", "a natural person or a firm", "person firm"),
        optional(one_of("firm_size", "size class of a firm", "micro_small other")),
        text("currency", "ISO 4217 code; one currency per book"),
        money("principal", "amount lent", positive=True),
        number("annual_rate", "interest a year as a decimal (0.18)", "a year", 0.0, 1.0),
        date("disbursed_on", "day of the first payout"),
        optional(date("maturity_on", "last agreed due date; may be absent for revolving loans")),
        optional(count("n_instalments", "number of agreed instalments", "instalments", minimum=1)),
        optional(date("observed_from", "first day of the extract, where it starts after the payout")),
        optional(money("opening_balance", "principal outstanding at observed_from")),
        optional(money("opening_arrears", "arrears at observed_from")),
        one_of(
            "repayment_type",
            "how principal is repaid",
            "annuity equal_principal bullet interest_only revolving",
        ),
        optional(text("guarantee_type", "main kind of security")),
        optional(text("channel", "where the loan was sold")),
        optional(text("region", "region of the borrower")),
        optional(text("industry", "industry of the borrower")),
        optional(person("employer_id", "the employer")),
        optional(text("purpose", "agreed use of the funds")),
        optional(number("settlement_covenant", "agreed share of receipts settled here", "share", 0.0, 1.0)),
        optional(ident("refinances_loan_id", "the loan that this one repays", refers="loans.loan_id")),
        optional(number("origination_pd", "probability of default at origination", "share", 0.0, 1.0)),
    ),
    constraints=(
        "maturity_on after disbursed_on; with observed_from after disbursement the first-payment, "
        "ordinal and life-time features are missing and sums are checked against opening_balance; "
        "one currency per book"
    ),
)

INSTALMENTS: Final = Table(
    name="instalments",
    meaning="The agreed dues, one row per instalment and version of the schedule.",
    owner="loan",
    key=("loan_id", "instalment_no", "schedule_version"),
    event_date="valid_from",
    required=True,
    columns=columns(
        LOAN,
        count("instalment_no", "number of the instalment"),
        count("schedule_version", "version of the schedule, the first is 1", minimum=1),
        date("valid_from", "day from which this version holds"),
        date("due_on", "due date"),
        money("principal_due", "principal due"),
        money("interest_due", "interest due"),
        money("fee_due", "fees due"),
        optional(count("grace_days", "days of grace after the due date", "days", maximum=366)),
    ),
    constraints=(
        "due_on strictly rising within a version and at most a year past the maturity then in force; a "
        "version replaces instalments by number: in force is, per number, the highest version known with "
        "valid_from not later; capitalised instalments are re-issued with zero due; version 1 sums to "
        "principal within 1 %, later versions to the principal then outstanding, plus what was capitalised"
    ),
)

PAYMENTS: Final = Table(
    name="payments",
    meaning="Money received or attempted, and reversals.",
    owner="loan",
    key=("payment_id",),
    event_date="paid_on",
    required=True,
    realised=True,
    columns=columns(
        ident("payment_id", "the payment"),
        LOAN,
        date("paid_on", "day the money moved or was tried"),
        optional(one_of("date_precision", "day, or month where the source dates by month", "day month")),
        money("amount", "attempted amount", positive=True),
        optional(
            one_of(
                "purpose",
                "what the money is for",
                "scheduled partial_prepay full_prepay penalty fee recovery compensation",
            )
        ),
        optional(
            one_of(
                "payer",
                "who paid",
                "borrower co_borrower guarantor insurer platform collateral refinance other",
            )
        ),
        optional(money("principal", "part booked as principal")),
        optional(money("interest", "part booked as interest")),
        optional(money("fee", "part booked as fees")),
        optional(money("penalty", "part booked as penalty")),
        optional(one_of("method", "how it was paid", "autopay transfer cash third_party offset")),
        optional(one_of("status", "what came of it; missing means posted", "posted failed reversal")),
        optional(one_of("fail_reason", "why it failed", "insufficient technical mandate other")),
        optional(count("alloc_instalment_no", "instalment the servicer put it to")),
        optional(ident("reverses_id", "the payment that this row reverses", refers="payments.payment_id")),
    ),
    constraints=(
        "only posted rows are money; a reversal is a new row that, once known, cancels its original from the "
        "original's paid_on; not before disbursement"
    ),
)

LOAN_EVENTS: Final = Table(
    name="loan_events",
    meaning="What happened to the contract.",
    owner="loan",
    key=("event_id",),
    event_date="event_on",
    columns=columns(
        ident("event_id", "the event"),
        LOAN,
        one_of(
            "event_type",
            "kind of event",
            "restructure extension deferral grace rate_change maturity_change write_off sold closed prepaid "
            "compensation default_flag cure bankruptcy deceased fraud dispute hardship waiver mandate_on "
            "mandate_off",
        ),
        date("event_on", "day it takes effect; may lie ahead"),
        optional(flag("distressed", "granted because of financial difficulty")),
        optional(number("credit_related_loss_share", "loss in present value by the change", "share", 0.0, 1.0)),
        optional(number("new_rate", "annual rate after the change", "a year", 0.0, 1.0)),
        optional(date("new_maturity", "maturity after the change")),
        optional(text("detail", "a short note")),
    ),
    constraints="closing events (write_off, sold, closed, prepaid) once per loan and kind",
)

BALANCES: Final = Table(
    name="balances",
    meaning="Account balances at a date; needed for revolving products, utilisation and exposure.",
    owner="loan",
    key=("loan_id", "as_on"),
    event_date="as_on",
    columns=columns(
        LOAN,
        date("as_on", "date of the balance"),
        money("principal", "principal outstanding"),
        optional(money("accrued", "interest accrued and not yet due")),
        optional(money("penalty", "penalties outstanding")),
        optional(money("limit", "credit limit")),
        optional(money("undrawn", "limit not drawn")),
        optional(money("min_due", "minimum payment due")),
        optional(money("statement_balance", "balance of the last statement")),
    ),
)

CHARGES: Final = Table(
    name="charges",
    meaning="Penalties and fees charged, and waivers.",
    owner="loan",
    key=("charge_id",),
    event_date="charged_on",
    columns=columns(
        ident("charge_id", "the charge"),
        LOAN,
        one_of("kind", "kind of charge", "penalty_interest late_fee legal waiver"),
        date("charged_on", "day charged"),
        money("amount", "amount charged"),
    ),
)

IMPAIRMENT: Final = Table(
    name="impairment",
    meaning="Impairment figures of accounting, for the loss steps of the class engine.",
    owner="loan",
    key=("loan_id", "as_on"),
    event_date="as_on",
    columns=columns(
        LOAN,
        date("as_on", "date of the figures"),
        flag("credit_impaired", "credit-impaired in the books"),
        money("ecl", "expected credit loss"),
        money("book_value", "gross book value"),
    ),
)
