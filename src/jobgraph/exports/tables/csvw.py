"""CSVW metadata: what the cells of our CSV files mean, https://www.w3.org/TR/tabular-metadata/."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jobgraph.exports.tables.kinds import Kind
from jobgraph.exports.tables.naming import KEY
from jobgraph.exports.tables.survey import TYPE, Column, Survey, ThingTable
from jobgraph.exports.tables.things import Fact
from jobgraph.exports.tables.words import Words
from jobgraph.vocabulary import RDF, XSD, Vocabulary

Targets = Mapping[tuple[str, Fact], set[int | None]]  # by table and property the tables that its values lead to
Json = dict[str, Any]

_DIALECT = {
    "commentPrefix": None,
    "delimiter": ",",
    "doubleQuote": True,
    "encoding": "utf-8",
    "header": True,
    "lineTerminators": ["\r\n"],
    "quoteChar": '"',
    "trim": False,
}
_ABOUT = f"{{+{KEY}}}"
_KEY_COLUMN = {"name": KEY, "titles": KEY, "datatype": "anyURI", "required": True, "suppressOutput": True}
_RDF_TYPES = {RDF + "XMLLiteral": "xml", RDF + "HTML": "html"}
# The names of https://www.w3.org/TR/tabular-data-model/#datatypes, which those of XSD are.
_XSD_TYPE = re.compile(
    "anyURI|base64Binary|boolean|byte|date|dateTime|dateTimeStamp|dayTimeDuration|decimal|double|duration|float"
    "|gDay|gMonth|gMonthDay|gYear|gYearMonth|hexBinary|int|integer|language|long|Name|negativeInteger|NMTOKEN"
    "|nonNegativeInteger|nonPositiveInteger|normalizedString|positiveInteger|QName|short|string|time|token"
    "|unsignedByte|unsignedInt|unsignedLong|unsignedShort|yearMonthDuration"
)


def metadata_document(survey: Survey, targets: Targets, vocabulary: Vocabulary) -> Json:
    """The metadata of all the tables, as JSON.

    Parameters
    ----------
    targets : where the links lead, which makes foreign keys; None stands for what has no table.
    """
    words = Words(vocabulary)
    tables = [one for table in survey.tables for one in _tables(table, survey, targets, words)]
    return {"@context": "http://www.w3.org/ns/csvw", "dialect": _DIALECT, "tables": tables}


def datatype_of(kind: Kind) -> str | Json:
    """How CSVW calls the datatype of values.

    >>> datatype_of(Kind(XSD + "decimal")), datatype_of(Kind(RDF + "JSON"))
    ('decimal', {'@id': 'http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON', 'base': 'string'})
    """
    name = kind.datatype.removeprefix(XSD)
    if kind.type == "iri":
        return "anyURI"
    if kind.type == "text":
        return "string"
    if kind.datatype.startswith(XSD) and _XSD_TYPE.fullmatch(name):
        return name
    return _RDF_TYPES.get(kind.datatype) or {"@id": kind.datatype, "base": "string"}


def is_apart(column: Column) -> bool:
    """Whether the values stand in a table of their own."""
    return column.is_list or column.traits.has_empty


def file_name(table: ThingTable, column: Column | None = None) -> str:
    """The name of the file of a table, or of a column that stands apart."""
    return f"{table.name}.{column.name}.csv" if column else f"{table.name}.csv"


def _tables(table: ThingTable, survey: Survey, targets: Targets, words: Words) -> Iterator[Json]:
    inside = [column for column in table.columns if not is_apart(column)]
    schema = {
        "aboutUrl": _ABOUT,
        "columns": [_KEY_COLUMN, *(_column(column, words) for column in inside), *_types(table)],
        "primaryKey": KEY,
        **_foreign_keys(table, inside, survey, targets),
    }
    yield {"url": file_name(table), **_about(table.class_iri, words), "tableSchema": schema}
    for column in table.columns:
        if is_apart(column):
            yield _table_apart(table, column, _foreign_keys(table, [column], survey, targets), words)


def _table_apart(table: ThingTable, column: Column, links: Json, words: Words) -> Json:
    to_thing = _reference(KEY, table)
    value = {**_column(column, words), "null": [], "required": True}
    schema = {
        "aboutUrl": _ABOUT,
        "columns": [_KEY_COLUMN, value],
        **({"primaryKey": [KEY, column.name]} if column.kind.type == "iri" else {}),
        "foreignKeys": [to_thing, *links.get("foreignKeys", [])],
    }
    return {"url": file_name(table, column), **_about(column.iri, words), "tableSchema": schema}


def _foreign_keys(table: ThingTable, columns: Iterable[Column], survey: Survey, targets: Targets) -> Json:
    """A key for each link that leads to things of one table only.

    None for a column with empty cells: strict validators want every cell of a key to lead somewhere.
    """
    keys = []
    for column in columns:
        is_full = is_apart(column) or column.traits.count == table.count
        found = targets.get((table.name, column.fact), set()) if is_full else set()
        (number,) = found if len(found) == 1 else (None,)
        if number is not None:
            keys.append(_reference(column.name, survey.tables[number]))
    return {"foreignKeys": keys} if keys else {}


def _reference(name: str, table: ThingTable) -> Json:
    return {"columnReference": name, "reference": {"resource": file_name(table), "columnReference": KEY}}


def _column(column: Column, words: Words) -> Json:
    return {
        "name": column.name,
        "titles": column.name,
        **_about(column.iri, words),
        "datatype": datatype_of(column.kind),
        **({"lang": column.kind.language} if column.kind.language else {}),
        "propertyUrl": column.iri,
        **({"valueUrl": f"{{+{column.name}}}"} if column.kind.type == "iri" else {}),
    }


def _types(table: ThingTable) -> list[Json]:
    """Columns that are in no file: the classes of all things of the table."""
    return [
        {"virtual": True, "name": f"type.{number}", "propertyUrl": TYPE[0], "valueUrl": iri}
        for number, iri in enumerate(table.types, 1)
    ]


def _about(iri: str, words: Words) -> Json:
    texts = {"rdfs:label": words.label(iri), "skos:definition": words.definition(iri)}
    return {name: {"@value": text, "@language": "en"} for name, text in texts.items() if text}
