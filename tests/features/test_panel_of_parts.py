"""The panel by several processes: the same rows however the book is cut, whole or not at all, taken up again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from book.errors import Refusal, Refused
from book.load import Part, open_book
from book.load.regroup import small_parts
from features import panel

FIRST, LAST = 19_000, 19_100  # January to April 2022


@pytest.fixture(scope="module")
def by_one(small_book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The panel of the small book made by this process alone."""
    out = tmp_path_factory.mktemp("panels") / "one"
    panel.write_panel(open_book(small_book), FIRST, LAST, out, workers=1)
    return out


def ordered(folder: Path) -> pl.DataFrame:
    return panel.read(folder).sort("as_of", "loan_id")


def test_two_processes_write_what_one_writes(small_book: Path, by_one: Path, tmp_path: Path) -> None:
    made = panel.write_panel(open_book(small_book), FIRST, LAST, tmp_path / "two", workers=2)
    assert_frame_equal(ordered(made.folder), ordered(by_one), check_exact=True)
    assert made.manifest == json.loads((by_one / "_manifest.json").read_text())


def test_an_oversized_part_is_cut_into_whole_borrowers(small_book: Path, tmp_path: Path) -> None:
    parts = list(small_parts(open_book(small_book).parts, tmp_path, most=20_000))
    assert len(parts) > 3
    loans = [pl.read_parquet(part.files["loans"], columns=["loan_id", "borrower_id"]) for part in parts]
    borrowers = pl.concat([frame.select(pl.col("borrower_id").unique()) for frame in loans])
    assert borrowers["borrower_id"].is_unique().all()
    whole = pl.concat([pl.read_parquet(part.files["loans"]) for part in open_book(small_book).parts])
    assert sorted(pl.concat(loans)["loan_id"]) == sorted(whole["loan_id"])


def test_a_cut_part_has_the_features_of_the_whole_one(
    small_book: Path, by_one: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panel, "small_parts", lambda parts, folder: small_parts(parts, folder, most=20_000))
    made = panel.write_panel(open_book(small_book), FIRST, LAST, tmp_path / "cut", workers=1)
    assert_frame_equal(ordered(made.folder), ordered(by_one), check_exact=True)
    assert not list(made.folder.glob("split*"))


def test_a_run_is_taken_up_where_it_stopped(small_book: Path, by_one: Path, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    out = tmp_path / "taken_up"
    with pytest.raises(KeyboardInterrupt):
        panel.write_panel(open_book(small_book), FIRST, LAST, out, stop, workers=1)
    assert not out.exists()
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "taken_up.part").glob("as_of=*/part-00000.parquet")}
    steps: list[int] = []
    panel.write_panel(open_book(small_book), FIRST, LAST, out, lambda done, _: steps.append(done), workers=1)
    assert steps == [2, 3]
    assert kept
    assert all(
        (out / path.relative_to(tmp_path / "taken_up.part")).stat().st_mtime_ns == at for path, at in kept.items()
    )
    assert_frame_equal(ordered(out), ordered(by_one), check_exact=True)


def test_a_run_is_taken_up_by_another_number_of_workers(small_book: Path, by_one: Path, tmp_path: Path) -> None:
    cut = [len(list(panel._shares(range(3), workers))) for workers in (1, 2)]  # type: ignore[arg-type]
    out = tmp_path / "taken_up"

    def stop(done: int, total: int) -> None:
        assert total == cut[1]
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        panel.write_panel(open_book(small_book), FIRST, LAST, out, stop, workers=2)
    panel.write_panel(open_book(small_book), FIRST, LAST, out, lambda _, total: stop(0, total), workers=1)
    assert_frame_equal(ordered(out), ordered(by_one), check_exact=True)


def test_pieces_grow_smaller_towards_the_end() -> None:
    parts = [Part(str(k), {}) for k in range(400)]
    shares = list(panel._shares(parts, 2))
    assert [part for share in shares for part in share] == parts
    sizes = list(map(len, shares))
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == panel.MOST_TOGETHER
    assert sizes[-1] == 1


def test_a_refused_part_leaves_no_panel(small_book: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(small_book, broken)
    pl.read_parquet(broken / "part-00001" / "loans.parquet").drop("principal").write_parquet(
        broken / "part-00001" / "loans.parquet"
    )
    with pytest.raises(Refused, match="principal"):
        panel.write_panel(open_book(broken), FIRST, LAST, tmp_path / "none", workers=2)
    assert not (tmp_path / "none").exists()


def test_the_manifest_counts_rows_and_coverage(by_one: Path) -> None:
    manifest = json.loads((by_one / "_manifest.json").read_text())
    assert manifest["rows"] == len(panel.read(by_one)) == sum(manifest["rows_by_month"].values())
    assert manifest["months"] == sorted(manifest["rows_by_month"])
    assert manifest["rows_by_table"]["loans"] == 300
    share = panel.read(by_one, ["late_rate_3m"])["late_rate_3m"].is_not_nan().mean()
    assert manifest["coverage"]["by_column"]["late_rate_3m"] == pytest.approx(share, abs=1e-4)
    assert 0 < manifest["coverage"]["by_family"]["DPD"] <= 1
    assert 0 < manifest["coverage"]["by_table"]["payments"] <= 1


def test_a_panel_is_a_frame_in_one_line(by_one: Path) -> None:
    frame = panel.read(by_one, ["loan_id", "as_of", "dpd_now"]).to_pandas()
    assert list(frame.columns) == ["loan_id", "as_of", "dpd_now"]
    by_pandas = pd.read_parquet(by_one, partitioning=None)[list(frame.columns)]  # as_of stands in the files too
    both = [one.sort_values(["loan_id", "as_of"])[["loan_id", "dpd_now"]].to_numpy() for one in (frame, by_pandas)]
    assert both[0].tolist() == both[1].tolist()


def test_an_unfinished_folder_is_no_panel(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="holds no panel"):
        panel.read(tmp_path)
