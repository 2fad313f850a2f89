"""A published generation looked at by people: what does not conform, whose work that is, and what can be repaired."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb
from pyoxigraph import Store

from jobgraph.contract.sql import text
from jobgraph.errors import UsageError
from jobgraph.pipeline.report import FINDINGS, REPORT
from jobgraph.shacl.model import Shapes
from jobgraph.shacl.results import Result, read_report
from jobgraph.store import Generation
from jobgraph.store.durable import storage_errors
from jobgraph.validation import (
    Entities,
    Places,
    Repair,
    Repairs,
    WorkList,
    read_all_shapes,
    shape_labels,
    to_work_list,
)
from jobgraph.vocabulary import Vocabulary


def read_results(generation: Generation) -> list[Result]:
    """The results in the validation report of a generation, values as the source spells them.

    Raises
    ------
    UsageError : it was built by a version that kept no whole report.
    StorageError : the report cannot be read.
    """
    if "severities" not in generation.manifest:
        raise UsageError(f"Generation {generation.name} of {generation.slug} has no whole report; build it again.")
    with storage_errors(generation.path / REPORT):
        return read_report(generation.path / REPORT)


def review(
    store: Store,
    generation: Generation,
    results: Iterable[Result],
    *,
    shapes: Shapes | None = None,
    vocabulary: Vocabulary | None = None,
) -> WorkList:
    """The work list for some results on a generation whose store is open; without `shapes`, ours name what is wrong."""
    known = vocabulary or Vocabulary()
    entities = Entities(store, generation.names, known, rows=_read_rows(generation.path / FINDINGS))
    statements = (shapes or read_all_shapes(known)).statements
    return to_work_list(results, entities, Places(known), shape_labels(statements.triples()))


def find_repairs(
    store: Store, generation: Generation, results: Iterable[Result], *, vocabulary: Vocabulary | None = None
) -> list[Repair]:
    """The repairs of the source that are certain, for some results on a generation whose store is open."""
    known = vocabulary or Vocabulary()
    return Repairs(Entities(store, generation.names, known), Places(known)).of_all(results)


def _read_rows(path: Path) -> Mapping[tuple[str, str], int]:
    """The numbers of the source's rows that the door found something in, by table and key."""
    if not path.exists():
        return {}
    with duckdb.connect() as connection:
        rows = connection.execute(f"""SELECT "table", key, "row" FROM read_parquet({text(str(path))})""").fetchall()
    return {(table, key): row for table, key, row in rows}
