"""Parquet files: every column as text, lists and structs as JSON text, decimals with all digits, times in UTC."""

from __future__ import annotations

from pathlib import Path

import duckdb

from jobgraph.errors import InputError
from jobgraph.sources.tables import Engine, Target, column_names, engine_errors, exact_path, first_line, quoted

_READ = "read_parquet($file, hive_partitioning = false)"
_NESTED = ("STRUCT", "MAP", "UNION")
_SPELLED_BY_JSON = ("DECIMAL", "FLOAT", "DOUBLE")


def read_parquet_columns(path: Path, engine: Engine) -> tuple[str, ...]:
    """The names of the columns.

    Raises
    ------
    InputError : it is not a Parquet file.
    """
    return column_names(_types(engine(), path, str(path)), path)


def load_parquet(target: Target, path: Path) -> None:
    """Create the target from a Parquet file.

    Raises
    ------
    InputError : the file is damaged, or its text is no UTF-8.
    """
    types = _types(target.connection, path, target.origin)
    cells = ", ".join(
        f"nullif({_text(quoted(name), kind)}, '') AS {quoted(column)}"
        for column, (name, kind) in zip(target.columns, types.items(), strict=True)
    )
    statement = f"CREATE TABLE {target.name} AS SELECT {cells} FROM {_READ}"
    _execute(target.connection, statement, path, target.origin)
    _clear_nul_characters(target)


def _types(connection: duckdb.DuckDBPyConnection, path: Path, origin: str) -> dict[str, str]:
    rows = _execute(connection, f"DESCRIBE FROM {_READ}", path, origin).fetchall()
    return {name: kind for name, kind, *_ in rows}


def _execute(
    connection: duckdb.DuckDBPyConnection, statement: str, path: Path, origin: str
) -> duckdb.DuckDBPyConnection:
    try:
        with engine_errors():
            return connection.execute(statement, {"file": exact_path(path)})
    except duckdb.Error as error:  # a damaged page raises no class of its own
        raise InputError(f"{origin} cannot be read as Parquet: {first_line(error)}. Write it anew.") from error


def _text(cell: str, kind: str) -> str:
    """SQL for a cell as text; the session's time zone must not show, and JSON would respell decimals."""
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"timezone('UTC', {cell})::VARCHAR || '+00'"
    if kind == "TIMESTAMP WITH TIME ZONE[]":
        return f"to_json(list_transform({cell}, lambda e: timezone('UTC', e)::VARCHAR || '+00'))::VARCHAR"
    if kind.endswith("]") and kind.startswith(_SPELLED_BY_JSON):
        return f"to_json({cell}::VARCHAR[])::VARCHAR"
    if kind.endswith("]") or kind.startswith(_NESTED):
        return f"to_json({cell})::VARCHAR"
    return f"{cell}::VARCHAR"


def _clear_nul_characters(target: Target) -> None:
    has_nul = ", ".join(f"coalesce(bool_or(contains({quoted(column)}, chr(0))), false)" for column in target.columns)
    row = target.connection.execute(f"SELECT {has_nul} FROM {target.name}").fetchone() or ()
    for column in (column for column, found in zip(target.columns, row, strict=True) if found):
        cell = quoted(column)
        target.connection.execute(
            f"""INSERT INTO source_defects (table_name, row_number, column_name, value, rule)
            SELECT $table, rowid + 1, $column, replace({cell}, chr(0), '\\x00'), 'nul-character'
            FROM {target.name} WHERE contains({cell}, chr(0))""",
            {"table": target.table, "column": column},
        )
        target.connection.execute(f"UPDATE {target.name} SET {cell} = NULL WHERE contains({cell}, chr(0))")
