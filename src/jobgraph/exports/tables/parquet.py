"""Parquet files, one for each class: a column for each property, with a type, and a list where there are several.

What the names and types stand for is in each file's own metadata, under `jobgraph`, as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from jobgraph.exports.tables.kinds import Type, plain_text
from jobgraph.exports.tables.naming import KEY
from jobgraph.exports.tables.survey import Column, Survey, ThingTable
from jobgraph.exports.tables.terms import meaning_of
from jobgraph.exports.tables.things import Reader, Thing, Triples
from jobgraph.vocabulary import Vocabulary

METADATA_KEY = "jobgraph"
_WAITING = 200_000  # values in memory
_ROWS = 50_000  # of a group of rows
_DECIMAL_DIGITS = (18, 38)  # that a column can have
_OS_ERROR = re.compile(r"\(os error ([0-9]+)\)")
_MICROSECONDS = 6  # digits


def write_parquet(selection: Triples, survey: Survey, folder: Path, _: Vocabulary) -> list[Path]:
    """Write a file for each table; give the files."""
    with _disk_errors(), TemporaryDirectory(dir=folder, prefix=".parts-") as parts:
        writers = [_TableWriter(table, Path(parts)) for table in survey.tables]
        waiting = 0
        for thing in Reader().things(selection):
            waiting += writers[survey.table_of[thing.iri]].add(thing)
            if waiting > _WAITING:
                waiting = 0
                for writer in writers:
                    writer.set_aside()
        return [writer.finish(folder) for writer in writers]


@contextmanager
def _disk_errors() -> Iterator[None]:
    """Raise as an OSError what polars says of one in the text of an error of its own."""
    try:
        yield
    except pl.exceptions.ComputeError as error:
        if code := _OS_ERROR.search(str(error)):
            raise OSError(int(code[1]), str(error)) from error
        raise


class _TableWriter:
    def __init__(self, table: ThingTable, parts: Path) -> None:
        self._table, self._folder = table, parts
        single = {column.fact: _dtype(column) for column in table.columns}
        self._types = {c.fact: pl.List(single[c.fact]) if c.is_list else single[c.fact] for c in table.columns}
        self._readers = {column.fact: _reader(column, single[column.fact]) for column in table.columns}
        self._rows: list[dict[str, object]] = []
        self._parts: list[Path] = []

    def add(self, thing: Thing) -> int:
        """Keep a thing; give the number of its values."""
        row: dict[str, object] = {KEY: thing.iri}
        facts = self._table.without_types(thing)
        for fact, texts in facts.items():
            row[self._table.column_of[fact].name] = self._readers[fact](texts)
        self._rows.append(row)
        return 1 + sum(map(len, facts.values()))

    def set_aside(self) -> None:
        """Write what is in memory to a file of its own."""
        if self._rows:
            path = self._folder / f"{self._table.name}-{len(self._parts)}.parquet"
            self._frame().write_parquet(path, compression="lz4")
            self._parts.append(path)
            self._rows = []

    def finish(self, folder: Path) -> Path:
        """Write the file; give it."""
        path = folder / f"{self._table.name}.parquet"
        metadata = {METADATA_KEY: json.dumps(_document(self._table), ensure_ascii=False)}
        if self._parts:
            self.set_aside()
            frame = pl.scan_parquet(self._parts)
            frame.sink_parquet(path, row_group_size=_ROWS, maintain_order=True, metadata=metadata)
        else:
            self._frame().write_parquet(path, row_group_size=_ROWS, metadata=metadata)
        return path

    def _frame(self) -> pl.DataFrame:
        columns = [pl.Series(KEY, [row[KEY] for row in self._rows], dtype=pl.String)]
        for column in self._table.columns:
            values = [row.get(column.name) for row in self._rows]
            columns.append(pl.Series(column.name, values, dtype=self._types[column.fact]))
        return pl.DataFrame(columns)


def _document(table: ThingTable) -> dict[str, object]:
    values = {column.name: meaning_of(column) for column in table.columns}
    return {"class": table.class_iri, "types": table.types, "columns": values}


def _dtype(column: Column) -> pl.DataType:
    """The type that holds each value exactly; text if there is none."""
    type_, traits = column.kind.type, column.traits
    if type_ == "decimal":
        digits = traits.whole + traits.places
        widths = [width for width in _DECIMAL_DIGITS if digits <= width]
        return pl.Decimal(widths[0], traits.places) if widths else pl.String()
    if type_ == "moment":
        is_mixed = traits.has_zone and traits.has_local
        if is_mixed or traits.has_other_zone or traits.fraction > _MICROSECONDS:
            return pl.String()
        return pl.Datetime("us", "UTC" if traits.has_zone else None)
    if (type_ == "date" and traits.has_zone) or not traits.is_long:
        return pl.String()
    return _DTYPES.get(type_, pl.String())


def _reader(column: Column, dtype: pl.DataType) -> Callable[[Sequence[str]], object]:
    """What turns the texts of a thing into the value of its cell."""
    type_: Type = "text" if dtype == pl.String() else column.kind.type
    read = _READERS.get(type_, str)
    if column.is_list:
        return lambda texts: [read(plain_text(type_, text)) for text in texts]
    return lambda texts: read(plain_text(type_, texts[0]))


_DTYPES: Mapping[Type, pl.DataType] = {
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "float": pl.Float64(),
    "integer": pl.Int64(),
}
_READERS: Mapping[Type, Callable[[str], object]] = {
    "boolean": "true".__eq__,
    "date": date.fromisoformat,
    "decimal": Decimal,
    "float": lambda text: float(text.replace("INF", "Infinity")),
    "integer": int,
    "moment": datetime.fromisoformat,
}
