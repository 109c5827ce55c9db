"""The life of a model from the command line: trained, judged, promoted, compared, replaced, rolled back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from book.errors import Refusal
from book.sources.simulate import Plan, simulate
from loanwatch.main import app
from loanwatch.promote import answering_for
from serving.access.keys import add_key
from training.evidence import last_judged, read_validation
from training.promote import NotPromoted, champion_id
from training.promotions import promotions

Run = Callable[..., str]
ANSWER = ("--approver", "Li Wei", "--reason", "three hundred loans")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated book that is just large enough to learn from."""
    return simulate(Plan(loans=900, months=30, seed=7), tmp_path_factory.mktemp("simulated") / "book")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Run, Path]]:
    """A function that runs a command and gives what it printed, and the models folder."""
    base = tmp_path_factory.mktemp("life")

    def command(*words: str) -> str:
        done = CliRunner().invoke(app, list(words), env={"MLFLOW_TRACKING_URI": None, "COLUMNS": "160"})
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.release.model_page", lambda *_: "<p>page</p>")  # its pictures take seconds
        yield command, base


def trained(run: tuple[Run, Path], book: Path, seed: int, *more: str) -> str:
    command, base = run
    words = ("--target", "default_3m", "--seed", str(seed), "--out", str(base / "models"))
    return command("train", str(book), *words, "--mlflow-dir", str(base / "mlflow"), "--threads", "1", *more)


@pytest.mark.filterwarnings("ignore")
def test_a_model_lives_from_training_to_rollback(run: tuple[Run, Path], book: Path) -> None:
    command, base = run
    models = base / "models"
    place = ("--models", str(models))

    said = trained(run, book, 1)
    one = last_judged(models)
    assert f"Not serving yet: loanwatch promote {one[:12]}" in said
    assert champion_id(models) is None
    assert "There was no champion" in command("compare", *place)
    assert f"Champion in {models}: {one[:12]}" in command("promote", *place, *ANSWER)
    assert champion_id(models) == one

    trained(run, book, 2)
    two = last_judged(models)
    said = command("compare", *place)
    assert f"champion {one[:12]}" in said
    assert "Swap set:" in said
    assert read_validation(models, two)["champion"] == one
    assert "Answered for by Li Wei: three hundred loans" in command("promote", two[:10], *place, *ANSWER)

    with pytest.raises(NotPromoted, match="judged against no champion"):
        command("promote", one, *place)
    command("compare", one, *place, "--book", str(book))
    renewed = read_validation(models, one)
    assert renewed["champion"] == two
    assert next(gate for gate in renewed["gates"] if gate["gate"] == "beats_champion")["status"] != "not_applicable"

    assert "(rollback, recorded in" in command("rollback", *place, "--reason", "complaints")
    assert champion_id(models) == one
    assert [line.action for line in promotions(models)] == ["promote", "promote", "rollback"]


def test_another_book_does_not_renew_the_evidence(run: tuple[Run, Path], tmp_path: Path) -> None:
    command, base = run
    other = simulate(Plan(loans=60, months=36, seed=8), tmp_path / "book")
    with pytest.raises(Refusal, match=r"not the \d+ that bundle"):
        command("compare", "--models", str(base / "models"), "--book", str(other))


def test_an_approver_answers_with_a_key_of_their_own_where_keys_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, today = tmp_path / "keys.json", date(2026, 1, 1)
    monkeypatch.setenv("LOANWATCH_KEYS", str(path))
    monkeypatch.delenv("LOANWATCH_APPROVER_KEY", raising=False)
    assert answering_for("Li Wei", "ann") == ("Li Wei", "name")
    keys = {name: add_key(path, name, [role], today) for name, role in (("Li Wei", "approver"), ("ann", "approver"))}
    with pytest.raises(Refusal, match="does not hold"):
        answering_for("Li Wei", "ann")
    monkeypatch.setenv("LOANWATCH_APPROVER_KEY", keys["Li Wei"])
    assert answering_for("li wei", "ann") == ("Li Wei", "key")
    with pytest.raises(Refusal, match="the key is that of Li Wei"):
        answering_for("Wang", "ann")
    monkeypatch.setenv("LOANWATCH_APPROVER_KEY", keys["ann"])
    with pytest.raises(Refusal, match="another person has to answer"):
        answering_for("ann", "ann")
