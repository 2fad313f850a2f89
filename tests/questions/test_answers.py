"""Every question is answered twice, by its SPARQL and by hand-written SQL over the source tables, and they agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest
from pyoxigraph import NamedNode
from tests.questions.conftest import Tenant

from jobgraph.questions import Question, answer, read_questions
from jobgraph.questions.answers import Answer
from jobgraph.questions.parameters import Parameter
from jobgraph.vocabulary import RDF, Vocabulary

SQL = Path(__file__).with_name("sql")
QUESTIONS = read_questions(Vocabulary())
TENANTS = ["sample/northwind-bio", "sample/alpine", "generated"]
PICKS = 3

each_question = pytest.mark.parametrize("name", QUESTIONS)


def canonical(value: object) -> str | Decimal | None:
    """A value as both worlds have it: an entity or code as its key, a number to six places, a time in UTC."""
    if value is None or isinstance(value, Decimal):
        return value if value is None else round(value, 6)
    text = str(value)
    if isinstance(value, bool):
        return text.lower()
    if re.match(r"https?://[^ ]*/(id|scheme)/", text):
        return text.rpartition("/")[2]
    text = re.sub(r"^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?(Z|\+00(:00)?)$", r"\1T\2Z", text)
    try:
        return round(Decimal(text), 6)
    except InvalidOperation:
        return text


def canonical_rows(rows: object) -> list[tuple[str | Decimal | None, ...]]:
    return sorted((tuple(map(canonical, row)) for row in rows), key=repr)  # type: ignore[attr-defined]


def picks(question: Question, tenant: Tenant) -> Iterator[dict[str, str]]:
    """Values to ask with: none where that is allowed, then several of each parameter."""
    choices = {p.name: list(choices_of(p, tenant)) for p in question.parameters if p.kind != "limit"}
    if not any(parameter.is_required for parameter in question.parameters):
        yield {}
    for index in range(PICKS if choices else 0):
        chosen = {name: values[index % len(values)] for name, values in choices.items() if values}
        if all(parameter.name in chosen for parameter in question.parameters if parameter.is_required):
            yield chosen
        if not question.examples or len(choices) > 1:
            yield from ({name: value} for name, value in chosen.items() if not required(question) - {name})


def required(question: Question) -> set[str]:
    return {parameter.name for parameter in question.parameters if parameter.is_required}


def choices_of(parameter: Parameter, tenant: Tenant) -> Iterator[str]:
    if parameter.kind == "entity":
        graph = tenant.names.ontology if parameter.target.endswith("ScoreScheme") else None
        quads = tenant.store.quads_for_pattern(
            None, NamedNode(RDF + "type"), NamedNode(parameter.target), NamedNode(graph) if graph else None
        )
        found = sorted({quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)})
        yield from found[:: max(1, len(found) // PICKS)]
    elif parameter.kind == "code":
        scheme = Vocabulary().schemes[parameter.target]
        yield from sorted(scheme.notations)[:PICKS]
    else:
        highest = parameter.highest or 20
        yield from (str(round(highest * share, 2)) for share in (Decimal("0.1"), Decimal("0.5"), Decimal("0.8")))


def from_sql(question: Question, tenant: Tenant, values: Mapping[str, str]) -> list[tuple[object, ...]]:
    text = (SQL / f"{question.number:02}_{question.name}.sql").read_text(encoding="utf-8")
    terms = {p.name: values.get(p.name, p.default) for p in question.parameters}
    keys = {n: v.rpartition("/")[2] if v and "://" in v else v for n, v in terms.items() if f"${n}" in text}
    return tenant.tables.execute(text, keys).fetchall()


def all_rows(question: Question, tenant: Tenant, values: Mapping[str, str]) -> Answer:
    unlimited = {question.limit.name: "1000000"} if question.limit else {}
    return answer(tenant.store, tenant.names, question, {**values, **unlimited})


@pytest.mark.parametrize("tenant_name", TENANTS)
@each_question
def test_sparql_and_sql_agree(name: str, tenant_name: str, tenants: Mapping[str, Tenant]) -> None:
    question = QUESTIONS[name]
    for key, tenant in tenants.items():
        for values in picks(question, tenant) if key.startswith(tenant_name) else ():
            found = all_rows(question, tenant, values)
            assert canonical_rows(found.texts()) == canonical_rows(from_sql(question, tenant, values)), values


@each_question
def test_some_tenant_has_an_answer(name: str, tenants: Mapping[str, Tenant]) -> None:
    question = QUESTIONS[name]
    assert any(all_rows(question, tenant, v).rows for tenant in tenants.values() for v in picks(question, tenant))
