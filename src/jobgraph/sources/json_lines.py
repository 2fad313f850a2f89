"""JSON Lines files: one object a line; the columns are the keys of all lines, numbers keep their digits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import duckdb

from jobgraph.errors import InputError
from jobgraph.sources.csv_text import open_text, read_line
from jobgraph.sources.repair import repairing
from jobgraph.sources.tables import (
    Engine,
    Target,
    column_names,
    engine_errors,
    exact_path,
    is_sayable,
    quoted,
    sayable,
    text_columns,
)

# Each thread takes twice as much at once, however small the file. A longer line sends its file the slow way.
_FAST_LINE_BYTES = 8 << 20
_OPTIONS = "hive_partitioning = false, maximum_object_size = $line_bytes"
_KEYS = f"""SELECT key FROM (
    SELECT unnest(keys) AS key, generate_subscripts(keys, 1) AS position
    FROM (SELECT DISTINCT json_keys(json) AS keys FROM read_ndjson_objects($file, {_OPTIONS})))
    GROUP BY key ORDER BY min(position), key"""

# What DuckDB would not hand over as it stands: numbers that it spells anew (1.50, 1e3, 0.00001, -0, more digits than
# a double holds), an escaped NUL, and a line that is no object, which it puts whole into a table of one column.
_RESPELLED = r"[:,\[]\s*(-0[\s,\]}]|-?(0\.0000|[0-9]+\.[0-9]+0[\s,\]}]|[0-9.]{17}|[0-9]+(\.[0-9]+)?[eE]))|\\u0000"
_INEXACT = f"""SELECT 1 FROM read_ndjson_objects($file, {_OPTIONS})
    WHERE json IS NULL OR NOT starts_with(json, '{{') OR regexp_matches(json, $respelled) LIMIT 1"""

_JSON = json.JSONEncoder(ensure_ascii=False)


class _Number(str):
    """A number as it is written."""

    __slots__ = ()


def read_json_columns(path: Path, engine: Engine) -> tuple[str, ...]:
    """The keys of all objects in a plain or gzipped file, in the order of their places.

    Raises
    ------
    InputError : a key is blank, or two keys differ in case alone.
    """
    try:
        keys = [key for (key,) in engine().execute(_KEYS, _parameters(path)).fetchall()]
    except duckdb.InvalidInputException:
        with open_text(path, newline="\n") as lines:
            keys = list(dict.fromkeys(key for row, _ in _iter_rows(lines, path) for key in row or ()))
    if not all(map(str.strip, keys)):
        raise InputError(f"{path}: an object has a key without a name; name or remove it.")
    return column_names(keys, path)


def load_json_lines(target: Target, path: Path) -> None:
    """Create the target from a plain JSON Lines file; nested values become JSON text without spaces.

    A line that is no JSON object of its own is a row without cells and the defect `broken-row`; a blank line is no row.
    """
    if not (target.columns and _is_exact(target, path) and _is_created(target, path)):
        with open_text(path, newline="\n") as lines, repairing(target) as repair:
            for row, line in _iter_rows(lines, target.origin):
                cells = [] if row is None else [_cell(row.get(column)) for column in target.filled_columns]
                repair.add(cells, broken=line if row is None else None)


def _is_exact(target: Target, path: Path) -> bool:
    try:
        with engine_errors():
            found = target.connection.execute(_INEXACT, {**_parameters(path), "respelled": _RESPELLED}).fetchall()
    except duckdb.InvalidInputException:
        return False
    return not found


def _is_created(target: Target, path: Path) -> bool:
    cells = ", ".join(f"nullif({quoted(column)}, '') AS {quoted(column)}" for column in target.columns)
    statement = f"CREATE TABLE {target.name} AS SELECT {cells} FROM read_ndjson($file, columns = $columns, {_OPTIONS})"
    try:
        with engine_errors():
            target.connection.execute(statement, {**_parameters(path), "columns": text_columns(target.columns)})
    except duckdb.InvalidInputException:
        return False
    return True


def _parameters(path: Path) -> dict[str, object]:
    return {"file": exact_path(path), "line_bytes": _FAST_LINE_BYTES}


def _iter_rows(lines: TextIO, origin: object) -> Iterator[tuple[dict[str, object] | None, str]]:
    """Each line that is not blank, with its object; None for one that holds no object."""
    decoder = json.JSONDecoder(
        object_pairs_hook=_object, parse_int=_Number, parse_float=_Number, parse_constant=_Number, strict=False
    )
    while line := read_line(lines, origin):
        text = line.strip(" \t\r\n")
        if text:
            row = _parsed(decoder, text)
            yield row if row is None or is_sayable(text) else {sayable(key): row[key] for key in row}, text


def _parsed(decoder: json.JSONDecoder, text: str) -> dict[str, object] | None:
    try:
        value = decoder.decode(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _object(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _cell(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else _json_text(value)


def _json_text(value: object) -> str:
    if isinstance(value, _Number):
        return value
    if isinstance(value, dict):
        return "{" + ",".join(f"{_json_text(key)}:{_json_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json_text, value)) + "]"
    return _JSON.encode(value)
