"""The questions that can be asked, with the columns of their answers; read once a process."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pyoxigraph import Store

from jobgraph.questions import Question, read_questions
from jobgraph.server.rest.paging import LIMIT
from jobgraph.server.rest.things import vocabulary
from jobgraph.store import GraphNames, run_query

_NO_GRAPHS = GraphNames("urn:none/", "none")


@cache
def known_questions() -> Mapping[str, Question]:
    """Every question by name."""
    return read_questions(vocabulary())


@cache
def question_columns(name: str) -> tuple[str, ...]:
    """The columns of the answer to a question: what its query selects but the parameters."""
    question = known_questions()[name]
    parameters = {parameter.name for parameter in question.parameters}
    selected = run_query(Store(), question.query, graphs=_NO_GRAPHS).columns
    return tuple(column for column in selected if column not in parameters)


def page_limit(question: Question) -> int:
    """The rows of a page where a request does not say: those that the question itself gives."""
    limit = question.limit
    return int(limit.default) if limit and limit.default else LIMIT
