"""The page of a model's state: a verdict in both languages, a definition at each figure, hostile names harmless."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from timelines import state

from monitoring.timeline.figures import Timeline
from monitoring.timeline.verdict import ACT, Finding, Verdict
from reports.formats import LANGS, Lang
from reports.timeline.files import write_timeline
from reports.timeline.page import timeline_page
from reports.timeline.words import sentence, what_to_do, why
from reports.wording import wording

WHERE = ("CNY", "Asia/Shanghai")
VALUES = {
    "feature": "pti",
    "bucket": "late",
    "grades": "G3, G4",
    "psi": 0.31,
    "limit": 0.1,
    "missing_then": 0.02,
    "missing_now": 0.3,
    "n": 2.0,
    "coverage": 0.5,
    "change": -0.3,
    "auc": 0.6,
    "before": 0.7,
    "judged": 0.8,
    "oe": 1.4,
    "p": 0.01,
}
CODES = ("score_psi", "feature_csi", "missing", "coverage", "early", "pd_low", "pd_high", "grades", "order")


@pytest.fixture(scope="module")
def found() -> Timeline:
    return state(shift=1.0)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("lang", LANGS)
def test_every_finding_says_why_and_what_to_do(code: str, lang: Lang) -> None:
    w, one = wording(lang, *WHERE), Finding(code, ACT, VALUES)
    assert why(one, w)
    assert what_to_do(one, w)


def test_the_verdict_is_one_sentence_in_both_languages(found: Timeline) -> None:
    assert sentence(found, "en", *WHERE).startswith("Mar 2024: action is needed")
    assert sentence(found, "zh", *WHERE).startswith("2024年3月：需要行动")


def test_the_folder_has_page_figures_and_verdict(found: Timeline, tmp_path: Path) -> None:
    page = write_timeline(found, "standard", tmp_path / "out", *WHERE)
    told = json.loads((page.parent / "verdict.json").read_text("utf-8"))
    assert told["verdict"] == "act"
    assert [one["rule"] for one in told["alerts"]] == ["P03"]
    text = page.read_text("utf-8")
    linked = [name for name in found.tables if f'href="{name}.csv"' in text]
    assert {"score_psi", "feature_csi", "truth", "grades"} <= set(linked)
    assert all((page.parent / f"{name}.csv").is_file() for name in found.tables)


def test_immature_months_are_called_so(found: Timeline) -> None:
    assert "not mature yet" in timeline_page(found, *WHERE, ("en",))


def test_a_hostile_feature_name_is_harmless(found: Timeline) -> None:
    bad = Finding("feature_csi", ACT, VALUES | {"feature": "<script>x</script>"})
    assert "<script>x" not in timeline_page(replace(found, verdict=Verdict.of([bad])), *WHERE)
