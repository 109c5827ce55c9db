"""Events: rows about known loans that come between two nightly runs, checked and pseudonymised like a book's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from book.check.clean import clean
from book.check.findings import Findings
from book.check.show import clipped
from book.contract import TABLES, Kind
from book.encoding.columns import Read
from book.encoding.words import Unreadable
from book.errors import Fault, RequestRefused
from book.pseudonym import Pseudonyms
from book.request.fast import read_rows
from book.request.slow import fault, tables_faults
from book.request.structs import ROWS
from book.store_joined import chosen, key_rows, with_later
from book.store_rows import Kept, number_word

if TYPE_CHECKING:
    from book.store import Store

EventRows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rows of one event by table, as JSON values, ids of persons as words made of their pseudonyms."""
NOT_BY_EVENT: Final = ("loans", "attributes")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_KEPT: Final = Kept()


@dataclass(frozen=True)
class KeptEvent:
    """What is new about one borrower: to be written to the journal in the transaction of what follows from it.

    `known` counts rows left out because a row with their key is known already.
    """

    borrower_id: str
    tables: tuple[str, ...]
    rows: dict[str, list[dict[str, Any]]]
    known: int


def reads_of(events: Iterable[EventRows]) -> dict[str, Read]:
    """The rows of events, oldest first, as if just read; of rows with one key the first counts."""
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for event in events:
        for name, some in event.items():
            rows.setdefault(name, []).extend(some)
    return {name: _first(_read(name, some)) for name, some in rows.items() if some}


def _read(name: str, rows: Sequence[Mapping[str, Any]]) -> Read:
    return read_rows({name: _rows(name, rows)})[0][name]


def _rows(name: str, rows: Any) -> list[msgspec.Struct]:
    """JSON values as rows with the types of the contract."""
    typed: list[msgspec.Struct] = msgspec.convert(rows, list.__class_getitem__(ROWS[name]))
    return typed


def _first(read: Read) -> Read:
    seen: set[tuple[object, ...]] = set()
    new = [not (key in seen or seen.add(key)) for key in key_rows(read)]  # type: ignore[func-returns-value]
    return read if all(new) else chosen(read, np.array(new, np.bool_))


def keep(tables: Mapping[str, Any], received_at: int, store: Store, pseudonyms: Pseudonyms) -> list[KeptEvent]:
    """See `Store.keep_event`."""
    typed = _typed(tables)
    owners = _owners(typed, store, pseudonyms)
    kept = []
    for borrower_id in sorted(set(owners.values())):
        mine = {
            name: {k: row for k, row in enumerate(rows) if owners[name, k] == borrower_id}
            for name, rows in typed.items()
        }
        kept.append(_of_borrower(borrower_id, mine, received_at, store, pseudonyms))
    return kept


def _typed(tables: Mapping[str, Any]) -> dict[str, list[msgspec.Struct]]:
    """The rows of each table with the types of the contract. Raises RequestRefused with every fault."""
    try:
        if not isinstance(tables, dict) or set(tables) & set(NOT_BY_EVENT):
            raise ValueError("tables that no event brings")
        typed = {name: _rows(name, rows) for name, rows in tables.items()}
        read_rows({name: rows for name, rows in typed.items() if rows})
        return typed
    except (msgspec.ValidationError, ValueError, KeyError, OverflowError, Unreadable) as error:
        found = [one for one in tables_faults(tables) if one.code != "missing_table"]
        found += [
            fault("unknown_table", f"tables.{name}", name, "tables of what happens to known loans")
            for name in NOT_BY_EVENT
            if isinstance(tables, dict) and name in tables
        ]
        raise RequestRefused(found or [fault("malformed", "tables", str(error), "rows of the contract")]) from None


def _owners(typed: Mapping[str, Sequence[Any]], store: Store, pseudonyms: Pseudonyms) -> dict[tuple[str, int], str]:
    """The pseudonym of each row's borrower. Raises RequestRefused for loans and borrowers that are not known."""
    owners: dict[tuple[str, int], str] = {}
    faults: list[Fault] = []
    for name, rows in typed.items():
        column = "loan_id" if TABLES[name].owner == "loan" else "borrower_id"
        for k, row in enumerate(rows):
            word = getattr(row, column)
            try:
                if column == "loan_id":
                    owners[name, k] = store.borrower_of(word)
                else:
                    owners[name, k] = pseudonyms.names([word])[0]
                    store.generation.borrower(owners[name, k])
            except LookupError:
                got = clipped(word) if column == "loan_id" else "(not shown)"
                faults.append(
                    fault("unknown_loan", f"tables.{name}[{k}].{column}", got, "one of the last nightly book")
                )
    if not owners and not faults:
        faults.append(fault("missing_value", "tables", "no row", "at least one row"))
    if faults:
        raise RequestRefused(faults)
    return owners


def _of_borrower(
    borrower_id: str,
    rows: Mapping[str, Mapping[int, Any]],
    received_at: int,
    store: Store,
    pseudonyms: Pseudonyms,
) -> KeptEvent:
    """The rows about one borrower, without those that are known, checked like a book together with all others."""
    plain = {
        name: {k: _plain(name, row, borrower_id, received_at, pseudonyms) for k, row in some.items()}
        for name, some in rows.items()
        if some
    }
    there = store.reads([borrower_id])
    reads = {name: _numbered(name, some) for name, some in plain.items()}
    merged = with_later(there, reads)
    findings = Findings(in_request=True)
    clean(merged, store.generation.settings, _KEPT, findings)
    faults = [one for one in findings.faults if one.row is None or one.row > 0]
    if faults:
        raise RequestRefused(faults)
    new = {name: [plain[name][k] for k in merged[name].rows.tolist() if k >= 0] for name in plain}
    known = sum(map(len, plain.values())) - sum(map(len, new.values()))
    held = {name: some for name, some in new.items() if some}
    return KeptEvent(borrower_id, tuple(held), held, known)


def _numbered(name: str, rows: Mapping[int, Mapping[str, Any]]) -> Read:
    """Rows as read, with the numbers they have in the request; of rows with one key the first counts."""
    read = _read(name, list(rows.values()))
    return _first(Read(read.table, read.columns, np.array(list(rows), np.int64)))


def _plain(name: str, row: Any, borrower_id: str, received_at: int, pseudonyms: Pseudonyms) -> dict[str, Any]:
    """A row as JSON values: persons as words made of their pseudonyms, known when received unless it says otherwise."""
    values: dict[str, Any] = msgspec.to_builtins(row)
    for column in TABLES[name].of_kind(Kind.PERSON):
        if values.get(column.name):
            number = int(pseudonyms.numbers([values[column.name]])[0])
            values[column.name] = borrower_id if column.name == "borrower_id" else number_word(number)
    if values.get("posted_at") is None:
        values["posted_at"] = (_EPOCH + timedelta(microseconds=received_at)).isoformat()
    return {column: value for column, value in values.items() if value is not None}
