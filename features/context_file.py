"""The context as one JSON file that people and other programs can read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.errors import Refusal
from features.context import EDGES, Context

_FORM = "loanwatch context 1"
CONTEXT = "context.json"  # its name beside the bundles of a models folder


def context_text(context: Context) -> bytes:
    """`context` as JSON. What is absent is null."""
    cohorts = zip(
        context.products, context.quarters.tolist(), _plain(context.late_rate), _plain(context.fpd_rate),
        _plain(context.paid_edges), strict=True,
    )  # fmt: skip
    names = ("product", "quarter", "late_rate", "fpd_rate", "paid_edges")
    whole = {
        "form": _FORM,
        "hash": context.hash,
        "months": context.months.tolist(),
        "cohorts": [dict(zip(names, cohort, strict=True)) for cohort in cohorts],
        "regions": dict(zip(context.regions, _plain(context.roll_rate), strict=True)),
        "guarantors": [
            [person, *dpd] for person, dpd in zip(context.persons.tolist(), _plain(context.dpd), strict=True)
        ],
    }
    return json.dumps(whole, ensure_ascii=False, allow_nan=False).encode("utf-8")


def write_context(context: Context, path: Path) -> None:
    """Write `context` to `path`; an earlier file is replaced whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    work = path.with_name(path.name + ".part")
    work.write_bytes(context_text(context))
    os.replace(work, path)


def read_context(path: Path) -> Context:
    """The context in `path`; Refusal where the file is not there, is something else, or its figures were changed."""
    try:
        whole = json.loads(path.read_text("utf-8"))
        context = _context(whole)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refusal(f"{path}: cannot be read; got: {error}; allowed: a context made by build_context") from error
    if whole.get("hash") != context.hash:
        raise Refusal(f"{path}: the figures are not those it was written with; make the context again")
    return context


def _context(whole: Mapping[str, Any]) -> Context:
    if whole.get("form") != _FORM:
        raise ValueError(f"form {whole.get('form')!r}, not {_FORM!r}")
    m, cohorts, guarantors = len(whole["months"]), whole["cohorts"], whole["guarantors"]
    return Context(
        months=np.array(whole["months"], np.int64),
        products=tuple(cohort["product"] for cohort in cohorts),
        quarters=np.array([cohort["quarter"] for cohort in cohorts], np.int64),
        late_rate=_figures([cohort["late_rate"] for cohort in cohorts], m),
        fpd_rate=_figures([cohort["fpd_rate"] for cohort in cohorts], m),
        paid_edges=_figures([cohort["paid_edges"] for cohort in cohorts], m, EDGES),
        regions=tuple(whole["regions"]),
        roll_rate=_figures(list(whole["regions"].values()), m),
        persons=np.array([person for person, *_ in guarantors], np.int64),
        dpd=_figures([dpd for _, *dpd in guarantors], m),
    )


def _plain(values: NDArray[np.float64]) -> list[Any]:
    """Figures as lists, null where absent."""
    figures = values.astype(object)
    figures[np.isnan(values)] = None
    plain: list[Any] = figures.tolist()
    return plain


def _figures(values: list[Any], *shape: int) -> NDArray[np.float64]:
    """Lists as figures (n, *shape), NaN where absent."""
    return np.array(values, float).reshape(len(values), *shape)
