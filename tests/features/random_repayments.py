"""Random repayments: on time, early, late, in parts, failed, reversed, by others, for other purposes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from random_schedules import Calendar, Row, money, posted
from random_themes import ANYTHING, Theme

STEADY = st.sampled_from([0, 0, 0, 1, 3, 4, 8, -1, -10])
SHIFTS = st.sampled_from([0, 0, 0, 1, 3, 7, 8, -1, -10, 25, 35, 70, 100])
PARTS = st.sampled_from([100, 100, 100, 100, 0, 50, 99, 101, 150, 250])
REASONS = (None, "insufficient", "technical", "mandate", "other")
ENDS = ("write_off", "sold", "closed", "prepaid")
EVENTS = (
    "restructure",
    "extension",
    "deferral",
    "grace",
    "rate_change",
    "mandate_off",
    "default_flag",
    "compensation",
    "dispute",
    *ENDS,
)


@st.composite
def payment_rows(draw: st.DrawFn, loan_id: str, calendar: Calendar, dues: list[Row], theme: Theme) -> list[Row]:
    """What came of each due, and some money out of the blue; then reversals."""
    habit = _habit(draw, theme)
    steady = draw(st.sampled_from(theme.steady))
    rows: list[Row] = []
    for due in dues:
        amount = sum(round(100 * float(due[part])) for part in ("principal_due", "interest_due", "fee_due"))
        for _ in range(1 if steady else draw(st.sampled_from([1, 1, 1, 1, 0, 2]))):
            on = date.fromisoformat(due["due_on"]) + timedelta(draw(STEADY if steady else SHIFTS))
            paid = amount * (100 if steady else draw(PARTS)) // 100
            paid += draw(st.sampled_from([0, 0, 0, 1, 2_000, -100]))
            rows += _payment(draw, loan_id, f"{loan_id}P{len(rows)}", calendar, on, paid, habit)
    for _ in range(draw(st.sampled_from([0, 0, 1, 3]))):
        on = calendar.base + timedelta(draw(st.integers(0, 500)))
        paid = draw(st.sampled_from([100, 5_000, 10_000, 70_000, 200_000]))
        free = _habit(draw, ANYTHING)
        rows += _payment(draw, loan_id, f"{loan_id}P{len(rows)}", calendar, on, paid, free)
    return rows + [row for paid in rows for row in _reversal(draw, paid, calendar)]


def _habit(draw: st.DrawFn, theme: Theme) -> dict[str, tuple[Any, ...]]:
    """Which values each optional column takes in a loan's payments."""
    columns = ("purpose", "payer", "method", "status")
    habit = {column: draw(st.sampled_from(getattr(theme, column))) for column in columns}
    return habit | {"principal": draw(st.sampled_from([(None,), (None,), (80,), (None, 80)]))}


def _payment(
    draw: st.DrawFn,
    loan_id: str,
    payment_id: str,
    calendar: Calendar,
    on: date,
    paid: int,
    habit: dict[str, tuple[Any, ...]],
) -> list[Row]:
    if paid <= 0:
        return []
    on = calendar.snap(max(on, calendar.base))
    row: Row = {
        "payment_id": payment_id,
        "loan_id": loan_id,
        "paid_on": on.isoformat(),
        "amount": money(paid),
    }
    for column in ("purpose", "payer", "method", "status"):
        row[column] = draw(st.sampled_from(habit[column]))
    share = draw(st.sampled_from(habit["principal"]))
    if share is not None:
        row["principal"] = money(paid * share // 100)
    if row["status"] == "failed":
        row["fail_reason"] = draw(st.sampled_from(REASONS))
    if calendar.monthly:
        row["date_precision"] = "month"
    given = {name: value for name, value in row.items() if value is not None}
    return [given | posted(draw, on)]


def _reversal(draw: st.DrawFn, paid: Row, calendar: Calendar) -> list[Row]:
    if draw(st.integers(0, 11)) < 11 or paid.get("status") == "failed":
        return []
    on = calendar.snap(date.fromisoformat(paid["paid_on"]) + timedelta(draw(st.sampled_from([0, 1, 5, 40]))))
    row: Row = {
        "payment_id": f"{paid['payment_id']}R",
        "loan_id": paid["loan_id"],
        "paid_on": on.isoformat(),
        "amount": paid["amount"],
        "status": "reversal",
        "reverses_id": paid["payment_id"],
    }
    return [row | posted(draw, on)]


def _once(event: tuple[str, int]) -> object:
    return event[0] if event[0] in (*ENDS, "rate_change") else event


@st.composite
def event_rows(draw: st.DrawFn, loan_id: str, calendar: Calendar) -> list[Row]:
    """Events of the contract; each kind that ends a loan at most once."""
    drawn = draw(
        st.lists(
            st.tuples(st.sampled_from(EVENTS), st.integers(0, 600)),
            max_size=3,
            unique_by=_once,
        )
    )
    rows = []
    for place, (kind, offset) in enumerate(drawn):
        on = calendar.day(offset)
        row: Row = {"event_id": f"{loan_id}E{place}", "loan_id": loan_id, "event_type": kind}
        row["event_on"] = on.isoformat()
        if kind == "restructure":
            row["distressed"] = draw(st.booleans())
        if kind == "rate_change" and draw(st.booleans()):
            row["new_rate"] = draw(st.sampled_from([0.05, 0.24]))
        rows.append(row | posted(draw, on))
    return rows


@st.composite
def charge_rows(draw: st.DrawFn, loan_id: str, calendar: Calendar, theme: Theme) -> list[Row]:
    """Penalties, fees and waivers; none at most times."""
    rows = []
    for place in range(draw(st.sampled_from(theme.charges))):
        on = calendar.day(draw(st.sampled_from([35, 60, 95, 150, 270])))
        row: Row = {"charge_id": f"{loan_id}C{place}", "loan_id": loan_id, "charged_on": on.isoformat()}
        row["kind"] = draw(st.sampled_from(["penalty_interest", "late_fee", "waiver", "legal"]))
        row["amount"] = money(draw(st.sampled_from([500, 2_000, 100_000])))
        rows.append(row | posted(draw, on))
    return rows
