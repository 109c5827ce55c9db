"""The page of the features: every column has its window and the formula it is computed by."""

from __future__ import annotations

import re
from pathlib import Path

from features.catalogue import CATALOGUE
from features.own import catalogue_with
from loanwatch.pages.features import features_page, formula

OWN = """
from features.families.names import DPD
from features.feature import HIGHER, feature
from features.units import DAYS


@feature(family=DPD, unit=DAYS, worse=HIGHER, windows=(2,), zh="最近{months}个月最大逾期天数的两倍")
def doubled(h, months):
    \"\"\"Twice the worst days past due of the last {months} months.\"\"\"
    peak = h.dpd_peak.last(months).max()

    return 2 * peak  # no half of it
"""


def test_every_formula_is_on_the_page_once() -> None:
    page = features_page(CATALOGUE)
    functions = {column.compute.__name__ for column in CATALOGUE.everything}
    assert sorted(re.findall(r"^def (\w+)\(h", page, re.MULTILINE)) == sorted(functions)


def test_a_formula_is_the_body_without_label_and_types(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(OWN, "utf-8")
    column = catalogue_with([file]).everything[-1]
    assert formula(column.compute) == (
        "def doubled(h, months):\n    peak = h.dpd_peak.last(months).max()\n\n    return 2 * peak  # no half of it"
    )
    assert "| `doubled_2m` | Twice the worst days past due of the last 2 months |" in features_page(
        catalogue_with([file])
    )


def test_the_window_is_that_of_the_name() -> None:
    rows = dict(re.findall(r"^\| `(\w+)`[^|]*\|[^|]*\|[^|]*\| ([^|]*?) ?\|", features_page(CATALOGUE), re.MULTILINE))
    assert len(rows) == len(CATALOGUE.everything)
    wanted = {
        "dpd_max_1m": "1 month",
        "days_late_std_12n": "12 instalments",
        "income_chg_3v3": "3 and 3 months",
        "proceeds_return_ratio_90d": "90 days",
        "income_mean_3m_to_instalment": "3 months",
        "dpd_now": "",
    }
    assert {name: rows[name] for name in wanted} == wanted
