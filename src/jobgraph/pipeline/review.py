"""A published generation looked at by people: what does not conform, whose work that is, and what can be repaired.

Its maker keeps the work list with it, for to make it takes longer than a reader waits; a generation of another version
has it made from its report.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from pyoxigraph import Store

from jobgraph.contract.sql import text
from jobgraph.errors import UsageError
from jobgraph.shacl.results import Result, read_report
from jobgraph.store import Generation, GraphNames
from jobgraph.store.durable import storage_errors
from jobgraph.store.generations import FINDINGS, REPORT, WORK
from jobgraph.validation import Entities, Guide, Places, Repair, Repairs, WorkList, to_work_list
from jobgraph.vocabulary import Vocabulary

if TYPE_CHECKING:
    from pydantic import TypeAdapter


def read_work_list(store: Store, generation: Generation, *, vocabulary: Vocabulary | None = None) -> WorkList:
    """The whole work list of a generation whose store is open: as it was kept, else made from its report.

    Raises
    ------
    UsageError : it was built by a version that kept no whole report.
    StorageError : the report cannot be read.
    """
    with suppress(OSError, ValueError):  # missing, or cut off by a disk
        return _kept().validate_json((generation.path / WORK).read_bytes())
    results = read_results(generation)
    return review(store, generation, results, vocabulary=vocabulary) if results else WorkList.of(())


def keep_work_list(found: WorkList, folder: Path) -> None:
    """Put a work list into the folder of a generation in the making.

    Raises
    ------
    OSError : the disk is full or cannot be written.
    """
    (folder / WORK).write_text(json.dumps(found, default=vars), encoding="utf-8")


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
    guide: Guide | None = None,
    vocabulary: Vocabulary | None = None,
) -> WorkList:
    """The whole work list for some results on a generation whose store is open; without `guide`, on our shapes."""
    known = vocabulary or Vocabulary()
    entities = entities_of(store, generation.names, known, generation.path)
    return to_work_list(results, entities, guide or Guide.of(known))


def entities_of(
    store: Store,
    names: GraphNames,
    vocabulary: Vocabulary,
    folder: Path,
    *,
    connection: duckdb.DuckDBPyConnection | None = None,
) -> Entities:
    """What people know the things in a store by, with the numbers of rows that the folder of its generation has.

    `connection` reads them; without one, a new one does, which takes 30 ms to open.
    """
    return Entities(store, names, vocabulary, rows=_read_rows(folder / FINDINGS, connection))


def find_repairs(
    store: Store, generation: Generation, results: Iterable[Result], *, vocabulary: Vocabulary | None = None
) -> list[Repair]:
    """The repairs of the source that are certain, for some results on a generation whose store is open."""
    known = vocabulary or Vocabulary()
    return Repairs(Entities(store, generation.names, known), Places(known)).of_all(results)


@cache
def _kept() -> TypeAdapter[WorkList]:
    from pydantic import TypeAdapter  # 40 ms that a build need not pay

    return TypeAdapter(WorkList)


def _read_rows(path: Path, known: duckdb.DuckDBPyConnection | None) -> Mapping[tuple[str, str], int]:
    """The numbers of the source's rows that the door found something in, by table and key.

    None where they cannot be read: they help to find a row whose key is known, and a write need not fail for them.
    """
    query = f"""SELECT "table", key, "row" FROM read_parquet({text(str(path))})"""
    with suppress(duckdb.Error), known.cursor() if known else duckdb.connect() as connection:
        return {(table, key): row for table, key, row in connection.execute(query).fetchall()}
    return {}
