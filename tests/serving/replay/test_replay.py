"""A past score comes out again to the same bits, policy included, or it is said what differs or is gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from book.errors import Refusal
from book.request import decode
from models.explain.explainer import BOOSTER, TABLES
from models.opening import load_bundle
from policy.pack import Pack
from serving.journal import Journal, Score
from serving.journal.erase import erase
from serving.journal.tables_payload import pack_tables, unpack_tables
from serving.memory import Memory
from serving.replay import Replayer
from serving.ruling import Asker, rule
from serving.scorer import Scorer
from serving.service import dossiers_of
from serving.wiring import open_store

Body = dict[str, Any]
Ask = Callable[..., Any]
POLICY = {"grade", "tier", "floor", "five_class", "stage", "action", "decision", "reasons", "contributions", "held"}


@pytest.fixture(scope="module")
def replayer(journal: Journal, models_dir: Path, pack: Pack, store_root: Path) -> Replayer:
    return Replayer.of(journal, models_dir, [pack], store=open_store(store_root, journal))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def families(bodies: list[Body]) -> list[Body]:
    """Requests of borrowers with several loans, then of some with one."""
    early = [body for body in bodies if all(loan["disbursed_on"] < "2023-04-01" for loan in body["tables"]["loans"])]
    several = [body for body in early if len(body["tables"]["loans"]) > 1]
    assert len(several) > 3
    return several[:12] + [body for body in early if len(body["tables"]["loans"]) == 1][:8]


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [score["score_id"] for score in answer.json()["scores"]]


def test_tables_come_back_to_the_bit(scorer: Scorer, bodies: list[Body]) -> None:
    for body in bodies[:5]:
        tables = decode(msgspec.json.encode(body), scorer.settings).tables
        content = pack_tables(tables)
        again = unpack_tables(content)
        assert pack_tables(again) == content
        for name, frame in tables.frames.items():
            for column in frame.columns:
                assert again[name][column].dtype == frame[column].dtype
                assert again[name][column].tolist().__repr__() == frame[column].tolist().__repr__()
        assert body["tables"]["loans"][0]["borrower_id"].encode() not in content


def test_policy_comes_out_again_with_the_states_that_were_used(
    ask: Ask, families: list[Body], replayer: Replayer, journal: Journal
) -> None:
    kept = []
    for day in ("2023-04-30", "2023-05-31", "2023-06-30"):
        for body in families:
            one = body | {"as_of": day, "score": body["score"][:1]}
            answer = ask("monitor", "POST", "/v1/scores", one)
            kept += ids(answer) if answer.status_code == 200 else []
    for score_id in kept:
        replayed = replayer.replay(score_id)
        assert replayed.same, replayed
        assert POLICY | {"pd", "raw", "feature_hash", "state_next"} <= set(replayed.compared)
    entries = [journal.score(score_id).entry for score_id in kept]  # type: ignore[union-attr]
    assert any(entry.state_used for entry in entries)
    assert {"scored"} < {entry.status for entry in entries} | {"other"}


def test_what_was_used_of_the_other_loans_is_kept_beside(
    ask: Ask, families: list[Body], replayer: Replayer, journal: Journal
) -> None:
    found = {}
    for body in families:
        told = [ask("monitor", "POST", "/v1/scores", body | {"as_of": day}) for day in ("2023-05-31", "2023-06-30")]
        for score_id in ids(told[1]) if told[0].status_code == 200 else ():
            kept = journal.score(score_id)
            assert kept is not None
            found[score_id] = (kept.entry, journal.value(kept.entry.details).get("beside", {}), set(body["score"]))
    told_beside = {score_id: one for score_id, one in found.items() if one[1]}
    assert len(told_beside) > 3
    for score_id, (entry, beside, loans) in told_beside.items():
        assert set(beside) <= loans - {entry.loan_id}
        assert replayer.replay(score_id).same


def test_alerts_are_told_of_the_same_loan_whichever_was_asked_for(scorer: Scorer, families: list[Body]) -> None:
    told = 0
    for body in (one for one in families if len(one["score"]) > 1):
        said = {}
        for asked in (body["score"], body["score"][::-1], body["score"][:1], body["score"][-1:]):
            request = decode(msgspec.json.encode(body | {"score": asked}), scorer.settings)
            ruling = rule(dossiers_of([request], scorer), scorer, Memory())
            for row in ruling.rows.tolist():
                loan = ruling.judged.scores.loan_id[row]
                assert said.setdefault(loan, ruling.decided(row)) == ruling.decided(row)
                told += len(ruling.decided(row)["alerts"])
    assert told


def test_a_batch_and_a_score_of_a_past_month_come_out_again(ask: Ask, families: list[Body], replayer: Replayer) -> None:
    told = ask("monitor", "POST", "/v1/scores/batch", {"requests": families[:6]}).json()["results"]
    kept = [score["score_id"] for item in told for score in item.get("scores", [])]
    late = [ask("monitor", "POST", "/v1/scores", body | {"as_of": "2023-05-31"}) for body in families[:6]]
    past = [score_id for one in late if one.status_code == 200 for score_id in ids(one)]
    assert kept
    assert past
    for score_id in [*kept, *past]:
        assert replayer.replay(score_id).same
    assert any("state_next" not in replayer.replay(score_id).compared for score_id in past)


def test_what_an_event_led_to_comes_out_again(ask: Ask, bodies: list[Body], replayer: Replayer) -> None:
    done = 0
    for n, body in enumerate(bodies[:30]):
        loan = body["score"][0]
        payment = {"payment_id": f"P-new-{n}", "loan_id": loan, "paid_on": "2023-07-01", "amount": "10.00"}
        for status in ("posted", "failed"):
            one = payment | {"status": status, "payment_id": f"P-{status}-{n}"}
            told = ask("monitor", "POST", "/v1/events", {"tables": {"payments": [one]}})
            for score_id in ids(told) if told.status_code == 200 else ():
                replayed = replayer.replay(score_id)
                assert replayed.same, replayed
                done += 1
    assert done > 20


@pytest.mark.parametrize(("tables", "explainer"), [("never", BOOSTER), ("now", TABLES)])
def test_contributions_are_made_again_by_what_made_them(
    tables: Any, explainer: str, scorer: Scorer, families: list[Body], replayer: Replayer, models_dir: Path
) -> None:
    bundle = load_bundle(models_dir / "bundles" / scorer.bundle.id)
    made = Scorer(bundle, scorer.pack, scorer.settings, 1, tables=tables)
    entries = [one for body in families for one in written(made, body, replayer.journal)]
    assert {one.explainer for one in entries} == {explainer}
    for one in entries:
        assert replayer.replay(one.score_id).same


def written(scorer: Scorer, body: Body, journal: Journal) -> list[Score]:
    """The scores of a request, in the journal."""
    request = decode(msgspec.json.encode(body), scorer.settings)
    ruling = rule(dossiers_of([request], scorer), scorer, Memory())
    n, packed = len(request.loans), pack_tables(request.tables)
    scores = [one.score for one in ruling.entries([Asker()] * n, [packed] * n)]
    journal.write(*scores).result(30)
    return scores


@pytest.fixture
def scored(scorer: Scorer, families: list[Body], journal: Journal) -> Score:
    """A score with a PD."""
    entries = [one for body in families for one in written(scorer, body, journal)]
    return next(one for one in entries if one.status == "scored")


def test_what_does_not_come_out_is_named(journal: Journal, scored: Score, replayer: Replayer) -> None:
    details = msgspec.json.decode(scored.details)
    details["decision"]["review_days"], details["decision"]["actions"] = 1_000, []
    changed = msgspec.structs.replace(
        scored, score_id="S-other", pd=float(np.nextafter(scored.pd, 1)), tier="T0", details=details,
        state_next={**scored.state_next, "month": 1},
    )  # fmt: skip
    journal.write(changed).result(10)
    replayed = replayer.replay("S-other")
    assert not replayed.same
    names = ["decision.actions", "decision.review_days", "pd", "state_next.month", "tier"]
    assert sorted(one.name for one in replayed.differs) == names


def test_a_score_that_was_never_written_is_refused(replayer: Replayer) -> None:
    for score_id in ("S-nothing", "night.00000.1", "x", "..", "a.b.c"):
        with pytest.raises(Refusal, match="does not know it"):
            replayer.replay(score_id)


def test_the_command_tells_what_came_out_again(
    scored: Score, journal: Journal, models_dir: Path, tmp_path: Path
) -> None:
    from typer.testing import CliRunner

    from loanwatch.main import app

    run: Callable[..., Any] = CliRunner().invoke
    where = ["--journal", f"sqlite:///{journal.url.database}", "--models", str(models_dir)]
    told = run(app, ["replay", scored.score_id, *where, "--segments", str(tmp_path), "--store", str(tmp_path)])
    assert told.exit_code == 0, told.output
    assert f"{scored.score_id}: the same bits" in told.output
    assert "five_class" in told.output
    other = msgspec.structs.replace(scored, score_id="S-wrong", grade="G0")
    journal.write(other).result(10)
    both = run(app, ["replay", scored.score_id, "S-wrong", *where])
    assert both.exit_code == 1
    assert "differs: grade was 'G0'" in both.output
    assert "S-wrong: other bits" in both.output


def test_the_other_commands_of_the_journal(journal: Journal, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from loanwatch.main import app

    run: Callable[..., Any] = CliRunner().invoke
    where = ["--journal", f"sqlite:///{journal.url.database}", "--segments", str(tmp_path)]
    assert run(app, ["journal", "verify", *where]).exit_code == 0
    anchor = str(tmp_path / "anchor.json")
    assert run(app, ["journal", "anchor", anchor, *where[:2]]).exit_code == 0
    assert run(app, ["journal", "verify", "--anchor", anchor, *where]).exit_code == 0
    early = run(app, ["journal", "erase", "--before", "2999-01-01", *where[:2]])
    assert isinstance(early.exception, Refusal)
    erased = run(app, ["journal", "erase", "--before", "2000-01-01", *where[:2]])
    assert erased.exit_code == 0, erased.output
    assert run(app, ["journal", "verify", "--journal", "sqlite:////nowhere/j.db"]).exit_code != 0


def test_what_is_gone_is_named(
    journal: Journal, scored: Score, models_dir: Path, pack: Pack, tmp_path: Path, replayer: Replayer
) -> None:
    other = msgspec.structs.replace(scored, score_id="S-context", context_hash="c" * 64)
    journal.write(other).result(10)
    assert "cohort figures cccccccccccc" in replayer.replay("S-context").gone[0]
    without_pack = Replayer.of(journal, models_dir, [replace(pack, hash="0" * 64)]).replay(scored.score_id)
    assert "policy pack" in without_pack.gone[0]
    assert "bundle" in Replayer.of(journal, tmp_path, [pack]).replay(scored.score_id).gone[0]
    erase(journal, 1 << 61, "officer")
    gone = replayer.replay(scored.score_id)
    assert not gone.same
    assert "erased" in gone.gone[0]
