"""Writing the store: what a nightly run knew of every borrower, part by part, whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa

from book.encoding.columns import Read
from book.errors import Refusal
from book.load.part import Loaded
from book.pseudonym import Pseudonyms, pseudonyms_from_environment
from book.settings import Settings
from book.store_columns import record_batch
from book.store_index import keys_of
from book.store_rows import CURRENT, FAULTS, FORM, INDEX, LOANS, MANIFEST, Int
from book.tables import Tables


class StoreWriter:
    """One generation of the store being written.

    Parts appear one by one and stay after a kill, so that the same generation can be begun again and goes on; readers
    see nothing of it before `finish`.
    """

    def __init__(self, root: Path, name: str, facts: dict[str, Any], pseudonyms: Pseudonyms) -> None:
        self._root = root
        self._name = name
        self._facts = facts
        self._pseudonyms = pseudonyms
        self._folder = root / f".new-{name}"

    @classmethod
    def begin(
        cls,
        root: Path,
        name: str,
        *,
        settings: Settings,
        as_of: int,
        cutoff: int,
        pseudonyms: Pseudonyms | None = None,
    ) -> Self:
        """Begin the generation `name`, or go on with it where it was left.

        `as_of` and `cutoff` say what it holds: the book as known then. Raises Refusal where a generation of that name
        is finished, or was begun with other settings.
        """
        if not name or name.startswith(".") or "/" in name or name == CURRENT:
            raise Refusal(f"store: got the name {name!r}; allowed: a plain name that is not hidden")
        facts = {"form": FORM, "name": name, "as_of": as_of, "cutoff": cutoff, "settings": _plain(settings)}
        writer = cls(root, name, facts, pseudonyms or pseudonyms_from_environment())
        if (root / name).exists():
            raise Refusal(f"{root / name}: this generation of the store is finished; allowed: another name")
        begun = writer._folder / "begun.json"
        if begun.exists() and json.loads(begun.read_text("utf-8")) != facts:
            raise Refusal(
                f"{writer._folder}: begun with another book day or other settings; allowed: remove it, or another name"
            )
        if not begun.exists():
            writer._folder.mkdir(parents=True, exist_ok=True)
            _write(begun, json.dumps(facts).encode())
        return writer

    def done(self, part: str) -> bool:
        """Whether a part was written before."""
        return (self._folder / f"part-{part}").is_dir()

    def add(self, part: str, loaded: Loaded) -> None:
        """Write a part of the book; one that is there already is left as it is."""
        if self.done(part):
            return
        with _whole(self._folder / f"part-{part}") as folder:
            _Part(loaded, self._pseudonyms).write(folder)

    def finish(self) -> str:
        """Make the generation the current one; its id, which names its content too."""
        parts = sorted(path.name for path in self._folder.glob("part-*"))
        _indices(self._folder, parts)
        sizes = {path.relative_to(self._folder).as_posix(): path.stat().st_size for path in _files(self._folder)}
        manifest = self._facts | {"parts": parts, "sizes": sizes}
        _write(self._folder / MANIFEST, json.dumps(manifest, indent=1).encode())
        os.replace(self._folder, self._root / self._name)
        point(self._root, self._name)
        return self._name


def point(root: Path, name: str) -> None:
    """Make a generation the current one, in one step."""
    beside = root / f".{CURRENT}-{os.getpid()}"
    _write(beside, name.encode())
    os.replace(beside, root / CURRENT)


def prune(root: Path, keep: int) -> list[str]:
    """Remove all but the newest `keep` generations (by their book day, then name), never the current; their names."""
    current = (root / CURRENT).read_text("utf-8") if (root / CURRENT).exists() else ""
    found = [
        (json.loads((path / MANIFEST).read_text("utf-8"))["as_of"], path.name)
        for path in root.iterdir()
        if (path / MANIFEST).is_file() and not path.name.startswith(".")
    ]
    old = [name for _, name in sorted(found)[: max(0, len(found) - keep)] if name != current]
    for name in old:
        gone = root / f".old-{name}"
        os.replace(root / name, gone)
        shutil.rmtree(gone)
    return old


class _Part:
    """The rows of a loaded part by borrower."""

    def __init__(self, loaded: Loaded, pseudonyms: Pseudonyms) -> None:
        self._tables = loaded.tables
        self._kept = loaded.kept()
        made = loaded.examined.made
        if made is None:
            raise ValueError("the part could not be checked, nothing of it can be kept")
        self._register = made.register
        self._pseudonyms = pseudonyms

    def write(self, folder: Path) -> None:
        """All files of the part."""
        index = {}
        for name, read in self._kept.items():
            order, offsets = self._order(read)
            _arrow_file(folder / f"{name}.arrow", record_batch(read, order, self._pseudonyms))
            index[name] = offsets
        tables = self._tables
        first = np.searchsorted(tables.borrower_of, np.arange(len(tables.borrower_ids) + 1)).astype(np.int64)
        names = pa.array([*tables.borrower_ids.tolist(), ""], pa.large_string())
        faults = _faults(tables)
        index |= {"#loans": first, "#faults": np.searchsorted(faults["loan"].to_numpy(), first).astype(np.int64)}
        _arrow_file(
            folder / INDEX, pa.RecordBatch.from_arrays([names, *map(pa.array, index.values())], ["#id", *index])
        )
        _arrow_file(
            folder / LOANS, pa.RecordBatch.from_pydict({"id": pa.array(tables.loan_ids.tolist(), pa.large_string())})
        )
        _arrow_file(folder / FAULTS, faults)

    def _order(self, read: Read) -> tuple[Int, Int]:
        """The rows by borrower, in source order for each, and where each borrower's begin; without rows of nobody."""
        n = len(self._tables.borrower_ids)
        if read.table.owner == "borrower":
            owner = self._register.borrower_codes(read.words("borrower_id")).astype(np.int64)
        else:
            loan = self._register.loan_codes(read.words("loan_id"))
            here = (loan >= 0) & (loan < len(self._tables.loan_ids))
            owner = np.where(here, self._tables.borrower_of[np.where(here, loan, 0)], n).astype(np.int64)
        owner = np.where((owner < 0) | (owner >= n), n, owner)
        order = np.argsort(owner, kind="stable")
        offsets = np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=n + 1)[:n]))).astype(np.int64)
        return order[: offsets[-1]], offsets


