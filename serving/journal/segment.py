"""A sealed segment: its rows as a whole, by part, and by loan."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from book.store_index import candidates, keys_of
from serving.journal.reading import Kept
from serving.journal.traffic import Segment as SegmentEntry

INDEX: Final = "loans.arrow"
ROW_GROUP: Final = 4_096


class Segment:
    """A sealed segment."""

    def __init__(self, folder: Path, kept: Kept[SegmentEntry]) -> None:
        self.folder = folder
        self.kept = kept

    @property
    def entry(self) -> SegmentEntry:
        """What the chain says of it."""
        return self.kept.entry

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The names of its parts."""
        return tuple(path.stem.removeprefix("part-") for path in sorted(self.folder.glob("part-*.parquet")))

    def rows(self, columns: Sequence[str] | None = None) -> pa.Table:
        """All rows, or some of their columns, part by part in order."""
        return pa.concat_tables(self.part(part, columns) for part in self.parts)

    def part(self, part: str, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of one part."""
        return pq.read_table(self._path(part), columns=None if columns is None else list(columns), partitioning=None)

    def lookup(self, loan_ids: Sequence[str], columns: Sequence[str] | None = None) -> dict[str, dict[str, Any]]:
        """The rows of some loans by loan id, each with its `score_id`; loans that are not in it are left out."""
        found = {}
        for loan_id in loan_ids:
            for at in candidates(self._index[0], loan_id):
                part, row = self.parts[int(self._index[1][at])], int(self._index[2][at])
                values = self.row(part, row, columns)
                if values["loan_id"] == loan_id:
                    found[loan_id] = values | {"score_id": f"{self.entry.name}.{part}.{row}"}
        return found

    def row(self, part: str, row: int, columns: Sequence[str] | None = None) -> dict[str, Any]:
        """One row by its part and number. Raises LookupError."""
        if part not in self.parts:
            gone = "" if self.parts else ": its rows were erased by retention, or are not in this folder"
            raise LookupError(f"{self.entry.name} has no part {part}{gone}")
        wanted = None if columns is None else list(dict.fromkeys(["loan_id", *columns]))
        with pq.ParquetFile(self._path(part), memory_map=True) as file:
            if not 0 <= row < file.metadata.num_rows:
                raise LookupError(f"{self.entry.name} part {part} has no row {row}")
            group, within = divmod(row, ROW_GROUP)
            found: dict[str, Any] = file.read_row_group(group, columns=wanted).slice(within, 1).to_pylist()[0]
        return found

    def states(self, loan_ids: Sequence[str]) -> list[dict[str, Any] | None]:
        """The policy's state after this run for each loan, None where there is none; reads whole parts."""
        wanted = dict.fromkeys(loan_ids)
        found: dict[str, str] = {}
        for part in self._parts_of(loan_ids):
            table = self.part(part, ["loan_id", "state_next"])
            ids, states = table["loan_id"].to_pylist(), table["state_next"].to_pylist()
            found |= {loan: state for loan, state in zip(ids, states, strict=True) if loan in wanted and state}
        return [json.loads(found[loan]) if loan in found else None for loan in loan_ids]

    def _parts_of(self, loan_ids: Sequence[str]) -> list[str]:
        keys = keys_of(loan_ids)
        at = np.minimum(np.searchsorted(self._index[0], keys), max(len(self._index[0]) - 1, 0))
        if not len(self._index[0]):
            return []
        here = at[self._index[0][at] == keys]
        return [self.parts[int(part)] for part in np.unique(self._index[1][here])]

    def _path(self, part: str) -> Path:
        return self.folder / f"part-{part}.parquet"

    @cached_property
    def _index(self) -> tuple[Any, Any, Any]:
        if not (self.folder / INDEX).is_file() and self.folder.is_dir():  # retention has erased the rows
            return np.zeros(0, np.uint64), np.zeros(0, np.int32), np.zeros(0, np.int32)
        batch = pa.ipc.open_file(pa.memory_map(str(self.folder / INDEX))).get_batch(0)
        key, part, row = (column.to_numpy(zero_copy_only=True) for column in batch.columns)
        return key, part, row


def write_index(path: Path, parts: Sequence[Path]) -> None:
    """Sorted keys of all loans with the part and row of each."""
    key, part, row = [np.zeros(0, np.uint64)], [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    for k, file in enumerate(parts):
        words = pq.read_table(file, columns=["loan_id"], partitioning=None)["loan_id"].to_pylist()
        key.append(keys_of(words))
        part.append(np.full(len(words), k, np.int32))
        row.append(np.arange(len(words), dtype=np.int32))
    joined = [np.concatenate(pieces) for pieces in (key, part, row)]
    order = np.argsort(joined[0], kind="stable")
    batch = pa.RecordBatch.from_arrays([pa.array(values[order]) for values in joined], ["key", "part", "row"])
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as file:
        file.write_batch(batch)
