"""The OpenAPI document: its examples are true, its references lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from book.contract import TABLES

DOOR = {"401", "403", "429"}


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict[str, Any]:
    answer = client.get("/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def examples(document: dict[str, Any], path: str) -> list[Any]:
    content = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    return [example["value"] for example in content["examples"].values()]


def test_the_worked_example_is_scored_with_reasons(document: dict[str, Any], post: Callable[..., Any]) -> None:
    for example in examples(document, "/v1/scores"):
        answer = post("/v1/scores", example)
        assert answer.status_code == 200, answer.text
        assert answer.json()["scores"][0]["reasons"]


def test_the_example_of_a_batch_has_a_score_and_a_problem(document: dict[str, Any], post: Callable[..., Any]) -> None:
    (example,) = examples(document, "/v1/scores/batch")
    assert [r["status"] for r in post("/v1/scores/batch", example).json()["results"]] == [200, 422]


def test_the_example_of_a_problem_is_what_a_faulty_request_gets(
    document: dict[str, Any], post: Callable[..., Any]
) -> None:
    broken = examples(document, "/v1/scores/batch")[0]["requests"][1]
    shown = document["paths"]["/v1/scores"]["post"]["responses"]["422"]["content"]
    assert shown["application/problem+json"]["example"] == post("/v1/scores", broken).json()


def test_every_reference_of_the_document_leads_to_a_schema(document: dict[str, Any]) -> None:
    names = set(re.findall(r"'#/components/schemas/([^']+)'", str(document)))
    assert names
    assert names <= set(document["components"]["schemas"])
    assert "#/$defs" not in str(document)


def test_every_table_of_the_contract_can_be_sent(document: dict[str, Any]) -> None:
    assert all(f"'{name}'" in str(document["components"]["schemas"]) for name in TABLES)


def test_every_route_says_how_it_fails(document: dict[str, Any]) -> None:
    codes = {path: set(next(iter(item.values()))["responses"]) for path, item in document["paths"].items()}
    assert all({"200", *DOOR} <= told for path, told in codes.items() if path.startswith("/v1"))
    expected = {
        "/v1/scores": {"200", "404", "408", "409", "413", "415", "422", "503"} | DOOR,
        "/v1/scores/batch": {"200", "408", "409", "413", "415", "422", "503"} | DOOR,
        "/v1/model": {"200", "503"} | DOOR,
        "/healthz": {"200"},
        "/readyz": {"200", "503"},
    }
    assert {path: codes[path] for path in expected} == expected
