"""The record of the door: what each row of the source was and became, so that the next build can tell what changed.

`records` has of each row its number, key, tenant, state (`live`, `deleted`, or `lost` in quarantine), whether anything
was found in it, and what a row of a plain junction links. `links` has the keys that it names, but for those of tenants.
`key_values` has a digest of each unique key of each live row. `moments` has the moment of each row's last change, as it
is spelled, where it tells one. The digests of each table's rows are apart, see `prints`.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from jobgraph.contract import unique_keys
from jobgraph.contract.door import Admitted
from jobgraph.contract.moments import moment_column
from jobgraph.contract.prints import prints_of_loaded
from jobgraph.contract.sql import LIVE, name, table, text
from jobgraph.contract.tables import TableInSource, live_cell
from jobgraph.sources import Source
from jobgraph.sources.csv_records import Prints
from jobgraph.vocabulary import Column, Table, Vocabulary

COLUMNS = {
    "records": "table_ VARCHAR, row_ BIGINT, key_ VARCHAR, tenant_ VARCHAR, state VARCHAR, is_flawed BOOLEAN, "
    "subject VARCHAR, object VARCHAR",
    "links": "table_ VARCHAR, row_ BIGINT, target VARCHAR, key_ VARCHAR",
    "key_values": "table_ VARCHAR, row_ BIGINT, constraint_ VARCHAR, value UHUGEINT",
    "moments": "table_ VARCHAR, row_ BIGINT, moment VARCHAR",
}


def create_tables(connection: duckdb.DuckDBPyConnection, schema: str) -> None:
    """Make the empty tables of a record in a schema, which is made."""
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    for name_, columns in COLUMNS.items():
        connection.execute(f"CREATE TABLE {schema}.{name_}({columns})")


def owners_of(source: Source, vocabulary: Vocabulary) -> str:
    """The SQL of the tenants, and of whether the source lists them."""
    is_listed = any(t.tenancy == "Itself" and t.name in source.tables for t in vocabulary.tables.values())
    return f"SELECT tenant_, slug, deleted_, {is_listed} AS is_listed FROM owners"


def record_all(admitted: Admitted, source: Source, vocabulary: Vocabulary) -> dict[str, Prints]:
    """Make the record of a door that let all rows of a source through, which is open, and give the prints of tables."""
    connection = admitted.connection
    create_tables(connection, "main")
    connection.execute(
        """CREATE TABLE states(table_ VARCHAR, row_ BIGINT, key_ VARCHAR, tenant_ VARCHAR, is_deleted BOOLEAN,
                               subject VARCHAR, object VARCHAR)"""
    )
    for found in admitted.tables.values():
        _record_states(connection, found)
        _record_links(connection, found, vocabulary)
        _record_key_values(connection, found, vocabulary)
        _record_moments(connection, found)
    connection.execute(
        """INSERT INTO records
           WITH flaws AS (SELECT table_name, row_number, bool_or(whole_row) AS is_lost FROM (
                    SELECT table_name, row_number, whole_row FROM quarantine
                    UNION ALL SELECT table_name, row_number, false FROM findings) GROUP BY ALL)
           SELECT s.table_, s.row_, s.key_, s.tenant_,
                  CASE WHEN f.is_lost THEN 'lost' WHEN s.is_deleted THEN 'deleted' ELSE 'live' END,
                  f.row_number IS NOT NULL, s.subject, s.object
           FROM states s LEFT JOIN flaws f ON f.table_name = s.table_ AND f.row_number = s.row_"""
    )
    return {name_: _prints_of(admitted, source, name_) for name_ in admitted.tables}


def digest(cells: str) -> str:
    """The SQL of a digest of a list of cells, which no two share but by one chance in 2 to the power of 128."""
    return f"md5_number(to_json({cells})::VARCHAR)"


def recorded_links(source_table: Table, vocabulary: Vocabulary, columns: Iterable[str]) -> list[tuple[Column, str]]:
    """The links of a table that are in its record, with the tables that they lead to; tenants that change are no news.

    A tenant whose key comes or goes lets all rows through.
    """
    known = set(columns)
    ends = ((link, vocabulary.table_of_class[link.target]) for link in source_table.links if link.name in known)
    return [(link, target.name) for link, target in ends if target.tenancy != "Itself"]


def _prints_of(admitted: Admitted, source: Source, table_name: str) -> Prints:
    """Those of the records as they are written, where all are clean and of them alone the rows were made."""
    columns = admitted.tables[table_name].column_names
    records = source.records(table_name)
    if records and len(records) == admitted.profiles[table_name].rows and records.are_clean():
        return records.prints
    return Prints(prints_of_loaded(admitted.connection, table_name, columns))


def _record_states(connection: duckdb.DuckDBPyConnection, found: TableInSource) -> None:
    subject = row = "NULL"
    live = ""
    if found.table.subject:
        subject, row = (live_cell(found.table, c) for c in (found.table.subject, found.table.columns[0]))
        live = f"LEFT JOIN {table(LIVE, found.table.name)} l ON l.row_ = s.rowid + 1"
    connection.execute(
        f"""INSERT INTO states
            SELECT {text(found.table.name)}, s.rowid + 1, {found.key}, {found.tenant}, {found.deleted}, {subject}, {row}
            FROM {found.rows} {live}"""
    )


def _record_links(connection: duckdb.DuckDBPyConnection, found: TableInSource, vocabulary: Vocabulary) -> None:
    links = recorded_links(found.table, vocabulary, found.column_names)
    if links:
        targets = ", ".join(text(target) for _, target in links)
        cells = ", ".join(f"s.{name(link.name)}" for link, _ in links)
        connection.execute(
            f"""INSERT INTO links SELECT * FROM (
                    SELECT {text(found.table.name)}, s.rowid + 1, unnest([{targets}]), unnest([{cells}]) AS key_
                    FROM source.{name(found.table.name)} s) WHERE key_ IS NOT NULL"""
        )


def _record_key_values(connection: duckdb.DuckDBPyConnection, found: TableInSource, vocabulary: Vocabulary) -> None:
    for key in unique_keys.keys_of(found):
        cells = ", ".join(unique_keys.key_cells(found, key, vocabulary))
        connection.execute(
            f"""INSERT INTO key_values
                SELECT {text(found.table.name)}, l.row_, {text(key.iri)}, {digest(f"[{cells}]")}
                FROM {table(LIVE, found.table.name)} l WHERE {unique_keys.is_filled(found, key)}"""
        )


def _record_moments(connection: duckdb.DuckDBPyConnection, found: TableInSource) -> None:
    if column := moment_column(found.table, found.column_names):
        connection.execute(
            f"""INSERT INTO moments SELECT {text(found.table.name)}, s.rowid + 1, s.{name(column)}
                FROM source.{name(found.table.name)} s WHERE s.{name(column)} IS NOT NULL"""
        )
