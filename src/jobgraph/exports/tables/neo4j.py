"""CSV as `neo4j-admin database import` reads it, with a script that calls it and the terms behind the names.

https://neo4j.com/docs/operations-manual/current/tools/neo4j-admin/neo4j-admin-import/
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from jobgraph.exports.tables.kinds import plain_text
from jobgraph.exports.tables.losses import SEPARATOR
from jobgraph.exports.tables.naming import to_camel_case
from jobgraph.exports.tables.survey import TYPE, Column, Survey, ThingTable
from jobgraph.exports.tables.terms import Style, links_of, terms_document, values_of
from jobgraph.exports.tables.text_files import TextFiles, csv_line, text_files
from jobgraph.exports.tables.things import Fact, Reader, Thing, Triples
from jobgraph.vocabulary import Vocabulary

OUTSIDE = "Resource"  # the label of what things link to and that states nothing here
_NANOSECONDS = 9  # digits
_LINKS, _OUTSIDE, _SCRIPT, _TERMS = "links.csv", "outside.csv", "import.sh", "terms.json"
_CALL = """#!/bin/sh
# Makes a new Neo4j 5 database of the files beside this script: sh import.sh [DATABASE]. Neo4j must not run it yet.
cd "$(dirname "$0")" || exit 1
exec neo4j-admin database import full "${1:-neo4j}" --id-type=string --multiline-fields=true \\
    --array-delimiter=U+001F"""


def write_neo4j(selection: Triples, survey: Survey, folder: Path, _: Vocabulary) -> list[Path]:
    """Write a file of nodes for each class and one of all relationships; give all files."""
    style = Style(of_class=_to_label, of_link=str.upper, of_value=to_camel_case)
    with text_files(folder) as files:
        _write_records(selection, survey, style, files)
        data = files.paths
        files.begin(_SCRIPT, _script(data))
        document = json.dumps(terms_document(survey, style), ensure_ascii=False, indent=1)
        files.begin(_TERMS, document + "\n")
    return files.paths


def _write_records(selection: Triples, survey: Survey, style: Style, files: TextFiles) -> None:
    nodes = [_NodeFile(table, survey, style, files) for table in survey.tables]
    types = {column.fact: style.of_link(column.name) for column in links_of(survey.shared)}
    links = files.begin(_LINKS, csv_line([":START_ID", ":END_ID", ":TYPE"], end="\n"))
    outside: set[str] = set()
    for thing in Reader().things(selection):
        nodes[survey.table_of[thing.iri]].add(thing)
        for fact, values in thing.facts.items():
            if fact in types:
                outside.update(value for value in values if value not in survey.table_of)
                links.add("".join(csv_line([thing.iri, value, types[fact]], end="\n") for value in values))
    file = files.begin(_OUTSIDE, csv_line(["iri:ID", ":LABEL"], end="\n"))
    for iri in sorted(outside):
        file.add(csv_line([iri, OUTSIDE], end="\n"))


class _NodeFile:
    def __init__(self, table: ThingTable, survey: Survey, style: Style, files: TextFiles) -> None:
        self._columns = [survey.shared_of[column.fact] for column in values_of(table.columns)]
        self._places = {column.fact: place for place, column in enumerate(self._columns, 1)}
        self._labels, self._style = survey.labels, style
        names = [f"{style.of_value(column.name)}:{_type(column)}" for column in self._columns]
        head = csv_line(["iri:ID", *names, ":LABEL"], end="\n")
        self._file = files.begin(f"nodes_{table.name}.csv", head)

    def add(self, thing: Thing) -> None:
        cells: list[str | None] = [thing.iri, *[None] * len(self._columns), self._label_cell(thing.facts)]
        for fact, values in thing.facts.items():
            if fact in self._places:
                place = self._places[fact]
                cells[place] = _cell(self._columns[place - 1], values)
        self._file.add(csv_line(cells, end="\n"))

    def _label_cell(self, facts: dict[Fact, list[str]]) -> str | None:
        types = sorted(self._style.of_class(self._labels[iri]) for iri in facts.get(TYPE, ()))
        return SEPARATOR.join(types) or None


def _cell(column: Column, values: list[str]) -> str:
    texts = [plain_text(column.kind.type, value).replace(SEPARATOR, "\ufffd") for value in values]
    return SEPARATOR.join(texts) if column.is_list else texts[0]


def _type(column: Column) -> str:
    return _single_type(column) + ("[]" if column.is_list else "")


def _single_type(column: Column) -> str:
    """The type of Neo4j that holds the values exactly."""
    type_, traits = column.kind.type, column.traits
    fitting = {
        "boolean": "boolean",
        "integer": "long" if traits.is_long else "string",
        "decimal": "double" if traits.is_exact_float else "string",
        "float": "double",
        "date": "string" if traits.has_zone else "date",
        "moment": _moment_type(column),
    }
    return fitting.get(type_, "string")


def _moment_type(column: Column) -> str:
    traits = column.traits
    if traits.fraction > _NANOSECONDS or (traits.has_zone and traits.has_local):
        return "string"
    return "datetime" if traits.has_zone else "localdatetime"


def _to_label(name: str) -> str:
    camel = to_camel_case(name)
    return camel[:1].upper() + camel[1:]


def _script(data: Iterable[Path]) -> str:
    options = (f"--{'relationships' if path.name == _LINKS else 'nodes'}={path.name}" for path in data)
    return " \\\n    ".join([_CALL, *options]) + "\n"
