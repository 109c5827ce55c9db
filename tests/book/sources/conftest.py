"""A simulated book large enough for shares and rates, made once."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from book.sources.simulate import Plan, simulate


class Simulated:
    """A simulated book and its tables as frames."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def table(self, name: str) -> pl.DataFrame:
        return pl.concat(pl.read_parquet(path) for path in sorted(self.folder.glob(f"part-*/{name}.parquet")))

    def truth(self) -> pl.DataFrame:
        return pl.concat(pl.read_parquet(path) for path in sorted((self.folder / "truth").glob("*.parquet")))


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """3,600 loans over 36 months in three partitions."""
    plan = Plan(loans=3_600, months=36, seed=3, part_loans=1_200)
    return Simulated(simulate(plan, tmp_path_factory.mktemp("simulated") / "book"))
