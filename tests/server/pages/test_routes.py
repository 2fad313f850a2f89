from __future__ import annotations

import pytest
from tests.server.live import Client
from tests.server.pages.asking import see

from jobgraph.server.pages.routes import entity_step


@pytest.mark.parametrize(
    ("base", "path", "step"),
    [
        pytest.param("https://a.example/id/", "/id/job/1", "job/1", id="thing"),
        pytest.param("https://a.example/id/", "/id/job/", "job/", id="list"),
        pytest.param("https://a.example/id/", "/id/job/a%2Fb", "job/a%2Fb", id="key_stays_encoded"),
        pytest.param("https://a.example/id/", "/identity", None, id="other_path"),
        pytest.param("https://a.example/id/", "/questions/jobs_of_persona", None, id="question"),
        pytest.param("https://a.example/x/y/", "/x/y/job/1", "job/1", id="longer_base"),
        pytest.param("https://a.example/", "/job/1", "job/1", id="base_is_the_root"),
        pytest.param("https://a.example/", "/", None, id="root_leaves_the_overview_alone"),
        pytest.param("https://a.example/", "/nothing", None, id="root_needs_two_steps"),
        pytest.param("urn:jobs:", "/job/1", None, id="base_that_is_no_address"),
    ],
)
def test_path_leads_to_the_entity_of_its_iri(base: str, path: str, step: str | None) -> None:
    assert entity_step(path, base) == step


@pytest.mark.parametrize(
    "target", ["/questions", "/analysis", "/validation", "/generations", "/graphs?default", "/openapi.json"]
)
def test_addresses_of_others_are_left_to_them(reader: Client, target: str) -> None:
    reply = see(reader, target)
    assert (reply.status, "content-security-policy" in reply.headers) == (200, False)
