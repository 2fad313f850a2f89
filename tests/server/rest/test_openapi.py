from __future__ import annotations

import re
from typing import Any

import pytest
from tests.server.live import ALPINE, Client, LiveServer
from tests.server.rest.cases import run_cases
from tests.server.rest.tables_of import get, page_of

from jobgraph.analysis import ANALYSES
from jobgraph.questions import read_questions
from jobgraph.vocabulary import JG, Vocabulary


@pytest.fixture
def document(reader: Client) -> Any:
    return get(reader, "/openapi.json").json


def parameters_of(document: Any, path: str) -> dict[str, Any]:
    return {found["name"]: found for found in document["paths"][path]["get"]["parameters"]}


def test_each_question_says_of_itself_what_its_file_says(document: Any) -> None:
    for name, question in read_questions(Vocabulary()).items():
        operation = document["paths"][f"/questions/{name}"]["get"]
        assert (operation["summary"], operation["description"]) == (question.text, "\n\n".join(question.notes))
        described = parameters_of(document, f"/questions/{name}")
        for parameter in (each for each in question.parameters if each.kind != "limit"):
            found = described[parameter.name]
            assert parameter.sentence in found["description"]
            assert found["required"] == parameter.is_required
            assert str(found.get("example", "")) == parameter.example


def test_codes_are_those_of_their_list(document: Any) -> None:
    found = parameters_of(document, "/questions/obstacles_by_severity")["severity"]["schema"]["enum"]
    assert found == sorted(Vocabulary().schemes[f"{JG}code/criticality"].notations)


def test_numbers_have_their_bounds(document: Any) -> None:
    least = parameters_of(document, "/questions/highest_opportunities")["least"]["schema"]
    assert least == {"type": "number", "minimum": 0, "maximum": 20, "default": 0}


def test_entities_are_defined_by_the_ontology(document: Any) -> None:
    assert "Archetype of the people" in parameters_of(document, "/questions/jobs_of_persona")["persona"]["description"]


def test_analyses_name_what_they_take(document: Any) -> None:
    for name, analysis in ANALYSES.items():
        assert set(analysis.takes) <= parameters_of(document, f"/analysis/{name}").keys()
    assert parameters_of(document, "/analysis/chain")["by"]["schema"]["enum"] == ["count", "effort", "duration"]


def test_examples_of_required_parameters_are_answered(reader: Client) -> None:
    page = get(reader, "/docs", "text/html").text
    links = re.findall(r'<a href="([^"]+)">Try it', page)
    assert len(links) > len(ANALYSES)
    answered = {link: get(reader, link.replace("&amp;", "&"), "*/*").status for link in links}
    assert set(answered.values()) == {200}


def test_the_page_for_people_asks_for_nothing_else(reader: Client) -> None:
    reply = get(reader, "/docs", "text/html")
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r'<style|style=|(?:src|href)="(?:https?:|//)|url\(', reply.text)


def test_the_document_is_the_same_for_all_tenants(reader: Client, live: LiveServer) -> None:
    assert get(reader, "/openapi.json").json == get(live.client(ALPINE), "/openapi.json").json


@pytest.mark.parametrize("path", ["/questions/highest", "/analysis/chain", "/validation", "/changes", "/exports"])
def test_answers_keep_to_the_document(reader: Client, path: str) -> None:
    statuses = run_cases(reader, 4, only=path)
    assert statuses[200]


def test_lists_lead_to_what_they_name(reader: Client) -> None:
    for path in ("/questions", "/analysis"):
        for row in page_of(reader, path)["rows"]:
            assert row["href"] == f"{path[1:]}/{row['name']}"
