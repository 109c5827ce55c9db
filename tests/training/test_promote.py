"""The champion pointer changes in one step and only to a bundle that is there."""

from pathlib import Path

import pytest

from training.promote import point


def test_the_pointer_holds_the_id_of_the_bundle(tmp_path: Path) -> None:
    for one in ("a1", "b2"):
        (tmp_path / "bundles" / one).mkdir(parents=True)
        assert point(one, tmp_path).read_text("utf-8").strip() == one
    assert sorted(file.name for file in tmp_path.iterdir()) == ["bundles", "champion"]


def test_a_bundle_that_is_not_there_does_not_become_champion(tmp_path: Path) -> None:
    (tmp_path / "bundles" / "a1").mkdir(parents=True)
    point("a1", tmp_path)
    with pytest.raises(FileNotFoundError, match="has no bundle zz"):
        point("zz", tmp_path)
    assert (tmp_path / "champion").read_text("utf-8").strip() == "a1"
