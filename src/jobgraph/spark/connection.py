"""A stand-in for the connection to the table engine: it takes the statements of the contract and has Spark run them.

Spark keeps what a statement makes of others, and makes it anew where an executor is lost. Its views have names that
are never used again, so a statement sees the tables as they are when it is given, however late Spark runs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from itertools import count, islice
from pathlib import Path
from threading import Lock
from typing import Any, cast

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql.types import ArrayType, BooleanType, DataType, LongType, StringType, StructField, StructType
from sqlglot import exp

from jobgraph.spark.dialect import parse, to_spark

_THREADS = 8  # statements that are planned and wait side by side
_MOST_KEPT = 10_000  # rows of a table that is added to
_TYPES: dict[str, DataType] = {
    "BIGINT": LongType(),
    "BOOLEAN": BooleanType(),
    "TEXT": StringType(),
    "VARCHAR": StringType(),
    "VARCHAR[]": ArrayType(StringType()),
}


class _Folder:
    """Where the files of tables are, and the numbers of files and views."""

    def __init__(self, path: Path, spark: SparkSession) -> None:
        self.path, self.spark, self.numbers = path, spark, count()

    def view(self, frame: DataFrame) -> str:
        """The name of a new view of rows."""
        name = f"t{next(self.numbers)}"
        frame.createOrReplaceTempView(name)
        return name

    def write(self, frame: DataFrame) -> str:
        """The path of new files with rows."""
        path = str(self.path / f"{next(self.numbers)}.parquet")
        frame.write.parquet(path)
        return path


class _Table:
    """A table that is added to: few rows are kept here, many in files."""

    def __init__(self, folder: _Folder, schema: StructType) -> None:
        self.schema, self._folder, self._lock = schema, folder, Lock()
        self._rows: list[Row] = []
        self._files: list[str] = []
        self._view = ""

    def add(self, frame: DataFrame) -> None:
        """Add rows, columns by their places."""
        whole = _cast(frame, self.schema.fields)
        rows = whole.limit(_MOST_KEPT + 1).collect()
        path = self._folder.write(whole) if len(rows) > _MOST_KEPT else ""
        with self._lock:
            self._view = ""
            if path:
                self._files.append(path)
            else:
                self._rows += rows
            if len(self._rows) > _MOST_KEPT:
                self._files.append(self._folder.write(self._kept()))
                self._rows = []

    def view(self) -> str:
        """The name of a Spark view of the rows that are there now."""
        with self._lock:
            if not self._view:
                reader = self._folder.spark.read.schema(self.schema)
                kept = self._kept()
                self._view = self._folder.view(kept.union(reader.parquet(*self._files)) if self._files else kept)
            return self._view

    def _kept(self) -> DataFrame:
        return self._folder.spark.createDataFrame(self._rows, self.schema)


_Relation = _Table | str | exp.Expression  # a table, a Spark view, or the query of a view


class SparkConnection:
    """What the contract and the mapping ask of a connection to DuckDB, answered by Spark."""

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        self.spark, self._folder = spark, _Folder(folder, spark)
        self._relations: dict[str, _Relation] = {}
        self._rows: Iterator[Row] = iter(())

    def cursor(self) -> SparkConnection:
        """Another reader of the same tables."""
        other = copy(self)
        other._rows = iter(())
        return other

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> SparkConnection:
        """Take a statement in DuckDB's SQL; its rows, if any, are there to fetch."""
        tree = parse(sql)
        values = iter(parameters)
        for placeholder in list(tree.find_all(exp.Placeholder)):
            placeholder.replace(exp.convert(next(values)))
        change = _CHANGES.get(type(tree))
        if change:
            change(self, tree)
        self._rows = iter(()) if change else _lazily(self._frame(tree))
        return self

    def executemany(self, sql: str, parameters: Sequence[Sequence[object]]) -> SparkConnection:
        """Insert rows of values."""
        target = self._table(parse(sql).this)
        target.add(self.spark.createDataFrame([tuple(row) for row in parameters], target.schema))
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row of the last statement."""
        row = next(self._rows, None)
        return None if row is None else tuple(row)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that are left of the last statement."""
        return [tuple(row) for row in self._rows]

    def fetchmany(self, size: int) -> list[tuple[Any, ...]]:
        """The next rows of the last statement, at most `size`."""
        return [tuple(row) for row in islice(self._rows, size)]

    def create_function(
        self, name: str, function: Callable[..., object], _parameters: list[str], result: str, **_options: object
    ) -> None:
        """Make a Python function callable from SQL."""
        self.spark.udf.register(name, function, _TYPES[result])

    def frame(self, sql: str) -> DataFrame:
        """The rows of a query, for Spark to do more with."""
        return self._frame(parse(sql))

    def add_view(self, name: str, frame: DataFrame) -> None:
        """Make a table of rows that Spark reads each time."""
        self._relations[name] = self._folder.view(frame)

    def append(self, name: str, frame: DataFrame) -> None:
        """Add rows to a table."""
        self._table(parse(f"FROM {name}").find(exp.Table)).add(frame)

    def _frame(self, query: exp.Expression) -> DataFrame:
        return self.spark.sql(to_spark(self._resolved(query)))

    def _resolved(self, query: exp.Expression) -> exp.Expression:
        """The query over Spark's views, with ours written out as the queries that they are."""
        tree = exp.select("*").from_(query) if isinstance(query, exp.Table) else query.copy()
        for setting in list(tree.find_all(exp.Anonymous)):
            if setting.name.lower() == "current_setting":
                setting.replace(exp.convert(_THREADS))
        for cte in tree.find_all(exp.CTE):
            cte.set("materialized", None)
        for table in list(tree.find_all(exp.Table)):
            found = self._relations.get(_name(table))
            alias = table.alias_or_name
            if isinstance(found, _Table | str):
                table.replace(exp.to_table(found if isinstance(found, str) else found.view(), alias=alias))
            elif found is not None:
                table.replace(exp.Subquery(this=self._resolved(found), alias=exp.TableAlias(this=alias)))
        return tree

    def _table(self, table: exp.Expression | None) -> _Table:
        return cast("_Table", self._relations[_name(cast("exp.Table", table))])

    def _create(self, tree: exp.Expression) -> None:
        if tree.args["kind"] == "VIEW":
            self._relations[_name(tree.this)] = tree.expression
        elif isinstance(tree.this, exp.Schema):
            fields = [StructField(c.name, _TYPES[c.args["kind"].sql("duckdb")]) for c in tree.this.expressions]
            self._relations[_name(tree.this.this)] = _Table(self._folder, StructType(fields))
        elif tree.args["kind"] == "TABLE":
            self._keep(tree.this, self._frame(tree.expression))

    def _keep(self, table: exp.Expression, frame: DataFrame) -> None:
        """Make a table of rows that Spark keeps from its first reader on."""
        self._relations[_name(table)] = self._folder.view(frame.persist())

    def _insert(self, tree: exp.Expression) -> None:
        self._table(tree.this).add(self._frame(tree.expression))

    def _update(self, tree: exp.Expression) -> None:
        """A table with some cells changed is a new one."""
        condition = tree.args["where"].this
        changes = {change.this.name: change.expression for change in tree.expressions}
        cells = [
            exp.alias_(exp.Case().when(condition.copy(), changes[c]).else_(exp.column(c)), c)
            if c in changes
            else exp.column(c)
            for c in self._table(tree.this).schema.names
        ]
        self._keep(tree.this, self._frame(exp.select(*cells).from_(tree.this.copy())))

    def _drop(self, tree: exp.Expression) -> None:
        for table in tree.find_all(exp.Table):
            schema = f"{table.text('db')}."
            gone = [n for n in self._relations if n.startswith(schema)] if _is_schema(tree) else [_name(table)]
            for name in gone:
                del self._relations[name]

    def _rename(self, tree: exp.Expression) -> None:
        (action,) = tree.args["actions"]
        new = exp.Table(this=action.this.this, db=tree.this.args.get("db"))
        self._relations[_name(new)] = self._relations.pop(_name(tree.this))


_CHANGES: dict[type[exp.Expression], Callable[[SparkConnection, Any], None]] = {
    exp.Create: SparkConnection._create,
    exp.Insert: SparkConnection._insert,
    exp.Update: SparkConnection._update,
    exp.Drop: SparkConnection._drop,
    exp.Alter: SparkConnection._rename,
}


def _is_schema(tree: exp.Expression) -> bool:
    return str(tree.args["kind"]) == "SCHEMA"


def _name(table: exp.Expression) -> str:
    return ".".join(part for part in (table.text("db"), table.name) if part)


def _cast(frame: DataFrame, fields: Iterable[StructField]) -> DataFrame:
    """The rows with the names and types of `fields`, by their places: names may come twice and hold any character."""
    wanted = list(fields)
    numbered = frame.toDF(*(f"c{number}" for number in range(len(wanted))))
    return numbered.select([numbered[f"c{n}"].cast(f.dataType).alias(f.name) for n, f in enumerate(wanted)])


def _lazily(frame: DataFrame) -> Iterator[Row]:
    """The rows of a frame, asked for with the first of them."""
    yield from frame.collect()
