"""Score and policy in one call: the decision's tiers, the borrower's other loans, models of current loans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from book.known import known
from book.tables import Tables
from policy.state import States
from serving.judging import judge, whole
from serving.scorer import ALREADY_LATE, Scorer


def _dossiers(tables: Tables, as_of: int, scorer: Scorer):  # type: ignore[no-untyped-def]
    loans = np.flatnonzero(tables["loans"]["disbursed_on"] <= as_of).astype(np.int32)
    return known(tables, loans, np.full(len(loans), as_of, np.int32), settings=scorer.settings)


def test_tiers_of_the_answer_are_those_of_the_decision_and_scores_do_not_change(
    parts: list[Tables], as_of: int, scorer: Scorer
) -> None:
    dossiers = _dossiers(parts[0], as_of, scorer)
    alone, judged = scorer.score(dossiers), judge(dossiers, scorer)
    assert np.array_equal(alone.pd, judged.scores.pd, equal_nan=True)
    assert alone.feature_hash == judged.scores.feature_hash
    assert np.array_equal(judged.scores.tier, judged.decisions.tier)
    assert np.all((judged.scores.tier >= 0) == np.isin(judged.scores.status, (0, 1)))


def test_the_state_of_one_decision_keeps_the_next_from_telling_the_same_alert(
    parts: list[Tables], as_of: int, scorer: Scorer
) -> None:
    dossiers = _dossiers(parts[0], as_of, scorer)
    first = judge(dossiers, scorer)
    plain = first.decisions.state.to_plain()
    again = judge(dossiers, scorer, States.from_plain(plain, scorer.pack))
    assert first.decisions.alerts
    assert again.decisions.alerts == ()


def test_other_loans_of_a_borrower_are_added_and_the_asked_ones_found_again(
    parts: list[Tables], as_of: int, scorer: Scorer
) -> None:
    dossiers = _dossiers(parts[0], as_of, scorer)
    twice = replace(dossiers, loan=dossiers.loan[[3, 0, 3]], moment=dossiers.moment[[3, 0, 3]])
    grown, asked = whole(twice)
    assert grown.loan[asked].tolist() == twice.loan.tolist()
    assert len(np.unique(grown.loan)) == len(grown.loan)


def test_a_model_of_current_loans_is_not_asked_about_loans_past_due(
    parts: list[Tables], as_of: int, scorer: Scorer
) -> None:
    early = Scorer(replace(scorer.bundle, target="deteriorate_3m"), scorer.pack, scorer.settings)
    dossiers = _dossiers(parts[0], as_of, scorer)
    usual, scores = scorer.score(dossiers), judge(dossiers, early).scores
    late = (usual.status == 0) & (usual.dpd > 0)
    assert late.any()
    assert {scores.statuses[code] for code in scores.status[late]} == {ALREADY_LATE}
    assert np.isnan(scores.pd[late]).all()
    assert np.array_equal(scores.pd[~late], usual.pd[~late], equal_nan=True)
