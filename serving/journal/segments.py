"""Nightly runs as sealed files: a million rows, one entry in the chain.

A segment is a folder: Parquet files by part, an index of its loans, and a manifest with the hash of each file. The
chain holds the hash of the manifest.
"""

from __future__ import annotations

import json
import os
import shutil
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from book.errors import Refusal
from serving.journal.chain import digest
from serving.journal.entry import Entry
from serving.journal.errors import Conflict
from serving.journal.expiry import expired
from serving.journal.journal import Journal
from serving.journal.reading import asked
from serving.journal.schema import TYPED
from serving.journal.segment import INDEX, ROW_GROUP, Segment, write_index
from serving.journal.traffic import Segment as SegmentEntry

MANIFEST: Final = "manifest.json"
_BLOCK: Final = 1 << 20


class Segments:
    """The segments in a folder, and the journal that knows them."""

    def __init__(self, folder: Path, journal: Journal) -> None:
        self.folder = folder
        self.journal = journal

    def begin(
        self,
        name: str,
        *,
        kind: str = "nightly",
        as_of: int,
        cutoff: int,
        bundle_id: str,
        pack: str,
        pack_hash: str,
        context_hash: str = "",
        book_hash: str = "",
        store: str = "",
    ) -> Draft:
        """Begin a segment, or go on with the one of that name where it was left.

        Raises Refusal where it was begun with another day, model, policy or book.
        """
        if not name or name.startswith(".") or "/" in name:
            raise Refusal(f"segment: got the name {name!r}; allowed: a plain name that is not hidden")
        facts = {
            "name": name,
            "kind": kind,
            "as_of": as_of,
            "cutoff": cutoff,
            "bundle_id": bundle_id,
            "pack": pack,
            "pack_hash": pack_hash,
            "context_hash": context_hash,
            "book_hash": book_hash,
            "store": store,
        }
        return Draft(self, facts)

    def get(self, name: str) -> Segment | None:
        """A sealed segment by its name."""
        kept = self.journal.one(SegmentEntry, name=name)
        return Segment(self.folder / name, kept) if kept else None

    def latest(self, kind: str = "nightly", before_as_of: int | None = None) -> Segment | None:
        """The segment of the newest day (before a day), the one sealed last where a day has several."""
        table = TYPED["segment"]
        question = asked(table).where(table.c.kind == kind)
        if before_as_of is not None:
            question = question.where(table.c.as_of < before_as_of)
        found = self.journal.oldest_first(SegmentEntry, question)
        if not found:
            return None
        newest = max(found, key=lambda kept: (kept.entry.as_of, kept.place))
        return Segment(self.folder / newest.entry.name, newest)

    def check(self, name: str, manifest_hash: str) -> list[str]:
        """What is wrong with the files of a segment: for `verify`."""
        folder = self.folder / name
        try:
            content = (folder / MANIFEST).read_bytes()
        except OSError:
            return [f"{MANIFEST} is missing"]
        if digest(content) != manifest_hash:
            return [f"{MANIFEST} was changed"]
        wrong = []
        for file, facts in json.loads(content)["files"].items():
            if not (folder / file).is_file():
                if name not in self._expired:
                    wrong.append(f"{file} is missing")
            elif _file_hash(folder / file) != facts["sha256"]:
                wrong.append(f"{file} was changed")
        return wrong

    @cached_property
    def _expired(self) -> frozenset[str]:
        """Names of nights whose rows retention has erased."""
        return frozenset(night.name for night in expired(self.journal))


class Draft:
    """A segment being written, part by part; nothing of it counts before it is sealed."""

    def __init__(self, segments: Segments, facts: dict[str, Any]) -> None:
        self._segments = segments
        self._facts = facts
        self._out = segments.folder / str(facts["name"])
        self._folder = segments.folder / f".draft-{facts['name']}"
        for begun in (self._out / MANIFEST, self._folder / "begun.json"):
            if begun.exists():
                self._same(begun)
        if not self._out.exists() and not (self._folder / "begun.json").exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            _write(self._folder / "begun.json", json.dumps(facts).encode())

    def _same(self, begun: Path) -> None:
        before = json.loads(begun.read_bytes())
        other = [name for name, value in self._facts.items() if before[name] != value]
        if other:
            raise Refusal(f"{begun.parent}: begun with another {', '.join(other)}; allowed: another name, or the same")

    def done(self, part: str) -> bool:
        """Whether a part is written."""
        return self._path(part).exists() or (self._out / self._path(part).name).exists()

    def write(self, part: str, table: pa.Table) -> None:
        """Write a part; one that is there stays as it is. It needs the column loan_id; `state_next` is JSON text."""
        if self.done(part):
            return
        if "loan_id" not in table.column_names:
            raise ValueError("a segment's rows need the column loan_id")
        write_rows(self._path(part), table)

    def path(self, part: str) -> Path:
        """Where the rows of a part are, or are to be written by `write_rows` of another process."""
        path = self._path(part)
        return self._out / path.name if (self._out / path.name).exists() else path

    def seal(self, actor: str, *more: Entry) -> Segment:
        """Make the segment count: its entry and `more` (alerts, deliveries) are written in one transaction.

        Sealing a sealed segment gives it back and writes nothing.
        """
        name = str(self._facts["name"])
        sealed = self._segments.get(name)
        if sealed is not None:
            return sealed
        if not self._out.exists():
            self._close()
        content = (self._out / MANIFEST).read_bytes()
        rows, parts = json.loads(content)["rows"], json.loads(content)["parts"]
        entry = SegmentEntry(**self._facts, rows=rows, parts=parts, manifest_hash=digest(content), actor=actor)
        try:
            self._segments.journal.write(entry, *more).result()
        except Conflict:
            if self._segments.get(name) is None:
                raise
        found = self._segments.get(name)
        if found is None:
            raise Refusal(f"segment {name}: it was sealed and is not in the journal")
        return found

    def discard(self) -> None:
        """Forget a draft."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, part: str) -> Path:
        return self._folder / f"part-{part}.parquet"

    def _close(self) -> None:
        """Index and manifest, then the folder takes its name."""
        paths = sorted(self._folder.glob("part-*.parquet"))
        write_index(self._folder / INDEX, paths)
        files = {
            path.name: {"sha256": _file_hash(path), "bytes": path.stat().st_size}
            for path in (*paths, self._folder / INDEX)
        }
        rows = sum(pq.read_metadata(path).num_rows for path in paths)
        manifest = self._facts | {"rows": rows, "parts": len(paths), "files": files}
        _write(self._folder / MANIFEST, json.dumps(manifest, indent=1).encode())
        (self._folder / "begun.json").unlink(missing_ok=True)
        os.replace(self._folder, self._out)
        _sync(self._out.parent)


def write_rows(path: Path, table: pa.Table) -> None:
    """Write the rows of a part, whole or not at all."""
    new = path.with_name(f".{path.stem}.new")
    pq.write_table(table, new, compression="zstd", row_group_size=ROW_GROUP)
    _sync(new)
    os.replace(new, path)


def _file_hash(path: Path) -> str:
    content = sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            content.update(block)
    return content.hexdigest()


def _write(path: Path, content: bytes) -> None:
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(content)
    _sync(new)
    os.replace(new, path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
