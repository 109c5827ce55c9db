"""Figures on real auto loans, out of time: boosted trees, points card and roll table side by side.

    python -m benchmarks.auto FOLDER                                # FOLDER holds loans.parquet, monthly_panel.parquet
    python -m benchmarks.auto FOLDER --write docs/results.md

docs/sources/abs-ee.md says where the originals are. Imports them into a temporary book and trains twice, with
charge-off and with more than 90 days past due as default; nothing is set by what is quoted.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.features import grid
from benchmarks.page import replace_section
from book.load import Book, open_book
from book.sources.abs_ee import import_abs_ee
from monitoring.bootstrap import intervals
from monitoring.target import Target
from training.config import Config
from training.judge import bucket
from training.result import TrainResult
from training.split import OOT
from training.train import train
from training.windows import window_of

TITLE = "Auto loans"
HOLIDAYS = "2020-03:2020-08"
NAMES = {"gbm": "boosted trees", "scorecard": "points card", "roll_table": "roll table"}
FIGURES = ("auc", "ks", "oe", "ece")
HEAD = ("default", "model", "loans", "rows", "events", "AUC (95 %)", "KS", "O/E (95 %)", "ECE", "AUC without")


@dataclass(frozen=True)
class Run:
    """A way to say what default is, and what a model made of it."""

    default: str
    result: TrainResult


def runs(book: Book) -> list[Run]:
    """Both definitions of default."""
    config = Config(set_aside=window_of(HOLIDAYS))
    targets = {"charge-off": None, "> 90 days": 90}
    return [
        Run(name, train(book, Target.named("default_12m", book.settings, default_dpd=days), config))
        for name, days in targets.items()
    ]


def lines(run: Run) -> list[tuple[str, ...]]:
    """A row for each model and population."""
    rows, at = run.result.rows, run.result.rows.at(OOT)
    current = at[bucket(rows.dpd[at]) == 0]
    found = []
    for name, pd in {"gbm": run.result.pd, **run.result.baselines}.items():
        for part, index in (("all", at), ("current", current)):
            told = intervals(rows.y[index], pd[index], rows.borrower[index])
            without = run.result.report["set_aside"]["models"][name]["overall" if part == "all" else "C"]["auc"]
            auc, ks, oe, ece = (told[figure] for figure in FIGURES)
            found.append((
                run.default, NAMES[name], part, f"{len(index):,}", f"{rows.y[index].sum():,.0f}",
                f"{auc.value:.3f} ({auc.low:.3f}-{auc.high:.3f})", f"{ks.value:.3f}",
                f"{oe.value:.2f} ({oe.low:.2f}-{oe.high:.2f})", f"{ece.value:.4f}", _auc(without),
            ))  # fmt: skip
    return found


def slices(run: Run) -> list[tuple[str, ...]]:
    """Rows and events of every slice."""
    report = run.result.report
    dates = report["dates"]
    spans = {"train": ("train_first", "train_last"), "oot": ("oot_first", "oot_last")}
    held = ("calibration_first", "calibration_last")
    return [
        (
            run.default, name, *(dates[end] for end in spans.get(name, held)),
            *(f"{one[key]:,}" for key in ("borrowers", "rows", "events")),
        )
        for name, one in report["slices"].items()
    ]  # fmt: skip


def report(made: list[Run]) -> str:
    """The section of the page."""
    aside: Mapping[str, Any] = made[0].result.report["set_aside"]
    left_out = " and ".join(f"{run.result.report['set_aside']['events_left_out']:,} ({run.default})" for run in made)
    head = ("default", "slice", "from", "to", "borrowers", "rows", "events")
    chosen = ", ".join(
        f"{run.result.report['trees']} trees by {run.result.report['stopped_by']} ({run.default})" for run in made
    )
    return f"""## {TITLE}

Written on {date.today()} by `python -m benchmarks.auto`. US auto loans of one securitisation (SEC Form ABS-EE, AART
2017-3), 2017-05 to 2020-12: `default_12m`, out of time, whole book; intervals by drawing borrowers. The last column is
a view: the AUC without the events of {aside["first"]} to {aside["last"]}, {left_out}. No setting was chosen by these
figures.

{grid(HEAD, [line for run in made for line in lines(run)])}

{grid(head, [line for run in made for line in slices(run)])}

What limits it:

- Few events to learn from: borrowers in one slice only, an embargo of twelve months, one row a loan and quarter. With
  so few, a points card of some lines does as well as trees or better; {chosen}.
- Arrears are inferred from the cumulative shortfall, not reported. Payments of zero cluster in April and May 2020
  (payment holidays) and look like arrears, so default is charge-off unless the run is told otherwise; with more than 90
  days as default most out-of-time events are those holidays, which nothing before them foretells.
- Dates are by month: features of days (early, late, time of payment) are not observed; there is no account, bureau or
  contact data.
- One securitisation of one lender: nothing here says how it does elsewhere.
- Others report .905 (whole book) and .829 (paying loans) for a logistic regression on quarterly snapshots, trained on
  2017 and judged on another trust, without an embargo into 2020: not the same question.
"""


def _auc(value: float | None) -> str:
    return "-" if value is None or not np.isfinite(value) else f"{value:.3f}"


def main() -> None:
    """Measure, print, and write the page where asked to."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path, help="folder with loans.parquet and monthly_panel.parquet")
    options.add_argument("--write", type=Path, help=f"page to write the section `{TITLE}` of")
    chosen = options.parse_args()
    os.environ.setdefault("LOANWATCH_DEMO", "1")
    with tempfile.TemporaryDirectory() as made:
        import_abs_ee(chosen.folder, Path(made) / "book")
        text = report(runs(open_book(Path(made) / "book")))
    print(text)
    if chosen.write:
        if not chosen.write.exists():
            chosen.write.write_text("# Results\n\nFigures on real loans. Every section is written by its command.\n\n")
        replace_section(chosen.write, TITLE, text)


if __name__ == "__main__":
    main()
