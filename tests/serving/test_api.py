"""What each status code of the API means, and how its errors read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from models.bundle import Bundle
from serving.app import create_app
from serving.service import Limits
from serving.wiring import Wiring

Body = dict[str, Any]
Post = Callable[..., Any]
JSON = {"content-type": "application/json"}


def problem(answer: Any, status: int, name: str) -> Body:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: Body = answer.json()
    assert told["status"] == status
    assert told["type"] == name if ":" in name else told["type"] == f"urn:loanwatch:problem:{name}"
    return told


def test_a_score_carries_its_reasons_in_both_languages_and_what_made_it(body: Body, post: Post, bundle: Bundle) -> None:
    answer = post("/v1/scores", body)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["model"] == bundle.id
    assert set(told["policy"]) == {"id", "version", "hash"}
    one = told["scores"][0]
    assert one["status"] == "scored"
    assert 0 < one["pd"] < 1
    assert one["tier"] in ("T1", "T2", "T3", "T4", "T5")
    assert one["as_of"] == body["as_of"]
    assert one["cutoff"] == "2023-06-30T15:59:59.999999Z"
    assert one["explainer"] in ("treeshap tables", "lightgbm pred_contrib")
    assert one["calibration"]["kind"] == "platt"
    assert 0 < one["calibration"]["raw_pd"] < 1
    assert one["calibration"]["text"]["en"].startswith("The model's own sum gives")
    for reason in one["reasons"]:
        assert reason["weak"] == bool(reason["doubt"])
        assert reason["borrower_text"]["en"]
        assert reason["borrower_text"]["zh"]
        assert set(reason["text"]) == set(reason["family_label"]) == {"en", "zh"}
    assert abs(sum(one["contributions"].values()) + one["base"] - one["raw_score"]) < 1e-9


def test_a_loan_without_history_has_a_status_and_no_pd(body: Body, post: Post) -> None:
    loan = next(row for row in body["tables"]["loans"] if row["loan_id"] == body["score"][0])
    answer = post("/v1/scores", body | {"as_of": loan["disbursed_on"], "score": body["score"][:1]})
    one = answer.json()["scores"][0]
    assert (one["status"], one["pd"], one["tier"], one["reasons"]) == ("insufficient_history", None, None, [])


def test_422_names_every_fault_by_its_path(body: Body, post: Post) -> None:
    payments = body["tables"]["payments"]
    payments[0]["amount"] = -5
    payments[1]["paid_on"] = "2023-02-30"
    del body["tables"]["instalments"][2]["due_on"]
    body["book_complete"] = "yes"
    told = problem(post("/v1/scores", body), 422, "invalid-request")
    paths = {fault["path"] for fault in told["faults"]}
    assert {
        "tables.payments[1].paid_on",
        "tables.instalments[2].due_on",
        "book_complete",
    } <= paths
    assert all(fault["what"] and fault["code"] for fault in told["faults"])


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b"null", b'{"as_of": NaN}', b"\xff\xfe", b"[" * 100_000])
def test_422_for_a_body_that_is_no_request(broken: bytes, post: Post) -> None:
    for path in ("/v1/scores", "/v1/scores/batch"):
        told = problem(post(path, broken), 422, "invalid-request")
        assert told["faults"]


def test_404_where_the_loan_to_score_is_not_in_the_request(body: Body, post: Post) -> None:
    told = problem(post("/v1/scores", body | {"score": ["nobody's"]}), 404, "unknown-loan")
    assert told["faults"][0]["path"] == "score[0]"
    assert told["faults"][0]["got"] == "nobody's"


def test_409_where_the_client_pins_another_model(body: Body, post: Post, bundle: Bundle) -> None:
    told = problem(post("/v1/scores", body | {"model": "last-year"}), 409, "other-model")
    assert "'last-year'" in told["detail"]
    assert bundle.id in told["detail"]
    assert post("/v1/scores", body | {"model": bundle.id}).status_code == 200


def test_413_where_the_body_is_longer_than_the_limit_declared_or_not(models_dir: Path, body: Body) -> None:
    app = create_app(Wiring(models_dir).service(Limits(body_bytes=1000, batch_bytes=2000)))
    content = json.dumps(body).encode()
    with TestClient(app) as client:
        for sent in (content, iter([content[:800], content[800:]])):
            told = problem(client.post("/v1/scores", content=sent, headers=JSON), 413, "too-large")
            assert "1,000 bytes" in told["detail"]
        assert client.post("/v1/scores/batch", content=content, headers=JSON).status_code == 413


def test_415_where_the_body_is_not_declared_as_json(client: TestClient) -> None:
    told = problem(client.post("/v1/scores", content=b"{}", headers={"content-type": "text/csv"}), 415, "not-json")
    assert told["detail"] == "got content-type 'text/csv', allowed is application/json"


def test_503_without_a_champion_and_200_as_soon_as_there_is_one(tmp_path: Path, bundle: Bundle, body: Body) -> None:
    service = Wiring(tmp_path).service()
    with TestClient(create_app(service, watch_every=60)) as client:
        content = json.dumps(body).encode()
        answers = [client.post("/v1/scores", content=content, headers=JSON), client.get("/v1/model")]
        for answer in (*answers, client.get("/readyz")):
            told = problem(answer, 503, "no-champion")
            assert "`loanwatch train` writes it" in told["detail"]
            assert answer.headers["retry-after"] == "5"
        assert client.get("/healthz").json() == {"status": "alive"}
        bundle.save(tmp_path / "bundles" / bundle.id)
        (tmp_path / "champion").write_text(bundle.id)
        service.champion.refresh()
        assert client.post("/v1/scores", content=content, headers=JSON).status_code == 200
        assert client.get("/readyz").json() == {"status": "ready", "model": bundle.id, "refused": None}


def test_a_corrupt_new_champion_is_refused_in_readyz_and_the_old_one_answers_on(
    tmp_path: Path, bundle: Bundle, body: Body
) -> None:
    bundle.save(tmp_path / "bundles" / bundle.id)
    (tmp_path / "champion").write_text(bundle.id)
    service = Wiring(tmp_path).service()
    with TestClient(create_app(service, watch_every=60)) as client:
        bundle.save(tmp_path / "bundles" / "edited")
        facts = tmp_path / "bundles" / "edited" / "bundle.json"
        facts.write_text(facts.read_text().replace('"slope": 0.9', '"slope": 0.8'))
        (tmp_path / "champion").write_text("edited")
        service.champion.refresh()
        ready = client.get("/readyz")
        assert ready.status_code == 200
        assert ready.json()["model"] == bundle.id
        assert "edited is refused: - its files were changed" in ready.json()["refused"]
        answer = client.post("/v1/scores", content=json.dumps(body).encode(), headers=JSON)
        assert answer.json()["model"] == bundle.id


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/v2", 404, "there is nothing at /v2; /openapi.json lists the addresses"),
        ("/v1/scores", 405, "GET is not answered at /v1/scores; allowed: POST"),
    ],
)
def test_errors_of_the_transport_are_problem_details_too(
    client: TestClient, path: str, status: int, detail: str
) -> None:
    assert problem(client.get(path), status, "about:blank")["detail"] == detail


def test_422_where_the_loan_was_not_paid_out_or_not_known_yet(body: Body, post: Post) -> None:
    told = problem(post("/v1/scores", body | {"as_of": "2001-01-31"}), 422, "invalid-request")
    fault = told["faults"][0]
    assert (fault["path"], fault["code"]) == ("score[0]", "not_yet_known")
    paid_out = body["tables"]["loans"][0]["disbursed_on"]
    assert fault["got"].startswith(f"paid out on {paid_out}, known at ")
    early = post("/v1/scores", body | {"cutoff": "2001-01-31T00:00:00Z"})
    assert problem(early, 422, "invalid-request")["faults"][0]["code"] == "not_yet_known"


def test_each_item_of_a_batch_has_the_status_it_would_have_alone(body: Body, post: Post) -> None:
    requests = [
        body,
        body | {"as_of": "yesterday"},
        body | {"score": ["nobody's"]},
        body | {"model": "last-year"},
        "not a request",
        {**body, "tables": {name: rows for name, rows in body["tables"].items() if name != "cashflow"}},
    ]
    answer = post("/v1/scores/batch", {"requests": requests})
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [result["status"] for result in results] == [200, 422, 404, 409, 422, 200]
    assert results[1]["problem"]["faults"][0]["path"] == "as_of"
    for request, result in zip(requests, results, strict=True):
        alone = post("/v1/scores", request)
        assert alone.status_code == result["status"]
        if result["status"] == 200:
            assert alone.json()["scores"] == result["scores"]


@pytest.mark.parametrize("count", [0, 1001])
def test_a_batch_has_between_1_and_1000_requests(count: int, post: Post) -> None:
    told = problem(post("/v1/scores/batch", {"requests": [{}] * count}), 422, "invalid-request")
    assert "1 to 1,000" in told["faults"][0]["allowed"]


def test_the_model_is_described_with_what_made_it(client: TestClient, bundle: Bundle) -> None:
    told = client.get("/v1/model").json()
    assert told["id"] == bundle.id
    assert told["features"] == list(bundle.features)
    assert (told["target"], told["horizon_months"]) == ("default_12m", 12)
    assert told["explainer"] in ("treeshap tables", "lightgbm pred_contrib")
