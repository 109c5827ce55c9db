"""P01 to P05 and R26 at night: figures of nights a month apart, of the journal and of what groups loans."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from nights import Place

from book.settings import Settings
from policy.alerts import PortfolioAlerts
from policy.pack import load_pack
from serving.journal import Alert, AlertStep, Journal
from serving.journal.segments import Segments, write_rows
from serving.nightly_book import book_alerts
from serving.nightly_means import Means
from serving.nightly_past import Past, told_alerts
from serving.nightly_rows import GROUPS, TOLD

TODAY = (date(2024, 6, 30) - date(1970, 1, 1)).days
DAY = 86_400_000_000
PACK = load_pack()
N = 100


def rows(late: int = 0, bad: int = 0, told: int = 0, worst: int = 10, pd: float = 0.02) -> pa.Table:
    """A hundred loans that owe 1,000 each: the first `late` 45 days late, the last `bad` in default."""
    n = range(N)
    default = [i >= N - bad for i in n]
    columns: dict[str, Any] = {
        "loan_id": [f"L{i:03d}" for i in n],
        "borrower_id": [f"B{i:03d}" for i in n],
        "status": ["in_default" if one else "scored" for one in default],
        "tier": ["D" if one else "T5" if i < worst else "T2" for i, one in enumerate(default)],
        "pd": [None if one else pd for one in default],
        "dpd": pa.array([100 if one else 45 if i < late else 0 for i, one in enumerate(default)], pa.int32()),
        "exposure": pa.array([100_000] * N, pa.int64()),
        "ead": [1_000.0] * N,
        "five_class": ["substandard" if one else "normal" for one in default],
        TOLD: pa.array([int(i < told) for i in n], pa.int16()),
        "state_next": [None] * N,
    }
    groups = {name: pa.array(["car" if name == "product" else None] * N, pa.string()) for name in GROUPS}
    groups["disbursed_on"] = pa.array([date(2023, 1 + i % 12, 1) for i in n], pa.date32())
    return pa.table(columns | groups)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def journal(place: Place) -> Iterator[Journal]:
    with Journal.open(place.url, "nightly", clock=lambda: TODAY * DAY + DAY // 2) as opened:
        yield opened


def seal(place: Place, journal: Journal, days_ago: int, table: pa.Table) -> None:
    as_of = TODAY - days_ago
    draft = Segments(place.folder, journal).begin(
        f"nightly-{days_ago}", as_of=as_of, cutoff=0, bundle_id="m", pack="p", pack_hash="h"
    )
    draft.write("00000", table)
    draft.seal("nightly")


def asked(place: Place, journal: Journal, now: pa.Table, capacity: int = 1_000, horizon: int = 12) -> PortfolioAlerts:
    path = place.folder / "part-00000.parquet"
    write_rows(path, now)
    means = Means(
        "n", TODAY, Settings(), place.folder / "models/bundles/m", "standard", PACK.hash, None, (), place.folder,
        place.folder, None,
    )  # fmt: skip
    past = Past.of(Segments(place.folder, journal), TODAY)
    return book_alerts([path], means, PACK, journal, past, horizon, capacity)


def fired(found: PortfolioAlerts) -> set[str]:
    return {alert.rule for alert in found.alerts}


def test_a_first_night_says_what_it_cannot_know(place: Place, journal: Journal) -> None:
    found = asked(place, journal, rows())
    assert {"P01", "P02", "P03", "P04", "P05"} <= set(found.not_evaluated)
    assert not fired(found)


def test_arrears_and_the_worst_tiers_are_held_against_the_night_of_a_month_ago(place: Place, journal: Journal) -> None:
    seal(place, journal, 30, rows(late=3, worst=10))
    quiet, loud = asked(place, journal, rows(late=3)), asked(place, journal, rows(late=4, worst=20))
    assert not {"P01", "P02"} & fired(quiet)
    assert {"P01", "P02"} <= fired(loud)
    evidence = next(alert.evidence for alert in loud.alerts if alert.rule == "P01")
    assert evidence["rate30_chg_1m"] == pytest.approx(1 / 3)


def test_defaults_of_a_horizon_that_is_over_are_held_against_its_pds(place: Place, journal: Journal) -> None:
    for months in range(1, 4):
        seal(place, journal, 30 * months, rows(pd=0.02))
    assert "P02" in asked(place, journal, rows(), horizon=4).not_evaluated
    assert "P02" not in fired(asked(place, journal, rows(bad=2), horizon=3))
    found = next(alert for alert in asked(place, journal, rows(bad=9), horizon=3).alerts if alert.rule == "P02")
    assert found.evidence["observed_to_expected"] == pytest.approx(9 / 2)


def entry(n: int, days_ago: int, loan: int) -> Alert:
    return Alert(
        alert_id=f"A{n}", rule="R02", version="1", severity="Y", family="arrears", level="loan", owner="collection",
        subject=f"L{loan:03d}", loan_id=f"L{loan:03d}", borrower_id=f"B{loan:03d}", fired_on=TODAY - days_ago,
        action="CALL", request_id="r", actor="a",
    )  # fmt: skip


def test_alerts_closed_for_faults_of_data_and_a_queue_that_nobody_clears_are_told(
    place: Place, journal: Journal
) -> None:
    journal.write(*(entry(n, 25, n) for n in range(40))).result()
    assert "P04" in fired(asked(place, journal, rows(), capacity=10))
    assert "P04" not in fired(asked(place, journal, rows(), capacity=50))
    steps = (
        AlertStep(alert_id=f"A{n}", step=1, status="closed", outcome=outcome, actor="a", request_id="r")
        for n, outcome in enumerate(20 * ["data"] + 20 * ["paid"])
    )  # fmt: skip
    journal.write(*steps).result()
    assert told_alerts(journal, TODAY)["closed_on"].null_count() == 0
    found = next(alert for alert in asked(place, journal, rows()).alerts if alert.rule == "P04")
    assert found.evidence["benign_by_data_share"] == pytest.approx(0.5)


def test_cohorts_with_more_alerts_than_usual_are_told_once(place: Place, journal: Journal) -> None:
    usual = [entry(1000 * k + n, 30 * k + 5, n) for k in range(1, 7) for n in range(10)]
    usual.append(entry(9999, 209, 0))
    journal.write(*usual).result()
    assert "R26" not in fired(asked(place, journal, rows(told=12)))
    found = [alert for alert in asked(place, journal, rows(told=25)).alerts if alert.rule == "R26"]
    assert "product=car" in [alert.subject for alert in found]
    assert all(alert.level == "cohort" and alert.evidence["cohort_alerts_30d"] >= 5 for alert in found)
    assert next(a for a in found if a.subject == "product=car").evidence["cohort_alerts_to_base"] == pytest.approx(2.5)


def test_nights_a_month_apart_are_found_as_far_back_as_there_is_no_gap(place: Place, journal: Journal) -> None:
    for days in (1, 29, 31, 60, 91, 180, 182):
        seal(place, journal, days, rows())
    past = Past.of(Segments(place.folder, journal), TODAY)
    assert [TODAY - night.entry.as_of for night in past.monthly(TODAY)] == [29, 60, 91]
    assert past.year_end(TODAY) is not None
    assert past.year_end(TODAY).entry.as_of == TODAY - 182  # type: ignore[union-attr]
    assert date(1970, 1, 1) + timedelta(days=TODAY - 182) == date(2023, 12, 31)
