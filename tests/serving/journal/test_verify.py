"""Whatever somebody with the keys of the database does to the journal shows, and the check says where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from book.errors import Refusal
from serving.journal import AlertStep, Delivery, Journal
from serving.journal.anchor import anchor_of, read_anchor, write_anchor
from serving.journal.erase import erase
from serving.journal.verify import verify

Make = Callable[..., Any]
LATER = 1 << 61


@pytest.fixture
def filled(journal: Journal, url: str, score: Make, alert: Make) -> Journal:
    """Two chains: "api/1" with six scores, an alert and a step, "desk/1" with two scores."""
    journal.write(*(score(n) for n in range(6))).result(10)
    journal.write(alert(1)).result(10)
    journal.write(AlertStep(alert_id="A000001", step=1, status="acknowledged", actor="a", request_id="r")).result(10)
    with Journal.open(url, "desk") as desk:
        desk.write(score(10), score(11)).result(10)
    return journal


@pytest.fixture
def tamper(url: str, sql: Make) -> Callable[..., Any]:
    """Run a statement with the guards of the database taken off first, as its owner can."""

    def run(statement: str, **values: Any) -> None:
        if url.startswith("sqlite"):
            for (name,) in sql("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                sql(f"DROP TRIGGER {name}")
        else:
            for (name,) in sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
                sql(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        sql(statement, **values)

    return run


def test_an_untouched_journal_is_whole(filled: Journal) -> None:
    verdict = verify(filled)
    assert verdict.faults == ()
    assert (verdict.chains, verdict.entries) == (2, 1 + 6 + 2 + 1 + 2)
    assert any("no anchor" in note for note in verdict.notes)


THE_DATA = "WHERE hash = (SELECT data FROM scores WHERE score_id = 'S000002')"
AT_4 = "WHERE chain = 'api/1' AND seq = 4"
TAMPERINGS = {
    "a PD made smaller": ("UPDATE scores SET pd = 0.001 WHERE score_id = 'S000003'", "api/1 entry 5", "S000003"),
    "a PD moved by a bit": ("UPDATE scores SET pd = pd * (1 + 3e-16) WHERE loan_id = 'L3'", "api/1 entry 5", ""),
    "a score taken out": ("DELETE FROM scores WHERE score_id = 'S000003'", "api/1 entry 5", "missing"),
    "an entry taken out": (f"DELETE FROM entries {AT_4}", "api/1 entry 5", "entries 4 to 4"),
    "a moment changed": (f"UPDATE entries SET at = at - 1 {AT_4}", "api/1 entry 4", "changed"),
    "a payload changed": (f"UPDATE payloads SET content = 'x' {THE_DATA}", "api/1 entry 4", "payload"),
    "a payload taken out": (f"DELETE FROM payloads {THE_DATA}", "api/1 entry 4", "missing"),
    "a payload blanked": (f"UPDATE payloads SET content = NULL {THE_DATA}", "api/1 entry 4", "erased"),
    "an alert made unseen": ("UPDATE standings SET status = 'open', step = 0", "standings", "A000001"),
    "a standing taken out": ("DELETE FROM standings", "standings", "missing"),
    "an end cut off": ("DELETE FROM entries WHERE chain = 'api/1' AND seq > 7", "api/1 entry 9", "cut off"),
    "a row put in": ("INSERT INTO accesses SELECT 999, 'a', 'r', 'GET', '/', '', 200, '', 'r'", "accesses", "no chain"),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_tampering_shows_and_is_named(filled: Journal, tamper: Make, what: str) -> None:
    statement, where, says = TAMPERINGS[what]
    tamper(statement)
    faults = [str(fault) for fault in verify(filled).faults]
    assert any(fault.startswith(where) and says in fault for fault in faults), faults


def test_two_entries_swapped_show(filled: Journal, tamper: Make) -> None:
    tamper("UPDATE entries SET seq = CASE seq WHEN 3 THEN -4 ELSE -3 END WHERE chain = 'api/1' AND seq IN (3, 4)")
    tamper("UPDATE entries SET seq = -seq WHERE chain = 'api/1' AND seq < 0")
    faults = [str(fault) for fault in verify(filled).faults]
    assert any(fault.startswith("api/1 entry 3") for fault in faults)
    assert any(fault.startswith("api/1 entry 4") and "moved" in fault for fault in faults)


def test_rows_swapped_between_entries_show(filled: Journal, tamper: Make) -> None:
    for place, score_id in ((-1, "S000001"), (3, "S000002"), (4, "S000001")):
        tamper("UPDATE scores SET place = :place WHERE score_id = :id", place=place, id=score_id)
    faults = [fault for fault in verify(filled).faults if "was changed" in fault.what]
    assert [(fault.chain, fault.seq) for fault in faults] == [("api/1", 3), ("api/1", 4)]


def test_an_anchor_shows_that_a_whole_chain_went(filled: Journal, tamper: Make, tmp_path: Path) -> None:
    path = tmp_path / "anchor.json"
    write_anchor(anchor_of(filled, 1), path)
    assert verify(filled, read_anchor(path)).whole
    tamper("DELETE FROM entries WHERE chain = 'desk/1'")
    tamper("DELETE FROM scores WHERE score_id IN ('S000010', 'S000011')")
    tamper("DELETE FROM openings WHERE writer = 'desk'")
    assert verify(filled).whole  # nothing that is left speaks of it
    faults = verify(filled, read_anchor(path)).faults
    assert [str(fault) for fault in faults] == [
        "desk/1 entry 3: the anchor saw it, now the chain ends at 0: its end was cut off"
    ]


def test_an_anchor_is_not_replaced_and_not_trusted_when_changed(filled: Journal, tmp_path: Path) -> None:
    path = tmp_path / "anchor.json"
    write_anchor(anchor_of(filled, 1), path)
    with pytest.raises(Refusal, match="anchor already"):
        write_anchor(anchor_of(filled, 1), path)
    path.write_text(path.read_text().replace('"seq": 3', '"seq": 2'))
    with pytest.raises(Refusal, match="was changed"):
        read_anchor(path)


def test_erased_payloads_are_gone_and_the_chain_holds(filled: Journal) -> None:
    kept = filled.score("S000002")
    assert kept is not None
    erased = erase(filled, LATER, "officer")
    assert erased.payloads == 8 * 3 + 1
    assert filled.payload(kept.entry.data) is None
    verdict = verify(filled)
    assert verdict.faults == ()
    assert verdict.erased == erased.payloads


def test_what_was_used_since_is_not_erased(journal: Journal, score: Make) -> None:
    journal.write(score(1, data=b"old and new" * 30)).result(10)
    journal.write(score(2, data=b"old and new" * 30)).result(10)
    second = journal.score("S000002")
    assert second is not None
    assert erase(journal, second.at, "a").payloads == 2  # details and state of the first
    assert journal.payload(second.entry.data) == b"old and new" * 30
    assert verify(journal).whole


def test_an_erased_payload_comes_back_when_it_is_used_again(journal: Journal, score: Make) -> None:
    journal.write(score(1)).result(10)
    erase(journal, LATER, "a")
    journal.write(score(2, data=score(1).data)).result(10)
    kept = journal.score("S000001")
    assert kept is not None
    assert journal.payload(kept.entry.data) == score(1).data
    assert verify(journal).whole


def test_an_erasure_cannot_be_used_to_hide_another(filled: Journal, tamper: Make) -> None:
    erased = erase(filled, 0, "a")
    tamper("UPDATE payloads SET content = NULL, erased_by = :by", by=erased.erasure_id)
    assert any("not just" in fault.what for fault in verify(filled).faults)


def test_deliveries_forget_nothing(journal: Journal, sql: Make, tamper: Make) -> None:
    journal.write(
        Delivery(delivery_id="D", endpoint="crm", topic="t", subject="s", due_at=5, request_id="r", body={"a": 1})
    ).result(10)
    tamper("UPDATE standings SET status = 'delivered'")
    assert [fault.what for fault in verify(journal).faults] == [
        "delivery D: says delivered after step 0, the chain says pending after step 0"
    ]
