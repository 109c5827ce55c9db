"""What a lender sets once for a book: time zone, currency, tolerance, what counts as default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

DEFAULT_EVENTS = ("write_off", "bankruptcy", "default_flag")


def _no_lags() -> Mapping[str, int]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Settings:
    """Settings of one book, read from `book.toml`.

    `tolerance` (minor units) and `tolerance_share` (share of the instalment): an instalment counts as paid when
    no more than the larger of the two is missing. `default_dpd` None switches default by arrears off (for sources
    where payment holidays look like arrears); `default_events` are loan events that mean default.
    `posting_lag_days` overrides the contract's assumed lag per table. `received_at` (UTC microseconds) is when
    the extract was taken. `precision` "month" says the source dates by month only.
    """

    timezone: str = "Asia/Shanghai"
    currency: str = "CNY"
    tolerance: int = 100
    tolerance_share: float = 0.0
    default_dpd: int | None = 90
    default_events: tuple[str, ...] = DEFAULT_EVENTS
    posting_lag_days: Mapping[str, int] = field(default_factory=_no_lags)
    received_at: int | None = None
    precision: str = "day"
    source: str = ""
