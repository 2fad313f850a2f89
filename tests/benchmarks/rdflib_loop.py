"""What most people write first: the csv module, rdflib terms, a graph in memory, serialised at the end."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from urllib.parse import quote

from rdflib import RDF, Graph, Literal, URIRef

from jobgraph.contract.nested import array_elements
from jobgraph.vocabulary import Column, Table, Vocabulary


def write_with_rdflib(folder: Path, out: Path, *, base: str, vocabulary: Vocabulary) -> int:
    """Write the triples of all tables as N-Triples (no tenants, no checks); give their number."""
    graph = Graph()
    for table in vocabulary.tables.values():
        path = folder / f"{table.name}.csv"
        if path.exists():
            with path.open(encoding="utf-8", newline="") as source:
                for row in csv.DictReader(source):
                    _add_row(graph, table, row, base, vocabulary)
    graph.serialize(out, format="nt", encoding="utf-8")
    return len(graph)


def _add_row(graph: Graph, table: Table, row: dict[str, str], base: str, vocabulary: Vocabulary) -> None:
    if table.subject:
        subject = _entity(table.subject.target, row[table.subject.name], base, vocabulary)
    else:
        subject = _entity(table.class_iri, row[table.key], base, vocabulary)
        graph.add((subject, RDF.type, URIRef(table.class_iri)))
    for column in table.columns:
        value = row.get(column.name)
        if not value:
            continue
        for text in (array_elements(value) or []) if column.repeated else [value]:
            node = _node(column, text, base, vocabulary)
            if column.inverse:
                graph.add((node, URIRef(column.path), subject))
            else:
                graph.add((subject, URIRef(column.path), node))


def _entity(class_iri: str, key: str, base: str, vocabulary: Vocabulary) -> URIRef:
    return URIRef(f"{base}{vocabulary.class_step(class_iri)}/{quote(key, safe='')}")


def _node(column: Column, text: str, base: str, vocabulary: Vocabulary) -> URIRef | Literal:
    if column.kind == "link":
        return _entity(column.target, text, base, vocabulary)
    if column.kind == "code":
        scheme = vocabulary.schemes[column.scheme]
        iri = scheme.notations.get(text) or scheme.spellings.get(text)
        return URIRef(iri) if iri else Literal(text)
    return Literal(text, datatype=URIRef(column.datatype))


if __name__ == "__main__":
    print(write_with_rdflib(Path(sys.argv[1]), Path(sys.argv[2]), base=sys.argv[3], vocabulary=Vocabulary()))
