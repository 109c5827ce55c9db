"""The context as one Parquet file: a row for each cohort, region or guarantor and month."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from book.errors import Refusal
from features.context import EDGES, Context

_SCHEMA: dict[str, Any] = {
    "kind": pl.String,
    "name": pl.String,
    "quarter": pl.Int64,
    "person": pl.Int64,
    "month": pl.Int64,
    "figures": pl.List(pl.Float64),
}


def write(context: Context, path: Path) -> None:
    """Write `context` to `path`; an earlier file is replaced whole."""
    cohorts = np.concatenate([context.late_rate[..., None], context.fpd_rate[..., None], context.paid_edges], axis=2)
    frames = [
        _rows("cohort", context.months, cohorts, name=context.products, quarter=context.quarters),
        _rows("region", context.months, context.roll_rate[..., None], name=context.regions),
        _rows("guarantor", context.months, context.dpd[..., None], person=context.persons),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    work = path.with_name(path.name + ".part")
    pl.concat(frames).write_parquet(work, compression="zstd")
    os.replace(work, path)


def _rows(kind: str, months: Any, values: Any, **keys: Any) -> pl.DataFrame:
    n, m = values.shape[:2]
    columns: dict[str, Any] = {"kind": [kind] * (n * m)}
    for name in ("name", "quarter", "person"):
        columns[name] = np.repeat(np.array(keys[name]), m).tolist() if name in keys else [None] * (n * m)
    columns["month"] = np.tile(months, n).tolist()
    columns["figures"] = values.reshape(n * m, -1).tolist()
    return pl.DataFrame(columns, schema=_SCHEMA)


def read(path: Path) -> Context:
    """The context in `path`; Refusal where the file is not there or is something else."""
    try:
        frame = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise Refusal(
            f"{path}: the context cannot be read; got: {error}; allowed: a file made by build_context"
        ) from error
    if dict(frame.schema) != _SCHEMA:
        raise Refusal(f"{path}: not a context; got columns: {', '.join(frame.columns)}; allowed: {', '.join(_SCHEMA)}")
    months = frame["month"].unique().sort().to_numpy()
    cohorts, regions, persons = (frame.filter(pl.col("kind") == kind) for kind in ("cohort", "region", "guarantor"))
    figures = _figures(cohorts, len(months), 2 + EDGES)
    return Context(
        months=months,
        products=tuple(_first(cohorts, "name", len(months))),
        quarters=np.array(_first(cohorts, "quarter", len(months)), np.int64),
        late_rate=figures[..., 0].copy(),
        fpd_rate=figures[..., 1].copy(),
        paid_edges=figures[..., 2:].copy(),
        regions=tuple(_first(regions, "name", len(months))),
        roll_rate=_figures(regions, len(months), 1)[..., 0].copy(),
        persons=np.array(_first(persons, "person", len(months)), np.int64),
        dpd=_figures(persons, len(months), 1)[..., 0].copy(),
    )


def _first(frame: pl.DataFrame, column: str, m: int) -> list[Any]:
    return frame[column].to_list()[:: max(m, 1)]


def _figures(frame: pl.DataFrame, m: int, k: int) -> Any:
    return frame["figures"].explode().to_numpy().astype(float).reshape(-1, m, k) if len(frame) else np.empty((0, m, k))
