"""Does the model find the causes planted in a simulated book, and do its reasons name the right family?

    python -m benchmarks.causes --write docs/causes.md

Simulates a book, trains on it, and compares the reasons of the out-of-time months with the truth beside the book, which
nothing else reads.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.page import replace_section
from book.load import open_book
from book.sources.simulate import Plan, simulate
from features.catalogue import CATALOGUE
from models.predict import Model
from models.ranking import NONE
from models.reasons import Reasoner, Reasons
from monitoring.metrics import auc
from training.data import Rows, numbers_of
from training.result import TrainResult
from training.split import OOT
from training.train import train

Flags = NDArray[np.bool_]
TITLE = "Planted causes"
HEAD = "# Planted causes\n\nEvery section is written by its command; none by hand.\n\n"
SHOWN = 4  # adverse reasons that a score tells
HIGH = 0.12  # PD from which a loan is in the two worst tiers

NAMED: Mapping[str, tuple[str, ...]] = {
    "income_loss": ("CASH", "AFF"),
    "over_indebted": ("EXT", "AFF"),
    "funds_diverted": ("FUND", "high_risk_spend_share_3m"),
    "slipping_habit": ("TIME",),
    "strategic": ("WILL", "autopay_cancelled_3m"),
    "moved_away": ("FUND",),
    "firm_decline": ("FIN", "PUB"),
    "collateral_decay": ("COLL",),
}
"""The families in which a cause shows first (docs/simulator.md), and single features: of gambling, of the mandate."""

LIKE: Mapping[str, tuple[str, ...]] = {
    "technical_failure": ("CASH", "TIME"),
    "payday_shift": ("TIME",),
    "seasonal_income": ("CASH", "AFF", "FIN"),
    "refinancing": ("EXT",),
    "second_bank": ("FUND",),
    "returned_goods": ("FUND",),
    "wrong_number": ("WILL",),
    "succession": ("PUB",),
    "revaluation": ("COLL",),
}
"""The families that a confounder, which causes no default, looks like."""


@dataclass(frozen=True)
class Told:
    """Out-of-time rows with their PD, reasons, and the spells of the truth: `spell[kind]` days (n, 2), -1 = none.

    `strongest` (n, families) is the name of the feature that contributes most to each family.
    """

    rows: Rows
    pd: NDArray[np.float64]
    reasons: Reasons
    spell: Mapping[str, NDArray[np.int64]]
    strongest: NDArray[np.object_]

    def active(self, kind: str) -> Flags:
        """Rows whose as_of lies in a spell of `kind` that began at least a month before."""
        began, ended = self.spell[kind].T
        return (began >= 0) & (began + 30 <= self.rows.as_of) & (self.rows.as_of <= ended + 30)

    def struck(self, kinds: Sequence[str]) -> Flags:
        """Rows whose loan has a spell of one of `kinds`, at whatever time."""
        return np.asarray(np.stack([self.spell[kind][:, 0] >= 0 for kind in kinds]).any(axis=0))

    def named(self, marks: Sequence[str], top: int = 2) -> Flags:
        """Rows whose strongest `top` adverse families hold one of `marks`: a family, or the feature that makes one.

        That is the feature that contributes most, also where it may not be shown and another one leads the sentence.
        """
        lead = self.reasons.lead[:, :top]
        family = self.reasons.families.of_column[np.where(lead == NONE, 0, lead)]
        codes = np.array(self.reasons.families.codes)[family]
        features = np.take_along_axis(self.strongest, family, axis=1)
        return np.asarray(((np.isin(codes, marks) | np.isin(features, marks)) & (lead != NONE)).any(axis=1))


def told(result: TrainResult, truth: Path) -> Told:
    """The out-of-time rows of a run, explained, beside the truth of its book."""
    chosen = (result.rows.role == OOT) & ~np.isnan(result.rows.y)
    rows, model = result.rows.take(chosen), Model(result.bundle, 2, "now")
    raw = model.raw(rows.x)
    products = [result.products[code] for code in rows.product]
    contributions = model.contributions(rows.x)
    reasons = Reasoner(result.bundle, CATALOGUE.columns).tell(contributions, rows.x, raw, products, model.what_if)
    spells = pl.read_parquet(truth / "*.parquet")
    spells = spells.with_columns(number=pl.Series(numbers_of(spells["loan_id"].to_numpy().astype(object))))
    spell = {kind: _spell(rows, spells, kind) for kind in (*NAMED, *LIKE)}
    return Told(rows, model.calibrate(raw), reasons, spell, _strongest(contributions, reasons.families.of_column))


def _strongest(contributions: NDArray[np.float64], of_column: NDArray[np.integer]) -> NDArray[np.object_]:
    """The name of the feature that contributes most to each family, (n, families)."""
    names, found = np.array(CATALOGUE.names, object), []
    for family in range(int(of_column.max()) + 1):
        columns = np.flatnonzero(of_column == family)
        found.append(names[columns[contributions[:, columns].argmax(axis=1)]])
    return np.stack(found, axis=1)


def _spell(rows: Rows, spells: pl.DataFrame, kind: str) -> NDArray[np.int64]:
    mine = spells.filter(pl.col("cause") == kind).unique("number", keep="first", maintain_order=True)
    days = mine.select(pl.col("onset_on", "ends_on").to_physical().cast(pl.Int64)).to_numpy()
    place = {number: at for at, number in enumerate(mine["number"].to_list())}
    at = np.array([place.get(number, -1) for number in rows.loan.tolist()])
    return np.where((at >= 0)[:, None], days[at], -1) if len(days) else np.full((len(rows), 2), -1)


def causes_table(found: Told) -> str:
    """By cause: later defaulters whose two strongest families hold it, all and with nothing overdue, and by chance.

    And those who have it among all the reasons that are shown.
    """
    quiet = ~found.struck([*NAMED, *LIKE])
    ill = found.rows.y == 1
    lines, totals = [], np.zeros(5)
    for kind, marks in NAMED.items():
        there, names, shown = found.active(kind) & ill, found.named(marks), found.named(marks, SHOWN)
        current = there & (found.rows.dpd <= 0)
        counts = there.sum(), (there & names).sum(), current.sum(), (current & names).sum(), (there & shown).sum()
        totals += counts
        late = f"{100 * (1 - current.sum() / there.sum()):.0f} %" if there.any() else "-"
        shares = (_share(names, there), _share(names, current), _share(names, quiet), _share(shown, there))
        told = ", ".join(f"`{one}`" if one.islower() else one for one in marks)
        lines.append(f"| `{kind}` | {told} | {there.sum():,} | {late} | {' | '.join(shares)} |")
    pairs = ((totals[1], totals[0]), (totals[3], totals[2]), (totals[4], totals[0]))
    both = [f"{100 * a / b:.0f} %" if b else "-" for a, b in pairs]
    late = f"{100 * (1 - totals[2] / totals[0]):.0f} %" if totals[0] else "-"
    lines.append(f"| all |  | {totals[0]:,.0f} | {late} | {both[0]} | {both[1]} |  | {both[2]} |")
    head = "| cause | shows in | defaults | overdue by then | named | named, nothing overdue | by chance | among four |"
    return "\n".join([head, "| -- | -- | -- | -- | -- | -- | -- | -- |", *lines])


def confounders_table(found: Told) -> str:
    """By confounder: loans with it and without any cause: mean PD and share in the worst tiers, against quiet loans."""
    sound = ~found.struck(list(NAMED))
    quiet = sound & ~found.struck(list(LIKE))
    usual = float(found.pd[quiet].mean())
    lines = [f"| none |  | {quiet.sum():,} | {100 * usual:.2f} % | 1.0 | {_share(found.pd >= HIGH, quiet, 1)} |  |"]
    for kind, families in LIKE.items():
        there = found.active(kind) & sound
        if not there.any():
            continue
        mean, names = float(found.pd[there].mean()), found.named(families)
        lines.append(
            f"| `{kind}` | {', '.join(families)} | {there.sum():,} | {100 * mean:.2f} % | {mean / usual:.1f} "
            f"| {_share(found.pd >= HIGH, there, 1)} | {_share(names, there)} ({_share(names, quiet)}) |"
        )
    head = "| confounder | looks like | loan-months | mean PD | x quiet | PD of 12 % or more | named (quiet loans) |"
    return "\n".join([head, "| -- | -- | -- | -- | -- | -- | -- |", *lines])


def _share(of: Flags, among: Flags, digits: int = 0) -> str:
    return f"{100 * of[among].mean():.{digits}f} %" if among.any() else "-"


def section(found: Told, plan: Plan) -> str:
    """The section of the page."""
    y, reasons = found.rows.y, found.reasons
    there = reasons.lead != NONE
    weak = (reasons.doubt > 0)[there].mean()
    return f"""## {TITLE}

