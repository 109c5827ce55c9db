"""The models that peers serve: the champion's trees, and trees of a size that lenders grow on large books."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.borrower import body

KINDS = ("large", "champion")


@dataclass(frozen=True)
class Served:
    """A booster as text, the bundle whose features it takes, and the features of one row, None not observed."""

    kind: str
    words: str
    model: Path
    bundle: Path
    names: tuple[str, ...]
    features: tuple[float | None, ...]


def served_by_peers(models: Path, kinds: Sequence[str], folder: Path) -> Iterator[Served]:
    """What peers serve, of each kind; folders of the kinds are made in `folder`.

    "champion" is that of `models`, asked about the borrower of the benchmark. "large" is the model of
    `benchmarks.explain`, as wide as the champion, grown on random rows: no book of that size is needed for it.
    """
    from models.opening import load_bundle

    home = models.resolve() / "bundles" / (models / "champion").read_text(encoding="utf-8").strip()
    bundle = load_bundle(home)
    for kind in kinds:
        if kind == "large":
            from benchmarks.explain import model

            text, rows = model(features=len(bundle.features))
            row = rows[0].tolist()
        else:
            text, row = bundle.model_text, _features(models, home)
        place = folder / kind
        place.mkdir(exist_ok=True)
        (place / "model.txt").write_text(text, encoding="utf-8")
        words = f"{'a larger model' if kind == 'large' else 'the same model'} ({size_of(text)})"
        given = tuple(None if value != value else value for value in row)
        yield Served(kind, words, place / "model.txt", home, bundle.features, given)


def size_of(text: str) -> str:
    """The trees of a booster in words."""
    leaves = [int(line.partition("=")[2]) for line in text.splitlines() if line.startswith("num_leaves=")]
    return f"{len(leaves)} trees of up to {max(leaves, default=0)} leaves"


def _features(models: Path, home: Path) -> list[float]:
    """The features of the borrower of the benchmark, as the champion takes them."""
    from book.request import decode
    from features.context_file import CONTEXT, read_context
    from models.opening import load_bundle
    from policy.pack import load_pack
    from serving.scorer import Scorer
    from serving.service import score

    os.environ.setdefault("LOANWATCH_ID_KEY", "be" * 32)
    known = models / CONTEXT
    context = read_context(known) if known.is_file() else None
    scorer = Scorer(load_bundle(home), load_pack(), context=context, tables="never")
    found: list[float] = score([decode(body(), scorer.settings)], scorer).features[0].tolist()
    return found
