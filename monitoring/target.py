"""What is predicted: the event, the horizon, and the states an observation can end in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from book.errors import Refusal, nearest
from book.settings import DEFAULT_EVENTS, Settings

HORIZONS = (3, 6, 12)
LAG_DAYS = 5  # days after the horizon until late postings of it are in

STATES = ("event", "good_full", "closed_good", "censored", "immature", "indeterminate")
EVENT, GOOD_FULL, CLOSED_GOOD, CENSORED, IMMATURE, INDETERMINATE = range(len(STATES))
USABLE = (EVENT, GOOD_FULL, CLOSED_GOOD, INDETERMINATE)


@dataclass(frozen=True)
class Target:
    """Default within `horizon` months after the as_of day.

    `dpd`: more days past due than this is default, None where arrears cannot be trusted; then rules that rest
    on arrears (forbearance, refinancing, third-party payers while in arrears) are off too. `events`: loan
    events that mean default. `lag_days`: a month is mature this many days after its horizon has passed.
    """

    horizon: int = 12
    dpd: int | None = 90
    events: tuple[str, ...] = DEFAULT_EVENTS
    lag_days: int = LAG_DAYS

    def __post_init__(self) -> None:
        if self.horizon not in HORIZONS:
            raise Refusal(f"horizon is {self.horizon} months; allowed: {', '.join(map(str, HORIZONS))}")

    @property
    def name(self) -> str:
        """As in files and registries, e.g. `default_12m`."""
        return f"default_{self.horizon}m"

    @classmethod
    def of(cls, settings: Settings, horizon: int = 12, lag_days: int = LAG_DAYS) -> Target:
        """The target of a book by its own settings of what default is."""
        return cls(horizon, settings.default_dpd, settings.default_events, lag_days)

    def applied(self, settings: Settings) -> Settings:
        """The settings of a book with default as the target has it: who is in default already is not asked."""
        return replace(settings, default_dpd=self.dpd, default_events=self.events)


def horizon_of(name: str) -> int:
    """The horizon in months of a target's name; Refusal where there is no such target."""
    names = {f"default_{months}m": months for months in HORIZONS}
    if name not in names:
        close = nearest(name, tuple(names))
        raise Refusal(
            f"target {name!r} is not known; allowed: {', '.join(names)}" + (f"; nearest: {close}" if close else "")
        )
    return names[name]
