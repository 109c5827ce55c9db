"""A hand-made loan for the tests of the reports: twenty instalments, the last ones slipping."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from reports.loan.view import (
    CashMonth,
    Feed,
    Gap,
    InstalmentView,
    LoanFacts,
    LoanView,
    PastScore,
    ReasonView,
    ScoreCard,
    Texts,
    TierView,
    Versions,
)

MakeView = Callable[..., LoanView]
_PATH = (0.021, 0.020, 0.018, 0.019, 0.022, 0.024, 0.023, 0.031, 0.042, 0.082, 0.117, 0.165)
_LATE = (0, 0, -1, 0, 0, 0, -2, 0, 1, 0, 0, 3, 0, 0, 2, 5, 9, 14, 21, 26)


def _day(year: int, month: int, day: int) -> int:
    return (date(year, month, day) - date(1970, 1, 1)).days


def _both(en: str, zh: str) -> Texts:
    return {"en": en, "zh": zh}


AS_OF = _day(2024, 6, 30)
TIERS = tuple(
    TierView(
        code,
        _both(f"{en} risk", f"风险{zh}"),
        _both("What it means.", "含义。"),
        _both("Monthly.", "每月。"),
        cut,
    )
    for code, en, zh, cut in (
        ("T1", "Very low", "很低", 0.007),
        ("T2", "Low", "较低", 0.03),
        ("T3", "Raised", "偏高", 0.12),
        ("T4", "High", "高", 0.5),
        ("T5", "Very high", "很高", None),
    )
)


def _month(back: int) -> tuple[int, int]:
    return divmod(2024 * 12 + 5 - back, 12)


def _instalments() -> tuple[InstalmentView, ...]:
    made = []
    for k, late in enumerate(_LATE):
        year, month = _month(len(_LATE) - 1 - k)
        due_on = _day(year, month + 1, 4)
        open_now = k == len(_LATE) - 1
        paid = 180_000 if open_now else 486_250
        made.append(InstalmentView(k + 1, due_on, 486_250, paid, None if open_now else due_on + late, late))
    return tuple(made)


def _cash() -> tuple[CashMonth, ...]:
    months = []
    for back in range(17, -1, -1):
        year, month = _month(back)
        inflow = 1_620_000 if back > 4 else 1_620_000 - 260_000 * (5 - back)
        end = _day(year + month // 11, (month + 1) % 12 + 1, 1) - 1
        due = (_day(year, month + 1, 4),)
        months.append(
            CashMonth(end, inflow, 1_350_000 + 30_000 * (back % 4), 900_000 - 20_000 * (17 - back), due, 486_250)
        )
    return tuple(months)


def _reasons() -> tuple[ReasonView, ...]:
    rows = (
        (
            "Days past due",
            "逾期天数",
            0.94,
            "Worst arrears of the last 3 months",
            "近3个月最长逾期天数",
            "26 days",
            "26天",
            "0 days",
            "0天",
        ),
        (
            "Timing of payment",
            "还款时间",
            0.71,
            "Payments come later from one instalment to the next, by",
            "还款一期比一期晚，每期多",
            "4.6 days",
            "4.6天",
            "0.0 days",
            "0.0天",
        ),
        (
            "Amounts paid",
            "还款金额",
            0.38,
            "Share of the last instalment that was paid",
            "最近一期已还比例",
            "37%",
            "37%",
            "100%",
            "100%",
        ),
        (
            "Exposure and terms",
            "敞口与期限",
            -0.21,
            "Share of principal already repaid",
            "已还本金比例",
            "56%",
            "56%",
            "38%",
            "38%",
        ),
    )
    return tuple(
        ReasonView(_both(fe, fz), _both(f"{te}: {ve}", f"{tz}：{vz}"), _both(te, tz), _both(ve, vz), _both(ye, yz), c)
        for fe, fz, c, te, tz, ve, vz, ye, yz in rows
    )


def _card() -> ScoreCard:
    past = []
    for k, pd in enumerate(_PATH):
        year, month = _month(len(_PATH) - 1 - k)
        past.append(PastScore(_day(year, month + 1, 1) - 1, "scored", pd, "T2"))
    families = tuple((r.family, r.contribution) for r in _reasons())
    return ScoreCard(
        loan_id="L00001234", borrower_id="9f3a61c07be2d481", as_of=AS_OF, cutoff=1719763199999999,
        status="scored", horizon=12, pd=0.2413, start_pd=0.011, grade=8, tier="T4", dpd=26,
        exposure=7_412_550, families=families, past=tuple(past),
        notes=(_both("Not handed in: bureau reports.", "未提供：征信报告。"),),
    )  # fmt: skip


@pytest.fixture(scope="session")
def make_view() -> MakeView:
    """Builds the hand-made view; keywords replace its fields, `card` and `loan` take dicts of theirs."""

    def make(card: dict[str, Any] | None = None, loan: dict[str, Any] | None = None, **fields: Any) -> LoanView:
        view = LoanView(
            card=replace(_card(), **(card or {})),
            loan=replace(
                LoanFacts("consumer", "person", "annuity", "CNY", 16_000_000, 0.138, _day(2022, 10, 11),
                          _day(2025, 10, 4), 36, 20), **(loan or {})),
            tiers=TIERS, reasons=_reasons(), instalments=_instalments(), cash=_cash(),
            feeds=(Feed("instalments", 36, AS_OF - 26), Feed("payments", 41, AS_OF - 9),
                   Feed("loan_events", 0, None), Feed("cashflow", 1320, AS_OF - 1),
                   Feed("external_debts", None, None)),
            gaps=(Gap("stale_payments", {"days": 41}),),
            versions=Versions(
                "c41d09e7b3aa", "grades 2026-01 (5be1c09a)", "77aa01bd", "0e9fb2c4", "loanwatch 0.1.0"),
        )  # fmt: skip
        return replace(view, **fields)

    return make
