"""Requests that schemathesis makes of the OpenAPI document of a server, each answer checked against it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.server.live import Client

CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")


def run_cases(client: Client, each: int, *, only: str = "") -> Counter[int]:
    """Send `each` requests of every kind to every operation, or to those whose path begins with `only`.

    Half of them fit the document, half do not; where a parameter has an example, half of those that fit take it.
    Gives the number of answers by status; 422 would hide that a worker died, so it must not come.
    """
    schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    document = client.ask("GET", "/openapi.json").json
    document.pop("security", None)  # the token is given below
    document["paths"] = {path: item for path, item in document["paths"].items() if path.startswith(only)}
    operations = [found.ok() for found in schemathesis.openapi.from_dict(document).get_all_operations()]
    statuses: Counter[int] = Counter()
    for operation in operations:
        _run(client, operation, schemathesis.GenerationMode.POSITIVE, each, statuses)
        if operation.query:
            _run(client, operation, schemathesis.GenerationMode.NEGATIVE, each, statuses)
    assert not statuses[422]
    return statuses


def _run(client: Client, operation: Any, mode: Any, count: int, statuses: Counter[int]) -> None:
    from schemathesis.checks import CHECKS as KNOWN
    from schemathesis.checks import load_all_checks

    load_all_checks()
    checks = KNOWN.get_by_names(CHECKS)
    parameters = operation.definition.raw["parameters"]
    examples = {found["name"]: found["example"] for found in parameters if isinstance(found.get("example"), str)}

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), with_examples=st.booleans())
    def send(case: Any, *, with_examples: bool) -> None:
        if with_examples and isinstance(case.query, dict) and mode is type(mode).POSITIVE:
            case.query = {**case.query, **examples}
            case.query.pop("generation", None)
        response = case.call(
            base_url=f"http://127.0.0.1:{client.port}", headers={"Authorization": f"Bearer {client.token}"}
        )
        statuses[response.status_code] += 1
        case.validate_response(response, checks=checks)

    send()
