"""Many loans decided together get what each gets alone; states survive a trip through JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_cases import DAY, facts

from policy.decide import decide
from policy.pack import load_pack
from policy.state import States

PACK = load_pack()
SOME = st.fixed_dictionaries(
    {
        "pd": st.floats(0, 1),
        "dpd_now": st.sampled_from([0, 0, 3, 9, 31, 61, 95]),
        "overdue_days": st.sampled_from([0, 0, 3, 95, 271]),
        "retail": st.sampled_from([0, 1, "unknown"]),
        "borrower": st.sampled_from(["A", "B", "C"]),
        "pti_all": st.sampled_from([0.1, 0.6, 0.8, "unknown"]),
        "shrinking_instalments": st.integers(1, 5),
        "shrinking_ratio": st.sampled_from([0.5, 1.0]),
        "ext_bank_debt": st.just(0),
        "ext_bank_over90": st.just(0),
        "status": st.sampled_from(["scored", "scored", "scored", "insufficient_history", "closed"]),
    }
)


@settings(max_examples=25, deadline=None)
@given(st.lists(SOME, min_size=1, max_size=6))
def test_a_book_decided_by_debtor_gets_what_it_gets_whole(loans: list[dict[str, Any]]) -> None:
    whole = decide(facts(*loans), PACK, bundle_id="m")
    for borrower in {loan["borrower"] for loan in loans}:
        places = [i for i, loan in enumerate(loans) if loan["borrower"] == borrower]
        alone = decide(facts(*[loans[i] for i in places]), PACK, bundle_id="m")
        for name in ("grade", "tier", "floor", "five_class", "stage", "cell", "worst", "review", "holdout"):
            np.testing.assert_array_equal(getattr(alone, name), getattr(whole, name)[places], err_msg=name)
        mine = [(a.rule, a.weight, a.answers, a.folded) for a in whole.alerts if a.borrower_id == borrower]
        assert [(a.rule, a.weight, a.answers, a.folded) for a in alone.alerts] == mine
        assert alone.state.to_plain() == whole.state.take(np.array(places)).to_plain()


@settings(max_examples=25, deadline=None)
@given(st.lists(SOME, min_size=1, max_size=6))
def test_a_state_survives_json_and_the_same_night_again_tells_nothing(loans: list[dict[str, Any]]) -> None:
    first = decide(facts(*loans), PACK, bundle_id="m")
    plain = json.loads(json.dumps(first.state.to_plain()))
    states = States.from_plain(plain, PACK)
    assert states.to_plain() == first.state.to_plain()
    again = decide(facts(*loans), PACK, states, bundle_id="m")
    assert again.alerts == ()
    np.testing.assert_array_equal(again.tier, first.tier)
    np.testing.assert_array_equal(again.five_class, first.five_class)
    json.dumps([first.plain(i) for i in range(len(loans))], allow_nan=False)


def test_pds_of_three_months_ago_are_remembered_month_by_month() -> None:
    state = None
    for month, pd in enumerate((0.01, 0.011, 0.012, 0.03)):
        day = int((np.datetime64("2026-01", "M") + month).astype("datetime64[D]").astype(int)) + 27
        found = decide(facts({"pd": pd}, as_of=day), PACK, state, bundle_id="m")
        state = found.state
    assert "R08" not in found.not_evaluated
    assert [a.rule for a in found.alerts] == ["R08"]
    np.testing.assert_allclose(found.state.pds[0], [0.03, 0.012, 0.011, 0.01])


def test_an_upgrade_waits_for_clean_months_with_fresh_feeds() -> None:
    before = decide(facts({"pd": 0.3}), PACK).state
    fresh = decide(facts({"pd": 0.01}, as_of=DAY + 28), PACK, before)
    stale = decide(facts({"pd": 0.01, "cashflow_age_days": 46}, as_of=DAY + 28), PACK, before)
    for middle, tier in ((fresh, "T2"), (stale, "T4")):
        found = decide(facts({"pd": 0.01}, as_of=DAY + 58), PACK, middle.state)
        assert PACK.tier_of(found.tier[0]).code == tier
    assert fresh.held[0]


def test_states_of_another_pack_keep_what_both_know() -> None:
    state = decide(facts({"dpd_now": 9}), PACK).state
    fewer = state.of_rules(("R02", "R99"))
    assert (fewer.rules, fewer.told.tolist()) == (("R02", "R99"), [[20, 0]])


def test_as_many_states_as_loans() -> None:
    with pytest.raises(ValueError, match="2 facts with 1 previous states"):
        decide(facts({}, {}), PACK, States.none(1, PACK))


def test_nothing_is_decided_of_nothing() -> None:
    found = decide(facts({}), PACK)
    none = decide(type(facts({}))(**{**vars(facts({})), **_empty()}), PACK)
    assert (len(found), len(none)) == (1, 0)


def _empty() -> dict[str, Any]:
    f = facts({})
    return {
        "loan_id": f.loan_id[:0],
        "borrower_id": f.borrower_id[:0],
        "as_of": f.as_of[:0],
        "status": f.status[:0],
        "values": {name: value[:0] for name, value in f.values.items()},
        "whole_debtor": f.whole_debtor[:0],
        "words": {name: value[:0] for name, value in f.words.items()},
    }
