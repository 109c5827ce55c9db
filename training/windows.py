"""Figures without the events of a stated window, such as months of payment holidays: a view beside the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from book.clock import month_end
from book.errors import Refusal
from monitoring.metrics import figures
from training.data import Rows
from training.judge import bucket, finite
from training.split import OOT, iso

_SHAPE = "allowed: two months such as 2020-03:2020-08"


def without_events(
    rows: Rows, models: Mapping[str, NDArray[np.float64]], window: tuple[int, int] | None
) -> dict[str, Any] | None:
    """Out-of-time figures, all and current loans, by model, of rows whose event does not fall on first to last day.

    `models` are PDs (n,) of all rows by name. None where no window is asked for.
    """
    if window is None:
        return None
    at = rows.at(OOT)
    first, last = window
    inside = (rows.y[at] == 1) & (rows.event_on[at] >= first) & (rows.event_on[at] <= last)
    kept = at[~inside]
    current = kept[bucket(rows.dpd[kept]) == 0]
    return {
        "first": iso(first),
        "last": iso(last),
        "events_left_out": int(inside.sum()),
        "models": {
            name: {
                part: finite(figures(rows.y[index], pd[index])) for part, index in (("overall", kept), ("C", current))
            }
            for name, pd in models.items()
        },
    }


def window_of(text: str) -> tuple[int, int]:
    """First and last day of `2020-03:2020-08`; Refusal for anything else."""
    try:
        months = np.array([np.datetime64(one, "M").astype(np.int64) for one in text.split(":")])
    except ValueError as error:
        raise Refusal(f"window is {text!r}; {_SHAPE}") from error
    if len(months) != 2 or months[1] < months[0]:
        raise Refusal(f"window is {text!r}; {_SHAPE}")
    return int(month_end(months[:1] - 1)[0]) + 1, int(month_end(months[1:])[0])
