"""Tables from rows in memory, for notebooks and tests: as a request, with any number of borrowers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from book.check.clean import clean
from book.check.findings import Findings
from book.encoding.words import Unreadable
from book.errors import RequestRefused
from book.pseudonym import Pseudonyms, pseudonyms_from_environment
from book.request.fast import read_rows
from book.request.slow import fault, tables_faults
from book.request.structs import TablesBody
from book.settings import Settings
from book.tables import Tables


def tables_from_rows(
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    settings: Settings,
    pseudonyms: Pseudonyms | None = None,
    *,
    book_complete: bool = True,
) -> Tables:
    """The tables of rows given as dicts: text or Python dates and moments, money as number, Decimal or text.

    Raises RequestRefused with every fault found; nothing is quarantined.
    """
    secret = pseudonyms or pseudonyms_from_environment()
    plain = {name: [_plain(row) for row in table] for name, table in rows.items()}
    try:
        typed = msgspec.convert(plain, TablesBody)
        named = zip(typed.__struct_fields__, msgspec.structs.astuple(typed), strict=True)
        reads, _ = read_rows({name: table for name, table in named if table is not None})
    except (msgspec.ValidationError, ValueError, OverflowError, Unreadable) as error:
        found = tables_faults(plain) or [fault("malformed", "tables", str(error), "rows of the contract")]
        raise RequestRefused(found) from None
    findings = Findings(in_request=True)
    made = clean(reads, settings, secret, findings, complete=book_complete)
    if findings.faults:
        raise RequestRefused(findings.faults)
    return made.tables


def _plain(row: object) -> Any:
    if not isinstance(row, Mapping):
        return row
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in row.items()}
