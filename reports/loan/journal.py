"""What a journal adds to the report of a loan: plain facts, so that reports need no journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Plain = Mapping[str, Any]


@dataclass(frozen=True)
class Last:
    """The last score of this model that the journal keeps of an earlier day: its `features` (k,) as the model saw them.

    `as_of` is a day since 1970-01-01, `cutoff` UTC microseconds.
    """

    as_of: int
    cutoff: int
    bundle_id: str
    pd: float
    features: NDArray[np.float32]


@dataclass(frozen=True)
class JournalFacts:
    """`score_id` of the score on the page; `last`: the one before; `alerts`: those open, as `Alert.to_plain` has them.

    `alerts` may have a `status`. Those that the page's own decision tells are not repeated. `data` names the state of
    the data that the score used, where the page's maker does not.
    """

    score_id: str = ""
    last: Last | None = None
    alerts: Sequence[Plain] = field(default_factory=tuple)
    data: str = ""
