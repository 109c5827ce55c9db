"""The rows behind a reason: every feature has a source, and the rows shown make the value."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from book.contract import TABLES
from book.known import known
from book.load import load, open_book
from features.catalogue import CATALOGUE
from features.feature import FeatureColumn
from features.history import History
from features.standing import STATUSES, standing
from reports.loan.evidence.behind import SOURCES, behind, declared
from reports.loan.evidence.case import FEW, Case
from reports.loan.rows import KINDS, RowsView
from reports.loan.sections.writing import table_of
from reports.loan.twice import instalments_of
from reports.wording import texts, wording

COLUMNS = {column.name: column for column in CATALOGUE.everything}


@pytest.fixture(scope="module")
def history(small_book: Path) -> History:
    """Running loans of a part of the small book on its last day."""
    book = open_book(small_book)
    tables = load(book.parts[0], book.settings).tables
    as_of = int(tables["payments"]["paid_on"].max())
    loans = np.flatnonzero(tables["loans"]["disbursed_on"] <= as_of).astype(np.int32)
    dossiers = known(tables, loans, np.full(len(loans), as_of), settings=book.settings)
    h = History(dossiers, book.settings)
    running = loans[standing(h) != STATUSES.index("closed")]
    return History(known(tables, running, np.full(len(running), as_of), settings=book.settings), book.settings)


def _case(h: History, i: int) -> Case:
    return Case(h, i, int(h.as_of[i]), instalments_of(h, i))


def _behind(h: History, i: int, name: str) -> RowsView:
    return behind(_case(h, i), COLUMNS[name])


def _column(rows: RowsView, name: str) -> list[float]:
    at = rows.columns.index(name)
    return [float(str(row[at])) for row in rows.rows if row[at] is not None]


def _values(h: History, name: str) -> np.ndarray:
    return h.once(CATALOGUE.full_matrix)[:, CATALOGUE.all_names.index(name)]


@pytest.mark.parametrize("column", CATALOGUE.everything, ids=lambda column: column.name)
def test_every_feature_says_which_rows_are_behind_it(column: FeatureColumn) -> None:
    source, wanted = declared(column.name, ())
    assert source in SOURCES, column.name
    assert wanted.most > 0


def test_nothing_is_declared_of_a_feature_that_does_not_exist(root: Path) -> None:
    told = tomllib.loads((root / "reports/loan/evidence/rows.toml").read_text("utf-8"))
    names = set(COLUMNS) | {name.rpartition("_")[0] for name in COLUMNS}
    assert sorted(set(told) - names) == []


def test_a_feature_of_the_lenders_own_shows_rows_of_its_table() -> None:
    assert declared("my_own_feature", ("cashflow", "payments"))[0] == "flows"
    assert declared("my_own_feature", ("context",))[0] == ""


def test_every_feature_of_every_loan_gives_a_few_rows_that_can_be_written(history: History) -> None:
    words = [wording(lang, "CNY", "Asia/Shanghai") for lang in ("en", "zh")]
    shown = 0
    for i in range(0, history.n, 9):
        case = _case(history, i)
        for column in CATALOGUE.everything:
            rows = behind(case, column)
            assert len(rows.rows) <= max(FEW, 6), column.name
            assert rows.of >= len(rows.rows)
            assert set(rows.columns) <= set(KINDS)
            for w in words:
                shown += table_of(rows, w) is not None
    assert shown > 1_000


def test_the_days_past_due_are_those_of_the_oldest_open_instalment(history: History) -> None:
    late = np.flatnonzero(_values(history, "dpd_now") > 0)
    assert len(late)
    for i in late.tolist():
        assert max(_column(_behind(history, i, "dpd_now"), "days_late")) == _values(history, "dpd_now")[i]


def test_the_worst_days_past_due_of_a_window_stand_first(history: History) -> None:
    values = _values(history, "dpd_worst_ever")
    checked = 0
    for i in np.flatnonzero(values > 0).tolist():
        worst = _column(_behind(history, i, "dpd_worst_ever"), "days_late")
        assert worst == sorted(worst, reverse=True)
        checked += worst[0] >= values[i]
    assert checked > 5


@pytest.mark.parametrize(
    ("name", "months"),
    [("n_insufficient_3m", 3), ("n_extensions_12m", 12), ("reg_changes_12m", 12), ("lawsuits_12m", 12)],
)
def test_a_count_is_the_number_of_rows_behind_it(history: History, name: str, months: int) -> None:
    values = _values(history, name)
    for i in range(history.n):
        if not np.isnan(values[i]):
            assert _behind(history, i, name).of == values[i]


def test_lenders_elsewhere_are_the_lines_with_a_balance_of_the_report_in_hand(history: History) -> None:
    values = _values(history, "ext_n_lenders")
    checked = 0
    for i in np.flatnonzero(values > 0).tolist():
        rows = _behind(history, i, "ext_n_lenders")
        assert len({row[0] for row in rows.rows}) == 1
        owing = sum(balance > 0 for balance in _column(rows, "balance"))
        checked += rows.of <= FEW and owing >= values[i]
    assert checked


def test_what_came_back_of_the_money_is_what_the_feature_says(history: History) -> None:
    values = _values(history, "proceeds_return_ratio_90d")
    for i in np.flatnonzero(values > 0).tolist():
        rows = _behind(history, i, "proceeds_return_ratio_90d")
        assert rows.rows[0][rows.columns.index("came_back")] == "yes"


def test_the_balance_before_a_due_date_gives_the_liquidity_of_the_feature(history: History) -> None:
    values, checked = _values(history, "due_liquidity_6n"), 0
    for i in np.flatnonzero(~np.isnan(values)).tolist():
        cover = _column(_behind(history, i, "due_liquidity_6n"), "cover")
        if len(cover) == 6:
            assert np.clip(np.median(cover), *COLUMNS["due_liquidity_6n"].bounds) == pytest.approx(values[i], rel=1e-5)
            checked += 1
    assert checked > 10


def test_every_word_of_the_tables_has_a_text() -> None:
    told = texts("en")
    shown = ("payments", "cashflow", "loan_events", "external_debts", "disbursements", "public_events", "collateral")
    names = {name for name, kind in KINDS.items() if kind == "name"}
    columns = [column for name in shown for column in TABLES[name].columns if column.name in names]
    words = {word for column in columns for word in column.choices}
    assert len(words) > 60
    assert sorted(word for word in words if f"word.{word}" not in told) == []


def test_no_row_of_another_loan_or_of_a_later_day_is_shown(history: History) -> None:
    for i in range(0, history.n, 11):
        for name in ("net_flow_ratio_3m", "n_insufficient_3m", "ext_n_lenders", "reg_changes_12m"):
            rows = _behind(history, i, name)
            days = [k for k, column in enumerate(rows.columns) if KINDS[column] == "day" and column != "maturity_on"]
            for row in rows.rows:
                assert all(row[k] is None or int(str(row[k])) <= history.as_of[i] for k in days)
