"""Each kind of entry with its columns, derived from the structures of `entries.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Final, get_origin, get_type_hints

from serving.journal.chain import body_hash, canonical, digest
from serving.journal.entries import KINDS
from serving.journal.entry import Entry, Payload


@dataclass(frozen=True)
class Kind:
    """A kind of entry: its structure, and the type of each column.

    Types are "text", "int", "int?" (may be missing), "float" (NaN is stored as missing), "bool" and "payload".
    """

    entry: type[Entry]
    columns: Mapping[str, str]

    @property
    def name(self) -> str:
        """Its name in the chain."""
        return self.entry.KIND

    @property
    def table(self) -> str:
        """Where its columns are."""
        return self.entry.TABLE

    @property
    def payloads(self) -> tuple[str, ...]:
        """The columns that hold hashes of payloads."""
        return tuple(name for name, type_ in self.columns.items() if type_ == "payload")


@dataclass(frozen=True)
class Prepared:
    """An entry ready to be written: its columns as stored, their hash, and the payloads they name by hash."""

    kind: Kind
    columns: dict[str, Any]
    body_hash: str
    payloads: Mapping[str, bytes]


_TYPES: Final = {str: "text", int: "int", int | None: "int?", float: "float", bool: "bool"}


def _columns(entry: type[Entry]) -> Mapping[str, str]:
    hints = get_type_hints(entry, include_extras=True)
    return MappingProxyType(
        {
            name: "payload" if get_origin(hints[name]) is Annotated and hints[name] == Payload else _TYPES[hints[name]]
            for name in entry.__struct_fields__
        }
    )


BY_ENTRY: Final[Mapping[type[Entry], Kind]] = MappingProxyType({entry: Kind(entry, _columns(entry)) for entry in KINDS})
BY_NAME: Final[Mapping[str, Kind]] = MappingProxyType({kind.name: kind for kind in BY_ENTRY.values()})


def prepare(entry: Entry) -> Prepared:
    """The entry as it is stored. Raises TypeError or ValueError, naming the field, for a value of a wrong type."""
    kind = BY_ENTRY[type(entry)]
    columns: dict[str, Any] = {}
    payloads: dict[str, bytes] = {}
    for name, type_ in kind.columns.items():
        value = getattr(entry, name)
        if type_ == "payload":
            columns[name] = _put(payloads, value)
        else:
            columns[name] = _STORED[type_](f"{kind.name}.{name}", value)
    return Prepared(kind, columns, body_hash(columns), payloads)


def _put(payloads: dict[str, bytes], value: Any) -> str:
    """Take a payload in and give back its hash; "" for None."""
    if value is None:
        return ""
    content = value if isinstance(value, bytes) else canonical(value)
    name = digest(content)
    payloads[name] = content
    return name


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name}: got {value!r}, allowed is a text")
    if not value.isprintable() and ("\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value)):
        raise ValueError(f"{name}: got a text with characters that no database keeps")
    return value


def _int(name: str, value: Any) -> int:
    if isinstance(value, bool) or int(value) != value or abs(int(value)) >= 1 << 63:
        raise ValueError(f"{name}: got {value!r}, allowed is a whole number of 64 bits")
    return int(value)


def _maybe_int(name: str, value: Any) -> int | None:
    return None if value is None else _int(name, value)


def _float(name: str, value: Any) -> float | None:
    number = float(value)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{name}: got {value!r}, allowed is a finite number or NaN")
    return None if number != number else number


def _bool(_: str, value: Any) -> bool:
    return bool(value)


_STORED: Final = {"text": _text, "int": _int, "int?": _maybe_int, "float": _float, "bool": _bool}


def restored(kind: Kind, columns: Mapping[str, Any]) -> Entry:
    """The entry of a stored row; payload fields hold hashes, missing numbers are NaN again."""
    values = {
        name: float("nan") if type_ == "float" and columns[name] is None else columns[name]
        for name, type_ in kind.columns.items()
    }
    return kind.entry(**values)


def same_bits(left: Any, right: Any) -> bool:
    """Whether two values are the same, numbers to the last bit; missing numbers are the same."""
    if isinstance(left, float) or isinstance(right, float):
        numbers = [float("nan") if value is None else float(value) for value in (left, right)]
        return numbers[0].hex() == numbers[1].hex()
    return bool(left == right)
