from __future__ import annotations

import json

import pytest
from tests.server.html.reading import is_safe, read_page
from tests.server.live import Client
from tests.server.pages.asking import BROWSER, HTML, see, step_of

from jobgraph.questions import read_questions
from jobgraph.vocabulary import Vocabulary


@pytest.mark.parametrize(
    ("target", "accept", "kind"),
    [
        pytest.param("/", BROWSER, HTML, id="overview"),
        pytest.param("/", "", "text/turtle", id="overview_for_programs"),
        pytest.param("/", "application/ld+json", "application/ld+json", id="overview_as_json_ld"),
        pytest.param("/sparql", BROWSER, HTML, id="editor"),
        pytest.param("/sparql", "", "text/turtle", id="service_description"),
        pytest.param("/sparql?query=ASK%7B%7D", "*/*", "application/sparql-results+json", id="query"),
        pytest.param("/search?q=plan", BROWSER, HTML, id="search"),
        pytest.param("/search?q=plan", "", "application/json", id="search_for_programs"),
        pytest.param("/ontology", BROWSER, HTML, id="ontology"),
        pytest.param("/ontology", "", "text/turtle", id="ontology_for_programs"),
        pytest.param(
            "/ontology?_mediatype=application/rdf%2Bxml", BROWSER, "application/rdf+xml", id="ontology_by_link"
        ),
    ],
)
def test_people_get_pages_and_programs_get_data(reader: Client, target: str, accept: str, kind: str) -> None:
    reply = see(reader, target, accept)
    assert (reply.status, reply.kind) == (200, kind), reply.text[:300]


@pytest.mark.parametrize("target", ["/", "/ontology", "/search?q=plan", "/page/job/", "/ontology/Job"])
def test_page_loads_and_runs_only_what_the_server_has(reader: Client, target: str) -> None:
    reply = see(reader, target, BROWSER)
    page = read_page(reply.body)
    policy = reply.headers["content-security-policy"]
    assert is_safe(page)
    assert all(each["href"].startswith("/") for each in page.all("link"))
    assert "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self';" in policy
    assert "unsafe" not in policy


def test_overview_counts_and_leads_on(reader: Client) -> None:
    page = read_page(see(reader, "/", BROWSER).body)
    jobs = reader.query("SELECT (COUNT(*) AS ?n) WHERE { ?s a jg:Job }").rows[0]["n"]
    assert f"job to be done {jobs}" in page.text
    for address in ("/page/job/", "/validation", "/quarantine", "/questions", "/ontology", "/sparql"):
        assert address in page.addresses


def test_links_of_the_overview_lead_somewhere(reader: Client) -> None:
    addresses = sorted(a for a in read_page(see(reader, "/", BROWSER).body).addresses if a.startswith("/page/"))[::5]
    assert len(addresses) > 20
    assert {a: s for a in addresses if (s := see(reader, a, HTML).status) != 200} == {}


def test_links_of_a_thing_lead_somewhere(reader: Client) -> None:
    page = read_page(see(reader, f"/page/{step_of(reader)}", BROWSER).body)
    addresses = {a for a in page.addresses if a.startswith(("/page/", "/ontology", "/data/", "/static/"))}
    assert any("why=" in address for address in addresses)
    assert {a: s for a in addresses if (s := see(reader, a, "text/html, */*;q=0.1").status) != 200} == {}


def test_reason_of_an_inferred_fact_names_its_rule_and_rows(reader: Client) -> None:
    page = read_page(see(reader, f"/page/{step_of(reader)}", BROWSER).body)
    address = next(a for a in page.addresses if "why=" in a and "dependsOn" in a)
    reason = read_page(see(reader, address, BROWSER).body)
    assert "The dependent job of a dependency depends on its source job." in reason.text
    assert "jtbd_dependencies" in reason.texts["code"]


def test_editor_has_prefixes_and_all_questions(reader: Client, shipped_vocabulary: Vocabulary) -> None:
    page = read_page(see(reader, "/sparql", BROWSER).body)
    (editor,) = [each for each in page.all("div") if each.get("id") == "editor"]
    settings = json.loads(editor["data-settings"])
    assert list(settings["queries"]) == list(read_questions(shipped_vocabulary))
    assert settings["prefixes"]["jg"] == "https://w3id.org/jobgraph/"
    assert is_safe(page)


def test_search_finds_by_code(reader: Client) -> None:
    found = see(reader, "/search?q=pharma_ma_pub_001", "application/json").json["results"]
    assert [hit["page"] for hit in found] == [f"/page/{step_of(reader)}"]


def test_search_finds_nothing_of_others(reader: Client, other_reader: Client) -> None:
    name = other_reader.query("SELECT ?s WHERE { ?p a jg:Persona ; rdfs:label ?s } ORDER BY ?s LIMIT 1").rows[0]["s"]
    target = f"/search?q={name.replace(' ', '+')}"
    assert see(other_reader, target, "application/json").json["found"] >= 1
    assert see(reader, target, "application/json").json["found"] == 0


@pytest.mark.parametrize(
    ("target", "status"), [("/search?q=" + "x" * 201, 400), ("/search?q=a&q=b", 400), ("/search?q=%FF", 400)]
)
def test_search_refuses_what_it_cannot_look_for(reader: Client, target: str, status: int) -> None:
    assert see(reader, target, "application/json").status == status
