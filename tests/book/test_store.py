"""A re-score from the store is the score of the book and the events, to the bit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from book.clock import end_of_day
from book.errors import Refusal, RequestRefused
from book.known import known
from book.load import Book, load, open_book
from book.load.part import Loaded
from book.store import HELD, Store, UnknownLoan
from book.store_events import EventRows, KeptEvent
from book.store_write import StoreWriter, prune
from book.tables import Tables
from features.catalogue import CATALOGUE
from features.history import History

AS_OF = 19_538  # 2023-06-30
RECEIVED = (AS_OF + 1) * 86_400_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Kept:
    """Events kept in a list."""

    def __init__(self) -> None:
        self.events: list[tuple[int, KeptEvent]] = []

    def event_rows(self, borrower_ids: Sequence[str], after: int, upto: int) -> Sequence[EventRows]:
        return [event.rows for at, event in self.events if after < at <= upto and event.borrower_id in borrower_ids]


@pytest.fixture(scope="module")
def book(small_book: Path) -> Book:
    return open_book(small_book)


@pytest.fixture(scope="module")
def loaded(book: Book) -> list[Loaded]:
    return [load(part, book.settings) for part in book.parts]


def written(root: Path, book: Book, loaded: Sequence[Loaded], name: str = "night") -> None:
    cutoff = int(end_of_day(np.array([AS_OF]), book.settings.timezone)[0])
    writer = StoreWriter.begin(root, name, settings=book.settings, as_of=AS_OF, cutoff=cutoff)
    for part, one in enumerate(loaded):
        writer.add(f"{part:05d}", one)
    writer.finish()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, book: Book, loaded: list[Loaded]) -> Path:
    root = tmp_path_factory.mktemp("store")
    written(root, book, loaded)
    return root


def features(tables: Tables, loans: Any, book: Book, as_of: int = AS_OF) -> bytes:
    loan = np.asarray(loans, np.int32)
    dossiers = known(tables, loan, np.full(len(loan), as_of, np.int32), settings=book.settings)
    return CATALOGUE.matrix(History(dossiers, book.settings)).tobytes()


def test_every_borrower_has_the_features_of_the_book(root: Path, book: Book, loaded: list[Loaded]) -> None:
    store = Store.open(root)
    for one in loaded:
        for place, borrower in enumerate(one.tables.borrower_ids[:12]):
            loans = np.flatnonzero(one.tables.borrower_of == place)
            alone = store.tables([borrower])
            assert alone.loan_ids.tolist() == one.tables.loan_ids[loans].tolist()
            assert features(alone, range(len(loans)), book) == features(one.tables, loans, book)
            assert alone.data_fault_on.tolist() == one.tables.data_fault_on[loans].tolist()


def test_borrowers_of_several_parts_come_together(root: Path, book: Book, loaded: list[Loaded]) -> None:
    store = Store.open(root)
    wanted = [one.tables.borrower_ids[k] for one in loaded for k in (3, 1)]
    tables = store.tables(wanted)
    assert tables.borrower_ids.tolist() == sorted(wanted)
    for borrower in wanted:
        place = tables.borrower_ids.tolist().index(borrower)
        loans = np.flatnonzero(tables.borrower_of == place)
        assert features(tables, loans, book) == features(store.tables([borrower]), range(len(loans)), book)


def a_payment(loan_id: str, n: int, on: str = "2023-07-01", **other: Any) -> dict[str, Any]:
    return {"payment_id": f"new-{n}", "loan_id": loan_id, "paid_on": on, "amount": "123.45"} | other


def test_events_after_the_night_give_the_score_of_the_book_with_them(
    small_book: Path, root: Path, book: Book, loaded: list[Loaded], tmp_path: Path
) -> None:
    """The same rows once by event, once appended to the files of the book."""
    part = small_book / "part-00000"
    loans = (
        pl.read_parquet(part / "loans.parquet")
        .filter(pl.col("disbursed_on") < pl.date(2022, 6, 1))["loan_id"]
        .to_list()
    )
    kept = Kept()
    store = Store.open(root, events=kept)
    rows = [a_payment(loan, n, source="event") for n, loan in enumerate(loans[:5])]
    rows.append(a_payment(loans[0], 0, "2023-07-02", payment_id="back", reverses_id="new-0", status="reversal"))
    for event in store.keep_event({"payments": rows}, RECEIVED):
        kept.events.append((RECEIVED, event))
    posted = EPOCH + timedelta(microseconds=RECEIVED)
    old = pl.read_parquet(part / "payments.parquet")
    typed = pl.DataFrame([row | {"posted_at": posted} for row in rows]).with_columns(
        pl.col("paid_on").str.to_date(), pl.col("amount").cast(old.schema["amount"])
    )
    whole = tmp_path / "book"
    whole.mkdir()
    for path in part.iterdir():
        (whole / path.name).symlink_to(path)
    (whole / "payments.parquet").unlink()
    pl.concat([old, typed.cast({"posted_at": old.schema["posted_at"]})], how="diagonal").write_parquet(
        whole / "payments.parquet"
    )
    later = load(open_book(whole, book.settings).parts[0], book.settings).tables
    for loan in loans[:5]:
        place = later.loan_ids.tolist().index(loan)
        borrower = store.borrower_of(loan)
        tables = store.tables([borrower])
        here = tables.loan_ids.tolist().index(loan)
        assert features(tables, [here], book, AS_OF + 3) == features(later, [place], book, AS_OF + 3)
        assert features(tables, [here], book, AS_OF) == features(store.tables([borrower], upto=0), [here], book, AS_OF)


def test_a_row_that_is_known_already_is_left_out(root: Path, loaded: list[Loaded], small_book: Path) -> None:
    kept = Kept()
    store = Store.open(root, events=kept)
    loan = loaded[0].tables.loan_ids[0]
    there = pl.read_parquet(small_book / "part-00000" / "payments.parquet").filter(pl.col("loan_id") == loan)
    row = a_payment(loan, 1, payment_id=there["payment_id"][0])
    (event,) = store.keep_event({"payments": [row, a_payment(loan, 2), a_payment(loan, 2)]}, RECEIVED)
    assert (event.known, [one["payment_id"] for one in event.rows["payments"]]) == (2, ["new-2"])
    kept.events.append((RECEIVED, event))
    (again,) = store.keep_event({"payments": [a_payment(loan, 2)]}, RECEIVED + 1)
    assert (again.known, again.rows) == (1, {})


def test_an_event_shows_no_id_of_a_person(root: Path, loaded: list[Loaded], small_book: Path) -> None:
    store = Store.open(root)
    owner = pl.read_parquet(small_book / "part-00000" / "loans.parquet")["borrower_id"][0]
    row = {"txn_id": "t", "borrower_id": owner, "account_id": "6222-1", "booked_on": "2023-07-01", "amount": 5}
    (event,) = store.keep_event({"cashflow": [row | {"counterparty_id": "someone"}]}, RECEIVED)
    shown = str(event.rows)
    assert event.borrower_id in shown
    assert not any(word in shown for word in (owner, "6222-1", "someone"))
    assert event.rows["cashflow"][0]["posted_at"].startswith("2023-07-01")


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"loan_id": "nobody"}, "tables.payments[1].loan_id", "unknown_loan"),
        ({"amount": "many"}, "tables.payments[1].amount", "wrong_type"),
        ({"amount": -1}, "tables.payments[1].amount", "out_of_bounds"),
        ({"paid_on": "1999-01-01"}, "tables.payments[1].paid_on", "payment_before_disbursement"),
        ({"amuont": 1}, "tables.payments[1].amuont", "unknown_field"),
    ],
)
def test_a_fault_in_an_event_is_named_by_its_path(
    root: Path, loaded: list[Loaded], change: dict[str, Any], path: str, code: str
) -> None:
    loan = loaded[0].tables.loan_ids[0]
    with pytest.raises(RequestRefused) as refused:
        Store.open(root).keep_event({"payments": [a_payment(loan, 1), a_payment(loan, 2) | change]}, RECEIVED)
    assert (path, code) in [(fault.path, fault.code) for fault in refused.value.faults]


@pytest.mark.parametrize("tables", [{"loans": []}, {"attributes": []}, {"nothing": []}, {}, {"payments": []}, []])
def test_what_no_event_brings_is_refused(root: Path, tables: Any) -> None:
    with pytest.raises(RequestRefused):
        Store.open(root).keep_event(tables, RECEIVED)


def test_a_loan_that_is_not_there_is_unknown(root: Path) -> None:
    store = Store.open(root)
    with pytest.raises(UnknownLoan):
        store.borrower_of("nobody")
    with pytest.raises(UnknownLoan):
        store.tables(["00" * 16])


def test_a_generation_appears_whole_and_goes_on_after_a_kill(tmp_path: Path, book: Book, loaded: list[Loaded]) -> None:
    written(tmp_path, book, loaded[:1], "first")
    store = Store.open(tmp_path)
    cutoff = store.generation.cutoff
    begun = {"settings": book.settings, "as_of": AS_OF, "cutoff": cutoff}
    writer = StoreWriter.begin(tmp_path, "second", **begun)
    writer.add("00000", loaded[0])
    assert not store.refresh()
    again = StoreWriter.begin(tmp_path, "second", **begun)
    assert again.done("00000")
    assert not again.done("00001")
    again.add("00001", loaded[1])
    again.finish()
    assert store.refresh()
    assert store.generation.id == "second"
    assert store.get("first").id == "first"
    with pytest.raises(Refusal, match="finished"):
        StoreWriter.begin(tmp_path, "second", **begun)
    written(tmp_path, book, loaded[:1], "third")
    assert prune(tmp_path, 1) == ["first", "second"]
    with pytest.raises(Refusal, match="generation"):
        Store.open(tmp_path).get("first")


def test_of_many_nights_few_stay_open(tmp_path: Path, book: Book, loaded: list[Loaded]) -> None:
    names = [f"night-{k}" for k in range(HELD + 3)]
    for name in names:
        written(tmp_path, book, loaded[:1], name)
    store = Store.open(tmp_path)
    for name in names:
        assert store.get(name).id == name
        assert store.get(name) is store.get(name)
        assert len(store._held) <= HELD
    assert store.generation.id == names[-1]


def test_a_draft_of_another_day_is_not_gone_on_with(tmp_path: Path, book: Book) -> None:
    StoreWriter.begin(tmp_path, "n", settings=book.settings, as_of=AS_OF, cutoff=1)
    with pytest.raises(Refusal, match="another book day"):
        StoreWriter.begin(tmp_path, "n", settings=book.settings, as_of=AS_OF + 1, cutoff=1)
