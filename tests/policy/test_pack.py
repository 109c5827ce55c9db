"""A policy pack is dated, owned and complete, or it is refused with the line that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from policy_cases import golden

from policy.pack import PACKS, PackRefused, load_pack
from policy.vocabulary import FACTS, FIGURES

TEXT = (PACKS / "grades.toml").read_text("utf-8")

FAULTS = golden("faults")


def refusal(tmp_path: Path, old: str, new: str) -> str:
    assert old in TEXT
    path = tmp_path / "pack.toml"
    path.write_text(TEXT.replace(old, new, 1), "utf-8")
    with pytest.raises(PackRefused) as caught:
        load_pack(path)
    return str(caught.value)


def line_of(text: str, content: str) -> int:
    return text.splitlines().index(content) + 1


def test_the_pack_that_comes_with_the_product_says_what_it_is() -> None:
    pack = load_pack("grades")
    assert (pack.id, pack.version) == ("standard", "2026.1")
    assert (len(pack.grades), len(pack.tiers), pack.d, pack.clean_months) == (10, 5, 5, 2)
    assert len(pack.hash) == 64


def test_every_text_is_there_in_both_languages() -> None:
    pack = load_pack("grades")
    texts = [text for one in (*pack.tiers, pack.state_d) for text in (one.name, one.meaning, one.review)]
    assert all(text["en"] and text["zh"] for text in texts + [floor.text for floor in pack.floors])


def test_the_hash_is_that_of_the_file(tmp_path: Path) -> None:
    changed = tmp_path / "pack.toml"
    changed.write_text(TEXT + "\n# another version\n", "utf-8")
    assert load_pack(changed).hash != load_pack("grades").hash


def test_a_missing_key_is_named_with_the_line_of_its_table(tmp_path: Path) -> None:
    message = refusal(tmp_path, 'code = "G3"\n', "")
    header = line_of(TEXT, 'code = "G3"') - 1
    assert f"line {header}: code: is missing, must be a text" in message


def test_a_percentage_in_place_of_a_share_is_named_with_its_line(tmp_path: Path) -> None:
    message = refusal(tmp_path, "upper = 0.06", "upper = 6")
    assert f"line {line_of(TEXT, 'upper = 0.06')}: upper: is 6, must be above 0, at most 1 (a share" in message


def test_edges_that_do_not_rise_are_refused(tmp_path: Path) -> None:
    assert "upper: 0.015 must lie above the edge before it, 0.02" in refusal(tmp_path, "upper = 0.007", "upper = 0.02")


def test_a_floor_to_an_unknown_tier_names_the_nearest(tmp_path: Path) -> None:
    message = refusal(tmp_path, 'tier = "T5"\n', 'tier = "T6"\n')
    assert "tier: is 'T6', must be one of T1, T2, T3, T4, T5; nearest T" in message


def test_a_tier_edge_off_the_master_scale_names_the_nearest_edge(tmp_path: Path) -> None:
    message = refusal(tmp_path, 'code = "T2"\nupper = 0.03', 'code = "T2"\nupper = 0.031')
    assert "0.031 is no edge of a grade; nearest 0.03" in message


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "pack.toml"
    path.write_text(TEXT.replace('owner = "Credit risk policy"\n', "").replace('zh = "风险很低"', 'fr = "-"'), "utf-8")
    with pytest.raises(PackRefused) as caught:
        load_pack(path)
    assert "owner: is missing" in str(caught.value)
    assert "name: no text for zh" in str(caught.value)


def test_what_is_not_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    assert "line 4: not TOML" in refusal(tmp_path, 'version = "2026.1"', 'version = "2026.1')


def test_an_unknown_pack_names_those_there_are() -> None:
    with pytest.raises(PackRefused, match="no such file; packs here: standard, classes, grades, guard"):
        load_pack("grade")


def shipped(name: str) -> str:
    return (PACKS / f"{name}.toml").read_text("utf-8")


def refused(folder: Path, **texts: str) -> str:
    """The message with which a folder of files is refused."""
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text, "utf-8")
    with pytest.raises(PackRefused) as caught:
        load_pack(folder)
    return str(caught.value)


@pytest.mark.parametrize("case", FAULTS, ids=[f"{case['file']} {case['message']}" for case in FAULTS])
def test_a_fault_in_any_kind_of_file_is_refused_with_its_line(tmp_path: Path, case: Mapping[str, str]) -> None:
    text = shipped(case["file"])
    assert case["old"] in text
    said = refused(tmp_path, **{case["file"]: text.replace(case["old"], case["new"], 1)})
    assert case["message"] in said
    assert f"{case['file']}.toml, line " in said


def test_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    said = refused(
        tmp_path,
        stages=shipped("stages").replace("stage = 3", "stage = 5"),
        guard=shipped("guard").replace("staff = 2", "staff = -2"),
        grades=shipped("grades").replace("clean_months = 2", "clean_months = -1"),
    )
    assert ["stages.toml" in said, "guard.toml" in said, "grades.toml" in said] == [True, True, True]


def test_a_fault_inside_nested_tables_has_its_own_line(tmp_path: Path) -> None:
    text = shipped("rules-loan").replace('when = "dpd_now > 60"', 'when = "dpd_now ~ 60"')
    line = text.splitlines().index('when = "dpd_now ~ 60"') + 1
    said = refused(tmp_path, **{"rules-loan": text, "rules-borrower": shipped("rules-borrower"),
                                "rules-book": shipped("rules-book")})  # fmt: skip
    assert f"rules-loan.toml, line {line}: when" in said


def test_of_two_files_of_one_id_the_one_valid_on_the_day_holds(tmp_path: Path) -> None:
    old = shipped("stages")
    new = old.replace('version = "2026.1"', 'version = "2026.2"').replace(
        "valid_from = 2023-07-01", "valid_from = 2026-07-01"
    )
    (tmp_path / "old.toml").write_text(old, "utf-8")
    (tmp_path / "new.toml").write_text(new, "utf-8")

    def version(day: str) -> str:
        on = int(np.datetime64(day, "D").astype(int))
        return next(part.version for part in load_pack(tmp_path, on).parts if part.kind == "stages")

    assert [version(day) for day in ("2020-01-01", "2026-06-30", "2026-07-01")] == ["2026.1", "2026.1", "2026.2"]
    newest = load_pack(tmp_path)
    assert (
        newest.version.endswith("stages 2026.2; treatments 2026.1; guard 2026.1") or "stages 2026.2" in newest.version
    )
    assert newest.hash != load_pack(tmp_path, 19_000).hash


def test_one_id_twice_from_one_day_is_refused(tmp_path: Path) -> None:
    assert "stages is given twice from 2023-07-01" in refused(tmp_path, a=shipped("stages"), b=shipped("stages"))


def test_two_files_of_a_kind_that_there_is_one_of_are_refused(tmp_path: Path) -> None:
    other = shipped("stages").replace('id = "stages"', 'id = "stages-two"')
    assert "there is one of that kind" in refused(tmp_path, a=shipped("stages"), b=other)


def test_every_rule_of_the_policy_is_there_with_an_owner_and_words() -> None:
    rules = load_pack().rules.rules
    wanted = [f"R{n:02d}" for n in range(1, 29)] + [f"P{n:02d}" for n in range(1, 6)]
    assert sorted(rule.id for rule in rules) == sorted(wanted)
    assert all(rule.name["en"] and rule.name["zh"] and rule.owner and rule.steps for rule in rules)


def test_facts_that_rules_ask_are_declared_with_words_in_both_languages() -> None:
    assert all(fact.label["en"] and fact.label["zh"] for fact in (*FACTS.values(), *FIGURES.values()))
