"""Engine and slow reading agree on the columns that look figures up in the context."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import numpy as np
from asking import cutoff_of, tables_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_books import Book, Moment, askable, books, examples, moments
from random_security import GUARANTORS
from random_themes import BORROWER_THEMES
from reading.whole import reading

from book.known import known
from book.pseudonym import pseudonyms_from_environment
from features.catalogue import CATALOGUE
from features.context import EDGES, Context
from features.history import History

COLUMNS = ("late_rate_vs_cohort", "paid_ratio_rank", "vintage_fpd_rate", "region_roll_lag1", "guarantor_dpd_max")
EPOCH = date(1970, 1, 1)
EVERYTHING = BORROWER_THEMES[-1]
QUARTERS = [(year, quarter) for year in range(2019, 2026) for quarter in (1, 2, 3, 4)]
MONTHS = range((2020 - 1970) * 12, (2026 - 1970) * 12)
REGIONS = ("north", "south")
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def random_context(dice: Random) -> Context:
    """Figures of every cohort, region and guarantor, a fifth of them absent."""

    def figures(*shape: int, top: float = 1.0) -> Any:
        values = np.array([dice.random() * top for _ in range(int(np.prod(shape)))]).reshape(shape)
        absent = np.array([dice.random() < 0.2 for _ in range(values.size)]).reshape(shape)
        return np.where(absent, np.nan, values)

    cohorts, months = len(QUARTERS), len(MONTHS)
    places = [sorted(dice.choice((0, 50, 99, 100, 150)) for _ in range(EDGES)) for _ in range(cohorts * months)]
    edges = np.array(places, float).reshape(cohorts, months, EDGES)
    edges[np.isnan(figures(cohorts, months))] = np.nan
    return Context(
        months=np.array(MONTHS, np.int64),
        products=("loan",) * cohorts,
        quarters=np.array([(year - 1970) * 4 + quarter - 1 for year, quarter in QUARTERS], np.int64),
        late_rate=figures(cohorts, months),
        fpd_rate=figures(cohorts, months),
        paid_edges=edges,
        regions=REGIONS,
        roll_rate=figures(len(REGIONS), months),
        persons=np.sort(pseudonyms_from_environment().numbers(GUARANTORS)),
        dpd=np.floor(figures(len(GUARANTORS), months, top=100.0)),
    )


def plain_rows(context: Context) -> dict[tuple[Any, ...], Any]:
    """The figures that are there, by kind, month end, and whom they are of."""
    ids = dict(zip(pseudonyms_from_environment().numbers(GUARANTORS).tolist(), GUARANTORS, strict=True))
    rows: dict[tuple[Any, ...], Any] = {}
    for m, month in enumerate(MONTHS):
        end = date(1970 + (month + 1) // 12, (month + 1) % 12 + 1, 1).toordinal() - 1
        on = date.fromordinal(end)
        for c, (year, quarter) in enumerate(QUARTERS):
            of = (on, "loan", f"{year}Q{quarter}")
            rows["late_rate", *of] = float(context.late_rate[c, m])
            rows["fpd_rate", *of] = float(context.fpd_rate[c, m])
            edges = context.paid_edges[c, m].tolist()
            rows["paid_edges", *of] = None if np.isnan(edges[0]) else edges
        for r, region in enumerate(REGIONS):
            rows["roll", on, region] = float(context.roll_rate[r, m])
        for p, person in enumerate(context.persons.tolist()):
            dpd = float(context.dpd[p, m])
            rows["dpd", on, ids[person]] = None if np.isnan(dpd) else dpd
    return rows


def engine_columns(book: Book, asked: list[tuple[str, Moment]], context: Context) -> Any:
    tables = tables_of(book)
    loans = [list(tables.loan_ids).index(loan_id) for loan_id, _ in asked]
    days = [(moment.as_of - EPOCH).days for _, moment in asked]
    cutoffs = np.array([cutoff_of(book, moment) for _, moment in asked], np.int64)
    dossiers = known(tables, np.array(loans, np.int32), np.array(days, np.int32), cutoffs, book.settings)
    return CATALOGUE.full_matrix(History(dossiers, book.settings, context))


@settings(max_examples=examples(12), suppress_health_check=SLOW)
@given(st.data())
def test_engine_and_reading_look_up_the_same_figures(data: st.DataObject) -> None:
    book = data.draw(books(theme=EVERYTHING))
    asked = [
        (loan_id, moment)
        for moment in data.draw(moments(book))
        for loan_id in book.loan_ids
        if askable(book, loan_id, moment)
    ]
    if not asked:
        return
    context = random_context(Random(data.draw(st.integers(0, 2**32))))
    plain, engine = plain_rows(context), engine_columns(book, asked, context)
    for (loan_id, moment), values in zip(asked, engine, strict=True):
        read = reading(book.rows, book.settings, loan_id, moment.as_of, moment.cutoff, book.complete, plain)
        for name in COLUMNS:
            got = values[CATALOGUE.all_names.index(name)]
            np.testing.assert_allclose(
                got, float(read[name]), rtol=1e-5, atol=1e-6, err_msg=f"{name} {loan_id} {moment}"
            )
