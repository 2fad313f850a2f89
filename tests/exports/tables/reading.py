"""The triples that other libraries read in our tables, and what they make of values."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import networkx as nx
import pyarrow.parquet as pq
import uritemplate
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from jobgraph.exports.tables.things import BLANK
from jobgraph.vocabulary import RDF, XSD

TYPE = RDF + "type"
# A subject, a property, and a value with its datatype (none for an IRI) and its language.
Stated: TypeAlias = tuple[str, str, str, str, str]
Graph: TypeAlias = frozenset[Stated]

_NUMBERS = {XSD + "decimal", XSD + "integer", XSD + "long"}
_FLOATS = {XSD + "double", XSD + "float"}


def link(subject: str, predicate: str, target: str) -> Stated:
    return subject, predicate, target, "", ""


def value(subject: str, predicate: str, read: object, *, datatype: str, language: str = "") -> Stated:
    """A value as it was read, text or of a type of Python, in one spelling for each value."""
    return subject, predicate, spelling(read, datatype), datatype, language.lower()


def spelling(read: object, datatype: str) -> str:
    text = str(read).lower() if isinstance(read, bool) else str(read)
    if datatype in _NUMBERS:
        return str(Fraction(text))
    if datatype in _FLOATS:
        return repr(float(text))
    if datatype == XSD + "boolean":
        return {"0": "false", "1": "true"}.get(text, text)
    if datatype == XSD + "dateTime":
        moment = read if isinstance(read, datetime) else datetime.fromisoformat(text)
        return moment.isoformat()
    return text


def stated(triples: Iterable[Triple], misfits: Iterable[tuple[str, str]] = ()) -> Graph:
    """What a file should say of triples: `misfits` are the texts and datatypes that are none of a value."""
    return frozenset(_stated(triple, set(misfits)) for triple in triples)


def _stated(triple: Triple, misfits: set[tuple[str, str]]) -> Stated:
    subject, predicate, term = _iri(triple.subject), triple.predicate.value, triple.object
    if not isinstance(term, Literal):
        return link(subject, predicate, _iri(term))
    datatype = term.datatype.value
    if (term.value, datatype) in misfits:
        datatype = XSD + "string"
    return value(subject, predicate, term.value, datatype=datatype, language=term.language or "")


def _iri(node: object) -> str:
    assert isinstance(node, NamedNode | BlankNode)
    return BLANK + node.value if isinstance(node, BlankNode) else node.value


def read_csvw(folder: Path) -> Graph:
    """Conversion to RDF in minimal mode, https://www.w3.org/TR/csv2rdf/, of all that our metadata use."""
    metadata = json.loads((folder / "metadata.json").read_text())
    return frozenset(fact for table in metadata["tables"] for fact in _csvw_table(folder, table))


def _csvw_table(folder: Path, table: Mapping[str, Any]) -> Iterator[Stated]:
    schema = table["tableSchema"]
    with (folder / table["url"]).open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream, strict=True)
        in_file = [column for column in schema["columns"] if not column.get("virtual")]
        assert next(rows) == [column["titles"] for column in in_file]
        for row in rows:
            cells = {c["name"]: text for c, text in zip(in_file, row, strict=True) if text not in c.get("null", [""])}
            subject = _expanded(schema["aboutUrl"], cells)
            for column in schema["columns"]:
                if not column.get("suppressOutput") and (column.get("virtual") or column["name"] in cells):
                    yield _csvw_cell(subject, column, cells)


def _csvw_cell(subject: str, column: Mapping[str, Any], cells: Mapping[str, str]) -> Stated:
    predicate = _expanded(column["propertyUrl"], cells)
    if "valueUrl" in column:
        return link(subject, predicate, _expanded(column["valueUrl"], cells))
    if "lang" in column:
        datatype, language = RDF + "langString", column["lang"]
    else:
        name, language = column["datatype"], ""
        named = {"xml": RDF + "XMLLiteral", "html": RDF + "HTML"}
        datatype = name["@id"] if isinstance(name, dict) else named.get(name, XSD + name)
    return value(subject, predicate, cells[column["name"]], datatype=datatype, language=language)


