"""What people write for a parameter: IRIs, codes, names and numbers, and what does not fit."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from jobgraph.errors import UsageError
from jobgraph.questions import Question, answer, bind_values
from jobgraph.questions.parameters import read_parameter
from jobgraph.store import GraphNames
from jobgraph.vocabulary import JG, RDF, RDFS, SKOS, XSD

BASE = "https://example.org/id/"
NAMES = GraphNames(BASE, "acme")
SEVERITY = JG + "code/criticality"
JOBS = {"a1": ("A-1", "Plan"), "a2": ("A-2", "Review"), "a3": ("A-3", "Review"), "b1": ("B-1", "plan ahead")}
QUERY = "SELECT ?job ?name { ?job rdfs:label ?name } ORDER BY ?name ?job"


@pytest.fixture(scope="module")
def store() -> Store:
    store = Store()
    asserted, ontology = NamedNode(NAMES.asserted), NamedNode(NAMES.ontology)
    for key, (code, name) in JOBS.items():
        job = NamedNode(f"{BASE}job/{key}")
        store.add(Quad(job, NamedNode(RDF + "type"), NamedNode(JG + "Job"), asserted))
        store.add(Quad(job, NamedNode(SKOS + "notation"), Literal(code), asserted))
        store.add(Quad(job, NamedNode(RDFS + "label"), Literal(name), asserted))
    high = NamedNode(f"{SEVERITY}/high")
    store.add(Quad(high, NamedNode(SKOS + "inScheme"), NamedNode(SEVERITY), ontology))
    store.add(Quad(high, NamedNode(SKOS + "notation"), Literal("high"), ontology))
    store.add(Quad(high, NamedNode(SKOS + "hiddenLabel"), Literal("High"), ontology))
    return store


def question(*lines: str) -> Question:
    return Question(1, "some", "What?", (), tuple(read_parameter(line, "here") for line in lines), QUERY)


JOB = "job | jg:Job | any | | The job."
NEEDED = "job | jg:Job | required | | The job."
SEVERE = "severity | code criticality | any | | The severity."
LEAST = "least | decimal 0..20 | 12 | | The least."
LIMIT = "limit | limit | 2 | | The most rows."


@pytest.mark.parametrize("text", ["A-1", "a-1", "Plan", "PLAN", "a1", f"{BASE}job/a1", f"<{BASE}job/a1>"])
def test_entity_goes_by_iri_code_name_and_key(store: Store, text: str) -> None:
    assert bind_values(store, NAMES, question(JOB), {"job": text}).terms == {"job": NamedNode(f"{BASE}job/a1")}


@pytest.mark.parametrize("text", ["high", "High"])
def test_code_goes_by_notation_and_spelling(store: Store, text: str) -> None:
    terms = bind_values(store, NAMES, question(SEVERE), {"severity": text}).terms
    assert terms == {"severity": NamedNode(f"{SEVERITY}/high")}


@pytest.mark.parametrize(
    ("line", "values", "words"),
    [
        pytest.param(JOB, {"job": "Review"}, "fits 2 entities of jg:Job; give the IRI of one: <", id="ambiguous"),
        pytest.param(JOB, {"job": "Reviev"}, "did you mean Review", id="near_name"),
        pytest.param(JOB, {"job": "zzzzzz"}, "name one by IRI, code or name, such as ", id="no_near_name"),
        pytest.param(JOB, {"job": f"{BASE}job/zz"}, "is no jg:Job of this tenant", id="other_iri"),
        pytest.param(JOB, {"job": "http://no iri"}, "is no IRI", id="no_iri"),
        pytest.param(JOB, {"job": " "}, "job is empty; give the IRI, code or name", id="empty"),
        pytest.param(JOB, {"jab": "x"}, "has no parameter jab; did you mean job?", id="near_parameter"),
        pytest.param(JOB, {"colour": "x"}, "has no parameter colour; it takes job.", id="unknown_parameter"),
        pytest.param("role | jg:Role | any | | The role.", {"role": "x"}, "no jg:Role at all", id="empty_tenant"),
        pytest.param(NEEDED, {}, "needs job: the IRI, code or name of a jg:Job", id="missing"),
        pytest.param(SEVERE, {"severity": "grave"}, "choose one of high", id="unknown_code"),
        pytest.param(LEAST, {"least": "much"}, "does not fit; give a number from 0 to 20", id="no_number"),
        pytest.param(LEAST, {"least": "-1"}, "from 0 to 20", id="negative"),
        pytest.param(LEAST, {"least": "20.1"}, "from 0 to 20", id="above"),
        pytest.param(LEAST, {"least": "NaN"}, "from 0 to 20", id="nan"),
        pytest.param(LEAST, {"least": "1e400000"}, "from 0 to 20", id="huge"),
        pytest.param(LEAST, {"least": "1" * 9000}, "from 0 to 20", id="long"),
        pytest.param(LIMIT, {"limit": "0"}, "1 or more", id="no_rows"),
        pytest.param(LIMIT, {"limit": "1.5"}, "1 or more", id="half_a_row"),
    ],
)
def test_value_that_does_not_fit_is_a_slip(store: Store, line: str, values: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError) as error:
        bind_values(store, NAMES, question(line), values)
    assert words in str(error.value)


def test_hostile_text_is_a_name_and_no_query(store: Store) -> None:
    with pytest.raises(UsageError, match="There is no jg:Job"):
        bind_values(store, NAMES, question(JOB), {"job": '" } DELETE WHERE { ?s ?p ?o } #'})
    assert len(store) > 0


def test_default_counts_where_nothing_is_given(store: Store) -> None:
    bound = bind_values(store, NAMES, question(LEAST, LIMIT), {"least": None})
    assert (bound.terms, bound.limit) == ({"least": Literal("12", datatype=NamedNode(XSD + "decimal"))}, 2)


def test_limit_cuts_the_ordered_rows_and_says_so(store: Store) -> None:
    found = answer(store, NAMES, question(LIMIT), {"limit": 3})
    assert ([row[-1] for row in found.texts()], found.total) == (["Plan", "Review", "Review"], 4)
    assert found.notes == ("The first 3 of 4 rows.",)


def test_bound_parameter_keeps_to_its_entity_and_is_no_column(store: Store) -> None:
    found = answer(store, NAMES, question(JOB), {"job": "A-2"})
    assert ("job" in found.columns, [row[-1] for row in found.texts()]) == (False, ["Review"])


def test_unbound_parameter_asks_about_all(store: Store) -> None:
    assert len(answer(store, NAMES, question(JOB), {}).rows) == len(JOBS)
