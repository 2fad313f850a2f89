from __future__ import annotations

import pytest

from jobgraph.server.html.links import address_of, link

BASE = "https://jobgraph.example/id/"


@pytest.mark.parametrize(
    ("iri", "address"),
    [
        pytest.param(f"{BASE}job/1", "/page/job/1", id="thing"),
        pytest.param(f"{BASE}job/a%2Fb", "/page/job/a%2Fb", id="key_stays_encoded"),
        pytest.param("https://w3id.org/jobgraph/Job", "/ontology/Job", id="term"),
        pytest.param("https://w3id.org/jobgraph/code/job-status/active", "/ontology/code/job-status/active", id="code"),
        pytest.param("https://w3id.org/jobgraph/", "/ontology", id="ontology"),
        pytest.param("https://elsewhere.example/x?y=1#z", "https://elsewhere.example/x?y=1#z", id="elsewhere"),
        pytest.param(f"{BASE}job/1?x=2", f"{BASE}job/1?x=2", id="query_is_no_step"),
        pytest.param("javascript:alert(1)", None, id="script"),
        pytest.param("JaVaScRiPt:alert(1)", None, id="script_in_mixed_case"),
        pytest.param("data:text/html,<script>", None, id="data"),
        pytest.param("vbscript:x", None, id="vbscript"),
        pytest.param("file:///etc/passwd", None, id="file"),
        pytest.param("https:///", None, id="no_host"),
        pytest.param("urn:uuid:1", None, id="no_address"),
    ],
)
def test_only_addresses_become_links(iri: str, address: str | None) -> None:
    assert address_of(iri, BASE) == address
    assert ("href" in link(iri, "name", BASE)) is (address is not None)
