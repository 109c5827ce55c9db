"""What reports say of loans: many at one look as each alone, with and without a journal, then and now."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from typer.testing import CliRunner

from book.errors import Refusal
from book.known import known
from book.load import Book
from book.tables import Tables
from loanwatch.main import app
from models.calibration import sigmoid
from reports.loan.journal import JournalFacts, Last
from reports.loan.view import LoanView
from serving import loan_views
from serving.journal import Journal
from serving.journal_facts import journal_facts
from serving.loan_views import LoanViews
from serving.memory import Memory
from serving.ruling import Asker, rule, together
from serving.scorer import Scorer

ASKED_AT = datetime(2023, 7, 3, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def looks(scorer: Scorer) -> LoanViews:
    return LoanViews(scorer, "0123456789abcdef0123", "loanwatch test")


@pytest.fixture(scope="module")
def loans(parts: list[Tables], as_of: int) -> list[int]:
    """Loans of the first part that were paid out long before."""
    return np.flatnonzero(parts[0]["loans"]["disbursed_on"] < as_of - 200)[:30].tolist()


@pytest.fixture(scope="module")
def seen(looks: LoanViews, parts: list[Tables], loans: list[int], as_of: int) -> list[LoanView]:
    return looks.views(parts[0], loans, as_of, asked_at=ASKED_AT)


def test_many_loans_at_one_look_are_as_each_alone(
    looks: LoanViews, parts: list[Tables], loans: list[int], seen: list[LoanView], as_of: int
) -> None:
    for loan, view in list(zip(loans, seen, strict=True))[::7]:
        assert looks.view(parts[0], loan, as_of, asked_at=ASKED_AT) == view


def test_the_tables_are_looked_through_once_however_many_loans(
    looks: LoanViews, parts: list[Tables], loans: list[int], as_of: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    real = loan_views.known

    def counted(*args: Any, **more: Any) -> Any:
        asked.append(len(args[1]))
        return real(*args, **more)

    monkeypatch.setattr(loan_views, "known", counted)
    looks.views(parts[0], loans[:5], as_of)
    assert len(asked) == 1


def test_every_running_loan_has_class_stage_treatment_and_the_guards_answer(seen: list[LoanView]) -> None:
    running = [view for view in seen if view.card.pd is not None]
    assert len(running) > 5
    for view in running:
        assert view.decision is not None
        assert view.decision.five_class
        assert view.decision.stage in (1, 2, 3)
        assert view.decision.treatment
        assert view.contact is not None
        assert {one.channel for one in view.contact.channels} >= {"call", "sms", "visit"}
        assert view.card.tier == ("D" if view.decision.non_performing else view.card.tier)


def test_rules_on_changes_are_asked_without_a_journal_too(seen: list[LoanView]) -> None:
    asked = 0
    for view in (one for one in seen if one.card.pd is not None and len(one.card.past) > 3):
        assert view.decision is not None
        unasked = any(one["en"].startswith("R08") for one in view.decision.unasked)
        assert unasked == (view.card.past[-3].pd is None)
        asked += not unasked
    assert asked > 3


def test_what_moved_is_exactly_the_sum_over_the_groups_of_facts(seen: list[LoanView], looks: LoanViews) -> None:
    moved = [view for view in seen if view.card.move is not None]
    assert moved
    for view in moved:
        move = view.card.move
        assert move is not None
        assert move.source == "recomputed"
        assert sum(change for _, _, change in move.shifts) == pytest.approx(move.change, abs=1e-12)
        assert move.since == next(past.as_of for past in reversed(view.card.past) if past.pd is not None)
        families = sum(change for _, change in view.card.families) + looks.scorer.bundle.expected
        pd = looks.scorer.bundle.calibration.apply(np.array([families]))[0]
        assert pd == pytest.approx(view.card.pd, rel=1e-6)
        assert sigmoid(families) > 0


def test_the_earlier_score_of_the_journal_is_taken_where_there_is_one(
    looks: LoanViews, parts: list[Tables], loans: list[int], seen: list[LoanView], as_of: int
) -> None:
    at = next(k for k, view in enumerate(seen) if view.card.pd is not None)
    scorer = looks.scorer
    features = np.zeros(len(scorer.bundle.features), np.float32)
    last = Last(as_of - 10, 0, scorer.bundle.id, 0.1234, features)
    open_alert = {
        "rule": "R99", "subject": "x", "severity": "R", "text": {"en": "kept", "zh": "留存"}, "evidence": {},
        "owner": "risk", "action_text": {"en": "look", "zh": "查看"}, "fired_on": "2023-06-01", "status": "open",
    }  # fmt: skip
    facts = JournalFacts("S-1", last, [open_alert], "store 7")
    view = looks.view(parts[0], loans[at], as_of, journal=facts)
    assert view.card.move is not None
    assert (view.card.move.source, view.card.move.since, view.card.move.before) == ("journal", as_of - 10, 0.1234)
    assert (view.versions.score_id, view.versions.book) == ("S-1", "store 7")
    assert view.decision is not None
    assert view.decision.alerts[0].text["en"] == "kept"
    other = replace(facts, last=replace(last, bundle_id="another"))
    again = looks.view(parts[0], loans[at], as_of, journal=other).card.move
    assert again is None or again.source == "recomputed"


def test_instalments_are_shown_as_known_then_and_as_known_now(seen: list[LoanView], as_of: int) -> None:
    for view in seen:
        told = view.twice
        assert told is not None
        assert told.as_of == as_of
        assert told.then < told.now
        assert all((now or then) is not None for then, now in told.pairs)
        assert {now for _, now in told.pairs if now and now.due_on < as_of}
    known_then = [[then for then, _ in view.twice.pairs if then] for view in seen if view.twice]
    assert known_then == [list(view.instalments) for view in seen]


def test_on_the_last_day_of_a_book_last_month_is_compared_with_what_is_known_today(
    looks: LoanViews, parts: list[Tables], loans: list[int]
) -> None:
    tables = parts[0]
    last = int(max(tables[name]["posted_at"].max() for name in ("instalments", "payments")) // 86_400_000_000) + 2
    told = looks.view(tables, loans[0], last).twice
    assert told is not None
    assert told.as_of < last - 27
    assert told.then < told.now


def test_a_loan_that_was_not_known_is_refused(looks: LoanViews, parts: list[Tables], as_of: int) -> None:
    late = int(np.argmax(parts[0]["loans"]["disbursed_on"]))
    with pytest.raises(Refusal, match="not known on"):
        looks.view(parts[0], late, int(parts[0]["loans"]["disbursed_on"][late]) - 1)
    assert looks.views(parts[0], [], as_of) == []


def test_the_command_writes_many_reports_from_a_file_of_ids(
    book: Book, parts: list[Tables], loans: list[int], models_dir: Any, tmp_path: Any
) -> None:
    ids = [str(parts[0].loan_ids[loan]) for loan in loans[:3]]
    (tmp_path / "ids.txt").write_text("\n".join(ids) + "\n", "utf-8")
    common = ["--book", str(book.folder), "--models", str(models_dir), "--as-of", "2023-06-30", "--demo"]
    asked = ["report", f"@{tmp_path / 'ids.txt'}", "--out", str(tmp_path / "out"), "--lang", "en", *common]
    done = CliRunner().invoke(app, [*asked, "--at", "2023-07-03T23:30"])
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(f"{one}.html" for one in ids)
    assert "3 reports are in" in done.output
    wrong = CliRunner().invoke(app, [*asked, "--at", "noon"])
    assert wrong.exit_code == 2
    assert "a moment such as" in wrong.output


def test_the_journal_gives_number_earlier_score_and_open_alerts(
    looks: LoanViews, parts: list[Tables], loans: list[int], seen: list[LoanView], as_of: int, tmp_path: Path
) -> None:
    at = next(k for k, view in enumerate(seen) if view.card.pd is not None and view.card.past[-1].pd is not None)
    loan, loan_id, scorer = loans[at], str(parts[0].loan_ids[loans[at]]), looks.scorer
    with Journal.open(tmp_path / "journal.db") as journal:
        for day in (as_of - 30, as_of):
            asked = known(parts[0], np.array([loan], np.int32), np.array([day]), settings=scorer.settings)
            ruling = rule(asked, scorer, Memory(journal))
            journal.write(*together(ruling.entries([Asker()], [None]))).result()
        facts = journal_facts(journal, loan_id, scorer, as_of, "store 3")
        kept = journal.latest(loan_id)
        assert kept is not None
        assert facts.score_id == kept.entry.score_id
        assert facts.last is not None
        assert facts.last.as_of == as_of - 30
        view = looks.view(parts[0], loan, as_of, journal=facts)
        assert view.card.move is not None
        assert view.card.move.source == "journal"
        assert view.card.move.before == pytest.approx(facts.last.pd)
        assert view.decision is not None
        assert {one.rule for one in view.decision.alerts} >= {str(one["rule"]) for one in facts.alerts}