def _faults(tables: Tables) -> pa.RecordBatch:
    """The dated faults of the load, by loan."""
    loan = tables.extra["fault_loan"].astype(np.int64)
    order = np.argsort(loan, kind="stable")
    columns = {"loan": loan, "on": tables.extra["fault_on"], "posted_at": tables.extra["fault_posted_at"]}
    return pa.RecordBatch.from_pydict({name: pa.array(values[order]) for name, values in columns.items()})


def _indices(folder: Path, parts: list[str]) -> None:
    """Where every borrower and every loan is: sorted keys with part and place."""
    for file, out in ((INDEX, "borrowers.arrow"), (LOANS, "loans.arrow")):
        keys, part, place = [], [], []
        for k, name in enumerate(parts):
            batch = pa.ipc.open_file(pa.memory_map(str(folder / name / file))).get_batch(0)
            words = batch.column(0).to_pylist()
            words = words[:-1] if file == INDEX else words
            keys.append(keys_of(words))
            part.append(np.full(len(words), k, np.int32))
            place.append(np.arange(len(words), dtype=np.int32))
        joined = [np.concatenate(pieces) if pieces else np.zeros(0, np.int64) for pieces in (keys, part, place)]
        order = np.argsort(joined[0], kind="stable")
        arrays = [pa.array(values[order]) for values in joined]
        _arrow_file(folder / out, pa.RecordBatch.from_arrays(arrays, ["key", "part", "place"]))


def _arrow_file(path: Path, batch: pa.RecordBatch) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as file:
        file.write_batch(batch)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*.arrow")))


def _plain(settings: Settings) -> dict[str, Any]:
    plain = asdict(replace(settings, posting_lag_days={})) | {"posting_lag_days": dict(settings.posting_lag_days)}
    return dict(json.loads(json.dumps(plain)))


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """A new folder that becomes `out` at the end."""
    new = out.with_name(f".{out.name}")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    yield new
    os.replace(new, out)
