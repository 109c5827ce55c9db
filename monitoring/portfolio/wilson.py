"""The Wilson interval of a share (Wilson 1927, JASA 22): honest for small counts, never outside 0 to 1."""

from __future__ import annotations

import polars as pl

Z95 = 1.959963984540054


def wilson(hits: str, cases: str, z: float = Z95) -> tuple[pl.Expr, pl.Expr]:
    """Lower and upper bound of hits / cases as expressions over two columns; null where there are no cases."""
    n, share = pl.col(cases).cast(pl.Float64), pl.col(hits) / pl.col(cases)
    centre = share + z * z / (2 * n)
    half = z * (share * (1 - share) / n + z * z / (4 * n * n)).sqrt()
    scale = 1 + z * z / n
    some = pl.col(cases) > 0
    low = pl.when(some & (pl.col(hits) == 0)).then(0.0).when(some).then(((centre - half) / scale).clip(0, 1))
    high = pl.when(some & (pl.col(hits) == pl.col(cases))).then(1.0)
    return low, high.when(some).then(((centre + half) / scale).clip(0, 1))
