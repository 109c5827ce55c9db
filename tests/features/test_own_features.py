"""Features in a file of one's own: computed beside the house's, refused with a clear sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from book.load import open_book
from features import panel
from features.feature import FeatureRefused
from features.own import catalogue_with

HEAD = """
import numpy as np
from features.families.names import DPD
from features.feature import HIGHER, feature
from features.history import History
from features.measures import Values
from features.units import DAYS, SHARE
"""
GOOD = """
@feature(family=DPD, unit=DAYS, worse=HIGHER, windows=(2, 9), zh="最近{months}个月最大逾期天数")
def worst_dpd(h: History, months: int) -> Values:
    \"\"\"Worst days past due in {months} months.\"\"\"
    return h.dpd_peak.last(months).max()
"""


def file_of(folder: Path, text: str, name: str = "mine.py") -> Path:
    path = folder / name
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def test_a_file_adds_columns_after_those_of_the_house(tmp_path: Path) -> None:
    catalogue = catalogue_with([file_of(tmp_path, GOOD)])
    assert catalogue.names[-2:] == ("worst_dpd_2m", "worst_dpd_9m")
    assert catalogue.fingerprint != catalogue_with([]).fingerprint


def test_a_panel_has_the_columns_of_the_file(small_book: Path, tmp_path: Path) -> None:
    mine = file_of(tmp_path, GOOD)
    made = panel.write_panel(open_book(small_book), 19_300, 19_300, tmp_path / "out", workers=2, own=[mine])
    rows = panel.read(made.folder, ["worst_dpd_2m", "worst_dpd_9m"])
    assert (rows["worst_dpd_9m"] > 0).any()


REFUSED = {
    "a name twice": (
        GOOD.replace("worst_dpd", "dpd_max").replace("(2, 9)", "(3,)"),
        "feature dpd_max_3m: declared in own_mine",
    ),
    "no docstring": (
        '@feature(family=DPD, unit=DAYS, worse=HIGHER, zh="天数")\ndef bare(h):\n    return h.dpd_now\n',
        "feature bare: got no docstring",
    ),
    "no direction and no unit": (
        '@feature(family=DPD, zh="天数")\ndef bare(h):\n    """Days."""\n    return h.dpd_now\n',
        "(?s)feature bare: got no unit.*feature bare: got no direction; allowed is worse=HIGHER",
    ),
    "nothing declared": ("", "declares no feature"),
    "an error in it": ("1 / 0\n", "line 8: ZeroDivisionError"),
    "bad Python": ("def half(\n", "SyntaxError"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_file_with_a_fault_is_refused_in_a_sentence(fault: str, tmp_path: Path) -> None:
    text, sentence = REFUSED[fault]
    with pytest.raises(FeatureRefused, match=sentence):
        catalogue_with([file_of(tmp_path, text)])


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeatureRefused, match="no such file"):
        catalogue_with([tmp_path / "none.py"])


FUTURE = """
@feature(family=DPD, unit=SHARE, worse=HIGHER, zh="全部还款笔数")
def all_payments(h: History) -> Values:
    \"\"\"Payments of the loan.\"\"\"
    rows = h.dossiers.tables["payments"]
    segment = rows.segment(h.dossiers.loan, h.dossiers.moment)
    return (rows.offsets[segment + 1] - rows.offsets[segment]).astype(float)
"""


def test_a_feature_that_uses_the_future_is_refused(small_book: Path, tmp_path: Path) -> None:
    mine = file_of(tmp_path, FUTURE)
    with pytest.raises(FeatureRefused, match="feature all_payments: uses the future; got"):
        panel.write_panel(open_book(small_book), 19_000, 19_300, tmp_path / "out", own=[mine])
    assert not (tmp_path / "out").exists()


def test_a_feature_must_give_a_value_an_observation(small_book: Path, tmp_path: Path) -> None:
    wrong = GOOD.replace("h.dpd_peak.last(months).max()", "np.zeros(3)").replace("(2, 9)", "(2,)")
    with pytest.raises(FeatureRefused, match=r"got values of shape \(3,\)"):
        panel.write_panel(open_book(small_book), 19_000, 19_300, tmp_path / "out", own=[file_of(tmp_path, wrong)])
