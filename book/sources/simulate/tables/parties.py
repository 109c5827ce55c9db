"""The parties table: spouses, officers and owners of firms, other firms of the borrower."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from book.sources import arrow
from book.sources.simulate.counterparties import AFFILIATE, FAMILY, HEIR, OFFICER, has_affiliate, own_counterparty
from book.sources.simulate.draws import Draws, Ints
from book.sources.simulate.extract import customers, first_payout
from book.sources.simulate.part import Part
from book.sources.simulate.postings import in_extract, posted
from book.sources.simulate.rows import Rows, take

RELATIONS = ("spouse", "legal_rep", "shareholder", "affiliate")
SPOUSE, LEGAL_REP, SHAREHOLDER, AFFILIATED = range(4)


def table(part: Part) -> pa.Table:
    """Links sorted by borrower; known from the first loan on, later ones as the register shows them."""
    draws = Draws(part.plan.seed, part.number, "table parties")
    rows = Rows("who", "party", "relation", "from", "known")
    who = np.flatnonzero(customers(part))
    firm, married = part.who.firm[who], draws.chance(0.55, len(who))
    since = part.calendar.first_day - draws.whole(100, 3000, len(who))
    known = np.maximum(first_payout(part)[who] - draws.whole(0, 12, len(who)), part.calendar.first_day)
    for relation, kind, has in (
        (SPOUSE, FAMILY, ~firm & (married | part.who.family_pays[who])),
        (LEGAL_REP, OFFICER, firm),
        (SHAREHOLDER, OFFICER, firm),
        (AFFILIATED, AFFILIATE, has_affiliate(part.who, who)),
    ):
        party = own_counterparty(part.who, who[has], kind)
        rows.add(who=who[has], party=party, relation=relation, known=known[has], **{"from": since[has]})
    _heirs(part, rows, who)
    return _written(part, draws, rows)


def _heirs(part: Part, rows: Rows, who: Ints) -> None:
    """The next generation takes over."""
    spell = part.story.spells["succession"]
    here = np.isin(spell.who, who)
    heirs, on = spell.who[here], part.calendar.starts[spell.onset[here]] + 9
    for relation in (LEGAL_REP, SHAREHOLDER):
        party = own_counterparty(part.who, heirs, HEIR)
        rows.add(who=heirs, party=party, relation=relation, known=on, **{"from": on})


def _written(part: Part, draws: Draws, rows: Rows) -> pa.Table:
    links = rows.columns()
    links = take(links, np.lexsort((links["party"], links["relation"], links["who"])))
    day = np.minimum(links["known"], part.calendar.last_day + 1)
    known_at = posted(part.plan, part.calendar, draws, day)
    keep = in_extract(part.calendar, day, known_at)
    links = take(links, keep)
    return pa.table(
        {
            "borrower_id": arrow.ids_of("B", links["who"], part.who.number),
            "party_id": arrow.ids("C", links["party"], 10),
            "relation": arrow.words(links["relation"], RELATIONS),
            "from": arrow.dates(links["from"]),
            "posted_at": arrow.stamps(known_at[keep]),
            "source": arrow.constant("simulator", len(links["who"])),
        }
    )
