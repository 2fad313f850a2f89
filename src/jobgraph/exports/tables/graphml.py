"""GraphML: things as nodes with their texts and numbers, links as edges.

`<graph>` has a table of the short names in it as JSON, so that they lead back to the terms.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from jobgraph.exports.tables.kinds import Type, plain_text
from jobgraph.exports.tables.losses import NOT_XML
from jobgraph.exports.tables.survey import TYPE, Column, Survey
from jobgraph.exports.tables.terms import Style, terms_document, values_of
from jobgraph.exports.tables.text_files import text_files
from jobgraph.exports.tables.things import Reader, Thing, Triples
from jobgraph.vocabulary import Vocabulary

_FILE = "graph.graphml"
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
"""
_TERMS, _CLASSES, _RELATION = "terms", "classes", "relation"
_TYPES: Mapping[Type, str] = {"boolean": "boolean", "integer": "long", "decimal": "double", "float": "double"}
_IN_XML = {"\r": "&#13;", '"': "&quot;"}


def write_graphml(selection: Triples, survey: Survey, folder: Path, _: Vocabulary) -> list[Path]:
    """Write the one file; give it."""
    outside: set[str] = set()
    with text_files(folder) as files:
        file = files.begin(_FILE, _HEAD)
        for line in _head_lines(survey):
            file.add(line)
        for thing in Reader().things(selection):
            file.add(_node(thing, survey))
            for line in _edges(thing, survey, outside):
                file.add(line)
        for iri in sorted(outside):
            file.add(f'<node id="{_xml(iri)}"/>\n')
        file.add("</graph>\n</graphml>\n")
    return files.paths


def _key_type(column: Column) -> str:
    """The type of GraphML that holds the values exactly; lists are JSON in a string."""
    type_, traits = column.kind.type, column.traits
    is_text = column.is_list or not traits.is_long or (type_ == "decimal" and not traits.is_exact_float)
    return "string" if is_text else _TYPES.get(type_, "string")


def _head_lines(survey: Survey) -> Iterator[str]:
    for name, domain in ((_TERMS, "graph"), (_CLASSES, "node"), (_RELATION, "edge")):
        yield _key(name, domain, "string", name)
    for column in values_of(survey.shared):
        yield _key(f"d_{column.name}", "node", _key_type(column), column.name)
    terms = json.dumps(terms_document(survey, Style()), ensure_ascii=False)
    yield f'<graph edgedefault="directed">\n{_data(_TERMS, terms)}'


def _key(id_: str, domain: str, type_: str, name: str) -> str:
    return f'<key id="{id_}" for="{domain}" attr.name="{name}" attr.type="{type_}"/>\n'


def _node(thing: Thing, survey: Survey) -> str:
    lines = [f'<node id="{_xml(thing.iri)}">\n']
    if classes := thing.facts.get(TYPE):
        lines.append(_data(_CLASSES, " ".join(sorted(survey.labels[iri] for iri in classes))))
    for fact, values in thing.facts.items():
        if fact[1].type != "iri":
            column = survey.shared_of[fact]
            lines.append(_data(f"d_{column.name}", _text(column, values)))
    return "".join([*lines, "</node>\n"])


def _text(column: Column, values: list[str]) -> str:
    return json.dumps(values, ensure_ascii=False) if column.is_list else plain_text(column.kind.type, values[0])


def _edges(thing: Thing, survey: Survey, outside: set[str]) -> Iterator[str]:
    for fact, values in thing.facts.items():
        if fact[1].type == "iri" and fact != TYPE:
            relation = _data(_RELATION, survey.shared_of[fact].name)
            outside.update(value for value in values if value not in survey.table_of)
            for value in values:
                yield f'<edge source="{_xml(thing.iri)}" target="{_xml(value)}">\n{relation}</edge>\n'


def _data(key: str, text: str) -> str:
    return f'<data key="{key}">{_xml(text)}</data>\n'


def _xml(text: str) -> str:
    return escape(NOT_XML.sub("\ufffd", text), _IN_XML)
