"""A query with its values written in gives what the question gives for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, Store

from jobgraph.questions import Question, answer, bind_values, read_questions
from jobgraph.questions.answers import to_text
from jobgraph.questions.filling import filled_query
from jobgraph.questions.parameters import Parameter
from jobgraph.questions.values import Values
from jobgraph.store import GraphNames, Home, run_query
from jobgraph.vocabulary import Vocabulary

QUESTIONS = read_questions(Vocabulary())


@pytest.fixture(scope="module")
def sample(sample_home: Path) -> Iterator[tuple[Store, GraphNames]]:
    generation = Home(sample_home).tenant("northwind-bio").current()
    assert generation
    with generation.open() as store:
        yield store, generation.names


@pytest.mark.parametrize("name", QUESTIONS)
def test_filled_query_answers_the_question(sample: tuple[Store, GraphNames], name: str) -> None:
    store, graphs = sample
    question = QUESTIONS[name]
    filled = filled_query(question, bind_values(store, graphs, question, question.examples))
    assert filled.startswith(f"# {question.text}\n")
    found = run_query(store, filled, graphs=graphs)
    expected = answer(store, graphs, question, question.examples)
    assert found.columns[-len(expected.columns) :] == expected.columns
    rows = [tuple(_notation(to_text(term)) for term in row[-len(expected.columns) :]) for row in found.rows()]
    assert rows == [tuple(_notation(text) for text in row) for row in expected.texts()]


def _notation(text: str | None) -> str | None:
    """A code as answers have it."""
    return text.rpartition("/")[2] if text and "/code/" in text else text


@given(st.text())
def test_no_value_becomes_a_part_of_the_query(text: str) -> None:
    parameter = Parameter("x", "entity", "Any.")
    query = "PREFIX a: <urn:a:>\nSELECT ?x ?y\nWHERE {\n  BIND (?x AS ?y)\n}\n"
    question = Question(1, "any", "Any?", (), (parameter,), query)
    filled = filled_query(question, Values({"x": Literal(text)}))
    rows = list(run_query(Store(), filled, graphs=GraphNames("urn:none/", "none")).rows())
    assert rows == [(Literal(text),)]


def test_limit_ends_the_query() -> None:
    question = QUESTIONS["highest_opportunities"]
    filled = filled_query(question, Values({"least": Literal(12)}, 5))
    assert filled.endswith("?outcome\nLIMIT 5\n")
    assert "SELECT ?opportunity " in filled
    assert '>= "12"^^<http://www.w3.org/2001/XMLSchema#integer>' in filled
