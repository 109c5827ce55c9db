"""The champion follows its pointer and never leaves the service without the model that worked."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from serving.champion import Champion
from serving.errors import NoChampion


def build(folder: Path) -> Any:
    """A stand-in for a scorer: the id of its bundle; a bundle that says `broken` cannot be loaded."""
    if (folder / "bundle.json").read_text() == "broken":
        raise ValueError("golden row 0: PD is 0.2, must be 0.1")
    return SimpleNamespace(bundle=SimpleNamespace(id=folder.name))


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for name, content in (("one", "fine"), ("two", "fine"), ("bad", "broken")):
        folder = tmp_path / "bundles" / name
        folder.mkdir(parents=True)
        (folder / "bundle.json").write_text(content)
    return tmp_path


def point(models: Path, to: str) -> None:
    (models / "champion").write_text(to + "\n")


def answering(champion: Champion) -> str:
    return champion.scorer().bundle.id


def test_without_a_pointer_there_is_no_champion_and_the_error_says_which_file_is_missing(
    models: Path,
) -> None:
    champion = Champion(models, build)
    champion.refresh()
    with pytest.raises(NoChampion, match=r"there is no file .*champion; `loanwatch train` writes it"):
        champion.scorer()


def test_a_pointer_written_later_is_picked_up_and_so_is_its_next_target(models: Path) -> None:
    champion = Champion(models, build)
    champion.refresh()
    for name in ("one", "two", "one"):
        point(models, name)
        assert champion.refresh().refused is None
        assert answering(champion) == name


def test_an_unchanged_pointer_is_not_loaded_again(models: Path) -> None:
    loaded: list[str] = []

    def counted(folder: Path) -> Any:
        loaded.append(folder.name)
        return build(folder)

    champion = Champion(models, counted)
    point(models, "one")
    for _ in range(3):
        champion.refresh()
    assert loaded == ["one"]


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("bad", "bundle bad was refused: golden row 0: PD is 0.2, must be 0.1"),
        ("nowhere", "names bundle 'nowhere', and .* holds none"),
        ("", "names bundle '', and .* holds none"),
        ("../bundles/two", "names bundle '../bundles/two', and .* holds none"),
    ],
)
def test_a_pointer_to_a_bundle_that_cannot_serve_keeps_the_old_one_and_says_why(
    models: Path, target: str, why: str
) -> None:
    champion = Champion(models, build)
    point(models, "one")
    champion.refresh()
    point(models, target)
    state = champion.refresh()
    assert answering(champion) == "one"
    assert state.refused is not None
    assert re.search(why, state.refused)


def test_a_refused_bundle_is_tried_again_once_it_is_mended(models: Path) -> None:
    champion = Champion(models, build)
    point(models, "bad")
    champion.refresh()
    with pytest.raises(NoChampion, match="bundle bad was refused"):
        champion.scorer()
    file = models / "bundles" / "bad" / "bundle.json"
    file.write_text("fine")
    champion.refresh()
    assert answering(champion) == "bad"


def test_a_pointer_that_vanishes_leaves_the_old_champion(models: Path) -> None:
    champion = Champion(models, build)
    point(models, "one")
    champion.refresh()
    (models / "champion").unlink()
    assert "there is no file" in str(champion.refresh().refused)
    assert answering(champion) == "one"
    point(models, "one")
    assert champion.refresh().refused is None


def test_the_watch_picks_up_a_new_champion_by_itself(models: Path) -> None:
    seen = threading.Event()

    def told(folder: Path) -> Any:
        seen.set()
        return build(folder)

    champion, stop = Champion(models, told), threading.Event()
    watcher = threading.Thread(target=champion.watch, args=(stop, 0.01))
    watcher.start()
    point(models, "two")
    assert seen.wait(5)
    stop.set()
    watcher.join(5)
    assert answering(champion) == "two"
