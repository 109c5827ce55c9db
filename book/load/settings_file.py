"""`book.toml`: the settings of a book, read and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from book.contract import TABLES
from book.errors import Refusal, nearest
from book.settings import Settings

SETTINGS_FILE: Final = "book.toml"
_NAMES: Final = tuple(field.name for field in fields(Settings))
_EVENTS: Final = TABLES["loan_events"].column("event_type").choices
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def read_settings(folder: Path | str) -> Settings:
    """The settings in `folder`/book.toml; those of `Settings` where the file or a key is absent.

    `default_dpd = false` switches default by arrears off. Raises Refusal with every fault of the file.
    """
    path = Path(folder) / SETTINGS_FILE
    if not path.exists():
        return Settings()
    return parse_settings(path.read_bytes())


def parse_settings(content: bytes) -> Settings:
    """As `read_settings`, from the bytes of the file."""
    try:
        given = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refusal(f"{SETTINGS_FILE}: the file is not TOML; got: {error}") from None
    faults = [
        f"{SETTINGS_FILE}, {name}: the setting is not known; allowed: {', '.join(_NAMES)}"
        + (f"; nearest: {near}" if (near := nearest(name, _NAMES)) else "")
        for name in given
        if name not in _NAMES
    ]
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in _NAMES:
            continue
        read, allowed = _READERS[name]
        try:
            values[name] = read(value)
        except (ValueError, TypeError, OverflowError, ZoneInfoNotFoundError):
            faults.append(f"{SETTINGS_FILE}, {name}: the value cannot be used; got: {value!r}; allowed: {allowed}")
    if faults:
        raise Refusal("\n".join(faults))
    return Settings(**values)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _zone(value: Any) -> str:
    ZoneInfo(_text(value))
    return str(value)


def _currency(value: Any) -> str:
    if len(_text(value)) != 3 or not value.isascii() or not value.isupper():
        raise ValueError
    return str(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError
    return value


def _share(value: Any) -> float:
    if isinstance(value, bool) or not 0.0 <= value <= 1.0:
        raise ValueError
    return float(value)


def _dpd(value: Any) -> int | None:
    return None if value is False else _whole(value)


def _events(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or any(event not in _EVENTS for event in value):
        raise ValueError
    return tuple(value)


def _lags(value: Any) -> Mapping[str, int]:
    if any(table not in TABLES for table in value):
        raise ValueError
    return MappingProxyType({table: _whole(days) for table, days in value.items()})


def _moment(value: Any) -> int:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment.tzinfo is None:
        raise ValueError
    return int((moment - _EPOCH) // timedelta(microseconds=1))


def _precision(value: Any) -> str:
    if value not in {"day", "month"}:
        raise ValueError
    return str(value)


_READERS: Final[Mapping[str, tuple[Callable[[Any], Any], str]]] = {
    "timezone": (_zone, "an IANA time zone like Asia/Shanghai"),
    "currency": (_currency, "an ISO 4217 code like CNY"),
    "tolerance": (_whole, "minor units, a whole number from 0"),
    "tolerance_share": (_share, "a share from 0 to 1"),
    "default_dpd": (_dpd, "days, a whole number from 0, or false"),
    "default_events": (_events, "a list of " + ", ".join(_EVENTS)),
    "posting_lag_days": (_lags, "whole numbers of days by table of the contract"),
    "received_at": (_moment, "a moment with time zone"),
    "precision": (_precision, "day, month"),
    "source": (_text, "a text"),
}
