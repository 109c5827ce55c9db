"""What a model was judged by, beside its bundle: `models_dir/evidence/<bundle id>/`, plain files."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from book.errors import Refusal
from features.context import Context
from features.context_file import CONTEXT, write_context
from training.case import Case
from training.drifts import by_bucket, kept_reference
from training.validation import FILE, Validation

EVIDENCE = "evidence"
JUDGED = "judged.parquet"
REFERENCE = "reference.json"
RUN = "run.json"
REPORT = "report.html"


def evidence_folder(models_dir: Path, bundle_id: str) -> Path:
    """Where the evidence of a bundle lies."""
    return models_dir / EVIDENCE / bundle_id


def write_evidence(validation: Validation, page: str, context: Context | None, models_dir: Path) -> Path:
    """Write the evidence of a bundle whole, in place of an earlier one; its folder.

    `validation.json` the verdicts and figures, `judged.parquet` the out-of-time rows with their PDs, `reference.json`
    what monitoring compares later months with, `report.html` the page, and the context that the features were
    measured with.
    """
    folder = evidence_folder(models_dir, str(validation.data["bundle"]))
    folder.mkdir(parents=True, exist_ok=True)
    _put(folder / FILE, json.dumps(validation.data, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    known = asdict(kept_reference(validation.case)) | {"by_bucket": by_bucket(validation.case)}
    _put(folder / REFERENCE, json.dumps(known, allow_nan=False) + "\n")
    _put(folder / REPORT, page)
    judged_table(validation.case).write_parquet(folder / JUDGED, compression="zstd")
    if context:
        write_context(context, folder / CONTEXT)
    return folder


def rewrite(models_dir: Path, validation: Mapping[str, Any], judged: pl.DataFrame) -> None:
    """Put a renewed validation and its rows in place of those of a bundle."""
    folder = evidence_folder(models_dir, str(validation["bundle"]))
    judged.write_parquet(folder / JUDGED, compression="zstd")
    _put(folder / FILE, json.dumps(validation, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def read_validation(models_dir: Path, bundle_id: str) -> dict[str, Any]:
    """The verdicts and figures of a bundle; Refusal where it was never judged."""
    path = evidence_folder(models_dir, bundle_id) / FILE
    if not path.is_file():
        raise Refusal(f"bundle {bundle_id[:12]} was not judged: there is no {path}; `loanwatch train` writes it")
    return dict(json.loads(path.read_text("utf-8")))


def read_judged(models_dir: Path, bundle_id: str) -> pl.DataFrame:
    """The out-of-time rows of a bundle; Refusal where there are none."""
    path = evidence_folder(models_dir, bundle_id) / JUDGED
    if not path.is_file():
        raise Refusal(f"bundle {bundle_id[:12]}: there is no {path}; `loanwatch train` writes it")
    return pl.read_parquet(path)


def write_run(models_dir: Path, bundle_id: str, run: Mapping[str, str]) -> None:
    """Keep where a run stands in MLflow."""
    _put(evidence_folder(models_dir, bundle_id) / RUN, json.dumps(dict(run), indent=1) + "\n")


def read_run(models_dir: Path, bundle_id: str) -> dict[str, str]:
    """Where a run stands in MLflow; empty where it was never tracked."""
    path = evidence_folder(models_dir, bundle_id) / RUN
    return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else {}


def judged_table(case: Case) -> pl.DataFrame:
    """A row for each loan and month: numbers of loan and borrower, facts on the day, outcome, PDs."""
    rows, champion = case.rows, case.rival.pd
    return pl.DataFrame(
        {
            "loan": rows.loan,
            "borrower": rows.borrower,
            "as_of": pl.Series(rows.as_of, dtype=pl.Int32).cast(pl.Date),
            "dpd": rows.dpd,
            "product": rows.product,
            "state": rows.state,
            "y": rows.y,
            "pd": case.pd,
            "champion_pd": np.full(len(rows), np.nan) if champion is None else champion,
            **{f"{name}_pd": pd for name, pd in case.baselines.items()},
        }
    )


def _put(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as draft:
        draft.write(text)
    Path(draft.name).chmod(0o644)
    Path(draft.name).replace(path)


def last_judged(models_dir: Path) -> str:
    """The bundle that was judged last; Refusal where none was."""
    there = sorted((models_dir / EVIDENCE).glob(f"*/{RUN}"), key=lambda path: (path.stat().st_mtime_ns, str(path)))
    if not there:
        raise Refusal(f"{models_dir} holds no judged model; `loanwatch train` makes one")
    return there[-1].parent.name
