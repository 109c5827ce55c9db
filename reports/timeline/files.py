"""The timeline as a folder: one page, a CSV file a figure, the verdict and the alerts for machines."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from monitoring.timeline.figures import Timeline
from policy.alerts import portfolio_alerts
from policy.pack import load_pack
from reports.formats import LANGS
from reports.timeline.page import timeline_page
from reports.timeline.words import sentence, what_to_do, why
from reports.wording import wording

PAGE, VERDICT = "index.html", "verdict.json"


def write_timeline(found: Timeline, pack: str | Path, out: Path, currency: str, timezone: str) -> Path:
    """Write page, CSV files and `verdict.json` into `out`, whole or not at all. Returns the page."""
    work = out.with_name(out.name + ".part")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for name, table in found.tables.items():
        table.write_csv(work / f"{name}.csv", include_bom=True)
    told = verdict(found, pack, currency, timezone)
    (work / VERDICT).write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
    (work / PAGE).write_text(timeline_page(found, currency, timezone), "utf-8")
    shutil.rmtree(out, ignore_errors=True)
    os.replace(work, out)
    return out / PAGE


def verdict(found: Timeline, pack: str | Path, currency: str, timezone: str) -> dict[str, Any]:
    """The verdict with its findings in both languages, the figures policy asks, and the alerts of rules P02 and P03."""
    rules = load_pack(pack)
    day = (found.on - type(found.on)(1970, 1, 1)).days
    fired = portfolio_alerts(found.policy, rules, day).alerts
    words = {lang: wording(lang, currency, timezone) for lang in LANGS}
    return {
        "as_of": str(found.on),
        "model": found.asked.bundle,
        "challenger": found.asked.challenger,
        "verdict": found.verdict.level,
        "sentence": {lang: sentence(found, lang, currency, timezone) for lang in LANGS},
        "findings": [
            {
                "code": one.code,
                "level": one.level,
                "why": {lang: why(one, w) for lang, w in words.items()},
                "do": {lang: what_to_do(one, w) for lang, w in words.items()},
                "values": dict(one.values),
            }
            for one in found.verdict.findings
        ],
        "figures": dict(found.policy),
        "alerts": [one.to_plain(rules) for one in fired],
    }