By `python -m benchmarks.causes --loans {plan.loans} --months {plan.months} --seed {plan.seed}`, on the out-of-time
months of a model trained on a simulated book: {len(y):,} loan-months, {int(y.sum()):,} defaults within twelve months,
AUC {auc(y, found.pd):.3f}. What was planted, and when, is known only to this page.

A cause is *named* where one of the families it shows in first (docs/simulator.md), or a family made by the feature that
the table names, is among the two strongest adverse families of the score; *among four* where it is among the four that
a score tells. Counted are loans whose cause has been at work for a month or more, that are performing, and that default
within twelve months. *By chance* is the same among loans with neither cause nor confounder. Arrears and payment timing
are consequences of every cause and often take both places.

{causes_table(found)}

Confounders cause no default. Counted are loan-months in which one is at work and the loan has no cause at any time;
*quiet* loans have neither. A confounder that is named without a higher PD does no harm; one with a higher PD is a false
alarm.

{confounders_table(found)}

What the tables do not show by themselves:

- `funds_diverted` is found by the gambling; what became of the loan itself (FUND) tells those who default no better
  than others here. Gambling may not be shown, so the sentence of that reason names another feature of the same family.
- `strategic` has no first sign of its own: a month after it began nearly all these loans are overdue, and then arrears
  say more than anything else. What would tell unwillingness from inability, calls refused and promises broken, is kept
  out of the PD on purpose: who is called is the lender's own doing. It serves the willingness index of the rules.
- `moved_away` and `second_bank` look the same on the accounts until payments stop: the second is a false alarm that
  only a question to the borrower can settle.
- Rare causes need events to be learned from: with few loans, or one product alone, they are found later or not at all.

Of all reasons {100 * weak:.0f} % are marked weak: the value is missing and that is what weighs, or the score would
not move back at typical values.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, train, compare, print, and write the section where asked to."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--loans", type=int, default=40_000)
    parser.add_argument("--months", type=int, default=48)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--write", type=Path, help="page to write the section into")
    asked = parser.parse_args(arguments)
    os.environ.setdefault("LOANWATCH_DEMO", "1")  # a simulated book needs no secret
    plan = Plan(loans=asked.loans, months=asked.months, seed=asked.seed)
    with TemporaryDirectory() as folder:
        book = simulate(plan, Path(folder) / "book")
        found = told(train(open_book(book)), book / "truth")
    text = section(found, plan)
    print(text)
    if asked.write:
        if not asked.write.exists():
            asked.write.write_text(HEAD, "utf-8")
        replace_section(asked.write, TITLE, text)


if __name__ == "__main__":
    main()
