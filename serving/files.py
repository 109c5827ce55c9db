"""Scores and reasons as Parquet: the columns of the files, and tables of a chunk of scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.ranking import NONE
from models.sentences import DOUBTS
from serving.scores import Scores

SCORES = "scores.parquet"
REASONS = "reasons.parquet"
_MONEY = pa.decimal128(18, 2)


def score_table(scores: Scores) -> pa.Table:
    """One row per loan. Null = not known, or not given with this status; `notes` are codes."""
    n = len(scores)
    columns: dict[str, Any] = {
        "loan_id": pa.array(scores.loan_id, pa.string()),
        "borrower_id": pa.array(scores.borrower_id, pa.string()),
        "as_of": pa.array(scores.as_of, pa.int32()).cast(pa.date32()),
        "cutoff": pa.array(scores.cutoff, pa.int64()).cast(pa.timestamp("us", "UTC")),
        "status": _words(scores.statuses, scores.status),
        "pd": _numbers(scores.pd),
        "raw_score": _numbers(scores.raw),
        "grade": _words(scores.grades, scores.grade),
        "tier": _words(scores.tiers, scores.tier),
        "floor": _words(scores.floors, scores.floor),
        "held": pa.array(scores.held, pa.bool_()),
        "dpd": pa.array(scores.dpd, pa.int64()).cast(pa.int32()),
        "principal_outstanding": money(scores.principal_outstanding),
        "base": _numbers(np.where(np.isnan(scores.raw), np.nan, scores.base)),
    }
    for position, family in enumerate(scores.families):
        columns[f"contribution_{family.lower()}"] = _numbers(np.ascontiguousarray(scores.by_family[:, position]))
    columns |= {
        "knowledge_assumed": _numbers(scores.assumed),
        "notes": pa.array([[note.code for note in one] for one in scores.notes], pa.list_(pa.string())),
        "feature_hash": pa.array(scores.feature_hash, pa.string()),
        "explainer": _words((scores.explainer,), np.where(np.isnan(scores.raw), -1, 0).astype(np.int8)),
        "model": _words((scores.bundle_id,), np.zeros(n, np.int8)),
        "policy": _words((f"{scores.pack_id} {scores.pack_version}",), np.zeros(n, np.int8)),
        "policy_hash": _words((scores.pack_hash,), np.zeros(n, np.int8)),
        "context_hash": _words((scores.context_hash,), np.zeros(n, np.int8)),
    }
    return pa.table(columns)


def reason_table(scores: Scores) -> pa.Table:
    """One row per reason; `rank` counts from 1 within a loan and direction, strongest first."""
    told = scores.reasons
    row, place = np.nonzero(told.lead != NONE)
    lead, columns = told.lead[row, place], told.families.columns
    adverse, doubt = place < told.n_adverse, told.doubt[row, place]
    return pa.table(
        {
            "loan_id": pa.array(scores.loan_id, pa.string()).take(pa.array(row)),
            "as_of": pa.array(scores.as_of[row], pa.int32()).cast(pa.date32()),
            "rank": pa.array(np.where(adverse, place, place - told.n_adverse) + 1, pa.int8()),
            "direction": _words(("adverse", "protective"), np.where(adverse, 0, 1)),
            "family": _words(told.families.codes, told.families.of_column[lead]),
            "contribution": pa.array(told.contribution[row, place], pa.float64()),
            "feature": _words(tuple(column.name for column in columns), lead),
            "value": _numbers(told.value[row, place]),
            "typical": _numbers(told.typical[row, place]),
            "weak": pa.array(doubt > 0, pa.bool_()),
            "doubt": _words(DOUBTS, np.where(doubt > 0, doubt, -1)),
            "text_en": pa.array(told.texts("en"), pa.string()),
            "text_zh": pa.array(told.texts("zh"), pa.string()),
        }
    )


def money(minor: NDArray[np.float64]) -> pa.Array:
    """Minor units as decimal(18, 2), null where unknown; exact below 2**53 minor units."""
    unknown = np.isnan(minor)
    low = np.where(unknown, 0.0, minor).round().astype("<i8")
    words = np.stack([low, low >> 63], axis=1)  # 128-bit two's complement, low word first
    valid = pa.py_buffer(np.packbits(~unknown, bitorder="little").tobytes())
    return pa.Array.from_buffers(_MONEY, len(minor), [valid, pa.py_buffer(words.tobytes())])


def _words(names: tuple[str, ...], codes: NDArray[np.integer]) -> pa.Array:
    index = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(index, pa.array(names, pa.string())).cast(pa.string())


def _numbers(values: NDArray[np.float64]) -> pa.Array:
    return pa.array(values, pa.float64(), mask=np.isnan(values))


def nested_table(scores: Scores) -> pa.Table:
    """As `score_table`, with the reasons of each loan in a column `reasons`, strongest first: a list of structs."""
    told = reason_table(scores).drop_columns(["loan_id", "as_of"]).combine_chunks()
    structs = pa.StructArray.from_arrays([column.chunk(0) for column in told.columns], names=told.column_names)
    ends = np.cumsum([0, *(scores.reasons.lead != NONE).sum(axis=1)])
    return score_table(scores).append_column("reasons", pa.ListArray.from_arrays(pa.array(ends, pa.int32()), structs))
