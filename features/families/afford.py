"""AFF: what the borrower can pay, against what is to be paid."""

from __future__ import annotations

import numpy as np

from features.cash import Accounts
from features.debt_service import debt_in_all, service_here, service_here_before, service_in_all
from features.families.names import AFF
from features.feature import DIFFERENCE, HIGHER, LEVEL, LOWER, feature
from features.history import History
from features.measures import Values
from features.ratios import part, ratio
from features.units import CHANGE_OF, MONEY, RATIO, SHARE
from features.units import MONTHS as IN_MONTHS

HERE = ("cashflow", "instalments", "payments")
EVERYWHERE = ("cashflow", "external_debts", "instalments", "payments")
WORST = 10.0
STRESSED = 0.8


def disposable(h: History) -> Values:
    """Recurring income less tax and essential spending, minor units a month, (n,)."""
    return h.once(Accounts).disposable()


@feature(family=AFF, unit=SHARE, worse=HIGHER, bounds=LEVEL, tables=HERE, zh="本机构月还款额占可支配收入的比例")
def pti(h: History) -> Values:
    """Instalments here a month against disposable income."""
    return ratio(h.once(service_here), h.once(disposable), adverse=WORST)


@feature(family=AFF, unit=SHARE, worse=HIGHER, bounds=LEVEL, tables=EVERYWHERE, zh="全部月还款额占可支配收入的比例")
def pti_all(h: History) -> Values:
    """Instalments here and elsewhere a month against disposable income."""
    return ratio(h.once(service_in_all), h.once(disposable), adverse=WORST)


@feature(family=AFF, unit=RATIO, worse=HIGHER, bounds=LEVEL, tables=EVERYWHERE, zh="全部负债与年可支配收入之比")
def debt_to_income_stock(h: History) -> Values:
    """All debt against a year of disposable income."""
    return ratio(debt_in_all(h), 12 * h.once(disposable), adverse=WORST)


@feature(
    family=AFF,
    unit=CHANGE_OF,
    worse=HIGHER,
    windows=(6,),
    bounds=DIFFERENCE,
    tables=HERE,
    zh="近{months}个月月还款额占可支配收入比例的变化",
)
def pti_chg(h: History, months: int) -> Values:
    """Change of instalments here against disposable income, over {months} months."""
    now = ratio(h.once(service_here), h.once(disposable), adverse=WORST)
    before = ratio(service_here_before(h), h.once(Accounts).disposable(months), adverse=WORST)
    return np.clip(now, *LEVEL) - np.clip(before, *LEVEL)


@feature(family=AFF, unit=RATIO, worse=LOWER, bounds=DIFFERENCE, tables=EVERYWHERE, zh="可支配收入与全部月还款额之比")
def dscr(h: History) -> Values:
    """Disposable income against instalments here and elsewhere."""
    return part(h.once(disposable), h.once(service_in_all))


@feature(family=AFF, unit=MONEY, worse=LOWER, tables=EVERYWHERE, zh="还款后每月剩余收入")
def residual_income(h: History) -> Values:
    """Disposable income left a month after instalments here and elsewhere."""
    return (h.once(disposable) - h.once(service_in_all)) / 100


@feature(family=AFF, unit=IN_MONTHS, worse=LOWER, bounds=LEVEL, tables=("cashflow",), zh="账户余额可支撑支出的月数")
def liquid_months(h: History) -> Values:
    """Months of usual outflow that the accounts hold."""
    accounts = h.once(Accounts)
    return part(accounts.balance(h.as_of[:, None])[:, 0], accounts.mean("outflow", 3))


@feature(
    family=AFF,
    unit=RATIO,
    worse=LOWER,
    bounds=DIFFERENCE,
    tables=EVERYWHERE,
    zh="收入下降20%时可支配收入与月还款额之比",
)
def dscr_stress20(h: History) -> Values:
    """Disposable income against all instalments if income fell by 20%."""
    lost = (1 - STRESSED) * h.once(Accounts).recurring()
    return part(h.once(disposable) - lost, h.once(service_in_all))
