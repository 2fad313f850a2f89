"""The findings of the door as SHACL results: what a SHACL engine says of the same rows in a store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from jobgraph.contract import Admitted
from jobgraph.contract.sql import text, texts
from jobgraph.mapping.iris import entity_iri
from jobgraph.shacl.paths import Inverse, Predicate
from jobgraph.shacl.paths import Path as PropertyPath
from jobgraph.shacl.results import Result
from jobgraph.vocabulary import Column, Vocabulary

_BATCH = 10_000


def door_results(admitted: Admitted, vocabulary: Vocabulary, *, tenant: str, base: str) -> Iterator[Result]:
    """The results of a tenant (its key) and of the rows that all tenants share, by table and key.

    Only the findings are read, so the rows may be released.
    """
    query = """SELECT DISTINCT table_name, key, column_name, path, value, component, shape, severity, message
               FROM findings WHERE tenant IN (?, '') ORDER BY ALL"""
    columns = {t.name: {(c.name, c.path): c for c in t.columns} for t in vocabulary.tables.values()}
    cursor = admitted.connection.cursor().execute(query, [tenant])
    while rows := cursor.fetchmany(_BATCH):
        for table_name, key, column_name, path, value, component, shape, severity, message in rows:
            focus = NamedNode(entity_iri(base, vocabulary, vocabulary.tables[table_name].class_iri, key))
            column = columns[table_name].get((column_name, path))
            yield Result(
                focus=focus,
                component=component,
                shape=NamedNode(shape),
                severity=severity,
                path=_path(column) if column else None,
                value=_value(column, value) if column else focus,
                message=message,
                constraint=None if column else NamedNode(path),
            )


def write_rows(admitted: Admitted, path: Path, *, tenant: str) -> None:
    """Write table, key and row number of what `door_results` speaks of as Parquet, for people who look it up."""
    query = f"""SELECT DISTINCT table_name AS "table", key, row_number AS "row"
                FROM findings WHERE tenant IN ({texts([tenant, ""])}) ORDER BY ALL"""
    admitted.connection.execute(f"COPY ({query}) TO {text(str(path))} (FORMAT parquet, COMPRESSION zstd)")


def _path(column: Column) -> PropertyPath:
    return Inverse(Predicate(column.path)) if column.inverse else Predicate(column.path)


def _value(column: Column, value: str | None) -> Literal | None:
    """The value as the graph has it: what was a link or a code is a text where it is none."""
    if value is None:
        return None
    return Literal(value, datatype=NamedNode(column.datatype)) if column.datatype else Literal(value)
