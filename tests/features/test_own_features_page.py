"""The example of docs/own-features.md works as written."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from book.load import load, open_book
from features.measuring import measure
from features.own import catalogue_with

DAY = int(np.datetime64("2023-06-30", "D").astype(int))


def test_the_page_s_features_are_computed_labelled_and_in_the_model(
    root: Path, small_book: Path, tmp_path: Path
) -> None:
    text = (root / "docs" / "own-features.md").read_text("utf-8")
    file = tmp_path / "my_features.py"
    file.write_text(re.findall(r"```python\n(.*?)```", text, re.S)[0], encoding="utf-8")
    catalogue = catalogue_with([file])
    assert catalogue.names[-3:] == ("n_late_3m", "n_late_6m", "gambling_share_3m")
    assert catalogue.columns[-1].label["en"] == "Share of the money spent in the last 3 months that went to gambling"
    book = open_book(small_book)
    tables = load(book.parts[0], book.settings).tables
    loan = np.flatnonzero(tables["loans"]["disbursed_on"] < DAY - 200).astype(np.int32)
    frame = measure(tables, loan, np.full(len(loan), DAY, np.int32), book.settings, catalogue)
    late, share = frame["n_late_6m"].to_numpy(), frame["gambling_share_3m"].to_numpy()
    assert np.nanmax(late) >= 1
    assert 0 <= np.nanmin(share) <= np.nanmax(share) <= 1
    rate = frame["late_rate_6m"].to_numpy()
    both = ~np.isnan(rate) & ~np.isnan(late)
    assert np.array_equal(late[both] > 0, rate[both] > 0)
