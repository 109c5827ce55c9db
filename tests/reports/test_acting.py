"""What the report says of class, stage, actions, contact and alerts, and where class and probability part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from book.known import known
from book.load import load, open_book
from features.history import History
from policy.pack import load_pack
from reports.blocks import texts_of
from reports.formats import Lang
from reports.glossary import terms
from reports.loan.citing import cited
from reports.loan.decision import DecisionView, Ground, contact_view, decision_view
from reports.loan.headline import headline
from reports.loan.sections.acting import doing
from reports.loan.sections.reasons import moving
from reports.loan.view import LoanView
from reports.wording import texts, wording

ZONE = "Asia/Shanghai"
EN, ZH = (wording(lang, "CNY", ZONE) for lang in ("en", "zh"))


def _done(view: LoanView, lang: Lang = "en") -> str:
    told = doing(view, EN if lang == "en" else ZH)
    assert told is not None
    return "\n".join(texts_of(told.blocks))


def test_actions_name_channel_answer_and_who_decides(full_view: LoanView) -> None:
    said = _done(full_view)
    assert "phone call: allowed now" in said
    assert "a person approves first: team lead" in said
    assert "Ability to pay 0.42, willingness to pay unknown" in said
    assert "In the control group" in said
    assert "reviewed and approved one level higher" in said


def test_a_denied_contact_says_every_reason_and_its_source(full_view: LoanView) -> None:
    assert "between 22:00 and 08:00 (GB/T 45251-2025); consent (Enterprise Bankruptcy Law Art. 19)" in _done(full_view)
    assert "企业破产法 第十九条" in _done(full_view, "zh")


def test_without_the_guard_the_page_says_to_ask_it(full_view: LoanView) -> None:
    assert "The contact guard was not asked for this page" in _done(replace(full_view, contact=None))


def test_alerts_have_severity_evidence_owner_day_and_state(full_view: LoanView) -> None:
    said = _done(full_view).split("\n")
    at = said.index("orange")
    assert said[at : at + 7] == [
        "orange", "R02 more than 7 days past due", "Days past due now: 26 days", "collection",
        "call and agree on a promise to pay", "30 Jun 2024", "open",
    ]  # fmt: skip


def _class(view: LoanView, name: str, clause: str, grave: str) -> LoanView:
    assert isinstance(view.decision, DecisionView)
    words = {"en": f"because of {clause}", "zh": f"因{clause}"}
    ground = Ground(clause, words, "第十二条（二）", (), grave)
    told = replace(view.decision, five_class=name, class_name={"en": name, "zh": "次级"}, class_grounds=(ground,))
    return replace(view, decision=told, card=replace(view.card, pd=0.012, tier="D"))


def test_a_bad_class_beside_a_low_probability_is_explained(full_view: LoanView) -> None:
    view = _class(full_view, "doubtful", "evasion", "doubtful")
    head = headline(view, EN)
    assert head.title == "Non-performing by class (doubtful); probability of default 1.20% within 12 months"
    assert any("both are right" in one and "because of evasion" in one for one in head.sentences)
    assert any("两者都没有错" in one and "因evasion" in one for one in headline(view, ZH).sentences)


def test_a_class_by_days_alone_points_at_the_tolerance(full_view: LoanView) -> None:
    head = headline(_class(full_view, "substandard", "overdue_over_90", "substandard"), EN)
    assert any("counts every day overdue, however small the amount" in one for one in head.sentences)


def test_a_performing_class_needs_no_such_words(full_view: LoanView) -> None:
    head = headline(full_view, EN)
    assert not any("both are right" in one or "however small" in one for one in head.sentences)
    assert head.to_do == ("Suggested, once approved (team lead): call, hold draws.", "Alerts: 1 orange.")


def test_what_moved_adds_up_exactly_and_says_where_the_earlier_score_is_from(full_view: LoanView) -> None:
    told = moving(full_view, EN)
    assert told is not None
    said = texts_of(told.blocks)
    assert any("the score that the journal kept then" in one for one in said)
    assert any("16.5% then, 24.1% now" in one for one in said)
    assert [one for one in said if one[0] in "×÷"] == ["× 1.65", "÷ 1.03", "÷ 1.01", "× 1.60"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("第十条（一）", "Art. 10 (1)"),
        ("第二十二条", "Art. 22"),
        ("第九条", "Art. 9"),
        ("个人信息保护法 第十三条", "Personal Information Protection Law Art. 13"),
        ("催收工作指引（试行）2026", "Collection Work Guidance (trial) 2026"),
        ("IFRS 9 B5.5.17(m)", "IFRS 9 B5.5.17(m)"),
        ("policy of the lender", "policy of the lender"),
    ],
)
def test_laws_are_cited_in_the_language_of_the_page(source: str, said: str) -> None:
    assert cited(source, EN) == said
    assert cited("policy of the lender", ZH) == "本机构政策"


def test_every_citation_of_the_pack_reads_in_english() -> None:
    pack = load_pack()
    sources = [one.article for one in pack.classes.clauses] + [article for _, article in pack.guard.reasons.values()]
    assert [one for one in sources if any("\u4e00" <= c <= "\u9fff" for c in cited(one, EN))] == []


def test_every_class_severity_owner_and_channel_of_the_pack_has_a_text() -> None:
    pack, told = load_pack(), texts("en")
    owners = {rule.owner for rule in pack.rules.of("loan", "borrower")}
    keys = [f"owner.{one}" for one in owners] + [f"severity.{one}" for one in "BYOR"]
    keys += [f"class_meaning.{one}" for one in ("normal", "special_mention", "substandard", "doubtful", "loss")]
    assert [key for key in keys if key not in told] == []


def _guarded(small_book: Path, at: datetime) -> Sequence[tuple[str, bool, int]]:
    book = open_book(small_book)
    tables = load(book.parts[0], book.settings).tables
    as_of = int(tables["payments"]["paid_on"].max())
    dossiers = known(tables, np.zeros(1, np.int32), np.array([as_of]), settings=book.settings)
    told = contact_view(History(dossiers, book.settings), 0, load_pack(), at)
    return [(one.channel, one.allowed, len(one.reasons)) for one in told.channels]


def test_the_guard_answers_for_the_moment_of_the_page(small_book: Path) -> None:
    noon = datetime(2024, 1, 3, 12, 0, tzinfo=ZoneInfo(ZONE))
    night = noon.replace(hour=23)
    assert ("call", True, 0) in _guarded(small_book, noon)
    assert all(not allowed and reasons for _, allowed, reasons in _guarded(small_book, night))


def test_facts_are_written_by_their_names_and_with_the_currency() -> None:
    decided = {
        "class": "normal", "class_name": {"en": "normal", "zh": "正常"}, "class_reasons": [], "class_held": False,
        "class_review_on": "2024-09-30", "stage": 2, "actions": [], "treatment": None, "needs_approval": False,
        "approval": None, "review": None, "review_days": None, "raised_by_exposure": False, "ask_for_data": False,
        "holdout": False, "ability": None, "willingness": None, "ead": None, "el": None,
        "not_evaluated": ["R12", "class evasion", "stage sicr"],
        "stage_reasons": [{"trigger": "watchlist", "text": {"en": "t", "zh": "t"}, "reference": "IFRS 9",
                           "evidence": {"tier": 5.0, "five_class": 1.0, "alert": 4.0, "principal": 1234.0,
                                        "pd": None}}],
    }  # fmt: skip
    told = decision_view(decided, load_pack(), "EUR")
    assert [fact["en"] for fact in told.stage_grounds[0].evidence] == [
        "Tier: T5", "Class: special mention", "Gravest alert: red", "Amount lent: EUR 1,234",
    ]  # fmt: skip
    assert told.stage_grounds[0].evidence[3]["zh"] == "贷款金额：1,234 欧元"
    assert [one["en"] for one in told.unasked][1] == "the debtor evades the debt"


def test_the_glossary_says_the_same_words_in_both_languages() -> None:
    en, zh = terms("en"), terms("zh")
    assert [one.key for one in en] == [one.key for one in zh]
    assert len(en) > 12
    assert terms("en", ["dpd"])[0].word == "Days past due"
    with pytest.raises(KeyError):
        terms("en", ["nothing"])
