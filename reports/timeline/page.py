"""The state of a model as one page in both languages."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from monitoring.timeline.figures import Timeline
from reports.book.figure import Shade
from reports.formats import LANGS, NOTHING, Lang, count
from reports.pages import environment, page
from reports.timeline.figures import figures
from reports.timeline.words import headline, plain, what_to_do, why
from reports.wording import Wording, wording


def timeline_page(found: Timeline, currency: str, timezone: str, langs: Sequence[Lang] = LANGS) -> str:
    """One self-contained HTML page, in one language or several with a switch."""
    words = [wording(lang, currency, timezone) for lang in langs]
    return page("Loanwatch", [(w, timeline_body(found, w)) for w in words])


def timeline_body(found: Timeline, w: Wording) -> str:
    """The body of the page in one language, for pages with a frame of their own."""
    template = environment().get_template("timeline.html.j2")
    asked = found.asked
    return template.render(
        w=w,
        on=(found.on - type(found.on)(1970, 1, 1)).days,
        level=found.verdict.level,
        sentence=headline(found, w),
        findings=[(why(one, w), what_to_do(one, w)) for one in found.verdict.findings],
        facts=w("timeline.facts", model=asked.bundle[:12], target=asked.target, months=asked.horizon),
        tiles=tiles(found, w),
        figures=figures(found, w),
        notes=notes(found, w),
        is_shade=lambda cell: isinstance(cell, Shade),
    )


def tiles(found: Timeline, w: Wording) -> list[tuple[str, str, str]]:
    """Name, number and remark of what to look at first."""
    score, true, early = (found.tables[name] for name in ("score_psi", "truth", "early_read"))
    now = score.filter((pl.col("as_of") == found.on) & (pl.col("bucket") == "all")).to_dicts() if len(score) else []
    tops = found.tables["feature_csi"]
    moved = tops.filter((pl.col("as_of") == found.on) & (pl.col("bucket") == "all") & pl.col("top").is_not_null())
    shown = [
        ("tile_psi", plain(now[0]["psi"], 3), w("timeline.tile_limit", n=plain(now[0]["limit"]))) if now else None,
        ("tile_features", count(int(moved["trips"].sum())), w("timeline.tile_of_top", n=count(len(moved)))),
        ("tile_early", plain(early["auc"][-1], 3), w("timeline.early_auc")) if len(early) else None,
        ("tile_oe", plain(found.book.oe), w("timeline.tile_one")) if found.book.obligors else None,
        ("tile_auc", plain(true["auc"][-1], 3), w("timeline.tile_last_mature")) if len(true) else None,
        ("tile_stability", plain(found.stability.score, 3), w(f"timeline.stable_by_{found.stable_by}")),
    ]
    kept = [one for one in shown if one and one[1] != NOTHING]
    return [(w(f"timeline.{key}"), number, note) for key, number, note in kept]


def notes(found: Timeline, w: Wording) -> list[str]:
    """What the page cannot show, and why."""
    said = [w("timeline.note_stability")]
    if not len(found.tables["truth"]):
        said.append(w("timeline.note_immature", months=found.asked.horizon))
    if not len(found.tables["early_read"]):
        said.append(w("timeline.note_early"))
    if not found.asked.challenger:
        said.append(w("timeline.note_alone"))
    elif found.gap and found.gap["value"] == found.gap["value"]:
        said.append(w("timeline.note_gap", **{name: f"{value:+.3f}" for name, value in found.gap.items()}))
    return said