def _expanded(template: str, cells: Mapping[str, str]) -> str:
    return uritemplate.expand(template, {**cells})


def read_parquet(folder: Path) -> Graph:
    return frozenset(fact for path in folder.glob("*.parquet") for fact in _parquet_file(path))


def _parquet_file(path: Path) -> Iterator[Stated]:
    table = pq.read_table(path)
    terms = json.loads(pq.read_metadata(path).metadata[b"jobgraph"])
    for row in table.to_pylist():
        yield from (link(row["id"], TYPE, iri) for iri in terms["types"])
        for name, term in terms["columns"].items():
            read = row[name] if isinstance(row[name], list) else [row[name]]
            yield from (_meant(row["id"], term, one) for one in read if one is not None)


def _meant(subject: str, term: Mapping[str, Any], read: object) -> Stated:
    if not term["datatype"]:
        return link(subject, term["iri"], str(read))
    return value(subject, term["iri"], read, datatype=term["datatype"], language=term.get("language", ""))


def read_graphml(folder: Path) -> Graph:
    graph = nx.read_graphml(folder / "graph.graphml", force_multigraph=True)
    terms = json.loads(graph.graph["terms"])
    found = {link(a, terms["links"][data["relation"]], b) for a, b, data in graph.edges(data=True)}
    for iri, data in graph.nodes(data=True):
        found.update(link(iri, TYPE, terms["classes"][name]) for name in data.pop("classes", "").split())
        for name, read in data.items():
            term = terms["values"][name]
            found.update(_meant(iri, term, one) for one in (json.loads(read) if term["isList"] else [read]))
    return frozenset(found)


def read_neo4j(folder: Path) -> Graph:
    """What the importer makes of the files, whose rules on headers, labels and ends of links hold."""
    terms = json.loads((folder / "terms.json").read_text())
    nodes = [(path, *_neo4j_rows(path)) for path in sorted(folder.glob("nodes_*.csv"))]
    ids = [row[0] for _, _, rows in nodes for row in rows]
    outside = [row[0] for row in _neo4j_rows(folder / "outside.csv")[1]]
    assert len(set(ids + outside)) == len(ids + outside)
    head, links = _neo4j_rows(folder / "links.csv")
    assert head == [":START_ID", ":END_ID", ":TYPE"]
    assert {row[0] for row in links} <= set(ids)
    assert {row[1] for row in links} <= set(ids + outside)
    found = {link(start, terms["links"][type_], end) for start, end, type_ in links}
    for _, head, rows in nodes:
        found.update(fact for row in rows for fact in _neo4j_node(head, row, terms))
    return frozenset(found)


def _neo4j_rows(path: Path) -> tuple[list[str], list[list[str]]]:
    with path.open(encoding="utf-8", newline="") as stream:
        head, *rows = csv.reader(stream, strict=True)
    return head, rows


def _neo4j_node(head: list[str], row: list[str], terms: Mapping[str, Any]) -> Iterator[Stated]:
    assert (head[0], head[-1]) == ("iri:ID", ":LABEL")
    yield from (link(row[0], TYPE, terms["classes"][name]) for name in row[-1].split("\x1f") if name)
    for field, text in zip(head[1:-1], row[1:-1], strict=True):
        name, type_ = field.split(":")
        read = NEO4J_TYPES[type_.removesuffix("[]")]
        if text:
            texts = text.split("\x1f") if type_.endswith("[]") else [text]
            yield from (_meant(row[0], terms["values"][name], read(one)) for one in texts)


# https://neo4j.com/docs/operations-manual/current/tools/neo4j-admin/neo4j-admin-import/#import-tool-header-format-properties
NEO4J_TYPES: Mapping[str, Callable[[str], object]] = {
    "boolean": {"true": True, "false": False}.__getitem__,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "double": lambda text: float(text.replace("INF", "Infinity")),
    "localdatetime": datetime.fromisoformat,
    "long": int,
    "string": str,
}


def parsed(turtle: str) -> list[Triple]:
    """Triples as a selection gives them: those of a subject together."""
    return sorted((quad.triple for quad in parse(turtle, format=RdfFormat.TURTLE)), key=str)
