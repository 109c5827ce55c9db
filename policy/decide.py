"""From facts to decisions: class, tier, alerts, stage and treatment of many loans at once.

Nothing is remembered inside: the previous states are an argument, the next ones part of the result. The same facts,
states and pack give the same decisions for one loan and for a million.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from book.clock import month_of
from features.standing import STATUSES
from policy.asking import Asking, Sheet
from policy.classes import Classes, classify
from policy.decisions import Decisions
from policy.facts import Columns, Facts
from policy.pack import Pack
from policy.parts.classes import NPL
from policy.raising import Raised, raise_alerts
from policy.stages import Stages, suggest
from policy.state import States, remembered, three_months_ago
from policy.tiers import IN_DEFAULT, SCORED, Tiering, grade, tier
from policy.treatment import class_review_on, exposure, treat

Floats = NDArray[np.float64]
CLOSED = STATUSES.index("closed")
CASHFLOW_STALE, BUREAU_STALE = 45, 90


def decide(
    facts: Facts,
    pack: Pack,
    previous: States | None = None,
    *,
    bundle_id: str = "",
    pd_3m_ago: Floats | None = None,
) -> Decisions:
    """Decide on every observation of `facts`.

    `previous` are the states after the last decision on the same loans, in the same order (None: never decided on).
    `bundle_id` names the model of the PDs; only PDs of one model are compared. `pd_3m_ago` (n,) are PDs of this model
    three months earlier, for loans whose state does not hold them (after a promotion); NaN not known.
    Raises ValueError where sizes differ or a scored loan has no PD.
    """
    n = len(facts)
    before = (previous or States.none(n, pack)).of_rules(pack.asking.rule_ids)
    if len(before) != n or (pd_3m_ago is not None and pd_3m_ago.shape != (n,)):
        raise ValueError(f"{n} facts with {len(before)} previous states: there must be one state per observation")
    asking, month = pack.asking, month_of(facts.as_of)
    values, answers = sheet_of(facts, asking), asking.answers(n)
    active = facts.status != CLOSED
    remembered_pd = three_months_ago(before, month, bundle_id)
    values["pd_3m_ago"] = (
        remembered_pd if pd_3m_ago is None else np.where(np.isnan(pd_3m_ago), remembered_pd, pd_3m_ago)
    )
    values["class_before"] = _or_nan(before.five_class)
    values["tier_before"] = _or_nan(before.tiers.tier, 1)
    class_before = np.where(active, before.five_class, -1).astype(np.int8)
    classes = classify(facts, values, asking, pack.classes, class_before, active, answers)
    values["five_class"] = np.where(active, classes.five_class, np.nan)
    tiering = _tiers(facts, values, classes, pack, before)
    _say_tiers(values, tiering, pack)
    default_pd = np.where(tiering.tier == pack.d, 1.0, values["pd"])
    products = facts.words.get("product", np.full(n, None, object))
    values["ead"], values["el"] = exposure(values, products.tolist(), default_pd, pack.treatments)
    raised = raise_alerts(facts, values, asking, before, active, answers)
    values["alert"] = raised.worst
    stages = suggest(values, asking, pack.stages, active, answers)
    return _result(facts, values, pack, before, classes, tiering, raised, stages, active, bundle_id)


def sheet_of(facts: Facts, asking: Asking) -> Sheet:
    """The facts that a pack takes; what was not given is not known."""
    sheet, given = Sheet(asking.slots, len(facts)), facts.values
    if isinstance(given, Columns):
        given.fill(sheet.slots, sheet.facts)
        return sheet
    for name, slot in sheet.slots.items():
        found = given.get(name)
        if found is not None:
            sheet.facts[slot] = found
    return sheet


def _or_nan(codes: NDArray[np.int8], add: int = 0) -> Floats:
    return np.where(codes < 0, np.nan, codes + add)


def _tiers(facts: Facts, values: Sheet, classes: Classes, pack: Pack, before: States) -> Tiering:
    """Tiers with floors; non-performing classes are state D whatever the PD says."""
    bad = (classes.five_class >= NPL) & (facts.status != CLOSED)
    status = np.where(bad, IN_DEFAULT, facts.status).astype(np.int8)
    stale = (values["cashflow_age_days"] > CASHFLOW_STALE) | (values["bureau_age_days"] > BUREAU_STALE)
    return tier(
        np.where(status == SCORED, values["pd"], np.nan),
        np.where(np.isnan(values["dpd_now"]), 0, values["dpd_now"]).astype(np.int64),
        status,
        pack,
        as_of=facts.as_of,
        flags={
            "class_special_mention": classes.five_class == 1,
            "restructure_observation": values["observation"] == 1,
        },
        previous=before.tiers,
        covered=~stale & ~(values["data_mismatch"] == 1),
    )


def _say_tiers(values: Sheet, tiering: Tiering, pack: Pack) -> None:
    """Tiers as facts, 1 to 5 and 6 for D."""
    edges = np.array([step.upper for step in pack.tiers[:-1]])
    values["tier"] = _or_nan(tiering.tier, 1)
    for name, pd in (("pd_tier", values["pd"]), ("pd_tier_3m_ago", values["pd_3m_ago"])):
        values[name] = np.where(np.isnan(pd), np.nan, np.searchsorted(edges, pd, side="right") + 1.0)


def _result(
    facts: Facts, values: Sheet, pack: Pack, before: States, classes: Classes, tiering: Tiering, raised: Raised,
    stages: Stages, active: NDArray[np.bool_], bundle_id: str,
) -> Decisions:  # fmt: skip
    exposed = values["ead"], values["el"]
    treated = treat(values, tiering.tier, raised.worst, exposed, facts.borrower_id.tolist(), pack.treatments)
    five_class = np.where(active, classes.five_class, -1).astype(np.int8)
    bundle, pd_month, pds = remembered(before, month_of(facts.as_of), bundle_id, values["pd"])
    state = States(
        tiering.state, bundle, pd_month, pds, np.where(active, five_class, before.five_class).astype(np.int8),
        before.rules, raised.told, raised.told_on,
    )  # fmt: skip
    unknown = dict(raised.not_evaluated)
    unknown |= {f"class {id}": rows for id, rows in classes.not_evaluated.items()}
    unknown |= {f"stage {id}": rows for id, rows in stages.not_evaluated.items()}
    return Decisions(
        pack=pack,
        loan_id=facts.loan_id,
        borrower_id=facts.borrower_id,
        as_of=facts.as_of,
        grade=grade(np.where(facts.status == SCORED, values["pd"], np.nan), pack),
        tier=tiering.tier,
        floor=tiering.floor,
        held=tiering.held,
        five_class=five_class,
        class_reasons=classes.reasons,
        class_held=classes.held,
        class_review_on=class_review_on(facts.as_of, pack.classes.review_months),
        stage=stages.stage,
        stage_reasons=stages.reasons,
        ability=treated.ability,
        willingness=treated.willingness,
        ead=treated.ead,
        el=treated.el,
        raised=treated.raised,
        cell=treated.cell,
        needs_approval=treated.needs_approval,
        approval=treated.approval,
        review=treated.review,
        ask_for_data=treated.ask_for_data,
        holdout=treated.holdout,
        worst=raised.worst,
        alerts=raised.alerts,
        not_evaluated=unknown,
        state=state,
    )
