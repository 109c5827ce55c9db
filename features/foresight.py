"""Does a feature use the future? Measured on a book as it is, and on the same book as it stood on the day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from book.clock import end_of_day
from book.known import event_day, known
from book.settings import Settings
from book.tables import Frame, Tables
from features.feature import FeatureColumn, FeatureRefused
from features.history import History
from features.measures import Values

SAMPLE = 500


def refuse_foresight(columns: tuple[FeatureColumn, ...], tables: Tables, as_of: int, settings: Settings) -> None:
    """Raise FeatureRefused where one of `columns`, measured on day `as_of`, changes with rows of later days.

    Looks at up to 500 loans of `tables` paid out by then; refuses columns that are not one value an observation too.
    """
    cutoff = int(end_of_day(np.array([as_of]), settings.timezone)[0])
    loans = tables["loans"]
    asked = np.flatnonzero((loans["disbursed_on"] <= as_of) & (loans["posted_at"] <= cutoff))[:SAMPLE]
    if not len(asked):
        return
    days = np.full(len(asked), as_of, np.int32)
    whole = History(known(tables, asked, days, settings=settings), settings)
    stood = History(known(_until(tables, as_of, cutoff, settings), asked, days, settings=settings), settings)
    faults = [fault for column in columns if (fault := _fault(column, whole, stood))]
    if faults:
        raise FeatureRefused("\n".join(faults))


def _until(tables: Tables, as_of: int, cutoff: int, settings: Settings) -> Tables:
    """The tables without the rows of later days and those posted later."""
    frames: dict[str, Frame] = {}
    for name, frame in tables.frames.items():
        there = (event_day(name, frame, settings.timezone) <= as_of) & (frame["posted_at"] <= cutoff)
        frames[name] = frame if name == "loans" else frame.take(there)
    return replace(tables, frames=frames)


def _fault(column: FeatureColumn, whole: History, stood: History) -> str:
    """What is wrong with the values of a column, "" where nothing is."""
    got, then = _values(column, whole), _values(column, stood)
    if got.shape != (whole.n,):
        return f"feature {column.name}: got values of shape {got.shape}; allowed is ({whole.n},): one an observation"
    changed = np.flatnonzero((got != then) & ~(np.isnan(got) & np.isnan(then)))
    if not len(changed):
        return ""
    first = changed[0]
    return (
        f"feature {column.name}: uses the future; got {got[first]:g} for a loan on "
        f"{np.datetime64(int(whole.as_of[first]), 'D')}, and {then[first]:g} without the rows of later days; "
        "allowed is what h measures, or rows cut by h.dated"
    )


def _values(column: FeatureColumn, h: History) -> Values:
    return np.asarray(column.compute(h, column.span) if column.span else column.compute(h), np.float64)
