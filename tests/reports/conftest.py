"""A hand-made loan for the tests of the reports: twenty instalments, the last ones slipping."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from reports.loan.decision import (
    ActionView,
    AlertView,
    ChannelView,
    ContactView,
    DecisionView,
    Ground,
)
from reports.loan.rows import RowsView
from reports.loan.view import (
    CashMonth,
    Elsewhere,
    Feed,
    Gap,
    InstalmentView,
    LoanFacts,
    LoanView,
    MoveCard,
    PastScore,
    ReasonView,
    ScoreCard,
    Texts,
    TierView,
    Twice,
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


def _reasons_with_rows() -> tuple[ReasonView, ...]:
    """The reasons with the rows behind the first one, and none behind the last."""
    columns = ("no", "due_on", "due", "paid", "settled_on", "days_late")
    one = _instalments()[-1]
    rows = RowsView(columns, ((one.no, one.due_on, one.due, one.paid, one.settled_on, one.days_late),), 3)
    first, *others, last = _reasons()
    return (replace(first, behind=rows), *others, replace(last, behind=RowsView((), (), 0)))


def _decision() -> DecisionView:
    ground = Ground("overdue", _both("overdue", "逾期"), "第十条（一）", (_both("Days: 26 days", "天数：26天"),),
                    "special_mention")  # fmt: skip
    call = ActionView("CALL", "contact", _both("one call", "电话联系一次"), False, ("call",))
    hold = ActionView("HOLD_DRAWS", "desk", _both("hold new draws", "暂停新的提款"), True, ())
    alert = AlertView("R02", "O", _both("more than 7 days past due", "逾期超过7天"),
                      (_both("Days past due now: 26 days", "当前逾期天数：26天"),), "collection",
                      _both("call and agree on a promise to pay", "电话联系并约定还款承诺"),
                      "2024-06-30", "open")  # fmt: skip
    return DecisionView(
        "special_mention", _both("special mention", "关注"), (ground,), False, "2024-09-30", 2, (ground,),
        (call, hold), _both("call, hold draws", "电话、暂停提款"), True, _both("team lead", "主管"),
        _both("check every day", "每日监测"), 30, True, True, True, 0.42, None, 7_500_000, 610_000, (alert,),
        (_both("R12 borrows elsewhere", "R12 在他处新增借款"),),
    )  # fmt: skip


def _contact() -> ContactView:
    night = (_both("between 22:00 and 08:00", "22:00至次日8:00"), "GB/T 45251-2025")
    return ContactView(1_719_800_000_000_000, (
        ChannelView("call", True, ()),
        ChannelView("visit", False, (night, (_both("consent", "同意"), "企业破产法 第十九条"))),
    ))  # fmt: skip


@pytest.fixture(scope="session")
def full_view(make_view: MakeView) -> LoanView:
    """The hand-made view with all beside the score: decision, guard, two states of knowledge, what others know."""
    base = make_view()
    late, *rest = base.instalments[::-1]
    pairs = (*((one, one) for one in rest[::-1]), (None, late))
    lines = RowsView(
        ("report_on", "debt_type", "opened_on", "balance", "instalment", "dpd", "class5"),
        ((AS_OF - 9, "card", AS_OF - 900, 1_234_500, None, 12, "normal"),), 1)  # fmt: skip
    reports = RowsView(("report_on", "debt", "lenders", "dpd", "approval_inquiries_3m", "score"),
                       ((AS_OF - 9, 1_234_500, 1, 12, 2, 640.0),), 1)  # fmt: skip
    move = MoveCard(AS_OF - 30, 0.47, (
        (_both("Days past due", "逾期天数"), _both("Worst: 9 days, now 26 days", "最长：原为9天，现为26天"), 0.5),
        (_both("Amounts paid", "还款金额"), None, -0.025), (_both("Public records", "公示信息"), None, -0.005),
    ), 0.165, "journal")  # fmt: skip
    return replace(
        base,
        card=replace(base.card, move=move, floor=_both("more than 7 days past due", "逾期超过7天")),
        reasons=_reasons_with_rows(),
        decision=_decision(),
        contact=_contact(),
        twice=Twice(AS_OF, base.card.cutoff, base.card.cutoff + 86_400_000_000, pairs),
        liquidity=RowsView(("due_on", "due", "eve_balance", "cover", "days_late"), tuple(
            (one.due_on, one.due, 400_000 + 10_000 * k, (400_000 + 10_000 * k) / one.due, one.days_late)
            for k, one in enumerate(base.instalments[::-1][:12])), 12),
        elsewhere=Elsewhere(
            lines, reports,
            RowsView(("on", "amount", "mode", "payee_type"), ((AS_OF - 600, 16_000_000, "entrusted", "firm"),), 1),
            RowsView(("on", "amount", "hop", "from_id", "to_id", "came_back"),
                     ((AS_OF - 590, 9_000_000, 1, "9f3a61c0", "77aa01bd", "yes"),), 1),
            RowsView(("event_on", "public_type", "amount"), ((AS_OF - 40, "litigation_defendant", 5_000_000),), 1),
            RowsView(("valued_on", "kind", "value", "collateral_status"),
                     ((AS_OF - 100, "vehicle", 9_900_000, "ok"),), 1),
            RowsView(("guarantor_id", "from", "to", "cap"), (("77aa01bd", AS_OF - 600, None, None),), 1)),
        versions=replace(base.versions, context="0e9fb2c4", score_id="S-000123"),
    )  # fmt: skip
