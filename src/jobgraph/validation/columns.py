"""Where a result points in the source: the table and column of its shape, or of its path on the row it is about."""

from __future__ import annotations

from collections.abc import Mapping

from jobgraph.shacl.paths import Inverse, Path, Predicate
from jobgraph.shacl.results import Result
from jobgraph.vocabulary import Column, Table, Vocabulary

Place = tuple[Table, tuple[Column, ...]]  # a table, and the columns of it that a result is about


class Places:
    """Tables and columns by the names of shapes and unique keys, and by class and path."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        tables = vocabulary.tables.values()
        self._by_name: Mapping[str, Place] = {
            **{column.shape: (table, (column,)) for table in tables for column in table.columns},
            **{key.iri: (table, key.columns) for table in tables for key in table.unique_keys},
        }
        self._by_path: Mapping[tuple[str, Path], Column] = {
            (table.name, _path(column)): column for table in tables for column in table.columns
        }

    def of(self, result: Result, table: Table | None) -> tuple[Column, ...]:
        """The columns that a result on a row of `table` is about; none where it is about the row as a whole."""
        for name in (result.constraint, result.shape):
            found = self._by_name.get(str(getattr(name, "value", "")))
            if found:
                return found[1]
        column = self._by_path.get((table.name, result.path)) if table and result.path else None
        return (column,) if column else ()


def _path(column: Column) -> Path:
    return Inverse(Predicate(column.path)) if column.inverse else Predicate(column.path)
