"""Scores of any number of loans: a status where there is no PD, reasons where there is one."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest

from book.known import known
from book.tables import Tables
from models.bundle import Bundle
from serving.batch import score_part
from serving.scorer import Scorer, settings_of
from serving.scores import Scores


@pytest.fixture(scope="module")
def scores(parts: list[Tables], as_of: int, scorer: Scorer) -> Scores:
    return next(score_part(parts[0], as_of, scorer))


def test_no_observation_at_all_gives_empty_scores(parts: list[Tables], scorer: Scorer) -> None:
    none = np.zeros(0, np.int32)
    empty = scorer.score(known(parts[0], none, none, np.zeros(0, np.int64)))
    assert len(empty) == 0
    assert empty.pd.shape == empty.raw.shape == (0,)
    assert empty.features.shape == (0, len(scorer.bundle.features))


def test_only_scored_loans_have_a_pd_a_grade_and_reasons(scores: Scores) -> None:
    scored = scores.status == scores.statuses.index("scored")
    assert 0 < scored.sum() < len(scores)
    assert np.array_equal(np.isfinite(scores.pd), scored)
    assert np.array_equal(np.isfinite(scores.raw), scored)
    assert np.array_equal(scores.grade >= 0, scored)
    assert all(not reasons for reasons, ok in zip(scores.reasons, scored, strict=True) if not ok)
    assert ((scores.pd[scored] > 0) & (scores.pd[scored] < 1)).all()


def test_a_loan_in_default_is_in_state_d_and_other_loans_without_a_pd_have_no_tier(scores: Scores) -> None:
    for status, tier in zip(scores.status, scores.tier, strict=True):
        name = scores.statuses[status]
        if name == "in_default":
            assert scores.tiers[tier] == "D"
        elif name != "scored":
            assert tier == -1
        else:
            assert scores.tiers[tier] in ("T1", "T2", "T3", "T4", "T5")


def test_contributions_and_base_sum_to_the_raw_score(scores: Scores) -> None:
    scored = np.isfinite(scores.raw)
    for parts_ in (scores.contributions, scores.by_family):
        np.testing.assert_allclose(parts_[scored].sum(1) + scores.base, scores.raw[scored], atol=1e-9)


def test_reasons_are_at_most_four_adverse_and_two_protective_in_both_languages(scores: Scores) -> None:
    told = [reasons for reasons in scores.reasons if reasons]
    assert told
    for reasons in told:
        directions = [reason.direction for reason in reasons]
        assert directions.count("adverse") <= 4
        assert directions.count("protective") <= 2
        assert all(reason.text["en"] and reason.text["zh"] for reason in reasons)
        assert all((reason.contribution > 0) == (reason.direction == "adverse") for reason in reasons)


def test_the_feature_hash_is_that_of_the_row_the_model_saw(scores: Scores) -> None:
    for row in range(5):
        assert scores.feature_hash[row] == sha256(scores.features[row].tobytes()).hexdigest()


def test_a_score_names_the_model_and_the_policy_behind_it(scores: Scores, scorer: Scorer) -> None:
    assert (scores.bundle_id, scores.pack_hash) == (scorer.bundle.id, scorer.pack.hash)


def test_the_state_of_one_scoring_is_taken_by_the_next(parts: list[Tables], as_of: int, scorer: Scorer) -> None:
    loans = np.arange(len(parts[0].loan_ids), dtype=np.int32)
    dossiers = known(parts[0], loans, np.full(len(loans), as_of), settings=scorer.settings)
    first = scorer.score(dossiers)
    worst = replace(first.state, tier=np.full(len(loans), len(first.tiers) - 2, np.int8))
    held = scorer.score(dossiers, worst)
    better = (first.status == 0) & (first.tier < len(first.tiers) - 2)
    assert held.held[better].all()
    assert np.array_equal(held.pd, first.pd, equal_nan=True)


def test_settings_come_from_the_bundle_but_not_when_its_extract_was_taken(bundle: Bundle) -> None:
    stamped = replace(bundle, settings={**bundle.settings, "received_at": 5, "default_events": ["write_off"]})
    settings = settings_of(stamped)
    assert settings.received_at is None
    assert settings.default_events == ("write_off",)
    assert settings.currency == bundle.settings["currency"]
