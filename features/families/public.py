"""PUB: what public registers and courts say. The register is watched from the start of the loan."""

from __future__ import annotations

import numpy as np

from features.families.names import PUB
from features.feature import HIGHER, feature
from features.history import MONTHS, History
from features.ledger import among, code
from features.measures import Values
from features.units import COUNT, FLAG

TABLES = ("public_events",)
CONTROL = ("legal_rep", "controller", "director", "shareholder", "finance_head")


def _entries(h: History, *kinds: str) -> Values | None:
    """Entries of these kinds by month, (n, 12); None without the table."""
    rows = h.rows("public_events")
    if rows is None:
        return None
    holds = among(rows["event_type"], "public_events", "event_type", *kinds)
    return h.dated("public_events", "event_on").months(holds).astype(float)


def _within(h: History, months: int, *kinds: str) -> Values:
    found = _entries(h, *kinds)
    if found is None:
        return np.full(h.n, np.nan)
    return np.where(h.seen(months), found[:, MONTHS - months :].sum(axis=1), np.nan)


def _of_firms(h: History, values: Values) -> Values:
    """`values` of firms; persons have no legal representative: NaN."""
    firm = h.of_loan("borrower_type") == code("loans", "borrower_type", "firm")[0]
    return np.where(firm, values, np.nan)


@feature(
    family=PUB, unit=COUNT, worse=HIGHER, windows=(6, 12), tables=TABLES,
    zh="最近{months}个月法定代表人、实际控制人、董事、股东或财务负责人变更次数",
)  # fmt: skip
def reg_changes(h: History, months: int) -> Values:
    """Changes of legal representative, control, directors, owners or finance head in the last {months} months."""
    return _of_firms(h, _within(h, months, *CONTROL))


@feature(family=PUB, unit=FLAG, worse=HIGHER, windows=(12,), tables=TABLES, zh="最近{months}个月法定代表人是否变更")
def legal_rep_changed(h: History, months: int) -> Values:
    """Change of the legal representative in the last {months} months."""
    return _of_firms(h, np.minimum(_within(h, months, "legal_rep"), 1))


@feature(family=PUB, unit=COUNT, worse=HIGHER, windows=(12,), tables=TABLES, zh="最近{months}个月作为被告的诉讼件数")
def lawsuits(h: History, months: int) -> Values:
    """Lawsuits against the borrower in the last {months} months."""
    return _within(h, months, "litigation_defendant")


@feature(family=PUB, unit=FLAG, worse=HIGHER, tables=TABLES, zh="是否被列为被执行人或失信被执行人")
def enforcement_flag(h: History) -> Values:
    """Under enforcement, or on the list of dishonest debtors."""
    rows = h.rows("public_events")
    if rows is None:
        return np.full(h.n, np.nan)
    holds = among(rows["event_type"], "public_events", "event_type", "enforcement", "dishonest")
    return np.minimum(h.dated("public_events", "event_on").so_far(holds), 1).astype(float)


@feature(family=PUB, unit=FLAG, worse=HIGHER, windows=(12,), tables=TABLES, zh="最近{months}个月是否有欠税或行政处罚")
def tax_or_penalty(h: History, months: int) -> Values:
    """Tax arrears or an official penalty in the last {months} months."""
    return np.minimum(_within(h, months, "tax_arrears", "penalty"), 1)
