"""The OpenAPI document: made of what questions, analyses and the ontology say of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from itertools import chain

from jobgraph.analysis import ANALYSES, EVIDENCE, Analysis
from jobgraph.questions import Parameter, Question
from jobgraph.server.rest.analysis_parameters import LEVELS, AnalysisParameter, parameters_of
from jobgraph.server.rest.export_paths import export_paths
from jobgraph.server.rest.known import known_questions, page_limit, question_columns
from jobgraph.server.rest.openapi import (
    Schema,
    document,
    download,
    get,
    paging,
    parameter,
    table_content,
    table_of,
    typed,
)
from jobgraph.server.rest.paging import LIMIT, MOST_PAGES, MOST_ROWS
from jobgraph.server.rest.report_paths import report_paths
from jobgraph.server.rest.tables import HTML, JSON, SPARQL_JSON
from jobgraph.server.rest.wording import Wording

_TEXTS: Schema = {"type": "array", "items": {"type": "string"}}
_PLAIN: Schema = {"type": "string", "pattern": r"\S"}
_PAGING = paging(LIMIT, MOST_ROWS, MOST_PAGES)


def describe(wording: Wording, *, address: str, needs_token: bool) -> Schema:
    """The OpenAPI document of a tenant at an address, with the words of its ontology."""
    about: dict[str, Schema] = {
        "/openapi.json": get(
            "This description.",
            tag="About",
            name="openapi",
            content={JSON: {"type": "object"}},
            parameters=[download()],
        ),
        "/docs": get(
            "This description for people.",
            tag="About",
            name="docs",
            content={HTML: {"type": "string"}},
            parameters=[download()],
        ),
    }
    paths = dict(chain(_question_paths(wording), _analysis_paths(), report_paths(), export_paths()))
    return document({**paths, **about}, version=version("jobgraph"), address=address, needs_token=needs_token)


def _question_paths(wording: Wording) -> Iterator[tuple[str, Schema]]:
    columns = {
        "name": typed("string"),
        "number": typed("integer"),
        "text": typed("string", "The question in words."),
        "notes": _TEXTS,
        "parameters": {"type": "array", "items": {"type": "object"}},
        "columns": _TEXTS,
        "href": typed("string", "The address of its answer, relative to this one."),
    }
    content = table_content(table_of(columns, {}))
    yield "/questions", get("All questions.", tag="Questions", name="questions", content=content, parameters=_PAGING)
    for name, question in known_questions().items():
        yield f"/questions/{name}", _question(question, wording)


def _question(question: Question, wording: Wording) -> Schema:
    facts = {
        "question": typed("string"),
        "text": typed("string"),
        "values": {
            "type": "object",
            "description": "What the parameters stand for.",
            "additionalProperties": typed("any"),
        },
        "notes": {**_TEXTS, "description": "What the answer counts, leaves out and rests on."},
    }
    cells = {column: typed("any", wording.of_property(column)) for column in question_columns(question.name)}
    given = [_of_question(each, wording) for each in question.parameters if each.kind != "limit"]
    return get(
        question.text,
        tag="Questions",
        name=question.name,
        description="\n\n".join(question.notes),
        content={**table_content(table_of(cells, facts)), SPARQL_JSON: {"type": "object"}},
        parameters=[*given, *paging(page_limit(question), MOST_ROWS, MOST_PAGES)],
    )


def _of_question(each: Parameter, wording: Wording) -> Schema:
    definition = wording.definition(each.target) if each.kind == "entity" else ""
    sentences = [each.sentence, f"It is {each.wants}{': ' if definition else '.'}{definition}"]
    examples = {"example": _value(each, each.example)} if each.example else {}
    return parameter(each.name, " ".join(sentences), _schema(each, wording), required=each.is_required, **examples)


def _schema(each: Parameter, wording: Wording) -> Schema:
    default = {} if each.default is None else {"default": _value(each, each.default)}
    if each.kind == "entity":
        return {**_PLAIN, **default}
    if each.kind == "code":
        return {"type": "string", "enum": wording.notations(each.target), **default}
    highest = {} if each.highest is None else {"maximum": _number(each.highest)}
    kind = "number" if each.kind == "decimal" else "integer"
    return {"type": kind, "minimum": _number(each.lowest), **highest, **default}


def _value(each: Parameter, text: str) -> object:
    return _number(text) if each.kind in {"decimal", "integer"} else text


def _number(value: object) -> int | float:
    number = float(str(value))
    return int(number) if number.is_integer() else number


def _analysis_paths() -> Iterator[tuple[str, Schema]]:
    columns = {
        "name": typed("string"),
        "text": typed("string", "What it answers with."),
        "parameters": {"type": "array", "items": {"type": "object"}},
        "href": typed("string", "The address of its answer, relative to this one."),
    }
    content = table_content(table_of(columns, {}))
    yield "/analysis", get("All analyses.", tag="Analyses", name="analyses", content=content, parameters=_PAGING)
    for name, analysis in ANALYSES.items():
        yield f"/analysis/{name}", _analysis(analysis)


def _analysis(analysis: Analysis) -> Schema:
    facts = {
        "analysis": typed("string"),
        "text": typed("string"),
        "units": {
            "type": "object",
            "description": "What the numbers of a column are.",
            "additionalProperties": {"type": "string"},
        },
        "views": {**_TEXTS, "description": "What it was computed from."},
        "notes": {**_TEXTS, "description": "What must be known with the answer."},
    }
    return get(
        f"{analysis.sentence[:1].upper()}{analysis.sentence[1:]}.",
        tag="Analyses",
        name=f"analysis-{analysis.name}",
        description=f"The column `{EVIDENCE}` lists what each row follows from, with the rows of the source.",
        content=table_content(table_of(None, facts)),
        parameters=[*map(_of_analysis, parameters_of(analysis)), *_PAGING],
    )


def _of_analysis(each: AnalysisParameter) -> Schema:
    more: dict[str, object] = {} if each.example is None else {"example": each.example}
    values: Schema = {"type": "string", "enum": list(each.values)} if each.values else dict(_PLAIN)
    if each.highest is not None:
        values = {"type": "number", "minimum": 0, "maximum": _number(each.highest)}
    if each.name == LEVELS:
        values = {"type": "object", "minProperties": int(each.is_required), "additionalProperties": values}
        values["propertyNames"] = _PLAIN
        more |= {"style": "deepObject", "explode": True}
    return parameter(each.name, each.sentence, values, required=each.is_required, **more)
