"""Back to the champion before: one step, recorded like a promotion."""

from __future__ import annotations

from pathlib import Path

from book.errors import Refusal
from features.catalogue import CATALOGUE
from models.bundle import FeatureSet
from models.opening import load_bundle
from training.promote import BUNDLES, champion_id, move
from training.promotions import FILE, Promotion, before_last


def rollback(models_dir: Path, at: str, by: str, reason: str = "", catalogue: FeatureSet = CATALOGUE) -> Promotion:
    """Make the champion before the present one serve again; called twice it goes back two.

    Raises Refusal where there was none, BundleRefused where that bundle no longer reproduces its golden rows.
    """
    earlier = before_last(models_dir)
    if earlier is None:
        raise Refusal(f"{models_dir / FILE} names no champion before the present one: nothing to go back to")
    load_bundle(models_dir / BUNDLES / earlier, catalogue)
    done = Promotion("rollback", at, by, earlier, champion_id(models_dir) or "", reason=reason.strip())
    move(done, models_dir)
    return done
