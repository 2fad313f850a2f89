"""Samples of any size: the shipped sample copied in DuckDB, one CSV file a table, no row passing through Python."""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import duckdb

from jobgraph.contract.sql import text
from jobgraph.errors import JobgraphError, StorageError, UsageError
from jobgraph.resources import resource_path
from jobgraph.sample.copies import SampleSize, plan_copies
from jobgraph.sample.defects import KINDS
from jobgraph.sample.pattern import Pattern
from jobgraph.sample.queries import TableQueries
from jobgraph.sample.templates import Templates
from jobgraph.sources.tables import engine_errors
from jobgraph.vocabulary import Vocabulary

WORKERS = 2
_MEMORY_MB = 700


class Seeded(NamedTuple):
    """A defect that was made: where it stands, as what it is written, and its kind."""

    table: str
    row: int
    key: str | None
    column: str
    value: str | None
    kind: str


@dataclass(frozen=True)
class SampleReport:
    """What was written: rows by table, and the spoiled ones among them by table and kind of defect."""

    table_rows: Mapping[str, int]
    table_defects: Mapping[str, Mapping[str, int]]

    @property
    def tables(self) -> int:
        """The number of tables."""
        return len(self.table_rows)

    @property
    def rows(self) -> int:
        """The rows of all tables."""
        return sum(self.table_rows.values())

    @property
    def defects(self) -> int:
        """The spoiled rows of all tables."""
        return sum(self.kind_defects.values())

    @property
    def kind_defects(self) -> Mapping[str, int]:
        """The spoiled rows of all tables by kind of defect."""
        totals: Counter[str] = Counter()
        for kinds in self.table_defects.values():
            totals.update(kinds)
        return dict(sorted(totals.items()))

    def to_json(self) -> dict[str, object]:
        """The report as JSON has it: rows and defects, in all and by table."""
        return {
            "tables": self.tables,
            "rows": self.rows,
            "defects": self.defects,
            "table_rows": dict(self.table_rows),
            "table_defects": {table: dict(kinds) for table, kinds in self.table_defects.items()},
        }


def write_sample(
    folder: Path,
    size: SampleSize,
    *,
    vocabulary: Vocabulary,
    truth: Path | None = None,
    progress: Callable[[str, int], None] = lambda _table, _rows: None,
) -> SampleReport:
    """Write one CSV file for every table of the vocabulary to an empty or new folder.

    The rows of the sample's tenants are copied until there are as many jobs as asked for; rows without a tenant stand
    once. Each copy has its own keys, names and codes, and scores drawn from the sample's; its links stay within it,
    but some jobs depend on jobs of the copy before. `truth` is a CSV file for the defects: table, row, key, column and
    value as written, kind of defect, and what a build must report it as. `progress` is told each table and its rows.

    Raises
    ------
    UsageError : the folder holds something already.
    StorageError : the folder cannot be written.
    """
    _make_empty(folder)
    pattern = Pattern(resource_path("data", "sample"), vocabulary)
    templates = Templates(pattern, list(plan_copies(pattern, size)), size.seed)
    with _engine(folder) as (connection, work_dir):
        templates.load(connection, work_dir)

        def write(table: str) -> tuple[str, int, list[Seeded]]:
            queries = TableQueries(templates, size, vocabulary.tables[table])
            rows, defects = _write_table(connection.cursor(), queries, folder / f"{table}.csv")
            progress(table, rows)
            return table, rows, defects

        with ThreadPoolExecutor(WORKERS) as pool:
            written = sorted(pool.map(write, templates.largest_first(connection)))
    if truth:
        _write_truth(truth, (defect for _, _, defects in written for defect in defects))
    counted = {t: Counter(defect.kind for defect in defects) for t, _, defects in written if defects}
    return SampleReport({t: rows for t, rows, _ in written}, {t: dict(sorted(c.items())) for t, c in counted.items()})


def _make_empty(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_empty = not any(folder.iterdir())
    except FileExistsError:
        raise UsageError(f"{folder} is a file; name a new folder.") from None
    except OSError as error:
        raise StorageError(f"{folder} cannot be made: {error.strerror}.") from error
    if not is_empty:
        raise UsageError(f"{folder} is not empty; name a new folder.")


@contextmanager
def _engine(folder: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """A DuckDB that runs each query in one thread, so that rows keep their order, and a folder for its files."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "memory_limit": f"{_MEMORY_MB}MB",
        # The templates, right of their joins, are the side to hash: DuckDB 2.0 fails on the other one
        # (https://github.com/duckdb/duckdb/issues/24807), and the order of rows would hang on their number.
        "disabled_optimizers": "join_order,build_side_probe_side",
    }
    try:
        with (
            tempfile.TemporaryDirectory(dir=folder, prefix=".sample-") as work_dir,
            engine_errors(),
            duckdb.connect(config=settings | {"temp_directory": work_dir}) as connection,
        ):
            yield connection, Path(work_dir)
    except JobgraphError:  # some of ours are OSErrors too
        raise
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error.strerror or error}.") from error


def _write_table(connection: duckdb.DuckDBPyConnection, queries: TableQueries, path: Path) -> tuple[int, list[Seeded]]:
    """Write a table; give the number of its rows, and the defects among them."""
    rows = connection.execute(f"COPY ({queries.rows()}) TO {text(str(path))} (FORMAT csv)").fetchone()
    defects = connection.execute(queries.seeded()).fetchall() if queries.slots else []
    return (rows[0] if rows else 0), [Seeded(*defect) for defect in defects]


def _write_truth(path: Path, defects: Iterable[Seeded]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow((*Seeded._fields, "becomes"))
            writer.writerows((*defect, KINDS[defect.kind].becomes) for defect in defects)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}.") from error
