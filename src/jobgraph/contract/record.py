"""The record of the door: what each row of the source was and became, so that the next build can tell what changed.

`prints` has the number, the key and a digest of every row. `records` adds its tenant, its state (`live`, `deleted`, or
`lost` in quarantine), whether anything was found in it, and what a row of a plain junction links. `key_values` has a
digest of each unique key of each live row.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from jobgraph.contract import unique_keys
from jobgraph.contract.door import Admitted
from jobgraph.contract.sql import LIVE, SOURCE, name, table, text
from jobgraph.contract.tables import TableInSource, live_cell
from jobgraph.sources import Source
from jobgraph.vocabulary import Table, Vocabulary

ROWS = "table_ VARCHAR, row_ BIGINT, key_ VARCHAR, digest UHUGEINT"
STATES = "tenant_ VARCHAR, state VARCHAR, is_flawed BOOLEAN, subject VARCHAR, object VARCHAR"
KEY_VALUES = "table_ VARCHAR, row_ BIGINT, constraint_ VARCHAR, value UHUGEINT"


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the empty tables of a record."""
    connection.execute(f"CREATE TABLE prints({ROWS})")
    connection.execute(f"CREATE TABLE records({ROWS}, {STATES})")
    connection.execute(f"CREATE TABLE key_values({KEY_VALUES})")


def owners_of(source: Source, vocabulary: Vocabulary) -> str:
    """The SQL of the tenants, and of whether the source lists them."""
    is_listed = any(t.tenancy == "Itself" and t.name in source.tables for t in vocabulary.tables.values())
    return f"SELECT tenant_, slug, deleted_, {is_listed} AS is_listed FROM owners"


def take_prints(connection: duckdb.DuckDBPyConnection, source_table: Table, columns: Sequence[str]) -> None:
    """Add the rows of a loaded table to `prints`; a row with other columns is another row."""
    key = f"s.{name(source_table.key)}" if source_table.key in columns else "NULL"
    connection.execute(
        f"""INSERT INTO prints
            SELECT {text(source_table.name)}, s.rowid + 1, {key}, {_digest([f"s.{name(c)}" for c in columns], columns)}
            FROM {table(SOURCE, source_table.name)} s"""
    )


def _digest(cells: Sequence[str], names: Sequence[str] = ()) -> str:
    """The SQL of a digest of cells, which no two rows share but by one chance in 2 to the power of 128."""
    listed = f"to_json([{', '.join(cells) or 'NULL::VARCHAR'}])::VARCHAR"
    return f"md5_number({text(' '.join(map(name, names)))} || {listed})"


def record_table(connection: duckdb.DuckDBPyConnection, found: TableInSource, vocabulary: Vocabulary) -> None:
    """Add the rows of a table that went through the door to `states` and `key_values`."""
    subject = row = "NULL"
    live = ""
    if found.table.subject:
        subject, row = (live_cell(found.table, c) for c in (found.table.subject, found.table.columns[0]))
        live = f"LEFT JOIN {table(LIVE, found.table.name)} l ON l.row_ = s.rowid + 1"
    connection.execute(
        f"""INSERT INTO states
            SELECT {text(found.table.name)}, s.rowid + 1, {found.tenant}, {found.deleted}, {subject}, {row}
            FROM {found.rows} {live}"""
    )
    record_key_values(connection, found, vocabulary)


def record_key_values(connection: duckdb.DuckDBPyConnection, found: TableInSource, vocabulary: Vocabulary) -> None:
    """Add the unique keys of a table's live rows to `key_values`."""
    for key in unique_keys.keys_of(found):
        cells = unique_keys.key_cells(found, key, vocabulary)
        connection.execute(
            f"""INSERT INTO key_values
                SELECT {text(found.table.name)}, l.row_, {text(key.iri)}, {_digest(cells)}
                FROM {table(LIVE, found.table.name)} l WHERE {unique_keys.is_filled(found, key)}"""
        )


def record_all(admitted: Admitted, vocabulary: Vocabulary) -> None:
    """Make the record of a door that let all rows of the source through."""
    create_tables(admitted.connection)
    for found in admitted.tables.values():
        take_prints(admitted.connection, found.table, found.column_names)
    record_rows(admitted, vocabulary)


def record_rows(admitted: Admitted, vocabulary: Vocabulary) -> None:
    """Fill `records` and `key_values` with the rows that went through the door; their prints are taken."""
    connection = admitted.connection
    connection.execute(
        """CREATE OR REPLACE TABLE states(table_ VARCHAR, row_ BIGINT, tenant_ VARCHAR, is_deleted BOOLEAN,
                                          subject VARCHAR, object VARCHAR)"""
    )
    for found in admitted.tables.values():
        record_table(connection, found, vocabulary)
    connection.execute(
        """INSERT INTO records
           WITH flaws AS (SELECT table_name, row_number, bool_or(whole_row) AS is_lost FROM (
                    SELECT table_name, row_number, whole_row FROM quarantine
                    UNION ALL SELECT table_name, row_number, false FROM findings) GROUP BY ALL)
           SELECT p.table_, p.row_, p.key_, p.digest, s.tenant_,
                  CASE WHEN f.is_lost THEN 'lost' WHEN s.is_deleted THEN 'deleted' ELSE 'live' END,
                  f.row_number IS NOT NULL, s.subject, s.object
           FROM states s JOIN prints p ON p.table_ = s.table_ AND p.row_ = s.row_
           LEFT JOIN flaws f ON f.table_name = s.table_ AND f.row_number = s.row_"""
    )
