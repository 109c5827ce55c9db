"""What is known of the borrower beside the loan: accounts, debts elsewhere, public records, figures."""

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

CASHFLOW: Final = Table(
    name="cashflow",
    meaning="Movements of the borrower's accounts.",
    owner="borrower",
    key=("txn_id",),
    event_date="booked_on",
    realised=True,
    columns=columns(
        ident("txn_id", "the movement"),
        BORROWER,
        person("account_id", "the account"),
        date("booked_on", "booking day"),
        money("amount", "amount, inflow positive, in the currency of the account", signed=True),
        optional(money("balance_after", "balance after the movement", signed=True)),
        optional(
            one_of(
                "category",
                "what it is for",
                "salary business_income transfer loan_in loan_repayment refund cash essential discretionary "
                "tax securities real_estate wealth gambling other",
            )
        ),
        optional(person("counterparty_id", "the other side")),
        optional(one_of("counterparty_type", "kind of the other side", "person firm lender own related")),
        optional(flag("held_here", "the account is held with this lender")),
        optional(text("categoriser_version", "version of what set the category")),
    ),
    constraints="a break in balance_after warns",
)

EXTERNAL_DEBTS: Final = Table(
    name="external_debts",
    meaning="Lines of credit-bureau reports; never overwritten.",
    owner="borrower",
    key=("snapshot_id", "borrower_id", "line_no"),
    event_date="report_on",
    realised=True,
    lag_days=3,
    columns=columns(
        ident("snapshot_id", "the report"),
        BORROWER,
        count("line_no", "line of the report"),
        date("report_on", "date of the report"),
        person("lender_id", "the lender of the line"),
        optional(one_of("lender_kind", "kind of lender", "bank other")),
        optional(flag("is_ours", "the line is our own loan")),
        text("debt_type", "kind of debt"),
        date("opened_on", "day the debt began"),
        money("balance", "amount outstanding"),
        optional(money("limit", "credit limit")),
        optional(money("instalment", "monthly instalment")),
        optional(date("maturity_on", "last due date")),
        count("dpd", "days past due on the report", "days"),
        optional(
            one_of("class5", "five-class grade", "normal special_mention substandard doubtful loss"),
        ),
        optional(count("approval_inquiries_1m", "loan inquiries in 1 month (header of the report)")),
        optional(count("approval_inquiries_3m", "loan inquiries in 3 months (header of the report)")),
        optional(count("approval_inquiries_6m", "loan inquiries in 6 months (header of the report)")),
        optional(number("score", "the bureau's score (header of the report)")),
    ),
    constraints="report_on not after posted_at",
)

PUBLIC_EVENTS: Final = Table(
    name="public_events",
    meaning="Entries of public registers and courts.",
    owner="borrower",
    key=("event_id",),
    event_date="event_on",
    columns=columns(
        ident("event_id", "the entry"),
        BORROWER,
        one_of(
            "event_type",
            "kind of entry",
            "legal_rep controller shareholder director finance_head scope address capital "
            "litigation_defendant enforcement dishonest tax_arrears penalty pledge liquidation",
        ),
        date("event_on", "day of the entry"),
        optional(money("amount", "amount concerned")),
    ),
)

INVOICES: Final = Table(
    name="invoices",
    meaning="Invoices of a firm.",
    owner="borrower",
    key=("invoice_id",),
    event_date="issued_on",
    columns=columns(
        ident("invoice_id", "the invoice"),
        BORROWER,
        one_of("direction", "sale or purchase", "sale purchase"),
        date("issued_on", "day of issue"),
        money("amount", "amount"),
        optional(person("counterparty_id", "the other side")),
        optional(LOAN),
        text("status", "state of the invoice"),
    ),
)

TAX_FILINGS: Final = Table(
    name="tax_filings",
    meaning="Tax returns of a firm.",
    owner="borrower",
    key=("borrower_id", "period_end"),
    event_date="period_end",
    lag_days=60,
    columns=columns(
        BORROWER,
        date("period_end", "last day of the period"),
        money("declared_sales", "sales declared"),
        money("tax_due", "tax due"),
        money("tax_paid", "tax paid"),
        optional(text("grade", "taxpayer grade")),
    ),
)

FINANCIALS: Final = Table(
    name="financials",
    meaning="Accounts of a firm.",
    owner="borrower",
    key=("borrower_id", "period_end"),
    event_date="period_end",
    lag_days=60,
    columns=columns(
        BORROWER,
        date("period_end", "last day of the period"),
        money("sales", "sales of the period"),
        optional(money("operating_cashflow", "cash from operations", signed=True)),
        money("total_assets", "total assets"),
        money("total_liabilities", "total liabilities"),
        money("current_assets", "current assets"),
        money("current_liabilities", "current liabilities"),
        optional(money("receivables", "receivables")),
        optional(money("interest_expense", "interest expense")),
        optional(money("ebit", "earnings before interest and tax", signed=True)),
        optional(money("equity", "equity", signed=True)),
    ),
    constraints="assets are liabilities plus equity within 1 % where equity is given",
)

ATTRIBUTES: Final = Table(
    name="attributes",
    meaning="Group fields for fairness tests only; never joined to features.",
    owner="borrower",
    key=("borrower_id",),
    columns=columns(
        BORROWER,
        optional(text("sex", "sex")),
        optional(text("age_band", "age band")),
        optional(text("ethnicity", "ethnic group")),
        optional(text("marital_status", "marital status")),
        optional(text("residence", "kind of residence")),
        optional(text("disability", "disability")),
    ),
)
