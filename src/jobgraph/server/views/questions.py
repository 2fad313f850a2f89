"""Competency questions over HTTP: the list of them, and the answer to one in pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache

from pyoxigraph import BlankNode, Literal, NamedNode

from jobgraph.questions import Answer, Question
from jobgraph.questions import answer as answer_to
from jobgraph.server.rest.known import known_questions, page_limit, question_columns
from jobgraph.server.rest.paging import Asked, linked, page, read_asked
from jobgraph.server.rest.tables import SPARQL_JSON, write_json
from jobgraph.server.rest.things import Things
from jobgraph.server.views.answers import Linked
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.workers.jobs import AnswerError
from jobgraph.store.query import Term

COLUMNS = ("name", "number", "text", "notes", "parameters", "columns", "href")


def list_questions(tenant: Tenant, arguments: Mapping[str, str], media_type: str) -> Linked:
    """All questions, with what they take and give."""
    asked = read_asked(tenant, arguments)
    found = list(known_questions().values())
    rows = [_described(question) for question in found[asked.start : asked.stop]]
    return page(asked.table(COLUMNS, rows, {}, total=len(found)), media_type)


def answer_question(tenant: Tenant, arguments: Mapping[str, str], media_type: str) -> Linked:
    """One page of the answer to the question that the path names.

    Raises
    ------
    AnswerError : there is no question of this name.
    UsageError : a parameter is unknown or lacks its value, or a value does not fit.
    """
    question = find_question(arguments[":name"])
    takes = [parameter.name for parameter in question.parameters if parameter.kind != "limit"]
    asked = read_asked(tenant, arguments, takes, limit=page_limit(question))
    found = whole_answer(tenant, question.name, tuple(asked.values.items()))
    rows = found.rows[asked.start : asked.stop]
    if media_type == SPARQL_JSON:
        return _bindings(asked, found, rows)
    things = Things(tenant)
    facts = {
        "question": question.name,
        "text": question.text,
        "values": {name: things.cell(term) for name, term in found.values.terms.items()},
        "notes": found.notes,
    }
    cells = [[things.cell(term) for term in row] for row in rows]
    return page(asked.table(found.columns, cells, facts, total=found.total), media_type)


@lru_cache(maxsize=1)
def whole_answer(tenant: Tenant, name: str, values: tuple[tuple[str, str], ...]) -> Answer:
    """The whole answer to a question, kept until another is asked: its pages are read in turn."""
    question = known_questions()[name]
    unlimited = tuple(parameter for parameter in question.parameters if parameter.kind != "limit")
    return answer_to(tenant.store, tenant.names, replace(question, parameters=unlimited), dict(values))


def find_question(name: str) -> Question:
    """The question of a name.

    Raises
    ------
    AnswerError : there is none; the sentence has near names.
    """
    known = known_questions()
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "/questions lists them."
    raise AnswerError("missing", f"There is no question {name!r}; {hint}")


def _described(question: Question) -> list[object]:
    parameters = [
        {
            "name": parameter.name,
            "description": parameter.sentence,
            "wants": parameter.wants,
            "required": parameter.is_required,
            "default": parameter.default,
            "example": parameter.example or None,
        }
        for parameter in question.parameters
    ]
    name = question.name
    columns = list(question_columns(name))
    return [name, question.number, question.text, list(question.notes), parameters, columns, f"questions/{name}"]


def _bindings(asked: Asked, found: Answer, rows: tuple[tuple[Term | None, ...], ...]) -> Linked:
    """The page as SPARQL results, terms as they are."""
    bindings = [
        {name: _binding(term) for name, term in zip(found.columns, row, strict=True) if term is not None}
        for row in rows
    ]
    results = write_json({"head": {"vars": found.columns}, "results": {"bindings": bindings}})
    return linked(results, asked.table(found.columns, (), {}, total=found.total))


def _binding(term: Term) -> Mapping[str, str]:
    if isinstance(term, Literal):
        kind = {"xml:lang": term.language} if term.language else {"datatype": term.datatype.value}
        return {"type": "literal", "value": term.value, **kind}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    return {"type": "uri", "value": term.value if isinstance(term, NamedNode) else str(term)}
