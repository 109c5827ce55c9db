"""The validation report: whole in both languages, nothing injected, and honest about what passes by chance only."""

from __future__ import annotations

import re
import string
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from reports.model.figures import band, bounded, p_value, told, within_chance
from reports.model.page import model_page, why_not
from reports.model.view import ModelView, Picture
from reports.model.words import model_texts, model_wording
from training.gates.fairness import NONE

HAN = re.compile(r"[一-鿿]")
SAME = re.compile(r"AUC|ECE|KS|PSI|CSI|Holm")
HOSTILE = "<script>alert(1)</script>"


def figure(value: float | None, width: float = 0.1) -> dict[str, float | None]:
    return (
        {"value": value, "low": None, "high": None}
        if value is None
        else {
            "value": value,
            "low": value - width,
            "high": value + width,
        }
    )


def segment(events: int = 12) -> dict[str, Any]:
    names = ("auc", "ks", "oe", "ece", "slope", "capture_5", "precision_5")
    counted = {"rows": 900, "events": events, "borrowers": 300, "rate": events / 900, "mean_pd": 0.02}
    return counted | {name: figure(0.7 if events else None) for name in names}


def gate(name: str, status: str, **more: Any) -> dict[str, Any]:
    found = [{"part": "", "value": 1.0, "low": 0.9, "high": 1.1, "events": 200}]
    words = {"en": f"Gate {name}", "zh": f"门槛{name}"}
    base = {"gate": name, "measure": "oe", "status": status, "low": 0.8, "high": 1.25, "reason": "", "found": found}
    return {**base, "name": words, "why": words, **more}


def view(gates: list[dict[str, Any]] | None = None, product: str = "car loan") -> ModelView:
    months = {"2023-06-30": segment(), "2023-07-31": segment(), "2023-08-31": segment(0)}
    curve = [
        {"pd": 0.01 * n, "rate": 0.012 * n, "low": 0.008 * n, "high": 0.02 * n, "rows": 90.0} for n in range(1, 11)
    ]
    queue = [{"capacity": share, "precision": 0.3, "capture": min(6 * share, 1.0)} for share in (0.01, 0.05, 0.2)]
    test = {"name": "G1", "obligors": 90, "defaults": 1, "pd": 0.01, "rate": 0.011, "oe": 1.1}
    test |= {"jeffreys": 0.4, "binomial": 0.6, "adjusted": 0.8}
    drift = {"psi": 0.12, "critical": 0.05, "limit": 0.1, "trips": True}
    slices = {name: {"rows": 900, "events": 40, "borrowers": 300} for name in ("train", "stop", "calibrate", "oot")}
    validation = {
        "pack": {
            "version": "2026.1",
            "valid_from": "2026-11-22",
            "owner": "Model risk",
            "source": "s",
            "hash": "a" * 64,
        },
        "policy": {"hash": "b" * 64},
        "champion": "",
        "gates": gates or [gate("level", "pass"), gate("none", "not_applicable", found=[], measure="group_oe")],
        "overall": {name: figure(0.8) for name in ("auc", "ks", "oe", "ece", "slope", "capture_5")},
        "segments": {"bucket": {"C": segment(), "M1": segment()}, "month": months}
        | {"product": {product: segment()}, "borrowers": {"seen": segment(), "unseen": segment()}},
        "baselines": {"roll_table": segment(), "scorecard": segment()},
        "calibration": {"all": curve, "current": curve},
        "queue": {"model": queue, "roll_table": queue, "scorecard": queue},
        "drift": {
            "months": [{"month": day, **drift, "trips": True} for day in months],
            "features": [{"feature": "dpd_now", "used": True, **drift, "missing_then": 0.0, "missing_now": 0.7}],
            "shown": ["dpd_now"],
            "by_month": [{"dpd_now": 0.2}] * 3,
        },
        "backtest": {"obligors": 90, "grades": [test], "book": {**test, "name": "book"}},
        "migration": {"grades": ["G1", "G2"], "counts": [[8, 2], [0, 0]], "up": 0.2, "down": 0.0, "hi": 0.4},
        "stability": {"mean": 0.6, "slope": -0.001, "score": 0.5},
        "families": [{"label": {"en": "Arrears", "zh": "逾期情况"}, "gain": 1.0, "lead": "dpd_now"}],
        "coverage": {"cashflow": {"features": 31, "then": 0.5, "now": 0.625}},
        "labels": {"overall": {"auc": 0.8, "oe": 1.0, "rows": 900}},
    }
    report = {
        "slices": slices,
        "label_states": {name: {"event": 40, "censored": 2} for name in slices},
        "excluded": {"in_default": 3},
        "not_yet_mature": 7,
        "records_end": "2024-12-31",
        "trees": 20,
        "certificate": {"holds": True, "features": 5, "rows": 20, "steps": 900, "missing_lowers": ["dpd_now"]},
    }
    edges = ("train_first", "train_last", "calibration_first", "calibration_last", "oot_first", "oot_last")
    bundle = {"id": "c" * 64, "target": "default_12m", "horizon": 12, "kind": "booster", "features": 172}
    bundle |= {"dates": dict.fromkeys(edges, "2023-06-30"), "versions": {"numpy": "2.4"}}
    labels = {"dpd_now": {"en": "Days past due", "zh": "逾期天数"}}
    drawn = {"en": b"<svg>days</svg>", "zh": "<svg>天数</svg>".encode()}
    pictures = (Picture("beeswarm", "", drawn, 1500), Picture("dependence", "dpd_now", drawn, 1500))
    told = {"seed": 1, "note": HOSTILE, "book_hash": "d" * 64}
    units = {"dpd_now": {"en": "days", "zh": "日"}}
    return ModelView(bundle, validation, report, told, labels, "Model risk", units, pictures)


