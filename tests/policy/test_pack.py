"""A policy pack is dated, owned and complete, or it is refused with the line that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy.pack import PACKS, PackRefused, load_pack

TEXT = (PACKS / "grades.toml").read_text("utf-8")


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
    assert "line 3: not TOML" in refusal(tmp_path, 'version = "2026.1"', 'version = "2026.1')


def test_an_unknown_pack_names_those_there_are() -> None:
    with pytest.raises(PackRefused, match="no such file; packs here: grades"):
        load_pack("grade")
