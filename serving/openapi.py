"""The OpenAPI document: schemas from the contract and the answers, examples from the product itself."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from book.errors import RequestRefused
from book.request import decode, example, request_schema
from book.request.limits import MOST_REQUESTS
from book.settings import Settings
from serving.answers import Alive, Answer, BatchAnswer, ModelOut, Ready
from serving.problems import MEDIA, Problem, problem

Json = dict[str, Any]
REF = "#/components/schemas/"

DESCRIPTION = """Probability of default of loans after pay-out, from the raw tables a lender keeps: \
calibrated, explained in English and Chinese, with a risk tier.

Every error is an `application/problem+json` (RFC 9457); a 422 names every fault of the body by its path. \
Scores advise; a person decides."""

_WHY = {
    404: "a loan to score is not among the loans of the request",
    409: "the request pins a model that is not the champion",
    413: "the body is too long",
    415: "the body is not declared as JSON",
    422: "the body breaks the data contract; every fault by its path",
    503: "no model is loaded",
}


def _ref(name: str) -> Json:
    return {"$ref": REF + name}


def _responses(answer: type, what: str, *errors: int) -> dict[int | str, Json]:
    found: dict[int | str, Json] = {200: _content(what, "application/json", answer.__name__)}
    return found | {code: _content(_WHY[code], MEDIA, "Problem") for code in errors}


def _content(description: str, media: str, schema: str) -> Json:
    return {"description": description, "content": {media: {"schema": _ref(schema)}}}


def _body(schema: str) -> Json:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": _ref(schema)}}}}


SCORES: Json = {
    "responses": _responses(Answer, "scores in the order of `score`", 404, 409, 413, 415, 422, 503),
    "openapi_extra": _body("ScoreRequest"),
}
BATCH: Json = {
    "responses": _responses(BatchAnswer, "a result for each request, in order", 413, 415, 422, 503),
    "openapi_extra": _body("BatchRequest"),
}
MODEL: Json = {"responses": _responses(ModelOut, "the champion", 503)}
READY: Json = {"responses": _responses(Ready, "the service can score", 503)}
ALIVE: Json = {"responses": _responses(Alive, "the process answers")}


def document(app: FastAPI) -> Json:
    """The OpenAPI document of `app`, made once."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        made.setdefault("components", {})["schemas"] = _schemas()
        _add_examples(made["paths"])
        app.openapi_schema = made
    return app.openapi_schema


def _schemas() -> Json:
    shapes = (Answer, BatchAnswer, ModelOut, Ready, Alive, Problem)
    _, answers = msgspec.json.schema_components(shapes, ref_template=REF + "{name}")
    batch = {
        "type": "object",
        "required": ["requests"],
        "additionalProperties": False,
        "properties": {
            "requests": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_REQUESTS,
                "items": _ref("ScoreRequest"),
            }
        },
    }
    return {**answers, "ScoreRequest": request_schema(), "BatchRequest": batch}


def _add_examples(paths: Json) -> None:
    one, broken = example(), broken_example()
    _show(paths, "/v1/scores", {"A loan whose last payments came late": one})
    _show(paths, "/v1/scores/batch", {"Two borrowers, one with a fault": {"requests": [one, broken]}})
    try:
        decode(msgspec.json.encode(broken), Settings())
    except RequestRefused as error:
        refused = paths["/v1/scores"]["post"]["responses"]["422"]["content"][MEDIA]
        refused["example"] = msgspec.to_builtins(problem(error))


def _show(paths: Json, path: str, examples: dict[str, Json]) -> None:
    content = paths[path]["post"]["requestBody"]["content"]["application/json"]
    content["examples"] = {name: {"value": value} for name, value in examples.items()}


def broken_example() -> Json:
    """The worked example with a payment of a negative amount on a day that does not exist."""
    broken = msgspec.json.decode(msgspec.json.encode(example()))
    broken["tables"]["payments"][0] |= {"amount": -100, "paid_on": "2024-02-30"}
    found: Json = broken
    return found
