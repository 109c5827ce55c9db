"""What is predicted: the event, the horizon, who is asked, and the states an observation can end in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from book.errors import Refusal, nearest
from book.settings import DEFAULT_EVENTS, Settings

Kind = Literal["default", "deteriorate", "roll"]

HORIZONS: Mapping[Kind, tuple[int, ...]] = MappingProxyType(
    {"default": (12, 6, 3), "deteriorate": (6, 3), "roll": (1,)}
)
LAG_DAYS = 5  # days after the horizon until late postings of it are in
M2 = 30  # more days past due than this is bucket M2 or worse

STATES = ("event", "good_full", "closed_good", "censored", "immature", "indeterminate")
EVENT, GOOD_FULL, CLOSED_GOOD, CENSORED, IMMATURE, INDETERMINATE = range(len(STATES))
USABLE = (EVENT, GOOD_FULL, CLOSED_GOOD, INDETERMINATE)


@dataclass(frozen=True)
class Target:
    """What happens to a performing loan within `horizon` months after the as_of day.

    `kind`: "default": it defaults; "deteriorate": at most `start_dpd` days past due now, it reaches bucket M2 or
    defaults; "roll": its bucket a month later is worse, or it defaults.
    `dpd`: more days past due than this is default, None where arrears cannot be trusted; then rules that rest
    on arrears (forbearance, refinancing, third-party payers while in arrears) are off too. `events`: loan
    events that mean default. `lag_days`: a month is mature this many days after its horizon has passed.
    """

    horizon: int = 12
    dpd: int | None = 90
    events: tuple[str, ...] = DEFAULT_EVENTS
    lag_days: int = LAG_DAYS
    kind: Kind = "default"
    start_dpd: int = 0

    def __post_init__(self) -> None:
        if self.horizon not in self.horizons:
            allowed = ", ".join(map(str, sorted(self.horizons)))
            raise Refusal(f"horizon is {self.horizon} months; allowed: {allowed}")
        if self.kind != "default" and self.dpd is None:
            raise Refusal(
                f"{self.name} rests on arrears, and by its settings (default_dpd = false) those of this book cannot be "
                "trusted; --default-dpd 90 trusts them"
            )
        if self.start_dpd < 0 or self.start_dpd > M2:
            raise Refusal(f"start_dpd is {self.start_dpd}; allowed: 0 to {M2}")

    @property
    def name(self) -> str:
        """As in files and registries, e.g. `default_12m`."""
        return f"{self.kind}_{self.horizon}m"

    @property
    def horizons(self) -> tuple[int, ...]:
        """The horizons offered for this kind, in months."""
        return HORIZONS[self.kind]

    @property
    def over(self) -> int | None:
        """More days past due than this within the horizon is an event; None where arrears say nothing."""
        return M2 if self.kind == "deteriorate" else self.dpd

    @classmethod
    def of(
        cls,
        settings: Settings,
        horizon: int | None = None,
        lag_days: int = LAG_DAYS,
        kind: Kind = "default",
        default_dpd: int | None = None,
    ) -> Target:
        """The target of a book by its own settings of what default is, or by `default_dpd` days past due."""
        dpd = settings.default_dpd if default_dpd is None else default_dpd
        months = HORIZONS[kind][0] if horizon is None else horizon
        return cls(months, dpd, settings.default_events, lag_days, kind)

    @classmethod
    def named(cls, name: str, settings: Settings, horizon: int | None = None, default_dpd: int | None = None) -> Target:
        """The target of a name such as `deteriorate_6m`, by the settings of a book; Refusal where there is none."""
        kind, months = kind_of(name)
        return cls.of(settings, horizon or months, kind=kind, default_dpd=default_dpd)

    def applied(self, settings: Settings) -> Settings:
        """The settings of a book with default as the target has it: who is in default already is not asked."""
        return replace(settings, default_dpd=self.dpd, default_events=self.events)

    def asks(self, dpd: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Whether performing loans with these days past due (n,) are asked about."""
        return dpd <= self.start_dpd if self.kind == "deteriorate" else np.ones(len(dpd), bool)


def target_names() -> tuple[str, ...]:
    """The names of all targets."""
    return tuple(f"{kind}_{months}m" for kind, horizons in HORIZONS.items() for months in horizons)


def kind_of(name: str) -> tuple[Kind, int]:
    """Kind and horizon in months of a target's name; Refusal where there is no such target."""
    for kind, horizons in HORIZONS.items():
        for months in horizons:
            if name == f"{kind}_{months}m":
                return kind, months
    names = target_names()
    close = nearest(name, names)
    raise Refusal(
        f"target {name!r} is not known; allowed: {', '.join(names)}" + (f"; nearest: {close}" if close else "")
    )
