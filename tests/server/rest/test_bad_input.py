"""Values that do not fit, and those that belong to somebody else: both are told apart from nothing."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from tests.server.live import ALPINE, NORTHWIND, Client, LiveServer
from tests.server.rest.tables_of import get, page_of

from jobgraph.store import Home

_UNKNOWN = "00000000-0000-4000-8000-000000000000"


def other_job(live: LiveServer) -> tuple[str, str]:
    """The IRI and the code of a job of the other tenant."""
    rows = (
        live.client(ALPINE)
        .query("SELECT ?job ?code { ?job a jg:Job ; skos:notation ?code } ORDER BY ?code LIMIT 1")
        .rows
    )
    return rows[0]["job"], rows[0]["code"]


@pytest.mark.parametrize("path", ["/questions/facts_of_job?job=", "/analysis/waits-for?entity="])
def test_a_foreign_entity_and_an_unknown_one_get_the_same_answer(live: LiveServer, reader: Client, path: str) -> None:
    iri, _ = other_job(live)
    unknown = f"{iri.rpartition('/')[0]}/{_UNKNOWN}"
    foreign, nothing = (get(reader, path + quote(name, safe="")) for name in (iri, unknown))
    assert foreign.status == nothing.status == 400
    assert foreign.text.replace(iri, "") == nothing.text.replace(unknown, "")


def test_near_matches_name_nothing_of_another_tenant(live: LiveServer, reader: Client) -> None:
    _, code = other_job(live)
    own = {row["code"] for row in reader.query("SELECT ?code { ?job a jg:Job ; skos:notation ?code }").rows}
    asked = f"{code}x"
    detail = get(reader, f"/questions/facts_of_job?job={quote(asked)}").json["detail"].replace(asked, "")
    assert code in own or code not in detail


@pytest.mark.parametrize(
    ("target", "words"),
    [
        pytest.param("/questions/facts_of_job", "needs job", id="missing"),
        pytest.param("/questions/facts_of_job?job=", "is empty", id="empty"),
        pytest.param("/questions/facts_of_job?jobs=x", "did you mean job", id="near_parameter"),
        pytest.param("/questions/facts_of_job?job=PHARMA_MA_PUB_01", "PHARMA_MA_PUB_001", id="near_entity"),
        pytest.param("/questions/highest_opportunities?least=21", "from 0 to 20", id="too_high"),
        pytest.param("/questions/highest_opportunities?least=1e-999999999", "from 0 to 20", id="huge_when_written"),
        pytest.param("/questions/highest_opportunities?Least=1", "did you mean least", id="other_case"),
        pytest.param("/questions/obstacles_by_severity?severity=grave", "choose one of", id="no_code"),
        pytest.param("/analysis/gaps?by=role", "no parameter 'by'", id="not_of_this_analysis"),
        pytest.param("/analysis/chain?by=colour", "count, effort, duration", id="no_choice"),
        pytest.param("/analysis/closing-set?threshold=1e999999999", "from 0 to 1", id="huge"),
        pytest.param("/analysis/closing-set?threshold=NaN", "from 0 to 1", id="no_number"),
        pytest.param("/analysis/opportunities?margin=-1", "from 0 to 20", id="negative"),
        pytest.param("/analysis/what-if", "needs levels", id="no_levels"),
        pytest.param("/analysis/what-if?levels%5BData%20Product%20Governance%5D=golden", "golden", id="no_level"),
        pytest.param("/analysis/waits-for", "needs entity", id="no_entity"),
        pytest.param("/validation?severity=grave", "Violation, Warning, Info", id="no_severity"),
    ],
)
def test_a_value_that_does_not_fit_is_a_problem(reader: Client, target: str, words: str) -> None:
    reply = get(reader, target)
    assert (reply.status, reply.kind) == (400, "application/problem+json")
    assert words in reply.json["detail"]


@pytest.mark.parametrize(
    "text",
    [
        "' OR 1=1 --",
        '"} UNION {?s ?p ?o',
        "> ?p ?o",
        "\x00",
        "%",
        "*",
        "a" * 8000,
        "<script>",
        "${x}",
        "../../etc/passwd",
    ],
    ids=range(10),
)
@pytest.mark.parametrize("start", ["/questions/facts_of_job?job=", "/analysis/waits-for?entity=", "/quarantine?table="])
def test_a_value_stays_a_value(reader: Client, start: str, text: str) -> None:
    reply = get(reader, start + quote(text, safe=""))
    assert reply.status in {200, 400}
    if reply.status == 200:
        assert reply.json["rows"] == []


def test_a_level_that_is_named_with_brackets_counts(reader: Client) -> None:
    changed = page_of(reader, f"/analysis/gaps?{quote('levels[Data Product Governance]')}=advanced")
    assert changed["rows"] != page_of(reader, "/analysis/gaps")["rows"]


@pytest.mark.parametrize("path", ["/coverage", "/quarantine", "/validation", "/generations", "/openapi.json"])
def test_a_report_speaks_of_its_tenant_only(live: LiveServer, path: str) -> None:
    current = Home(live.home).tenant(ALPINE).current()
    assert current
    text = get(live.client(NORTHWIND), path).text
    assert ALPINE not in text
    assert "alpine" not in text.lower()
