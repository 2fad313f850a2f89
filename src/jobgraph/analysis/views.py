"""The tables that analyses read: each the answer to one query of `ontology/views`, read from a store when asked for."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

import polars as pl
from pyoxigraph import Store

from jobgraph.errors import InputError
from jobgraph.store import GraphNames, run_query
from jobgraph.vocabulary import JG, to_snake_case

DECIMAL = pl.Decimal(38, 6)  # scores have two decimal places at most; the store keeps 18
_CODE = f"{JG}code/"
_FORM = 1  # of the tables that are kept; to be raised with each change of `to_view`


def _to_code(column: pl.Expr) -> pl.Expr:
    """The notation of a code, which is the last step of its IRI; a value that is no code stays as it is."""
    return pl.when(column.str.starts_with("http")).then(column.str.split("/").list.last()).otherwise(column)


def _to_decimal(column: pl.Expr) -> pl.Expr:
    return column.cast(DECIMAL, strict=False)


def _to_boolean(column: pl.Expr) -> pl.Expr:
    return column.is_in(["true", "1"]) & column.is_not_null()


_CONVERSIONS: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {
    "area": _to_code,
    "effort": _to_code,
    "importance": _to_decimal,
    "is_bottleneck": _to_boolean,
    "is_primary": _to_boolean,
    "is_required": _to_boolean,
    "maturity": _to_code,
    "opportunity": _to_decimal,
    "relevance": _to_decimal,
    "satisfaction": _to_decimal,
    "score": _to_decimal,
    "strength": _to_code,
    "trend": _to_code,
    "type": _to_code,
}


class Views:
    """The views of one published generation by name, each read once.

    A view has the variables of its query as columns, in snake case: IRIs and texts as strings, codes as their
    notations, numbers as decimals, booleans (what is not stated is false). All of a view is held in memory, its rows
    in the order of their cells. The queries have no ORDER BY: the store took 105 s to sort half a million rows, which
    a column store sorts in one. They join what subqueries find, because the store looks other joins up row by row.

    Parameters
    ----------
    store : open as long as views are asked for.
    folder : of the queries, `ontology/views`.
    kept : a folder of the generation for what can be made again; views that were read once are read from there.
    """

    def __init__(self, store: Store, names: GraphNames, folder: Path, kept: Path | None = None) -> None:
        self.names = names
        self._store, self._folder, self._kept = store, folder, kept
        self._read = cache(self._read_view)

    def __getitem__(self, name: str) -> pl.DataFrame:
        """The view of this name.

        Raises
        ------
        InputError : there is no such view.
        """
        return self._read(name)

    def read_all(self) -> None:
        """Read every view, so that none has to be waited for later."""
        for path in sorted(self._folder.glob("*.rq")):
            self._read(path.stem)

    def _read_view(self, name: str) -> pl.DataFrame:
        path = self._folder / f"{name}.rq"
        if not path.is_file():
            raise InputError(f"{path} is missing; install jobgraph again.")
        query = path.read_text(encoding="utf-8")
        if self._kept is None:
            return self._asked(query)
        # Another version of the query, or of what is made of its answer, is another file.
        version = sha256(f"{_FORM} {query}".encode()).hexdigest()[:16]
        file = self._kept / "views" / f"{name}-{version}.parquet"
        with suppress(OSError, pl.exceptions.PolarsError):  # missing, or cut off by a crash
            return pl.read_parquet(file)
        view = self._asked(query)
        _keep(view, file)
        return view

    def _asked(self, query: str) -> pl.DataFrame:
        lines = io.BytesIO()
        run_query(self._store, query, graphs=self.names).write(lines, "csv")
        return to_view(pl.read_csv(lines.getvalue(), infer_schema=False))


def _keep(view: pl.DataFrame, file: Path) -> None:
    """Write a view, so that nobody sees a part of it; where that cannot be, it is read from the store again."""
    part = file.with_name(f".{os.getpid()}-{file.name}")
    with suppress(OSError, pl.exceptions.PolarsError):
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            view.write_parquet(part)
            part.rename(file)
        finally:
            part.unlink(missing_ok=True)


def to_view(table: pl.DataFrame) -> pl.DataFrame:
    """The table of a query's answer, all text, with columns as analyses name and type them.

    >>> to_view(pl.DataFrame({"isPrimary": ["true", None], "relevance": ["0.3", "?"]})).rows()
    [(False, None), (True, Decimal('0.300000'))]
    """
    renamed = table.rename({column: to_snake_case(column) for column in table.columns}).sort(pl.all())
    known = [name for name in renamed.columns if name in _CONVERSIONS]
    return renamed.with_columns(_CONVERSIONS[name](pl.col(name)).alias(name) for name in known)
