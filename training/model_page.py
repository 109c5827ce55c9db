"""The model card and validation report of a run."""

from __future__ import annotations

from collections.abc import Callable

from features.catalogue import Catalogue
from reports.model.page import model_page as page
from reports.model.view import ModelView, Picture
from training.pictures import pictures
from training.result import TrainResult
from training.validation import Validation


def model_page(
    validation: Validation,
    result: TrainResult,
    catalogue: Catalogue,
    owner: str | None = None,
    draw: Callable[..., tuple[Picture, ...]] = pictures,
) -> str:
    """The page as self-contained HTML; `owner` answers for the model, by default who keeps the gates."""
    labels = {column.name: dict(column.label) for column in catalogue.columns}
    bundle = result.bundle
    facts = {
        "id": bundle.id,
        "target": bundle.target,
        "horizon": bundle.horizon,
        "kind": bundle.kind,
        "dates": bundle.dates,
        "versions": bundle.versions,
        "features": len(bundle.features),
    }
    case = validation.case
    return page(
        ModelView(
            bundle=facts,
            validation=validation.data,
            report=result.report,
            parameters=result.parameters,
            labels=labels,
            owner=owner or str(validation.data["pack"]["owner"]),
            units={column.name: dict(column.unit.label) for column in catalogue.columns},
            pictures=draw(bundle, case.sample, catalogue.columns),
        )
    )
