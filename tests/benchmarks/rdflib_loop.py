"""What most people write first: the csv module, rdflib terms, a dataset in memory, serialised as N-Quads at the end.

The same quads as the mapping's, save that it checks nothing and takes JSON as it stands.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from urllib.parse import quote

from rdflib import RDF, Dataset, Graph, Literal, URIRef
from tests.benchmarks.plain_writer import Writer

from jobgraph.contract.nested import array_elements
from jobgraph.vocabulary import JG, Column, Table, Vocabulary


class RdflibLoop(Writer):
    """The loop; tenants are found as the plain writer finds them."""

    def write(self, folder: Path, out: Path) -> int:
        """Write the N-Quads of all tables to one file; give their number."""
        dataset = Dataset()
        for table in self.in_order():
            path = folder / f"{table.name}.csv"
            if path.exists():
                with path.open(encoding="utf-8", newline="") as source:
                    self._add_table(dataset, table, source.read().splitlines(keepends=True))
        dataset.serialize(out, format="nquads", encoding="utf-8")
        return len(dataset)

    def _add_table(self, dataset: Dataset, table: Table, lines: list[str]) -> None:
        names = next(csv.reader(lines))
        tenant_of = self._tenant_of(table, {name: i for i, name in enumerate(names)})
        keys, deleted = self.tenants.setdefault(table.name, {}), table.column_of(JG + "deletedAt") or ""
        for cells in csv.reader(lines[1:]):
            row = dict(zip(names, cells, strict=True))
            tenant = keys[row[table.key]] = tenant_of(cells)
            if not row.get(deleted):
                graph = f"{tenant}/asserted" if tenant else "shared"
                self._add_row(dataset.graph(URIRef(f"{self.base}graph/{graph}")), table, row)

    def _add_row(self, graph: Graph, table: Table, row: dict[str, str]) -> None:
        if table.subject:
            subject = self._entity(table.subject.target, row[table.subject.name])
        else:
            subject = self._entity(table.class_iri, row[table.key])
            graph.add((subject, RDF.type, URIRef(table.class_iri)))
        for column in table.columns:
            value = row.get(column.name)
            for text in (array_elements(value) or () if column.repeated else (value,)) if value else ():
                node = self._node(column, text)
                if column.inverse:
                    graph.add((node, URIRef(column.path), subject))
                else:
                    graph.add((subject, URIRef(column.path), node))

    def _entity(self, class_iri: str, key: str) -> URIRef:
        return URIRef(f"{self.base}{self.vocabulary.class_step(class_iri)}/{quote(key, safe='')}")

    def _node(self, column: Column, text: str) -> URIRef | Literal:
        if column.kind == "link":
            return self._entity(column.target, text)
        if scheme := self.vocabulary.scheme_of(column):
            iri = scheme.notations.get(text) or scheme.spellings.get(text)
            return URIRef(iri) if iri else Literal(text)
        return Literal(text, datatype=URIRef(column.datatype))


if __name__ == "__main__":
    print(RdflibLoop(sys.argv[3], Vocabulary()).write(Path(sys.argv[1]), Path(sys.argv[2])))
