"""The model card and validation report of a run."""

from __future__ import annotations

from features.catalogue import Catalogue
from training.result import TrainResult
from training.validation import Validation


def model_page(validation: Validation, result: TrainResult, catalogue: Catalogue) -> str:
    """The page as self-contained HTML."""
    return f"<!doctype html><title>{result.bundle.id}</title>"
