"""CASH: income, spending and balances on the borrower's accounts."""

from __future__ import annotations

import numpy as np

from features.account_balance import Spans
from features.account_sums import swings
from features.cash import Accounts
from features.families.names import CASH
from features.feature import CHANGE, DIFFERENCE, EITHER, HIGHER, LEVEL, LOWER, feature
from features.history import History
from features.loans_and_accounts import borrowed_to_pay, liquid_at_dues, middle
from features.measures import Latest, Values
from features.payday import days_since_payday
from features.ratios import part
from features.units import CHANGE_OF, DAYS, FLAG, INDEX, RATIO, RATIO_PER_MONTH, SHARE
from features.units import MONTHS as IN_MONTHS

ACCOUNTS = ("cashflow",)
WITH_DUES = ("cashflow", "instalments", "payments")


@feature(family=CASH, unit=RATIO, worse=LOWER, bounds=LEVEL, tables=WITH_DUES, zh="近3个月月均收入相当于几期应还")
def income_mean_3m_to_instalment(h: History) -> Values:
    """Monthly income of the last 3 months, in instalments."""
    return part(h.once(Accounts).mean("income", 3), h.instalment)


@feature(family=CASH, unit=CHANGE_OF, worse=LOWER, bounds=CHANGE, tables=ACCOUNTS, zh="近3个月比前3个月流入变化")
def inflow_chg_3v3(h: History) -> Values:
    """Change of money coming in, last 3 months against the 3 before."""
    return h.once(Accounts).change("inflow")


@feature(family=CASH, unit=CHANGE_OF, worse=LOWER, bounds=CHANGE, tables=ACCOUNTS, zh="近3个月比前3个月经常性收入变化")
def income_chg_3v3(h: History) -> Values:
    """Change of recurring income, last 3 months against the 3 before."""
    return h.once(Accounts).recurring_change()


@feature(family=CASH, unit=CHANGE_OF, worse=LOWER, bounds=CHANGE, tables=ACCOUNTS, zh="近3个月收入同比变化")
def income_chg_yoy(h: History) -> Values:
    """Change of income, last 3 months against the same months a year before."""
    return h.once(Accounts).income_change_in_year()


@feature(
    family=CASH, unit=RATIO, worse=HIGHER, windows=(6,), bounds=LEVEL, tables=ACCOUNTS, zh="近{months}个月收入波动系数"
)
def income_cv(h: History, months: int) -> Values:
    """Swings of monthly income over the last {months} months, against its mean."""
    window = h.once(Accounts).window("income", months)
    return np.where(window.seen, swings(window.values), np.nan)


@feature(family=CASH, unit=IN_MONTHS, worse=HIGHER, windows=(6,), tables=ACCOUNTS, zh="近{months}个月无收入的月数")
def months_no_income(h: History, months: int) -> Values:
    """Months without income among the last {months}."""
    window = h.once(Accounts).window("income", months)
    return np.where(window.seen, (window.values == 0).sum(axis=1), np.nan)


@feature(family=CASH, unit=DAYS, worse=HIGHER, tables=ACCOUNTS, zh="最近一次工资比惯常发薪日晚的天数")
def salary_delay_days(h: History) -> Values:
    """Days the latest salary came, or is, after the usual payday."""
    return h.once(Accounts).salary_late


@feature(family=CASH, unit=FLAG, worse=EITHER, windows=(6,), tables=ACCOUNTS, zh="近{months}个月发薪单位是否变更")
def salary_payer_changed(h: History, months: int) -> Values:
    """The salary comes from another payer than before, within {months} months."""
    return h.once(Accounts).payer_changed


@feature(
    family=CASH,
    unit=INDEX,
    worse=EITHER,
    windows=(6,),
    bounds=LEVEL,
    tables=ACCOUNTS,
    zh="近{months}个月流入来源集中度",
)
def inflow_hhi(h: History, months: int) -> Values:
    """How far the inflow of {months} months comes from few payers (1: from one)."""
    return h.once(Accounts).spread


@feature(
    family=CASH, unit=SHARE, worse=LOWER, windows=(1, 3, 6), bounds=DIFFERENCE, tables=ACCOUNTS,
    zh="近{months}个月净流入占流入的比例",
)  # fmt: skip
def net_flow_ratio(h: History, months: int) -> Values:
    """What is left of the inflow of the last {months} months, as a share of it."""
    accounts = h.once(Accounts)
    inflow, outflow = accounts.total("inflow", months), accounts.total("outflow", months)
    return np.where((inflow == 0) & (outflow > 0), -10.0, part(inflow - outflow, inflow))


def daily_balances(h: History) -> Spans:
    """Daily balances of the last months, against the instalment."""
    return h.once(Accounts).spans(h.instalment)


@feature(
    family=CASH, unit=RATIO, worse=LOWER, windows=(1, 3), bounds=LEVEL, tables=WITH_DUES,
    zh="近{months}个月日均余额相当于几期应还",
)  # fmt: skip
def avg_balance_to_instalment(h: History, months: int) -> Values:
    """Average balance of the last {months} months, in instalments."""
    spans = h.once(daily_balances)
    return part(spans.mean_1m if months == 1 else spans.mean_3m, h.instalment)


