"""Who serves: only a model that passed or that a person answers for, never one that fails its own scores; and back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from book.errors import Refusal
from book.settings import Settings
from features.catalogue import CATALOGUE
from features.context_file import CONTEXT
from models.bundle import BundleRefused
from monitoring.target import Target
from training.config import Config
from training.data import Panel
from training.evidence import evidence_folder, last_judged, read_judged, read_validation, write_evidence, write_run
from training.making import make
from training.promote import NotPromoted, champion_id, export, find_bundle, promote
from training.promotions import FILE, promotions
from training.rollback import rollback
from training.split import Split
from training.validate import validate
from training.validation import Validation

AT = "2026-03-01T08:00:00+00:00"


@pytest.fixture(scope="module")
def shelf(panel: Panel, split: Split, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[str, ...]]:
    """A models folder with three judged bundles and no champion, to be copied."""
    folder, ids = tmp_path_factory.mktemp("shelf"), []
    for seed in (1, 2, 3):
        result = make(panel, split, Target(), Config(rounds=15, seed=seed, threads=1), Settings())
        checked = validate(result, replicates=20)
        gates = checked.data["gates"]
        passing = [one if one["status"] == "not_applicable" else {**one, "status": "pass"} for one in gates]
        data = {**checked.data, "gates": passing}
        export(result.bundle, folder)
        write_evidence(Validation(checked.case, data), "<p>page</p>", None, folder)
        ids.append(result.bundle.id)
    return folder, tuple(ids)


@pytest.fixture
def models(shelf: tuple[Path, tuple[str, ...]], tmp_path: Path) -> tuple[Path, tuple[str, ...]]:
    shutil.copytree(shelf[0], tmp_path / "models")
    return tmp_path / "models", shelf[1]


def rewrite(folder: Path, bundle: str, **changes: Any) -> None:
    """Change the validation of a bundle; `gate=status` sets a gate, `champion` whom it was judged against."""
    path = evidence_folder(folder, bundle) / "validation.json"
    data = json.loads(path.read_text("utf-8"))
    if "champion" in changes:
        data["champion"] = changes.pop("champion")
    for one in data["gates"]:
        one["status"] = changes.get(one["gate"], one["status"])
    path.write_text(json.dumps(data), "utf-8")


def crown(folder: Path, bundle: str) -> None:
    """Promote a bundle that was judged against whoever serves."""
    rewrite(folder, bundle, champion=champion_id(folder) or "")
    promote(folder, bundle, AT, "ann")


def test_a_model_that_passes_becomes_champion_and_it_is_written_down(models: tuple[Path, tuple[str, ...]]) -> None:
    folder, (one, *_) = models
    done = promote(folder, one, AT, "ann")
    assert champion_id(folder) == one
    assert promotions(folder) == [done]
    assert (done.action, done.at, done.by, done.before, done.status) == ("promote", AT, "ann", "", "pass")
    assert done.gates["beats_champion"] == "not_applicable"
    assert done.gates["level"] == "pass"


@pytest.mark.parametrize("status", ["fail", "insufficient"])
def test_open_gates_need_an_approver_with_a_reason(models: tuple[Path, tuple[str, ...]], status: str) -> None:
    folder, (one, *_) = models
    rewrite(folder, one, level=status)
    with pytest.raises(NotPromoted, match=rf"level \({status}\): .* allowed 0.8 to 1.25"):
        promote(folder, one, AT, "ann")
    for approver, reason in (("Li Wei", ""), ("", "we must"), ("Li Wei", "  ")):
        with pytest.raises(Refusal, match="both: the approver's name and the reason"):
            promote(folder, one, AT, "ann", approver, reason)
    assert champion_id(folder) is None
    assert promotions(folder) == []
    done = promote(folder, one, AT, "ann", "Li Wei", "old model ends this month")
    assert champion_id(folder) == one
    assert (done.status, done.approver, done.reason) == ("override", "Li Wei", "old model ends this month")
    assert done.gates["level"] == status


def test_a_model_judged_against_another_champion_is_judged_anew_first(models: tuple[Path, tuple[str, ...]]) -> None:
    folder, (one, two, _) = models
    crown(folder, one)
    with pytest.raises(NotPromoted, match=f"judged against no champion, and {one[:12]} serves now"):
        promote(folder, two, AT, "ann")
    rewrite(folder, two, champion=one)
    assert promote(folder, two, AT, "ann").before == one


def test_rollback_goes_back_one_step_at_a_time(models: tuple[Path, tuple[str, ...]]) -> None:
    folder, (one, two, three) = models
    with pytest.raises(Refusal, match="nothing to go back to"):
        rollback(folder, AT, "ann")
    for bundle in (one, two, three):
        crown(folder, bundle)
    assert rollback(folder, AT, "bo", "complaints").bundle == two
    assert rollback(folder, AT, "bo").bundle == one
    assert champion_id(folder) == one
    with pytest.raises(Refusal, match="nothing to go back to"):
        rollback(folder, AT, "bo")
    assert [line.action for line in promotions(folder)] == ["promote"] * 3 + ["rollback"] * 2
    assert promotions(folder)[3].reason == "complaints"


def test_a_model_that_fails_its_golden_rows_is_served_by_nobody(models: tuple[Path, tuple[str, ...]]) -> None:
    folder, (one, two, _) = models
    crown(folder, one)
    crown(folder, two)
    for bundle, act in ((two, promote), (one, rollback)):
        path = folder / "bundles" / bundle / "bundle.json"
        data = json.loads(path.read_text("utf-8"))
        data["golden"]["pd"][0] += 0.25
        path.write_text(json.dumps(data), "utf-8")
        told = {"bundle_id": bundle, "approver": "Li Wei", "reason": "sure"} if act is promote else {}
        with pytest.raises(BundleRefused, match="its files were changed"):
            act(folder, at=AT, by="ann", **told)  # type: ignore[operator]
        assert champion_id(folder) == two
    assert len(promotions(folder)) == 2


def test_the_context_of_a_model_goes_with_it(models: tuple[Path, tuple[str, ...]]) -> None:
    folder, (one, two, _) = models
    for bundle in (one, two):
        (evidence_folder(folder, bundle) / CONTEXT).write_text(f'"{bundle}"', "utf-8")
        crown(folder, bundle)
    assert (folder / CONTEXT).read_text("utf-8") == f'"{two}"'
    rollback(folder, AT, "ann")
    assert (folder / CONTEXT).read_text("utf-8") == f'"{one}"'


def test_a_bundle_without_evidence_is_not_promoted(models: tuple[Path, tuple[str, ...]]) -> None:
    folder, (one, *_) = models
    shutil.rmtree(evidence_folder(folder, one))
    with pytest.raises(Refusal, match="was not judged"):
        promote(folder, one, AT, "ann", "Li Wei", "sure")


def test_bundles_are_found_by_the_beginning_of_their_id(models: tuple[Path, tuple[str, ...]]) -> None:
    folder, ids = models
    assert find_bundle(folder, ids[0][:10]) == ids[0]
    with pytest.raises(Refusal, match=r"0 of the bundles in .* there are: "):
        find_bundle(folder, "zz")
    with pytest.raises(Refusal, match="holds no judged model"):
        last_judged(folder)
    write_run(folder, ids[1], {"model": "m"})
    assert last_judged(folder) == ids[1]


def test_a_line_that_is_no_promotion_is_refused_by_its_number(models: tuple[Path, tuple[str, ...]]) -> None:
    folder, (one, *_) = models
    crown(folder, one)
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write("oops\n")
    with pytest.raises(Refusal, match="line 2: is not a promotion"):
        promotions(folder)


def test_evidence_is_plain_data_with_the_rows_behind_it(shelf: tuple[Path, tuple[str, ...]], panel: Panel) -> None:
    folder, (one, *_) = shelf
    data, judged = read_validation(folder, one), read_judged(folder, one)
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert set(data["segments"]) == {"bucket", "month", "product", "borrowers"}
    assert set(data["segments"]["product"]) == {"car loan", "cash loan"}
    months = data["segments"]["month"].values()
    assert len(judged) == sum(one["rows"] for one in months)
    expected = sum(one["mean_pd"] * one["rows"] for one in months)
    assert judged["pd"].sum() == pytest.approx(expected)
    reference = json.loads((evidence_folder(folder, one) / "reference.json").read_text("utf-8"))
    assert {"pd", *CATALOGUE.names} == set(reference["bins"])
