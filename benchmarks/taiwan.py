"""Next month's default of credit cards: six months of bills, payments and status of a bank in Taiwan (UCI 350).

    python -m benchmarks.taiwan FOLDER                               # FOLDER holds uci_credit_card.parquet
    python -m benchmarks.taiwan FOLDER --write docs/results-others.md

Bills, payments and status become tables of the contract (benchmarks/taiwan_book.py). Judged in five folds, each model
with the catalogue alone, with two features of one's own beside it, and with the columns of the source as they are.
Sex, age, education and marriage are not used. Settings were fixed before anything was judged.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks import taiwan_features
from benchmarks.berka import HEAD, NAMES
from benchmarks.page import replace_section
from benchmarks.plain_models import Fit, Table, folded, line, table
from benchmarks.taiwan_book import AS_OF, FILE, OUTCOME, SETTINGS, STATUS, Cards, read_taiwan
from book.known import known
from features.catalogue import MODULES, Catalogue
from features.history import History
from training.config import BOOSTER

TITLE = "Taiwan: credit cards"
FOLDS = 5
CHUNK = 5_000


def features(cards: Cards, catalogue: Catalogue) -> Table:
    """The columns of a catalogue for every card on the last day of September 2005."""
    day = int(AS_OF.astype(np.int64))
    parts = []
    for start in range(0, len(cards.y), CHUNK):
        loan = np.arange(start, min(start + CHUNK, len(cards.y)), dtype=np.int32)
        on = np.full(len(loan), day, np.int32)
        parts.append(catalogue.matrix(History(known(cards.tables, loan, on, settings=SETTINGS), SETTINGS)))
    return Table.of(np.concatenate(parts), cards.y, catalogue.names, catalogue.monotone)


def as_they_are(folder: Path) -> Table:
    """The source's columns of limit, status, bills and payments, without directions."""
    clients = pl.read_parquet(folder / FILE)
    names = ("LIMIT_BAL", *STATUS, *(f"{kind}{k}" for kind in ("BILL_AMT", "PAY_AMT") for k in range(1, 7)))
    x = clients.select(names).to_numpy().astype(np.float32)
    return Table.of(x, clients[OUTCOME].to_numpy().astype(float), names, (0,) * len(names))


def judged(tables: Mapping[str, Table]) -> list[tuple[str, ...]]:
    """Every model on every set of columns, each client by a model that has not seen it."""
    found = []
    for question, rows in tables.items():
        fits: dict[str, Fit] = {
            "logistic": rows.logistic,
            "trees": partial(rows.trees, settings=BOOSTER),
            "card": rows.card,
        }
        for model, fit in fits.items():
            found.append(
                line(f"{question}: {len(rows.names)} columns", NAMES[model], rows.y, folded(fit, rows.y, FOLDS))
            )
    return found


def report(lines: Sequence[tuple[str, ...]], rows: Table) -> str:
    """The section of the page."""
    return f"""## {TITLE}

Written on {date.today()} by `python -m benchmarks.taiwan`. {len(rows.y):,} clients of a bank in Taiwan
(UCI 350; Yeh and Lien 2009), April to September 2005, {rows.y.mean():.1%} default in October; {FOLDS} folds, every
client judged by a model that has not seen it. No setting was chosen by these figures; intervals by drawing clients.
"Own" are the limit and the money paid a month, two features in a file beside the catalogue.

{table(lines)}

Others report AUC .78 to .787 and KS .43 for LightGBM.

What limits it:

- Six months of one cohort, one day to score from: no time split is possible, so the folds say nothing of drift.
- Status is a word for a month (paid in full, least payment, so many months late), not dues and days. It is told to
  the engine as a ladder of one unit due a month; where a delay grows by more than a month the months before count as
  not met. Days late, timing and amounts due are not observed.
- "Paid in full", "nothing used" and "least payment" are all "on time" to the ladder; the statement and the money paid
  tell them apart only in part. No least payment is given: a twentieth of the statement is assumed.
- When a card was opened, its rate, income, accounts and debts elsewhere are not given.
- Default in the next month is nearer to a roll of one month than to default within twelve.
"""


def main() -> None:
    """Measure, print, and write the page where asked to."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path, help=f"folder with {FILE}")
    options.add_argument("--write", type=Path, help=f"page to write the section `{TITLE}` of")
    chosen = options.parse_args()
    cards = read_taiwan(chosen.folder)
    tables = {
        "catalogue": features(cards, Catalogue.of(MODULES)),
        "catalogue and own": features(cards, Catalogue.of((*MODULES, taiwan_features))),
        "source as it is": as_they_are(chosen.folder),
    }
    text = report(judged(tables), tables["catalogue"])
    print(text)
    if chosen.write:
        if not chosen.write.exists():
            chosen.write.write_text(HEAD, encoding="utf-8")
        replace_section(chosen.write, TITLE, text)


if __name__ == "__main__":
    main()
