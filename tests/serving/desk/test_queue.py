"""The queue: ranked as one would by hand, filtered, cut at the capacity, and brought up to date by what comes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.backing import Backing
from serving.desk.cases import Worst
from serving.desk.queue import Wanted, line_of, queue_page, wanted_rows
from serving.desk.rows import NUMBERS, TEXTS, Loans, Words, loans_of, no_loans
from serving.desk.shelf import Shelf, Snapshot
from serving.journal import Alert, AlertStep, Journal, Score
from serving.memory import Memory

PLAIN = {"status": "scored", "tier": "T3", "grade": "G7", "five_class": "normal", "action": "CALL", "product": "car"}


def loans(rows: list[tuple[str, float | None, int | None]], **words: list[str]) -> Loans:
    """Loans by id, PD and exposure."""
    ids = [row[0] for row in rows]
    numbers = {name: np.zeros(len(rows), kind) for name, kind in NUMBERS.items()}
    numbers["pd"] = np.array([np.nan if pd is None else pd for _, pd, _ in rows])
    numbers["exposure"] = np.array([-1 if exposure is None else exposure for *_, exposure in rows], np.int64)
    columns = {name: Words.of(words.get(name, [PLAIN[name]] * len(rows))) for name in TEXTS}
    return loans_of(ids, [f"b{one}" for one in ids], numbers, columns)


def snapshot(held: Loans, severity: list[int] | None = None, owners: list[str] | None = None) -> Snapshot:
    grave = np.array(severity if severity is not None else [-1] * len(held), np.int8)
    worst = Worst(grave, Words.of(owners or [""] * len(held)), (grave >= 0).astype(np.int32))
    return Snapshot(held, worst, {}, None)


def test_loans_stand_by_pd_times_exposure_and_equal_ones_by_their_number() -> None:
    held = loans(
        [("c", 0.5, 100), ("a", 0.1, 1_000), ("b", 0.1, 500), ("z", None, 10**9), ("y", 0.9, None), ("d", 0.05, 1_000)]
    )
    page = queue_page(snapshot(held), Wanted(), 2, 1, 10)
    assert [(line.rank, line.loan_id) for line in page.lines] == [(1, "a"), (2, "b"), (3, "c"), (4, "d")]
    assert (page.ranked, page.found) == (4, 4)
    assert page.reach == pytest.approx(150 / 250)


@given(
    st.lists(
        st.tuples(st.text("abcxyz019", min_size=1, max_size=4), st.one_of(st.none(), st.floats(0, 1)),
                  st.one_of(st.none(), st.integers(0, 10**15))),
        unique_by=lambda row: row[0],
    ),
    st.integers(1, 5),
)  # fmt: skip
def test_any_book_is_ranked_as_by_hand(rows: list[tuple[str, float | None, int | None]], size: int) -> None:
    held = loans(rows)
    weighed = [(-pd * exposure, name) for name, pd, exposure in rows if pd is not None and exposure]
    by_hand = [name for _, name in sorted(weighed)]
    pages = [queue_page(snapshot(held), Wanted(), 3, page, size) for page in range(1, len(by_hand) // size + 2)]
    assert [line.loan_id for page in pages for line in page.lines][: len(by_hand)] == by_hand
    assert sorted(held.ids) == list(held.ids)
    assert all(held.ids[held.row(name)] == name for name, *_ in rows)


def test_filters_pass_what_they_name() -> None:
    held = loans([("a", 0.1, 4), ("b", 0.1, 3), ("c", 0.1, 2), ("d", None, 9), ("e", None, 10)],
                 tier=["T3", "T4", "T4", "D", "D"], product=["car", "car", "micro", "car", ""])  # fmt: skip
    seen = snapshot(held, [3, 2, -1, 3, 3], ["risk", "collection", "", "risk", "risk"])
    for wanted, found in [
        (Wanted(), "abc"), (Wanted(tier="T4"), "bc"), (Wanted(tier="D"), "ed"), (Wanted(tier="D", product="car"), "d"),
        (Wanted(severity="R"), "a"), (Wanted(severity="X"), ""), (Wanted(owner="collection"), "b"),
        (Wanted(product="micro", tier="T4"), "c"), (Wanted(product="none"), ""),
    ]:  # fmt: skip
        assert [held.ids[row] for row in wanted_rows(seen, wanted)] == list(found), wanted


def test_a_page_past_the_end_is_the_last_one() -> None:
    held = loans([(f"{k}", 0.1, k) for k in range(1, 8)])
    assert queue_page(snapshot(held), Wanted(), 3, 99, 3).page == 3
    assert queue_page(snapshot(no_loans()), Wanted(), 3, 99, 3).lines == ()


def test_newer_answers_take_the_place_of_older_ones_and_new_loans_are_added() -> None:
    held = loans([("a", 0.1, 10), ("c", 0.2, 10)])
    newer = {"borrower_id": "q", "as_of": 9, "dpd": 40, **PLAIN, "tier": "T5", "product": None}
    after = held.with_({"c": newer | {"pd": 0.01, "exposure": 10}, "b": newer | {"pd": 0.9, "exposure": 10}})
    lines = queue_page(snapshot(after), Wanted(), 3, 1, 9).lines
    assert [(line.loan_id, line.tier, line.product) for line in lines] == [
        ("b", "T5", ""), ("a", "T3", "car"), ("c", "T5", "car"),
    ]  # fmt: skip
    gone = after.with_({"b": newer | {"pd": None, "exposure": None}})
    assert line_of(snapshot(gone), gone.row("b")).exposure is None
    assert [line.loan_id for line in queue_page(snapshot(gone), Wanted(), 3, 1, 9).lines] == ["a", "c"]


def test_loans_are_found_by_the_beginning_of_their_number() -> None:
    held = loans([("L1", 0.1, 1), ("L10", 0.1, 1), ("L2", 0.1, 1), ("贷1", 0.1, 1)])
    assert [held.ids[row] for row in held.beginning("L1", 9)] == ["L1", "L10"]
    assert [held.ids[row] for row in held.beginning("贷", 9)] == ["贷1"]
    assert held.beginning("L", 2) == [0, 1]
    assert held.row("L3") == -1


@pytest.fixture
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    with Journal.open(tmp_path_factory.mktemp("followed") / "journal.db") as opened:
        yield opened


def score(loan: str, pd: float, place: int) -> Score:
    return Score(
        score_id=f"S{place}", request_id="", actor="a", source="api", loan_id=loan, borrower_id="b", as_of=1, cutoff=1,
        status="scored", pd=pd, raw=0.0, grade="G1", tier="T1", floor="", dpd=0, exposure=100, bundle_id="b", pack="p",
        pack_hash="h", feature_hash="f", explainer="e",
    )  # fmt: skip


def alert(name: str, severity: str, owner: str) -> Alert:
    return Alert(
        alert_id=name, rule="R02", version="1", severity=severity, family="f", level="loan", subject="L", loan_id="L",
        borrower_id="b", fired_on=1, owner=owner, action="CALL", request_id="", actor="a",
    )  # fmt: skip


def test_the_shelf_follows_answers_alerts_and_closings(journal: Journal, backing: Backing) -> None:
    shelf = Shelf(Backing(backing.door, journal, None, Memory(journal)))
    assert len(shelf.now().loans) == 0
    journal.write(
        score("L", 0.2, 1), score("M", 0.1, 2), alert("A1", "O", "risk"), alert("A2", "R", "collection")
    ).result()
    seen = shelf.now()
    line = line_of(seen, seen.loans.row("L"))
    assert (line.severity, line.owner, line.alerts, line.rank) == ("R", "collection", 2, 1)
    assert seen.by_severity == {"R": 1, "O": 1, "Y": 0, "B": 0}
    steps = [AlertStep(alert_id="A2", step=1, status="closed", outcome="cured", actor="a", request_id="")]
    journal.write(score("M", 0.9, 3), *steps).result()
    seen = shelf.now()
    line = line_of(seen, seen.loans.row("L"))
    assert (line.severity, line.owner, line.alerts, line.rank) == ("O", "risk", 1, 2)
    assert shelf.now() is shelf.now()


def test_a_fresh_shelf_sees_the_same_as_one_that_followed(backing: Backing) -> None:
    left, right = Shelf(backing), Shelf(backing)
    left.now()
    first, second = left.now(), right.now()
    assert first.loans.ids == second.loans.ids
    assert np.array_equal(first.loans.order, second.loans.order)
    assert np.array_equal(first.worst.severity, second.worst.severity)
    assert first.night.entry.name == second.night.entry.name
