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
from serving.answers import Alive, Answer, BatchAnswer, EventAnswer, ModelOut, Ready
from serving.problems import MEDIA, Problem, problem

Json = dict[str, Any]
REF = "#/components/schemas/"

SCHEMES: Json = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "made by `loanwatch keys add`"},
    "Bearer": {"type": "http", "scheme": "bearer", "description": "a token of the identity provider, or an API key"},
}
DESCRIPTION = """Probability of default of loans after pay-out, from the raw tables a lender keeps: \
calibrated, explained in English and Chinese, with a risk tier.

Every error is an `application/problem+json` (RFC 9457); a 422 names every fault of the body by its path. \
Scores advise; a person decides."""

_WHY = {
    401: "no credentials that hold",
    403: "no role of the actor allows it",
    404: "nothing is known under the id, or a loan to score is not among the loans of the request",
    408: "the body came too slowly",
    409: "the request pins a model that is not the champion, its idempotency key was used, or somebody was faster",
    413: "the body is too long",
    415: "the body is not declared as JSON",
    422: "the body breaks the data contract; every fault by its path",
    429: "too many requests; Retry-After says when the next is answered",
    503: "no model is loaded, or the journal or the store does not answer",
}


AT_THE_DOOR = (401, 403, 429)
_OPEN: Json = {"security": []}


def _ref(name: str) -> Json:
    return {"$ref": REF + name}


def answers(answer: type, what: str, *errors: int, door: bool = True) -> dict[int | str, Json]:
    """The responses of a route: its answer, its own errors, and those of the door."""
    found: dict[int | str, Json] = {200: _content(what, "application/json", answer.__name__)}
    codes = sorted({*errors, *(AT_THE_DOOR if door else ())})
    return found | {code: _content(_WHY[code], MEDIA, "Problem") for code in codes}


def _content(description: str, media: str, schema: str) -> Json:
    return {"description": description, "content": {media: {"schema": _ref(schema)}}}


def body(schema: str, *parameters: Json) -> Json:
    """The body of a route, by its schema, and its parameters in headers, path and query."""
    content = {"application/json": {"schema": _ref(schema)}}
    return {"requestBody": {"required": True, "content": content}, "parameters": list(parameters)}


IDEMPOTENCY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "With the same key and the same body the earlier answer comes again, and nothing is done twice.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}


SCORES: Json = {
    "responses": answers(Answer, "scores in the order of `score`", 404, 408, 409, 413, 415, 422, 503),
    "openapi_extra": body("ScoreRequest", IDEMPOTENCY),
}
BATCH: Json = {
    "responses": answers(BatchAnswer, "a result for each request, in order", 408, 409, 413, 415, 422, 503),
    "openapi_extra": body("BatchRequest", IDEMPOTENCY),
}
MODEL: Json = {"responses": answers(ModelOut, "the champion", 503)}
READY: Json = {"responses": answers(Ready, "the service can score", 503, door=False), "openapi_extra": _OPEN}
ALIVE: Json = {"responses": answers(Alive, "the process answers", door=False), "openapi_extra": _OPEN}


def document(app: FastAPI) -> Json:
    """The OpenAPI document of `app`, made once."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        made.setdefault("components", {})["schemas"] = _schemas()
        made["components"]["securitySchemes"] = SCHEMES
        made["security"] = [{name: []} for name in SCHEMES]
        _add_examples(made["paths"])
        app.openapi_schema = made
    return app.openapi_schema


def _schemas() -> Json:
    from serving.openapi_cases import SHAPES

    shapes = (Answer, BatchAnswer, EventAnswer, ModelOut, Ready, Alive, Problem, *SHAPES)
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
    request = request_schema()
    tables = dict(request["properties"]["tables"])
    tables.pop("required", None)
    event = {"type": "object", "required": ["tables"], "additionalProperties": False, "properties": {"tables": tables}}
    return {**answers, "ScoreRequest": request, "BatchRequest": batch, "EventRequest": event}


def _add_examples(paths: Json) -> None:
    from serving.openapi_cases import EXAMPLES

    one, broken = example(), broken_example()
    for path, body in EXAMPLES.items():
        _show(paths, path, {"Example": body})
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
