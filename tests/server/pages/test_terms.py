from __future__ import annotations

import pytest
from pyoxigraph import NamedNode
from tests.server.html.reading import read_page
from tests.server.live import Client
from tests.server.pages.asking import HTML, see, triples

from jobgraph.vocabulary import JG


@pytest.mark.parametrize(
    ("term", "texts"),
    [
        pytest.param("Job", ["job to be done", "Its properties", "jobs_to_be_done", "40 things"], id="class"),
        pytest.param("dependsOn", ["Said of", "Its values", "48 statements", "05_depends_on"], id="inferred"),
        pytest.param("importanceScore", ["jtbd_outcomes.importance_score", "decimal"], id="column"),
        pytest.param("code/job-status", ["Codes", "active", "archived"], id="code_list"),
        pytest.param("code/job-status/active", ["Code list", "job status", "Also written", "Active"], id="code"),
        pytest.param("ontology/job", ["Its terms", "job to be done"], id="part_of_the_ontology"),
    ],
)
def test_page_of_a_term_says_what_it_is(reader: Client, term: str, texts: list[str]) -> None:
    reply = see(reader, f"/ontology/{term}", HTML)
    text = read_page(reply.body).text
    assert [each for each in texts if each not in text] == []


def test_classes_and_codes_of_the_data_have_pages(reader: Client) -> None:
    rows = reader.query(
        "SELECT DISTINCT ?t WHERE { { ?s a ?t } UNION { ?s ?p ?t } FILTER(STRSTARTS(STR(?t), STR(jg:))) }"
    ).rows
    terms = sorted(row["t"].removeprefix(JG) for row in rows)
    assert len(terms) > 200
    terms = terms[::4]
    assert {t: s for t in terms if (s := see(reader, f"/ontology/{t}", HTML).status) != 200} == {}


def test_data_of_a_term_are_what_the_ontology_says_of_it(reader: Client) -> None:
    found = triples(see(reader, "/ontology/Job", "text/turtle"))
    assert {triple.subject for triple in found} == {NamedNode(f"{JG}Job")}
    whole = triples(see(reader, "/ontology", "application/n-triples"))
    assert found <= whole


@pytest.mark.parametrize("term", ["Nothing", "Job/x", "%3Cscript%3E", "code/job-status/none"])
def test_unknown_term_is_not_found(reader: Client, term: str) -> None:
    assert [see(reader, f"/ontology/{term}", accept).status for accept in (HTML, "")] == [404, 404]
