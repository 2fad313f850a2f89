"""The floor to stand beside: the csv module and string formatting, the same lines, no check of anything.

It trusts its input: no datatype, key, link or code is looked at. Tenants of rows that do not name one come from a
dictionary of keys, as any writer of these lines needs them.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from jobgraph.contract.door import tenancy_levels
from jobgraph.contract.nested import array_elements, canonical_json
from jobgraph.vocabulary import JG, RDF, XSD, Column, Table, Vocabulary

Format = Callable[[str], str]


@dataclass
class Writer:
    """What the tables share: how IRIs start, and the tenants that were met so far, by table and key."""

    base: str
    vocabulary: Vocabulary
    slugs: dict[str, str] = field(default_factory=dict)
    tenants: dict[str, dict[str, str]] = field(default_factory=dict)

    def write(self, folder: Path, out: Path) -> int:
        """Write the N-Quads of all tables to one file; give the number of rows stated."""
        rows = 0
        with out.open("w", encoding="utf-8") as target:
            for table in self.in_order():
                path = folder / f"{table.name}.csv"
                if path.exists():
                    with path.open(encoding="utf-8", newline="") as source:
                        for text in self._rows(table, csv.reader(source)):
                            target.write(text)
                            rows += 1
        return rows

    def in_order(self) -> list[Table]:
        """The tables, those that others take their tenants from first."""
        level = tenancy_levels(self.vocabulary.tables)
        return sorted(self.vocabulary.tables.values(), key=lambda t: (t.tenancy != "Itself", level[t.name], t.name))

    def _rows(self, table: Table, rows: Iterator[list[str]]) -> Iterator[str]:
        at = {name: i for i, name in enumerate(next(rows))}
        tenant_of = self._tenant_of(table, at)
        keys = self.tenants.setdefault(table.name, {})
        key, deleted = at[table.key], at.get(table.column_of(JG + "deletedAt") or "")
        line = self._link_text(table, at) if table.subject else self._entity_text(table, at)
        for row in rows:
            tenant = keys[row[key]] = tenant_of(row)
            if deleted is None or not row[deleted]:
                graph = f"{tenant}/asserted" if tenant else "shared"
                yield line(row, f" <{self.base}graph/{graph}> .\n")

    def _tenant_of(self, table: Table, at: dict[str, int]) -> Callable[[Sequence[str]], str]:
        slugs, own = self.slugs, at.get(table.column_of(JG + "belongsToTenant") or "")
        if table.tenancy == "Itself":
            key, slug = at[table.key], at[table.column_of(JG + "slug") or ""]
            return lambda row: slugs.setdefault(row[key], row[slug])
        if own is not None:
            return lambda row: slugs.get(row[own], "")
        targets = {link.name: self.vocabulary.table_of_class[link.target].name for link in table.links}
        parents = [(at[c], self.tenants[targets[c]]) for c in table.tenant_columns if c in at]
        return lambda row: next((known[row[i]] for i, known in parents if row[i]), "")

    def _link_text(self, table: Table, at: dict[str, int]) -> Callable[[Sequence[str], str], str]:
        assert table.subject
        subject, link = table.subject, table.columns[0]
        start, end = self._format(subject), self._format(link)
        i, j, predicate = at[subject.name], at[link.name], f" <{link.path}> "
        return lambda row, graph: f"{start(row[i])}{predicate}{end(row[j])}{graph}"

    def _entity_text(self, table: Table, at: dict[str, int]) -> Callable[[Sequence[str], str], str]:
        step = f"<{self.base}{self.vocabulary.class_step(table.class_iri)}/"
        key, kind = at[table.key], f" <{RDF}type> <{table.class_iri}>"
        columns = [c for c in table.columns if c.name in at]
        cells = [(at[c.name], f" <{c.path}> ", self._format(c)) for c in columns if not (c.inverse or c.repeated)]
        lists = [(at[c.name], f" <{c.path}> ", self._format(c)) for c in columns if c.repeated]
        inverse = [(at[c.name], f" <{c.path}> ", self._format(c)) for c in columns if c.inverse]

        def text(row: Sequence[str], graph: str) -> str:
            subject = f"{step}{quote(row[key], safe='')}>"
            parts = [subject, kind, graph]
            for i, predicate, make in cells:
                if row[i]:
                    parts += (subject, predicate, make(row[i]), graph)
            for i, predicate, make in lists:
                for element in (row[i] and array_elements(row[i])) or ():
                    parts += (subject, predicate, make(element), graph)
            for i, predicate, make in inverse:
                if row[i]:
                    parts += (make(row[i]), predicate, subject, graph)
            return "".join(parts)

        return text

    def _format(self, column: Column) -> Format:
        if column.kind == "link":
            start = f"<{self.base}{self.vocabulary.class_step(column.target)}/"
            return lambda value: f"{start}{value}>"
        if scheme := self.vocabulary.scheme_of(column):
            known = {value: f"<{iri}>" for value, iri in (*scheme.notations.items(), *scheme.spellings.items())}
            return lambda value: known.get(value) or json.dumps(value, ensure_ascii=False)
        if column.datatype == XSD + "string":
            return _quoted
        end = f'"^^<{column.datatype}>'
        if column.datatype == RDF + "JSON":
            return lambda value: json.dumps(canonical_json(value), ensure_ascii=False) + end[1:]
        return lambda value: f'"{value}{end}'


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


if __name__ == "__main__":
    print(Writer(sys.argv[3], Vocabulary()).write(Path(sys.argv[1]), Path(sys.argv[2])))