def test_the_page_is_whole_in_both_languages() -> None:
    html = model_page(view())
    for said in (
        "Passes all 1 gates that apply",
        "Does it tell loans apart?",
        "Days past due",
        "Jeffreys",
        "roll-rate",
    ):
        assert said in html
    for said in ("全部通过", "能否区分好坏？", "逾期天数", "滚动率表"):
        assert said in html
    for drawn in ("<svg>days</svg>", "<svg>天数</svg>"):
        assert html.count("data:image/svg+xml;base64," + b64encode(drawn.encode()).decode()) == 2
    for said in ("Days past due (days)", "逾期天数（日）", "known at 2024-12-31", "Account movements", "62.5%"):
        assert said in html
    assert not re.search(r'(?:src|href)="(?!data:|#)', html)


@pytest.mark.parametrize(
    ("status", "said"),
    [("fail", "Fails 1 of 2 gates"), ("insufficient", "1 of 2 gates cannot tell"), ("pass", "Passes all 2 gates")],
)
def test_the_headline_is_the_worst_gate(status: str, said: str) -> None:
    assert said in model_page(view([gate("a", "pass"), gate("b", status)]), ("en",))


def test_words_of_the_data_are_escaped() -> None:
    html = model_page(view(product=HOSTILE))
    assert HOSTILE not in html
    assert "&lt;script&gt;alert(1)" in html


def test_a_figure_outside_that_passes_by_its_interval_is_marked() -> None:
    lucky = gate("slope", "pass", found=[{"part": "", "value": 0.7, "low": 0.5, "high": 0.9, "events": 200}])
    assert within_chance(lucky)
    assert not within_chance(gate("slope", "pass"))
    assert "pass within chance" in model_page(view([lucky]), ("en",))


def test_figures_are_told_with_their_bounds() -> None:
    assert bounded(figure(0.8), 2) == "0.80 (0.70 … 0.90)"
    assert bounded(figure(None)) == "–"
    assert bounded({"value": 0.05, "low": 0.05, "high": 0.05}, share=True) == "5.00%"
    assert band(gate("a", "pass", low=None), "at least", "at most") == "at most 1.25"
    assert band(gate("a", "pass", high=None), "at least", "at most") == "at least 0.8"


def test_of_many_parts_those_that_failed_are_told() -> None:
    parts = [{"part": name, "value": value, "low": value, "high": value} for name, value in (("G1", 0.5), ("G2", 0.01))]
    failed = gate("grades", "fail", low=0.05, high=None, found=parts, reason="G2")
    assert told(failed) == (("G2", "0.010"),)
    assert told({**failed, "status": "pass", "reason": ""}) == (("G2", "0.010"),)


def test_a_chance_is_never_told_as_nought_and_counts_are_whole() -> None:
    assert [p_value(value) for value in (0.034, 0.0004, 0.0, None)] == ["0.034", "< 0.001", "< 0.001", "–"]
    grade = {"part": "G9", "value": 0.0, "low": 0.0, "high": 0.0}
    assert told(gate("grades", "fail", measure="jeffreys", found=[grade])) == (("G9", "< 0.001"),)
    turned = {"part": "", "value": 1200.0, "low": 1200.0, "high": 1200.0}
    assert told(gate("monotone", "fail", measure="monotone_violations", found=[turned])) == (("", "1,200"),)


def test_why_a_gate_does_not_apply_is_told_as_it_is() -> None:
    words = model_wording("en")
    rival = gate("beats_champion", "not_applicable", measure="auc_over_champion")
    assert "No champion" in why_not(rival, False, words)
    assert "predicts something else" in why_not(rival, True, words)
    groups = gate("level", "not_applicable", measure="group_oe", reason=NONE)
    assert "no table of group attributes" in why_not(groups, False, words)
    assert "enough borrowers" in why_not({**groups, "reason": "no group has 30 borrowers"}, False, words)
    assert why_not(gate("steady", "not_applicable", reason="2 months; a trend needs three"), False, words) == (
        "2 months; a trend needs three"
    )


def test_limits_are_read_off_the_evidence() -> None:
    html = model_page(view(), ("en",))
    assert "Only 40 events out of time" in html
    assert "The scores of 3 of 3 months are spread otherwise" in html
    assert "1 feature the model uses is missing for more than 50% of loans" in html
    assert "1 feature the model uses lies otherwise out of time" in html
    assert "For 1 feature a missing value scores better" in html
    assert "There was no champion to beat" in html


def test_english_and_chinese_say_the_same() -> None:
    en, zh = model_texts("en"), model_texts("zh")
    assert list(en) == list(zh)

    def named(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert [key for key in en if named(en[key]) != named(zh[key])] == []
    assert [key for key, text in zh.items() if not HAN.search(text) and not SAME.search(text)] == []
    assert [key for key, text in en.items() if HAN.search(text)] == []


def test_every_text_is_named_somewhere(root: Path) -> None:
    sources = [
        root / "reports/templates/model.html.j2",
        root / "reports/charts/model.py",
        *root.glob("reports/model/*.py"),
        root / "training/pictures.py",
    ]
    everything = "\n".join(source.read_text("utf-8") for source in sources)
    built = re.compile(
        r"model\.(?:target|verdict|status|na|unit|purpose|form|slice|state|out|who|by|bucket|borrowers|label|picture|term|table)_"
    )
    known = [key.removesuffix("_one") for key in model_texts("en") if not built.match(key)]
    unused = [key for key in known if f"'{key}'" not in everything and f'"{key}"' not in everything]
    assert [key for key in unused if key not in ("model.auc_by_month", "model.oe_by_month")] == []
