"""The page of a question shows what the REST interface answers, whatever is asked."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store
from tests.server.html.reading import ReadPage, is_safe, read_page
from tests.server.views.hostile import BASE, HOSTILE, NAMES, Unwritten

from jobgraph.errors import UsageError
from jobgraph.questions import read_questions
from jobgraph.server.rest.tables import CSV, JSON
from jobgraph.server.views.questions import answer_question
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.views.workbench_answer import Shown
from jobgraph.server.views.workbench_ask import ask_page, question_page
from jobgraph.server.workers.jobs import AnswerError
from jobgraph.store import Home, run_query
from jobgraph.vocabulary import JG, RDF, RDFS, SKOS, Vocabulary

QUESTIONS = read_questions(Vocabulary())
HTML = "text/html"


@pytest.fixture(scope="module")
def sample(sample_home: Path) -> Iterator[Tenant]:
    generation = Home(sample_home).tenant("northwind-bio").current()
    assert generation
    with generation.open() as store:
        yield Tenant(store, generation, generation.names)


def shown(tenant: Tenant, name: str, **fields: str) -> ReadPage:
    return read_page(b"".join(question_page(tenant, {":name": name, **fields}, HTML)))


def rest(tenant: Tenant, name: str, **fields: str) -> Mapping[str, object]:
    found: Mapping[str, object] = json.loads(b"".join(answer_question(tenant, {":name": name, **fields}, JSON).parts))
    return found


def cells(page: ReadPage, name: str) -> list[str]:
    return page.texts.get(name, [])


@pytest.mark.parametrize("name", QUESTIONS)
def test_page_counts_what_the_rest_interface_counts(sample: Tenant, name: str) -> None:
    question = QUESTIONS[name]
    values = {each.name: each.example for each in question.parameters if each.example and each.kind != "limit"}
    page = shown(sample, name, **values, **({"limit": "5000"} if question.limit else {}))
    total = rest(sample, name, **values)["total"]
    assert is_safe(page)
    assert f"{total:,} row" in page.text if total else "No row" in page.text
    assert len(page.all("tr")) == (min(int(str(total)), 100) + 1 if total else 0)


def test_csv_is_all_pages_of_the_rest_interface(sample: Tenant) -> None:
    whole = b"".join(question_page(sample, {":name": "highest_opportunities", "limit": "5000"}, CSV))
    pages = [
        b"".join(answer_question(sample, {":name": "highest_opportunities", "limit": "100", "page": page}, CSV).parts)
        for page in ("1", "2")
    ]
    rows = [row for page in pages for row in csv.reader(io.StringIO(page.decode()))]
    assert list(csv.reader(io.StringIO(whole.decode()))) == [row for at, row in enumerate(rows) if at != 101]


@pytest.mark.parametrize(("sort", "is_falling"), [("satisfaction", False), ("-satisfaction", True), ("job", False)])
def test_rows_come_in_the_order_of_a_column(sample: Tenant, sort: str, *, is_falling: bool) -> None:
    answer = Shown(sample, "highest_opportunities", (), sort)
    at = answer.answer.columns.index(sort.removeprefix("-"))
    found = [row[at].value for row in answer.rows()]  # type: ignore[union-attr]  # all are literals
    kind = str if sort == "job" else float
    assert found == sorted(found, key=kind, reverse=is_falling)
    assert len(found) == len(answer.answer.rows)


def test_rows_without_a_value_come_last(sample: Tenant) -> None:
    for sort in ("evidence", "-evidence"):
        rows = list(Shown(sample, "highest_opportunities", (), sort).rows())
        at = Shown(sample, "highest_opportunities", ()).answer.columns.index("evidence")
        empty = [row[at] is None for row in rows]
        assert empty == sorted(empty)
        assert any(empty)


def test_editor_gets_the_query_with_its_values(sample: Tenant) -> None:
    page = shown(sample, "jobs_of_persona", persona="Wren the Curious Liaison")
    address = next(place for place in page.addresses if place.startswith("/sparql#query="))
    query = unquote(urlsplit(address).fragment.removeprefix("query="))
    assert "?persona " not in query.partition("PREFIX")[2]
    rows = list(run_query(sample.store, query, graphs=sample.names).rows())
    assert len(rows) == rest(sample, "jobs_of_persona", persona="Wren the Curious Liaison")["total"]


def test_limit_says_that_rows_were_cut_and_what_to_do(sample: Tenant) -> None:
    total = rest(sample, "highest_opportunities")["total"]
    page = shown(sample, "highest_opportunities", limit="7")
    assert f"The first 7 of {total} rows, as the field “limit” says; raise it to see more." in page.text
    assert len(page.all("tr")) == 8


def test_question_that_lacks_a_value_offers_some(sample: Tenant) -> None:
    page = shown(sample, "jobs_of_persona", persona=" ")
    ways = [place for place in page.addresses if place.startswith("/ask/jobs_of_persona?persona=")]
    assert "Choose a persona to see the answer." in page.text
    assert len(ways) == 3
    chosen = dict(parse_qsl(urlsplit(ways[0]).query))
    assert "Answer" in shown(sample, "jobs_of_persona", **chosen).text


def test_fields_fit_their_parameters(sample: Tenant) -> None:
    page = shown(sample, "obstacles_by_severity")
    assert {each["name"] for each in page.all("select")} == {"severity"}
    (job,) = (each for each in page.all("input") if each.get("name") == "job")
    assert job["data-class"] == "Job"
    scheme = shown(sample, "tiers_of_outcomes", scheme="ulwick")
    chosen = [each["value"] for each in scheme.all("option") if "selected" in each]
    assert chosen == ["ulwick"]
    (least,) = (each for each in shown(sample, "highest_opportunities").all("input") if each.get("name") == "least")
    assert (least["type"], least["min"], least["max"]) == ("number", "0", "20")


def test_value_that_does_not_fit_is_named_beside_the_form(sample: Tenant) -> None:
    page = shown(sample, "jobs_of_persona", persona="Nobody <b>")
    assert [each["role"] for each in page.all("p") if each.get("class") == "problem"] == ["alert"]
    assert "Nobody <b>" in page.text
    assert page.all("form")[1]["action"] == "/ask/jobs_of_persona"


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        pytest.param("highest_opportunities", {"lest": "1"}, "did you mean least", id="parameter"),
        pytest.param("highest_opportunities", {"page": "0"}, "page '0' does not fit", id="page"),
    ],
)
def test_what_no_form_sends_is_refused(sample: Tenant, name: str, fields: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        shown(sample, name, **fields)


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        pytest.param("highest_opportunitys", {}, "did you mean highest_opportunities", id="question"),
        pytest.param("highest_opportunities", {"page": "2"}, "There is nothing of this name", id="page"),
    ],
)
def test_what_there_is_not_is_missing(sample: Tenant, name: str, fields: dict[str, str], words: str) -> None:
    with pytest.raises(AnswerError, match=words):
        shown(sample, name, **fields)


def test_unknown_column_to_sort_by_is_said_on_the_page(sample: Tenant) -> None:
    assert "There is no column" in shown(sample, "highest_opportunities", sort="nothing").text


def test_all_questions_are_listed_once(sample: Tenant) -> None:
    page = read_page(b"".join(ask_page(sample, {}, HTML)))
    ways = [place for place in page.addresses if place.startswith("/ask/")]
    assert sorted(ways) == sorted(f"/ask/{name}" for name in QUESTIONS)
    assert is_safe(page)


def tenant_of_jobs(*names: str) -> Tenant:
    store = Store()
    for number, name in enumerate(names):
        job = NamedNode(f"{BASE}job/{number:032}")
        facts: dict[str, NamedNode | Literal] = {
            RDF + "type": NamedNode(JG + "Job"),
            RDFS + "label": Literal(name),
            SKOS + "notation": Literal(name),
            JG + "hasFunctionalArea": NamedNode(f"{BASE}area/1"),
        }
        store.extend(Quad(job, NamedNode(p), value, NamedNode(NAMES.asserted)) for p, value in facts.items())
    return Tenant(store, Unwritten("acme", Path("tenants/acme/generations/000001")), NAMES)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_an_answer_runs(text: str) -> None:
    page = shown(tenant_of_jobs(text), "jobs_without_outcomes")
    assert is_safe(page)
    assert page.all("img") == page.all("svg") == []
    assert len(page.all("body")) == len(page.all("main")) == 1


def test_things_of_one_name_are_told_apart() -> None:
    page = shown(tenant_of_jobs("Plan", "Plan"), "jobs_without_outcomes")
    assert {f"{0:032}", f"{1:032}"} <= set(cells(page, "bdi"))


@pytest.mark.parametrize("count", [0, 1, 3_000])
def test_answer_of_any_length_has_pages(count: int) -> None:
    tenant = tenant_of_jobs(*(f"J-{number:05}" for number in range(count)))
    page = shown(tenant, "jobs_without_outcomes")
    assert len(page.all("tr")) == (min(count, 100) + 1 if count else 0)
    if count > 100:
        assert "of which 1 to 100 are shown" in page.text
        assert "J-02999" in shown(tenant, "jobs_without_outcomes", page="30").text
    assert ("No row: nothing in the graph fits." in page.text) == (count == 0)
