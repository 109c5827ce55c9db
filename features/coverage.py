"""How much of a panel is observed: by column, by family and by table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from features.feature import FeatureColumn


def coverage(columns: Iterable[FeatureColumn], observed: Mapping[str, int], rows: int) -> dict[str, dict[str, float]]:
    """Shares of values that are not missing among `rows` rows; `observed` counts them by column.

    The share of a family is the mean over its columns; that of a table the mean over the columns that read it.
    """
    by_column: dict[str, float] = {}
    families: dict[str, list[float]] = {}
    tables: dict[str, list[float]] = {}
    for column in columns:
        share = observed.get(column.name, 0) / rows if rows else 0.0
        by_column[column.name] = round(share, 4)
        families.setdefault(column.family.code, []).append(share)
        for table in column.tables:
            tables.setdefault(table, []).append(share)
    return {"by_table": _means(tables), "by_family": _means(families), "by_column": by_column}


def _means(shares: Mapping[str, list[float]]) -> dict[str, float]:
    return {name: round(sum(found) / len(found), 4) for name, found in shares.items()}
