"""The folder of a night's results: rows, queue, alerts, summary and manifest, whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from book.settings import Settings
from policy.alerts import Alert, PortfolioAlerts
from policy.pack import Pack
from policy.parts.rules import SEVERITIES
from serving.journal.entries import alert_id_of
from serving.journal.segment import Segment
from serving.nightly_means import CHECKED
from serving.nightly_rows import ALERTS, alerts_of
from serving.summary import Line, Summary
from serving.whole import whole_folder

MANIFEST: Final = "manifest.json"
QUEUE: Final = "queue.csv"
ALERT_TABLE: Final = "alerts.csv"
SUMMARY: Final = "summary.csv"
_QUEUE = ("loan_id", "borrower_id", "tier", "pd", "exposure", "worst_alert", "action", "needs_approval")
_ALERT = (
    "alert_id", "fired_on", "severity", "rule", "level", "subject", "loan_id", "borrower_id", "owner", "action",
    "evidence", "text_en", "text_zh", "score_id",
)  # fmt: skip


@dataclass(frozen=True)
class Night:
    """A finished night: its name, how many loans, alerts by severity, what was checked, what was not evaluated."""

    name: str
    loans: int
    summary: Summary
    alerts: dict[str, int]
    checked: dict[str, int]
    not_evaluated: tuple[str, ...]
    manifest: dict[str, Any] = field(repr=False)


def write_results(
    out: Path, segment: Segment, book: PortfolioAlerts, pack: Pack, capacity: int, settings: Settings
) -> Night:
    """Write the results of a sealed night to `out`, in place of those of an earlier one.

    The rows are copies of the sealed files. Raises Refusal where `out` holds something else.
    """
    with whole_folder(out, MANIFEST) as folder:
        (folder / "scores").mkdir()
        for part in segment.parts:
            shutil.copyfile(segment.folder / f"part-{part}.parquet", folder / "scores" / f"part-{part}.parquet")
        rows = segment.rows(["status", *_QUEUE, "knowledge_assumed"])
        _write_queue(folder / QUEUE, rows, capacity)
        alerts = _write_alerts(folder / ALERT_TABLE, segment, book.alerts, pack)
        summary = summary_of(rows, pack)
        (folder / SUMMARY).write_text(summary.csv(), "utf-8")
        checked = _checked(segment)
        facts = {
            "night": segment.entry.name,
            "loans": segment.entry.rows,
            "alerts": alerts,
            "checked": checked,
            "not_evaluated": list(book.not_evaluated),
            "capacity": capacity,
            "currency": settings.currency,
            "segment": segment.entry.manifest_hash,
            "bundle": segment.entry.bundle_id,
            "pack": {"is": segment.entry.pack, "hash": segment.entry.pack_hash},
            "context_hash": segment.entry.context_hash,
            "book_hash": segment.entry.book_hash,
            "files": _hashes(folder),
        }
        (folder / MANIFEST).write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return Night(segment.entry.name, segment.entry.rows, summary, alerts, checked, book.not_evaluated, facts)


def queue_of(rows: pa.Table, capacity: int) -> pa.Table:
    """The loans to look at first: scored ones by PD times exposure, at most `capacity`; `at_risk` in minor units."""
    scored = rows.filter(pc.and_(pc.is_valid(rows["pd"]), pc.is_valid(rows["exposure"])))
    at_risk = pc.multiply(scored["pd"], pc.cast(scored["exposure"], pa.float64()))
    ranked = scored.append_column("at_risk", at_risk)
    return ranked.sort_by([("at_risk", "descending"), ("loan_id", "ascending")]).slice(0, capacity)


def _write_queue(path: Path, rows: pa.Table, capacity: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("rank", *_QUEUE, "at_risk"))
        for rank, row in enumerate(queue_of(rows, capacity).to_pylist(), 1):
            money = (f"{row['exposure'] / 100:.2f}", f"{row['at_risk'] / 100:.2f}")
            told = {**row, "exposure": money[0], "at_risk": money[1]}
            writer.writerow((rank, *(told[name] for name in _QUEUE), told["at_risk"]))


def _write_alerts(path: Path, segment: Segment, book: Sequence[Alert], pack: Pack) -> dict[str, int]:
    """All alerts of the night as CSV, for those who take no messages; how many of each severity."""
    counts = dict.fromkeys(SEVERITIES, 0)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_ALERT)
        for part in segment.parts:
            for row, text in enumerate(segment.part(part, [ALERTS])[ALERTS].to_pylist()):
                for alert in alerts_of(text) if text else ():
                    counts[alert.severity] += 1
                    writer.writerow(_line(alert, pack, f"{segment.entry.name}.{part}.{row}"))
        for alert in book:
            counts[alert.severity] += 1
            writer.writerow(_line(alert, pack, ""))
    return counts


def _line(alert: Alert, pack: Pack, score_id: str) -> tuple[Any, ...]:
    return (
        alert_id_of(alert.rule, alert.subject, alert.fired_on, alert.severity),
        str(np.datetime64(alert.fired_on, "D")), alert.severity, alert.rule, alert.level, alert.subject,
        alert.loan_id, alert.borrower_id, alert.owner, alert.action, "; ".join(alert.told("en")),
        alert.text(pack, "en"), alert.text(pack, "zh"), score_id,
    )  # fmt: skip


def summary_of(rows: pa.Table, pack: Pack) -> Summary:
    """Loans, exposure and mean PD by tier and by status."""
    names = [*(tier.code for tier in pack.tiers), pack.state_d.code]
    lines = [_sum("tier", name, rows) for name in names]
    lines += [_sum("status", name, rows) for name in sorted(set(rows["status"].to_pylist()))]
    assumed = pc.mean(rows["knowledge_assumed"]).as_py()
    return Summary(len(rows), float(assumed or 0.0), tuple(lines))


def _sum(by: Any, name: str, rows: pa.Table) -> Line:
    some = rows.filter(pc.equal(rows[by], name))
    exposure = pc.sum(some["exposure"]).as_py() or 0
    return Line(by, name, len(some), int(exposure), pc.mean(some["pd"]).as_py())


def _checked(segment: Segment) -> dict[str, int]:
    """Rows read, set aside and dropped as repeated, of all parts."""
    found = {"rows": 0, "quarantined": 0, "dropped": 0}
    for part in segment.parts:
        metadata = pq.read_schema(segment.folder / f"part-{part}.parquet").metadata or {}
        for name, by_table in json.loads(metadata.get(CHECKED, b"{}")).items():
            found[name] += sum(by_table.values())
    return found


def _hashes(folder: Path) -> dict[str, dict[str, Any]]:
    found = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        found[path.relative_to(folder).as_posix()] = {"sha256": digest, "bytes": path.stat().st_size}
    return found
