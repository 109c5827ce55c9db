"""What `loanwatch compare` and `train` print: both models side by side, the swap set, the gates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from loanwatch.console import say, table

if TYPE_CHECKING:
    from monitoring.bootstrap import Interval
    from training.compare import Comparison, Swap

_FIGURES = {"auc": "AUC", "ks": "KS", "oe": "O/E", "ece": "ECE", "slope": "slope", "capture_5": "caught in top 5 %"}
_MOST = 10


def show_comparison(found: Comparison, champion: str, challenger: str) -> None:
    """Print both models and the loans that change tier."""
    rows = [[label, _told(found.champion[key]), _told(found.challenger[key])] for key, label in _FIGURES.items()]
    table(
        f"{found.rows:,} out-of-time rows, {found.events:,} events (95 % intervals by borrower)",
        ["", f"champion {champion[:12]}", f"challenger {challenger[:12]}"],
        rows,
    )
    say(f"AUC of the challenger less that of the champion: {_told(found.gap, '+')}")
    moved = [_row(f"{one.champion} to {one.challenger}", one) for one in found.swaps[:_MOST]]
    moved += [_row("all moved to a worse tier", found.worse), _row("all moved to a better tier", found.better)]
    heads = ["tier", "rows", "events", "event rate", "PD champion", "PD challenger"]
    table(f"Swap set: {found.rows - found.same:,} of {found.rows:,} change tier", heads, moved)


def show_gates(validation: Mapping[str, Any]) -> None:
    """Print every gate with what it found."""
    rows = [
        [one["name"]["en"], one["status"].replace("_", " "), _first(one), _band(one)] for one in validation["gates"]
    ]
    table("Gates", ["", "", "found (95 % interval)", "allowed"], rows)


def _first(verdict: Mapping[str, Any]) -> str:
    known = [one for one in verdict["found"] if one["value"] is not None]
    named = [one for one in known if one["part"] and one["part"] in verdict["reason"]] or known
    if not named:
        return str(verdict["reason"])
    one = (
        min(named, key=lambda one: one["value"])
        if verdict["high"] is None
        else max(named, key=lambda one: one["value"])
    )
    bounds = f" ({one['low']:.3f} to {one['high']:.3f})" if one["low"] != one["high"] else ""
    return f"{one['value']:.3f}{bounds}" + (f" {one['part']}" if one["part"] else "")


def _band(verdict: Mapping[str, Any]) -> str:
    low, high = verdict["low"], verdict["high"]
    if low is None:
        return f"at most {high:.3g}"
    return f"at least {low:.3g}" if high is None else f"{low:.3g} to {high:.3g}"


def _row(name: str, swap: Swap) -> list[str]:
    shares = [f"{one:.2%}" if swap.rows else "-" for one in (swap.rate, swap.champion_pd, swap.challenger_pd)]
    return [name, f"{swap.rows:,}", f"{swap.events:,}", *shares]


def _told(one: Interval, sign: str = "") -> str:
    return f"{one.value:{sign}.3f} ({one.low:{sign}.3f} to {one.high:{sign}.3f})"
