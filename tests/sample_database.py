"""A Postgres filled from a folder of CSV files, with the column types of a real Jobs-To-Be-Done database."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql

from jobgraph.contract.nested import array_elements

SCHEMA = Path(__file__).parent / "ontology" / "source_schema.tsv"
TYPES = {
    "xsd:string": "text",
    "xsd:integer": "bigint",
    "xsd:decimal": "numeric",
    "xsd:boolean": "boolean",
    "xsd:date": "date",
    "xsd:dateTime": "timestamptz",
    "xsd:time": "time",
    "rdf:JSON": "jsonb",
}
KEY_TYPE = "uuid"
SPECIAL_TYPES = {("tenants", "tenant_path"): "ltree"}


def load_sample(connection: psycopg.Connection, folder: Path) -> None:
    """Make and fill a table of every CSV file in `folder`; no keys and no constraints, so that any order will do."""
    connection.execute("CREATE EXTENSION IF NOT EXISTS ltree")
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            rows = csv.reader(stream)
            load_table(connection, path.stem, next(rows), rows)


def load_table(
    connection: psycopg.Connection,
    table: str,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    key_type: str = KEY_TYPE,
) -> None:
    """Make and fill one table; `rows` are cells in the order of `header`, empty ones are NULL."""
    types = [column_types()[table].get(column, "text").replace(KEY_TYPE, key_type) for column in header]
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(type_))
        for column, type_ in zip(header, types, strict=True)
    )
    name = sql.Identifier(table)
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(name, columns))
    with connection.cursor() as cursor, cursor.copy(sql.SQL("COPY {} FROM STDIN").format(name)) as copy:
        for row in rows:
            copy.write_row([to_cell(text, type_) for text, type_ in zip(row, types, strict=True)])


@cache
def column_types() -> Mapping[str, Mapping[str, str]]:
    """The Postgres types of columns by table and column."""
    types: dict[str, dict[str, str]] = {}
    with SCHEMA.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            types.setdefault(row["table"], {})[row["column"]] = column_type(row)
    return types


def column_type(column: Mapping[str, str]) -> str:
    special = SPECIAL_TYPES.get((column["table"], column["column"]))
    if special:
        return special
    scale = f"({column['scale']})" if column["scale"] else ""
    is_key = column["column"] == "id" or column["references"]
    return (KEY_TYPE if is_key else TYPES[column["datatype"]] + scale) + ("[]" if column["list"] else "")


def to_cell(text: str, type_: str) -> str | list[str] | None:
    """An empty cell is NULL; lists are written as JSON or as array literals."""
    if not text:
        return None
    return array_elements(text) if type_.endswith("[]") else text
