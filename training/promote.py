"""Who serves: a bundle in a folder of its own, a pointer that changes in one step, and the gates before it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from book.errors import Refusal
from features.catalogue import CATALOGUE
from features.context_file import CONTEXT
from models.bundle import Bundle, FeatureSet
from models.opening import load_bundle
from training.evidence import evidence_folder, read_run, read_validation
from training.gates.verdict import OPEN
from training.promotions import Promotion, append

BUNDLES = "bundles"
POINTER = "champion"


class NotPromoted(Refusal):
    """Gates are open and no approver has answered for them; the message names every one."""


def export(bundle: Bundle, models_dir: Path, catalogue: FeatureSet = CATALOGUE) -> Path:
    """Write the bundle to `models_dir/bundles/<id>` and open it; BundleRefused where it fails its own scores.

    The folder appears complete or not at all; one that is there already is left.
    """
    target = models_dir / BUNDLES / bundle.id
    if not target.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=target.parent) as made:
            draft = Path(made) / bundle.id
            bundle.save(draft)
            load_bundle(draft, catalogue)
            draft.rename(target)
    load_bundle(target, catalogue)
    return target


def promote(
    models_dir: Path,
    bundle_id: str,
    at: str,
    by: str,
    approver: str = "",
    reason: str = "",
    catalogue: FeatureSet = CATALOGUE,
    proof: str = "name",
) -> Promotion:
    """Make a judged bundle the champion: pointer, alias in MLflow, a line in the promotions file.

    `at` is the moment (ISO), `by` who asks for it. Raises NotPromoted where a gate is not passed, or the bundle was
    judged against another champion, unless an `approver` gives a `reason` (`proof` as in Promotion); BundleRefused
    where the bundle does not reproduce the scores of its golden rows, whoever approves.
    """
    validation = read_validation(models_dir, bundle_id)
    before = champion_id(models_dir) or ""
    load_bundle(models_dir / BUNDLES / bundle_id, catalogue)
    doubts = open_gates(validation, before if before != bundle_id else str(validation["champion"]))
    if bool(approver.strip()) != bool(reason.strip()):
        raise Refusal("an override needs both: the approver's name and the reason")
    if doubts and not approver:
        listed = "\n".join(f"- {doubt}" for doubt in doubts)
        raise NotPromoted(
            f"bundle {bundle_id[:12]} is not promoted; open:\n{listed}\n"
            "allowed: a model that passes, or an approver's name and reason (--approver, --reason)"
        )
    gates = {str(one["gate"]): str(one["status"]) for one in validation["gates"]}
    status = "override" if doubts else "pass"
    shown = proof if approver.strip() else ""
    done = Promotion("promote", at, by, bundle_id, before, status, gates, approver.strip(), reason.strip(), shown)
    move(done, models_dir)
    return done


def move(change: Promotion, models_dir: Path) -> None:
    """Carry out a change of champion: alias first, then the record, the context, and last what serving reads."""
    run = read_run(models_dir, change.bundle)
    if run:
        from training.aliases import crown  # importing mlflow takes seconds

        crown(run, change)
    append(change, models_dir)
    context = evidence_folder(models_dir, change.bundle) / CONTEXT
    if context.is_file():
        _copy(context, models_dir / CONTEXT)
    point(change.bundle, models_dir)


def open_gates(validation: Mapping[str, Any], champion: str) -> list[str]:
    """What stands between a bundle and promotion, in words; `champion` is the one to beat now ("" for none)."""
    found = [_said(one) for one in validation["gates"] if one["status"] not in OPEN]
    judged = str(validation["champion"])
    if champion != judged:
        against = f"champion {judged[:12]}" if judged else "no champion"
        now = champion[:12] or "nobody"
        found.append(f"it was judged against {against}, and {now} serves now: `loanwatch compare --book` judges anew")
    return found


def champion_id(models_dir: Path) -> str | None:
    """The bundle that serving is pointed at, None where there is none."""
    pointer = models_dir / POINTER
    return (pointer.read_text("utf-8").strip() or None) if pointer.is_file() else None


def point(bundle_id: str, models_dir: Path) -> Path:
    """Make an exported bundle the champion, atomically; FileNotFoundError where there is no such bundle."""
    if not (models_dir / BUNDLES / bundle_id).is_dir():
        raise FileNotFoundError(f"{models_dir / BUNDLES} has no bundle {bundle_id}")
    pointer = models_dir / POINTER
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=models_dir, prefix=".champion-", delete=False) as draft:
        draft.write(bundle_id + "\n")
        draft.flush()
        os.fsync(draft.fileno())
    os.chmod(draft.name, 0o644)
    os.replace(draft.name, pointer)
    return pointer


def find_bundle(models_dir: Path, start: str) -> str:
    """The id of the one exported bundle that begins with `start`; Refusal naming those there are."""
    there = sorted(path.name for path in (models_dir / BUNDLES).glob("*") if not path.name.startswith("."))
    found = [one for one in there if start and one.startswith(start)]
    if len(found) != 1:
        listed = ", ".join(one[:12] for one in there) or "none"
        raise Refusal(f"bundle {start!r}: {len(found)} of the bundles in {models_dir} begin so; there are: {listed}")
    return found[0]


def _said(verdict: Mapping[str, Any]) -> str:
    band = " to ".join("open" if edge is None else f"{edge:g}" for edge in (verdict["low"], verdict["high"]))
    values = [
        f"{one['part'] + ' ' if one['part'] else ''}{one['value']:.4g} ({one['low']:.4g} to {one['high']:.4g})"
        for one in verdict["found"]
        if one["value"] is not None and (len(verdict["found"]) == 1 or one["part"] in verdict["reason"])
    ]
    told = "; ".join(filter(None, [", ".join(values), verdict["reason"] if verdict["status"] != "fail" else ""]))
    return f"{verdict['gate']} ({verdict['status']}): {told}; allowed {band}"


def _copy(source: Path, target: Path) -> None:
    draft = target.with_name(f".new-{target.name}")
    shutil.copyfile(source, draft)
    os.replace(draft, target)
