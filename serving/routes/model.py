"""What is known of the model that answers."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from serving.access.roles import Act
from serving.openapi import MODEL
from serving.render import model_out
from serving.routes.body import json, service_of
from serving.routes.entry import enter

router = APIRouter(prefix="/v1", tags=["model"])


@router.get("/model", **MODEL)
async def champion(request: Request) -> Response:
    """Describe the champion: what it predicts, from what, how well, under which policy."""
    await enter(request, Act.READ_MODEL)
    return json(model_out(service_of(request).champion.scorer()))
