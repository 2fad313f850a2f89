"""Tables written in a test, let through the door: what became of them, and their N-Quads."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from jobgraph.contract import Admitted
from jobgraph.contract.coverage import Coverage, TableCoverage, measure
from jobgraph.contract.sql import table
from jobgraph.mapping import SHARED, write_quads
from jobgraph.sources import Source
from jobgraph.vocabulary import JG, Vocabulary

BASE = "https://graph.example/id/"
SMALL = Path(__file__).parent / "small_ontology"

Cells = str | Sequence[Sequence[str]]  # a table as CSV text, or its header and rows

# The tables that most tests need first.
TENANTS = "id,slug\nt1,acme\nt2,bolt\n"
COUNTRIES = "id,name\nc1,Peru\nc2,Fiji\n"


class Admit(Protocol):
    """Writes tables to a folder and lets them through the door."""

    def __call__(self, tables: Mapping[str, Cells], **options: Any) -> Admission: ...


@dataclass(frozen=True)
class Admission:
    """Tables after the door."""

    admitted: Admitted
    source: Source
    vocabulary: Vocabulary
    folder: Path

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return self.admitted.connection.execute(query).fetchall()

    @property
    def quarantine(self) -> list[tuple[Any, ...]]:
        """Table, key, row, column, value and rule of every entry."""
        return self.ask(
            "SELECT table_name, key, row_number, column_name, value, rule FROM quarantine ORDER BY ALL NULLS FIRST"
        )

    @property
    def rules(self) -> list[str]:
        """The rules that entries name, in the order of the entries."""
        return [entry[-1] for entry in self.quarantine]

    @property
    def findings(self) -> list[tuple[Any, ...]]:
        """Key, column, value and the local name of the constraint component of every finding."""
        query = "SELECT key, column_name, value, split_part(component, '#', 2) FROM findings ORDER BY ALL NULLS FIRST"
        return [(*cells, component.removesuffix("ConstraintComponent")) for *cells, component in self.ask(query)]

    def live(self, table_name: str, *columns: str) -> list[tuple[Any, ...]]:
        """Some columns of the live rows, in the order of the source."""
        return self.ask(f"SELECT {', '.join(columns)} FROM {table('live', table_name)} ORDER BY row_")

    @cached_property
    def coverage(self) -> Coverage:
        return measure(self.admitted, self.source, self.vocabulary)

    def counts(self, table_name: str) -> tuple[int, int, int, int, int]:
        """Read, stated, quarantined, deleted, cells."""
        found = next(t for t in self.coverage.tables if t.table == table_name)
        assert isinstance(found, TableCoverage)
        return found.read, found.stated, found.quarantined, found.deleted, found.cells

    def write(self, *slugs: str, folder: str = "quads") -> dict[str, Path]:
        """The N-Quads files of some tenants, or of all."""
        names = [*(slugs or self.admitted.tenants.values()), SHARED]
        graphs = {name: f"https://graph.example/{name}" for name in names}
        return write_quads(self.admitted, self.vocabulary, self.folder / folder, base=BASE, graphs=graphs)

    def lines(self, *slugs: str, folder: str = "quads") -> dict[str, list[str]]:
        """The sorted lines by tenant."""
        return {name: sorted(read_lines(path)) for name, path in self.write(*slugs, folder=folder).items()}

    @cached_property
    def statements(self) -> set[str]:
        """Every line, with short names for our terms and entities and without the graph."""
        return {short(line) for lines in self.lines().values() for line in lines}

    def objects(self, term: str) -> list[str]:
        """What stands behind one of our properties, sorted."""
        return sorted(line.partition(f" jg:{term} ")[2] for line in self.statements if f" jg:{term} " in line)


def read_lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as lines:
        yield from (line.removesuffix("\n") for line in lines)


def short(line: str) -> str:
    """`<…id/team/a>` becomes `team/a`, `<…jobgraph/size>` becomes `jg:size`; the graph goes."""
    statement = line.rpartition(" <")[0]
    for start, prefix in ((f"<{BASE}", ""), (f"<{JG}", "jg:")):
        while start in statement:
            before, _, rest = statement.partition(start)
            inside, _, after = rest.partition(">")
            statement = f"{before}{prefix}{inside}{after}"
    return statement


def write_tables(folder: Path, tables: Mapping[str, Cells]) -> Path:
    """Write each table as CSV, or as it is if its name says that it is JSON Lines."""
    folder.mkdir()
    for name, cells in tables.items():
        text = cells if isinstance(cells, str) else _csv_text(cells)
        (folder / (name if name.endswith(".jsonl") else f"{name}.csv")).write_text(text, encoding="utf-8", newline="\n")
    return folder


def _csv_text(rows: Sequence[Sequence[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)  # ends lines with CR LF, and so quotes both
    return stream.getvalue()