@feature(
    family=CASH, unit=RATIO, worse=LOWER, windows=(3,), bounds=LEVEL, tables=WITH_DUES,
    zh="近{months}个月最低余额相当于几期应还",
)  # fmt: skip
def min_balance_to_instalment(h: History, months: int) -> Values:
    """Lowest balance of the last {months} months, in instalments."""
    return part(h.once(daily_balances).lowest, h.instalment)


@feature(
    family=CASH, unit=RATIO_PER_MONTH, worse=LOWER, windows=(6,), bounds=DIFFERENCE, tables=WITH_DUES,
    zh="近{months}个月月末余额趋势（每月几期应还）",
)  # fmt: skip
def balance_slope(h: History, months: int) -> Values:
    """Trend of the month-end balance over {months} months, instalments a month."""
    accounts = h.once(Accounts)
    ends = accounts.balance(accounts.edges[:, :months])
    total = np.zeros(h.n)
    for back in range(months):
        total = total + ends[:, back] * ((months - 1) / 2 - back)
    return part(total / (months * (months**2 - 1) / 12), h.instalment)


@feature(
    family=CASH,
    unit=RATIO,
    worse=LOWER,
    instalments=(6,),
    bounds=LEVEL,
    tables=WITH_DUES,
    zh="近{k}期到期前一日余额与应还之比",
)
def due_liquidity(h: History, k: int) -> Values:
    """Balance on the eve of the due date against the due, middle of the latest {k} instalments."""
    due = h.latest(h.ledger.judged.due).values
    window = Latest(h.once(liquid_at_dues) / due).last(k)
    return np.where(window.seen, middle(window.values), np.nan)


@feature(
    family=CASH, unit=DAYS, worse=HIGHER, windows=(3,), tables=WITH_DUES, zh="近{months}个月余额低于一期应还的天数"
)
def low_balance_days(h: History, months: int) -> Values:
    """Days of the last {months} months with less than an instalment on the accounts."""
    return h.once(daily_balances).below


@feature(family=CASH, unit=DAYS, worse=HIGHER, windows=(3,), tables=ACCOUNTS, zh="近{months}个月账户透支天数")
def overdraft_days(h: History, months: int) -> Values:
    """Days of the last {months} months overdrawn."""
    return h.once(daily_balances).overdrawn


@feature(
    family=CASH,
    unit=SHARE,
    worse=EITHER,
    windows=(3,),
    bounds=LEVEL,
    tables=ACCOUNTS,
    zh="近{months}个月取现占支出的比例",
)
def cash_share(h: History, months: int) -> Values:
    """Share of the outflow of the last {months} months taken in cash."""
    return _of_outflow(h, "cash", months)


@feature(
    family=CASH, unit=SHARE, worse=HIGHER, windows=(3,), bounds=LEVEL, tables=ACCOUNTS, show_borrower=False,
    zh="近{months}个月博彩与证券支出占比",
)  # fmt: skip
def high_risk_spend_share(h: History, months: int) -> Values:
    """Share of the outflow of the last {months} months spent on gambling and securities."""
    return _of_outflow(h, "risky", months)


@feature(
    family=CASH, unit=SHARE, worse=EITHER, windows=(3,), bounds=LEVEL, tables=ACCOUNTS, zh="近{months}个月必要支出占比"
)
def essential_share(h: History, months: int) -> Values:
    """Share of the outflow of the last {months} months for essentials."""
    return _of_outflow(h, "essential", months)


def _of_outflow(h: History, kind: str, months: int) -> Values:
    accounts = h.once(Accounts)
    return part(accounts.total(kind, months), accounts.total("outflow", months))


@feature(
    family=CASH, unit=CHANGE_OF, worse=EITHER, bounds=DIFFERENCE, tables=ACCOUNTS, zh="近3个月比前3个月非必要支出缩减"
)
def discretionary_cut_3v3(h: History) -> Values:
    """Cut of spending that can wait, last 3 months against the 3 before."""
    return -h.once(Accounts).change("discretionary")


@feature(family=CASH, unit=DAYS, worse=EITHER, tables=WITH_DUES, zh="发薪日到还款日的天数")
def payday_to_due_gap(h: History) -> Values:
    """Days from the usual payday to the due date."""
    due_on = h.latest(h.ledger.judged.due_on).values[:, -1]
    if h.settings.precision == "month":
        return np.full(h.n, np.nan)
    return days_since_payday(due_on, h.once(Accounts).payday)


@feature(
    family=CASH,
    unit=SHARE,
    worse=HIGHER,
    windows=(6,),
    bounds=LEVEL,
    tables=WITH_DUES,
    zh="近{months}个月以贷养贷占还款的比例",
)
def borrowed_to_pay_share(h: History, months: int) -> Values:
    """Share of what was paid in the last {months} months with money borrowed just before."""
    return borrowed_to_pay(h, months)


@feature(family=CASH, unit=INDEX, worse=HIGHER, windows=(1,), tables=ACCOUNTS, zh="近一个月周支出异常程度")
def txn_anomaly_z(h: History, months: int) -> Values:
    """How unusual the largest week of spending of the last month is."""
    return h.once(Accounts).unusual


@feature(
    family=CASH, unit=SHARE, worse=HIGHER, windows=(3,), bounds=LEVEL, tables=ACCOUNTS,
    zh="近{months}个月快进快出占流入的比例",
)  # fmt: skip
def pass_through_share(h: History, months: int) -> Values:
    """Share of the inflow of the last {months} months that left again within two days."""
    accounts = h.once(Accounts)
    return part(accounts.total("passed", months), accounts.total("inflow", months))
