"""The public_events table: registers and courts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from book.sources import arrow
from book.sources.simulate.accounts import feed
from book.sources.simulate.draws import Draws, cents
from book.sources.simulate.extract import customers
from book.sources.simulate.part import Part
from book.sources.simulate.postings import in_extract, posted
from book.sources.simulate.rows import Rows, take

TYPES = (
    *("legal_rep", "controller", "shareholder", "director", "finance_head", "scope", "address", "capital"),
    *("litigation_defendant", "enforcement", "dishonest", "tax_arrears", "penalty", "pledge", "liquidation"),
)
PUBLISHED_WITHIN_DAYS = 15
# type, probability at full severity, months after the onset
OF_TROUBLE = {
    "firm_decline": (
        ("finance_head", 0.4, 1, 4), ("shareholder", 0.4, 1, 6), ("pledge", 0.3, 1, 5),
        ("litigation_defendant", 0.8, 2, 7), ("tax_arrears", 0.6, 3, 8), ("legal_rep", 0.35, 3, 9),
        ("enforcement", 0.5, 6, 12), ("dishonest", 0.3, 9, 15),
    ),
    "over_indebted": (("litigation_defendant", 0.35, 4, 12), ("enforcement", 0.2, 8, 16)),
    "strategic": (("litigation_defendant", 0.3, 3, 12), ("dishonest", 0.15, 8, 18)),
    "funds_diverted": (("penalty", 0.15, 2, 10), ("litigation_defendant", 0.25, 4, 12)),
}  # fmt: skip
OF_SUCCESSION = (("legal_rep", 1.0, 0, 0), ("shareholder", 0.8, 0, 1), ("director", 0.5, 0, 3), ("address", 0.8, 0, 3))
# type, probability a month for a firm, for a person
AT_RANDOM = (
    ("scope", 0.008, 0.0), ("address", 0.006, 0.0), ("capital", 0.004, 0.0), ("director", 0.004, 0.0),
    ("shareholder", 0.003, 0.0), ("finance_head", 0.003, 0.0), ("legal_rep", 0.0015, 0.0), ("penalty", 0.002, 0.0),
    ("litigation_defendant", 0.003, 0.0006), ("enforcement", 0.0, 0.0001),
)  # fmt: skip


def table(part: Part) -> pa.Table:
    """Entries sorted by borrower and day, from six months before the first loan on; published some days later."""
    draws = Draws(part.plan.seed, part.number, "table public_events")
    rows = Rows("who", "type", "month")
    _at_random(part, draws, rows)
    for name, chances in OF_TROUBLE.items():
        _after_onset(part, draws, rows, name, chances)
    _after_onset(part, draws, rows, "succession", OF_SUCCESSION)
    columns = rows.columns()
    n, window = len(columns["who"]), feed(part)
    on = part.calendar.starts[columns["month"]] + draws.whole(0, 27, n)
    amount = cents(part.wallet.base[columns["who"]] * draws.between(0.2, 5.0, n) / 1000.0) * 1000
    published = np.minimum(on + draws.whole(1, PUBLISHED_WITHIN_DAYS, n), part.calendar.last_day + 1)
    known_at = posted(part.plan, part.calendar, draws, published)
    keep = in_extract(part.calendar, published, known_at) & customers(part)[columns["who"]]
    keep &= (columns["month"] >= window.first[columns["who"]]) & (columns["month"] <= window.last[columns["who"]])
    columns = take(columns | {"on": on, "amount": amount, "known_at": known_at}, keep)
    columns = take(columns, np.lexsort((columns["type"], columns["on"], columns["who"])))
    money = np.isin(columns["type"], [TYPES.index(name) for name in TYPES[8:13]])
    return pa.table(
        {
            "event_id": arrow.ids("U", part.number * 10**7 + np.arange(len(money)), 12),
            "borrower_id": arrow.ids_of("B", columns["who"], part.who.number),
            "event_type": arrow.words(columns["type"], TYPES),
            "event_on": arrow.dates(columns["on"]),
            "amount": arrow.money(columns["amount"], ~money),
            "posted_at": arrow.stamps(columns["known_at"]),
            "source": arrow.constant("simulator", len(money)),
        }
    )


def _at_random(part: Part, draws: Draws, rows: Rows) -> None:
    firm = part.who.firm[:, None]
    for name, of_firm, of_person in AT_RANDOM:
        who, month = np.nonzero(draws.chance(np.where(firm, of_firm, of_person), len(firm), part.plan.months))
        rows.add(who=who, month=month, type=TYPES.index(name))


def _after_onset(
    part: Part, draws: Draws, rows: Rows, spell_name: str, chances: tuple[tuple[str, float, int, int], ...]
) -> None:
    """Entries that follow from a spell; owners and taxes are entered for firms only."""
    spell = part.story.spells[spell_name]
    n = len(spell.who)
    weight = np.ones(n) if spell_name == "succession" else spell.severity
    for name, chance, first, last in chances:
        month = spell.onset + draws.whole(first, last, n)
        courts = TYPES.index(name) in range(8, 11)
        struck = draws.chance(chance * weight, n) & (part.who.firm[spell.who] | courts) & (month < part.plan.months)
        rows.add(who=spell.who[struck], month=month[struck], type=TYPES.index(name))
