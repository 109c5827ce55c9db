"""Retention takes figures of cohorts that no score needs any more, and nothing that later scores need."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from loanwatch.main import app
from serving.archive import Archive, Unkept
from serving.archive.names import of_context, of_own
from serving.archive.reading import kept_own
from serving.archive.retention import erased_contexts, forget_contexts
from serving.journal import Journal, Means, Score
from serving.journal.erase import erase

DAY = 86_400_000_000


def means(context: str) -> Means:
    return Means(
        bundle_id="b", pack="p", pack_hash="p", context_hash=context, settings_hash="s", version="1", code_hash="c",
        libraries="", actor="api",
    )  # fmt: skip


def score(n: int, context: str) -> Score:
    return Score(
        score_id=f"S{n}", request_id="", actor="a", source="api", loan_id="L", borrower_id="B", as_of=0, cutoff=0,
        status="closed", pd=float("nan"), raw=float("nan"), grade="", tier="", floor="", dpd=0, exposure=None,
        bundle_id="b", pack="p 1", pack_hash="p", context_hash=context, feature_hash="", explainer="",
    )  # fmt: skip


def test_figures_end_with_the_data_of_the_scores_that_used_them(tmp_path: Path) -> None:
    now, archive = [0], Archive(tmp_path / "archive")
    with Journal.open(tmp_path / "journal.db", clock=lambda: now[0]) as journal:
        for n, name in enumerate(("old", "used", "held")):
            now[0] = n * DAY
            archive.put(of_context(name), b"{}")
            journal.write(means(name), score(n, name)).result(10)
        now[0] = 9 * DAY
        journal.write(score(9, "used")).result(10)
        assert not erased_contexts(journal)
        erase(journal, 5 * DAY, "auditor")
        assert forget_contexts(journal, archive, tmp_path / "segments") == 1
        assert erased_contexts(journal) == {"old"}
        assert [archive.has(of_context(name)) for name in ("old", "used", "held")] == [False, True, True]
        assert forget_contexts(journal, archive, tmp_path / "segments") == 0


def test_own_features_come_out_under_their_names_and_only_as_they_were(tmp_path: Path) -> None:
    archive, content = Archive(tmp_path / "archive"), b"answer = 42\n"
    hash_ = hashlib.sha256(content).hexdigest()
    archive.put(of_own(hash_), content)
    (tmp_path / "out").mkdir()
    (path,) = kept_own(archive, {"ours.py": hash_}, tmp_path / "out")
    assert (path.name, path.read_bytes()) == ("ours.py", content)
    archive.path(of_own(hash_)).write_bytes(b"answer = 43\n")
    with pytest.raises(Unkept, match=r"own features ours\.py .* was altered"):
        kept_own(archive, {"ours.py": hash_}, tmp_path / "out")


def test_the_commands_find_the_archive_beside_the_journal(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    with Journal.open(url) as journal:
        journal.write(means("")).result(10)
    run: Any = CliRunner().invoke
    told = run(app, ["journal", "verify", "--journal", url, "--segments", str(tmp_path)])
    assert told.exit_code == 1
    assert str(tmp_path / "journal.db-archive") in told.output.replace("\n", "")
