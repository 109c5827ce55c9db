"""Family EXT, column by column."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from reading.case import Case, money
from reading.days import months_before, months_since
from reading.ratios import CHANGE, LEVEL, NAN, held, ratio
from reading.rows import Row, cents, day, day_of

STALE_DAYS = 90
FLOOR = 1_000_00
COLUMNS = (
    "ext_n_lenders",
    "ext_new_loans_3m",
    "ext_new_loans_6m",
    "ext_debt_growth_3m",
    "ext_debt_growth_6m",
    "ext_short_share",
    "ext_inquiries_1m",
    "ext_inquiries_3m",
    "ext_inquiries_6m",
    "ext_dpd_now",
    "ext_dpd_max_12m",
    "ext_over90_share",
    "ext_card_util",
    "ext_score_chg_6m",
    "months_since_new_loan",
)


class Reports:
    """The reports known of a borrower. A report is the list of its lines, our own among them."""

    def __init__(self, case: Case, rows: list[Row]) -> None:
        self.case, self.rows = case, rows
        self.days = sorted({day_of(row["report_on"]) for row in rows})

    @property
    def latest_on(self) -> date:
        return self.days[-1]

    def on(self, report_on: date) -> list[Row]:
        """Of several reports of a day the one posted last."""
        that_day = [row for row in self.rows if day_of(row["report_on"]) == report_on]
        last = max(self.case.posted("external_debts", row) for row in that_day)
        return [row for row in that_day if self.case.posted("external_debts", row) == last]

    @property
    def in_hand(self) -> list[Row] | None:
        """The latest report, unless it is stale."""
        if not self.days or (self.case.as_of - self.latest_on).days > STALE_DAYS:
            return None
        return self.on(self.latest_on)

    def earlier(self, months: int) -> list[Row] | None:
        edge = self.case.edge(months)
        before = [report_on for report_on in self.days if report_on <= edge]
        if not before or (edge - before[-1]).days > STALE_DAYS or before[-1] == self.latest_on:
            return None
        return self.on(before[-1])


def not_ours(report: list[Row]) -> list[Row]:
    return [line for line in report if not line.get("is_ours")]


def header(report: list[Row] | None, column: str) -> float:
    given = [line[column] for line in report or [] if line.get(column) is not None]
    return float(max(given)) if given else NAN


def external_family(case: Case) -> dict[str, float]:
    reports = Reports(case, case.of_borrower("external_debts") or [])
    report = reports.in_hand
    if report is None:
        return dict.fromkeys(COLUMNS, NAN)
    lines = not_ours(report)
    balance = money(lines, "balance")
    over = [line for line in lines if line["dpd"] > 90]
    limited = [line for line in lines if line.get("limit") is not None]
    use = ratio(money(limited, "balance"), money(limited, "limit")) if limited else NAN
    return {
        "ext_n_lenders": float(len({line["lender_id"] for line in lines if cents(line["balance"]) > 0})),
        "ext_short_share": held(Fraction(_short(report), balance), LEVEL) if balance else NAN,
        "ext_over90_share": held(Fraction(money(over, "balance"), balance), LEVEL) if balance else NAN,
        "ext_card_util": use,
        "ext_score_chg_6m": header(report, "score") - header(reports.earlier(6), "score"),
        "ext_dpd_now": float(max((line["dpd"] for line in lines), default=0)),
        "ext_dpd_max_12m": _worst(reports),
        "months_since_new_loan": _since_new(reports, lines),
        **{f"ext_inquiries_{months}m": header(report, f"approval_inquiries_{months}m") for months in (1, 3, 6)},
        **{f"ext_new_loans_{months}m": _new(reports.latest_on, lines, months) for months in (3, 6)},
        **{f"ext_debt_growth_{months}m": _growth(reports, report, months) for months in (3, 6)},
    }


def _short(report: list[Row]) -> int:
    """Balances due within twelve months of the report, or on demand."""
    short = 0
    for line in not_ours(report):
        matures = day(line.get("maturity_on"))
        if matures is None or matures <= months_before(day_of(line["report_on"]), -12):
            short += cents(line["balance"])
    return short


def _growth(reports: Reports, report: list[Row], months: int) -> float:
    earlier = reports.earlier(months)
    if earlier is None:
        return NAN
    before = _short(earlier)
    return held(Fraction(_short(report) - before, max(before, FLOOR)), CHANGE)


def _new(report_on: date, lines: list[Row], months: int) -> float:
    opens = months_before(report_on, months)
    return float(sum(opens < day_of(line["opened_on"]) <= report_on for line in lines))


def _worst(reports: Reports) -> float:
    case = reports.case
    if not case.feed_observed("external_debts", reports.rows, 12):
        return NAN
    lately = case.within("external_debts", reports.rows, 0, 12)
    return float(max((line["dpd"] for line in not_ours(lately)), default=0))


def _since_new(reports: Reports, lines: list[Row]) -> float:
    as_of = reports.case.as_of
    opened = [day_of(line["opened_on"]) for line in lines if day_of(line["opened_on"]) <= reports.latest_on]
    return float(months_since(max(opened), as_of) if opened else months_since(reports.days[0], as_of) + 1)
