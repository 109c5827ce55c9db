"""A book's folder on Spark: its tables, its hash, and its part folders read by tasks as one machine reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sql

from book.contract import TABLES
from book.errors import Refusal
from book.load.layout import find_parts, hash_of, is_of_book
from book.load.part import Loaded, load
from book.load.regroup import small_parts
from book.load.settings_file import SETTINGS_FILE
from book.pseudonym import Pseudonyms
from book.settings import Settings

PART: Final = "part-*"
MOST_BYTES: Final = 2**31 - 1  # of a file that Spark reads in one piece
PARTS_PER_TASK: Final = 8
TASKS_PER_CORE: Final = 4
_LOCAL: Final = "file:"
_LAYOUTS: Final = ("{0}/{1}.parquet", "{0}/{1}/*.parquet")

Batches = Iterator[pa.RecordBatch]
Work = Callable[[Loaded], Batches]


class FolderTables(Mapping[str, DataFrame]):
    """The tables of a folder by name, found and opened when one is first asked for; `parts` are its part folders."""

    def __init__(self, spark: SparkSession, folder: str) -> None:
        self.spark, self.folder = spark, folder
        self.parts = tuple(listed(spark, f"{folder}/{PART}"))

    @cached_property
    def _frames(self) -> dict[str, DataFrame]:
        place = f"{self.folder}/{PART}" if self.parts else self.folder
        frames = {}
        for name in TABLES:
            paths = [path for layout in _LAYOUTS for path in listed(self.spark, layout.format(place, name))]
            if paths:
                frames[name] = self.spark.read.parquet(*paths)
        return frames

    def __getitem__(self, name: str) -> DataFrame:
        return self._frames[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)

    def check_first(self) -> None:
        """Refuse here, before any task runs, a book whose first part lacks a required table."""
        first = self.parts[0]
        there = {path.rpartition("/")[2].partition(".")[0] for path in listed(self.spark, f"{first}/*")}
        missing = [name for name, table in TABLES.items() if table.required and name not in there]
        if missing:
            allowed = "allowed: {0}.parquet, {0}.csv or a folder {0}"
            faults = (f"{name}: a required table is missing in {first}; {allowed.format(name)}" for name in missing)
            raise Refusal("\n".join(faults))

    def hash(self) -> str | None:
        """`Book.hash` of the same folder; Spark digests the files. None where one is larger than it can hold."""
        places = [*self.parts, *listed(self.spark, f"{self.folder}/{SETTINGS_FILE}")] if self.parts else [self.folder]
        files = self.spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(places)
        if files.filter(sql.col("length") > MOST_BYTES).count():
            return None
        digests = {
            row["path"].rpartition(_bare(self.folder) + "/")[2]: bytes.fromhex(row["digest"])
            for row in files.select("path", sql.sha2("content", 256).alias("digest")).collect()
        }
        return hash_of({name: digest for name, digest in digests.items() if is_of_book(name)})


@dataclass(frozen=True)
class PartTask:
    """What a task does with one part: read and check it, then `work`; it goes to the executors."""

    work: Work
    settings: Settings
    pseudonyms: Pseudonyms
    schema: pa.Schema

    def of_folder(self, folder: Path, name: str) -> Batches:
        """The batches for the part in a folder. Raises Refused where the contract refuses the part."""
        part = replace(find_parts(folder)[0], name=name)
        with TemporaryDirectory(prefix="loanwatch-") as split:
            for small in small_parts([part], Path(split)):
                for batch in self.work(load(small, self.settings, self.pseudonyms)):
                    yield from fitted(batch, self.schema)


def by_part(spark: SparkSession, folders: Sequence[str], task: PartTask, shared: bool | None = None) -> DataFrame:
    """What `task` yields for each part folder, as one DataFrame.

    Where every machine sees the folders as they are (`shared`; by default: their addresses begin with file:), a task
    opens its own. Else Spark reads the files of each part and brings them, as they are, to its task.
    """
    result = spark.createDataFrame(task.schema.empty_table()).schema
    n = _tasks(len(folders), spark.sparkContext.defaultParallelism)
    if shared if shared is not None else folders[0].startswith(_LOCAL):
        return spark.range(0, len(folders), 1, n).mapInArrow(_opening([Path(_bare(f)) for f in folders], task), result)
    files = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(list(folders))
    named = files.select(sql.regexp_extract("path", "/(part-[^/]+)/", 1).alias("part"), "path", "content")
    return named.repartition(n, "part").groupBy("part").applyInArrow(_unpacking(task), result)


def _tasks(parts: int, busy: int) -> int:
    """So many tasks that each has a few parts: fewer files are written, and what fails is little work."""
    return min(parts, max(TASKS_PER_CORE * busy, -(-parts // PARTS_PER_TASK)))


def _opening(folders: Sequence[Path], task: PartTask) -> Callable[[Batches], Batches]:
    def opening(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for position in batch.column(0).to_pylist():
                yield from task.of_folder(folders[position], folders[position].name)

    return opening


def _unpacking(task: PartTask) -> Callable[[tuple[Any, ...], Batches], Batches]:
    def unpacking(key: tuple[pa.Scalar, ...], files: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        name = key[0].as_py()
        with TemporaryDirectory(prefix="loanwatch-") as folder:
            place = Path(folder) / name
            for batch in files:
                for path, found in zip(batch["path"].to_pylist(), batch["content"], strict=True):
                    file = place / path.rpartition(f"/{name}/")[2]
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(found.as_buffer())
            yield from task.of_folder(place, name)

    return unpacking


def fitted(batch: pa.RecordBatch, schema: pa.Schema) -> Batches:
    """A batch in the columns of `schema`; those it does not have are null."""
    rows = pa.Table.from_batches([batch])
    columns = [
        rows[field.name].cast(field.type) if field.name in rows.column_names else pa.nulls(len(rows), field.type)
        for field in schema
    ]
    yield from pa.Table.from_arrays(columns, schema=schema).to_batches()


def listed(spark: SparkSession, pattern: str) -> list[str]:
    """The files or folders that fit `pattern`, sorted, on any file system that Spark reads."""
    path = spark._jvm.org.apache.hadoop.fs.Path(pattern)
    found = path.getFileSystem(spark._jsc.hadoopConfiguration()).globStatus(path)
    return sorted(str(status.getPath()) for status in found or ())


def content(spark: SparkSession, path: str) -> bytes | None:
    """The content of a small file on any file system that Spark reads, None where there is none."""
    if not listed(spark, path):
        return None
    place = spark._jvm.org.apache.hadoop.fs.Path(path)
    stream = place.getFileSystem(spark._jsc.hadoopConfiguration()).open(place)
    try:
        return bytes(stream.readAllBytes())
    finally:
        stream.close()


def _bare(address: str) -> str:
    """An address without the scheme of local files: file:/a, file:///a and /a are /a."""
    return "/" + address.removeprefix(_LOCAL).lstrip("/") if address.startswith(_LOCAL) else address
