"""Schemathesis over the whole description: nothing that is sent makes the service fail."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from starlette.testclient import TestClient

QUICK = settings(
    max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)


def test_nothing_that_the_description_allows_makes_the_service_fail(guarded: TestClient, keys: dict[str, str]) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", guarded.app)
    tried = []
    for found in schema.get_all_operations():
        operation = found.ok()

        @QUICK
        @given(case=operation.as_strategy())
        def sent(case: Any) -> None:
            for role in ("officer", "monitor", "approver", "auditor"):
                answer = case.call(headers={"x-api-key": keys[role]})
                if answer.status_code != 403:
                    case.validate_response(answer, checks=[not_a_server_error])
                    assert answer.status_code != 401
                    break

        sent()
        tried.append(operation.label)
    assert len(tried) >= 18
