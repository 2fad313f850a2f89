"""The door for changed rows: those whose outcome may differ from that of the last build, and no others, go through.

A row is carried over from the record of the last build where the same row was there, nothing was found in it, and
nothing that it depends on is another now: its key is its own, the rows that it links to have the same tenant and
deletion as before, and no changed row has one of its unique keys. All others are affected and go through the door.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import duckdb

from jobgraph.contract import links, quarantine, record
from jobgraph.contract.changed_tables import Before, ChangedTables
from jobgraph.contract.door import Admitted, known_tables, tenancy_levels
from jobgraph.contract.few_rows import FewRows, Keys, Row
from jobgraph.contract.moments import moment_column
from jobgraph.contract.sql import KEYS, LIVE, SOURCE, columns_of, rows_sql
from jobgraph.contract.tables import Owners, TableInSource, find_table
from jobgraph.contract.tenants import read_tenants
from jobgraph.contract.verdicts import Verdicts
from jobgraph.sources import Source
from jobgraph.sources.csv_records import Prints
from jobgraph.vocabulary import Vocabulary

_Place = tuple[str, int]  # a table and the number of one of its rows now
_Key = tuple[str, str]  # a table and a key in it
_State = tuple[str, bool]  # tenant and deletion

_WANTED = f"SELECT * FROM ({rows_sql(('VARCHAR', 'VARCHAR'))}) AS wanted(table_, key_)"
_STATE = "o.table_, o.row_, o.tenant_, o.state = 'deleted'"
_CARRIED_KEYS = f"""SELECT {_STATE}, o.key_
    FROM old_records o SEMI JOIN ({_WANTED}) w ON w.table_ = o.table_ AND w.key_ = o.key_ WHERE NOT o.is_flawed"""
_SAME_KEY = f"""SELECT {_STATE} FROM old_records o SEMI JOIN ({_WANTED}) w ON w.table_ = o.table_ AND w.key_ = o.key_"""
_LINKING = f"""SELECT {_STATE} FROM old_records o SEMI JOIN (
        FROM old_links l SEMI JOIN ({_WANTED}) w ON w.table_ = l.target AND w.key_ = l.key_) l
    ON l.table_ = o.table_ AND l.row_ = o.row_"""
_SHARING = f"""SELECT {_STATE} FROM old_records o SEMI JOIN (
        FROM base.key_values v SEMI JOIN new.key_values n ON n.constraint_ = v.constraint_ AND n.value = v.value) v
    ON v.table_ = o.table_ AND v.row_ = o.row_"""
_PLACES = f"SELECT * FROM ({rows_sql(('VARCHAR', 'BIGINT'))}) AS places(table_, row_)"
_NOT_CARRIED = f"""SELECT {_STATE}, o.key_, o.state = 'lost', o.is_flawed
    FROM old_records o LEFT JOIN ({_PLACES}) g ON g.table_ = o.table_ AND g.row_ = o.row_
    WHERE o.is_flawed OR g.row_ IS NOT NULL"""
_COMPLETE = (
    "DROP TABLE old_records",
    "CREATE VIEW here AS FROM old WHERE row_ IS NOT NULL",
    "CREATE VIEW kept AS FROM here h ANTI JOIN affected a ON a.table_ = h.table_ AND a.row_ = h.row_",
    """CREATE VIEW records AS FROM new.records
       UNION ALL SELECT table_, row_, key_, tenant_, state, false, subject, object FROM kept""",
    """CREATE VIEW links AS FROM new.links UNION ALL SELECT k.table_, k.row_, o.target, o.key_
       FROM old_links o JOIN kept k ON o.table_ = k.table_ AND o.row_ = k.old_row""",
    """CREATE VIEW key_values AS FROM new.key_values UNION ALL SELECT k.table_, k.row_, o.constraint_, o.value
       FROM base.key_values o JOIN kept k ON o.table_ = k.table_ AND o.row_ = k.old_row""",
    """CREATE VIEW moments AS FROM new.moments UNION ALL SELECT k.table_, k.row_, o.moment
       FROM base.moments o JOIN kept k ON o.table_ = k.table_ AND o.row_ = k.old_row""",
    """CREATE VIEW retired AS FROM old WHERE row_ IS NULL
       UNION ALL FROM here h SEMI JOIN affected a ON a.table_ = h.table_ AND a.row_ = h.row_""",
)
_RECORDS = ("VARCHAR", "BIGINT", "VARCHAR", "VARCHAR", "VARCHAR", "BOOLEAN", "VARCHAR", "VARCHAR")
_FINDINGS = ("VARCHAR", "VARCHAR", "BIGINT", *("VARCHAR",) * 8)


@dataclass(frozen=True)
class AdmittedChanges:
    """What came through: the affected rows, and how to read the cells of the live ones.

    In the connection, quarantine and findings are whole, for rows that have any are always affected. The tables of
    `record` are those of all rows; `retired` has the records of old rows that are not carried over, `kept` the others.
    `prints` are those of all tables.
    """

    admitted: Admitted
    rows: Sequence[Row]
    verdicts: Verdicts
    prints: Mapping[str, Prints]


def admit_changes(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    vocabulary: Vocabulary,
    before: Before,
    *,
    only_tenant: str = "",
    include_deleted: bool = False,
) -> AdmittedChanges | None:
    """Let the affected rows through the door; None if the tenants are not those of the last build.

    Its record is in the schema `base` of the connection, and there `settled` has the rows that `moments.settle` chose.

    Raises
    ------
    InputError, UsageError : as for `admit`.
    """
    known = known_tables(source, vocabulary)
    for schema in (SOURCE, LIVE, KEYS):
        connection.execute(f"CREATE SCHEMA {schema}")
    quarantine.create_tables(connection)
    links.create_tables(connection)
    record.create_tables(connection, "new")
    with ThreadPoolExecutor(1) as aside:
        tables = ChangedTables(connection, source, [vocabulary.tables[name] for name in known], before, aside)
        listed = [name for name in known if vocabulary.tables[name].tenancy == "Itself"]
        for name in listed or known:  # a lone tenant has the key that its rows name
            tables.load(name)
        owners = read_tenants(connection, source, vocabulary, only_tenant=only_tenant, include_deleted=include_deleted)
        if not _is_same(connection, record.owners_of(source, vocabulary), "SELECT * FROM base.owners"):
            return None
        found = {name: find_table(vocabulary.tables[name], source.tables[name], vocabulary, owners) for name in known}
        changed = _ChangedDoor(connection, tables, FewRows(vocabulary, owners, Verdicts(connection)), found)
        changed.admit_affected()
        changed.check()
        changed.record()
    admitted = Admitted(connection, {}, {}, {}, owners.slugs)
    return AdmittedChanges(admitted, list(changed.rows.values()), changed.door.verdicts, tables.prints)


def _is_same(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> bool:
    query = f"SELECT 1 FROM (({one} EXCEPT {other}) UNION ALL ({other} EXCEPT {one})) LIMIT 1"
    return connection.execute(query).fetchone() is None


class _ChangedDoor:
    """The steps of `admit_changes`. Affected rows only grow in number, by tenancy levels and then by links and keys."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        tables: ChangedTables,
        door: FewRows,
        found: dict[str, TableInSource],
    ) -> None:
        self._connection, self._tables, self.door, self._found = connection, tables, door, found
        self.rows: dict[_Place, Row] = {}
        self._keys: set[_Key] = set()  # of the affected rows
        self._gone: dict[_Key, _State] = {}
        self._levels = tenancy_levels(door.vocabulary.tables)
        self._links = {
            name: record.recorded_links(table.table, door.vocabulary, table.column_names)
            for name, table in found.items()
        }
        door.keys |= _owner_keys(door.vocabulary, door.owners)

    def admit_affected(self) -> None:
        """Read all affected rows and find their owners and deletions."""
        fresh = self._tables.find_rows()
        rows = self._read(dict.fromkeys([*fresh, *self._flawed_rows(), *self._tables.defects()]))
        self._read(self._carried(_SAME_KEY, [(t.found.table.name, t.key) for t in rows if t.key is not None]))
        for level in sorted(set(self._levels.values())):
            rows = [row for row in self.rows.values() if self._level(row) == level]
            self._admit(rows)
            changed = self._changed_keys(rows, level)
            late = self._read(self._carried(_LINKING, changed)) if changed else []
            self._admit([row for row in late if self._level(row) <= level])
        self._admit(self._read(self._carried_by_unique_keys()))

    def check(self) -> None:
        """Check the links, values and unique keys of the affected rows, and note what is wrong with them."""
        self.door.check(self.rows[place] for place in sorted(self.rows))
        quarantine.insert_all(self._connection, self.door.entries)
        quarantine.forget_other_owners(self._connection)
        statement = f"INSERT INTO findings {rows_sql(_FINDINGS)}"
        self._connection.execute(statement, columns_of(self.door.findings, _FINDINGS))

    def record(self) -> None:
        """Record all rows, those that went through the door and those that are carried over."""
        self._tables.join_records()
        rows = list(self.rows.values())
        self._connection.execute(
            f"INSERT INTO new.records {rows_sql(_RECORDS)}", columns_of(map(_record, rows), _RECORDS)
        )
        self._connection.execute("CREATE TABLE affected AS SELECT table_, row_ FROM new.records")
        linked = [(row.found.table.name, row.number, *end) for row in rows for end in self._ends(row)]
        types = ("VARCHAR", "BIGINT", "VARCHAR", "VARCHAR")
        self._connection.execute(f"INSERT INTO new.links {rows_sql(types)}", columns_of(linked, types))
        moments = [(row.found.table.name, row.number, moment) for row in rows if (moment := _moment(row))]
        self._connection.execute(f"INSERT INTO new.moments {rows_sql(types[:3])}", columns_of(moments, types[:3]))
        self._record_key_values(rows)
        for statement in _COMPLETE:
            self._connection.execute(statement)

    def _read(self, places: dict[_Place, _State | None]) -> list[Row]:
        """Count rows as affected; `places` tell what others saw of them. Those that are already do not come again."""
        new = []
        for table, number, cells in self._tables.cells(place for place in places if place not in self.rows):
            row = self.rows[table, number] = Row(self._found[table], number, cells, places[table, number])
            new.append(row)
        self._keys |= {(row.found.table.name, row.key) for row in new if row.key is not None}
        by_table: dict[str, list[Row]] = defaultdict(list)
        for row in new:
            by_table[row.found.table.name].append(row)
        self.door.verdicts.learn(
            (column, {cell for row in rows if (cell := row.cells.get(column.name)) is not None})
            for rows in by_table.values()
            for column in rows[0].found.columns
        )
        wanted = {end for row in new for end in self._ends(row)} - self._keys - self.door.keys.keys()
        if wanted:
            found = self._ask(_CARRIED_KEYS, columns_of(wanted, ("", "")))
            for table, row, tenant, is_deleted, key in found:
                if self._tables.number_now(table, row) is not None:
                    self.door.keys[table, key] = (tenant, is_deleted)
        return new

    def _flawed_rows(self) -> list[_Place]:
        """The recorded rows that are there and flawed; what others saw of them and of rows that went is noted."""
        flawed = []
        found = self._ask(_NOT_CARRIED, columns_of(self._tables.gone_rows(), ("", "")))
        for table, old_row, tenant, is_deleted, key, is_lost, is_flawed in found:
            if key is not None and not is_lost:
                self._gone[table, key] = (tenant, is_deleted)
            number = self._tables.number_now(table, old_row)
            if is_flawed and number is not None:
                flawed.append((table, number))
        return flawed

    def _carried(self, query: str, keys: Iterable[_Key]) -> dict[_Place, _State | None]:
        """The rows that a query gives for some keys, with what others saw of them."""
        listed = columns_of(keys, ("", ""))
        return self._places_now(query, listed) if listed[0] else {}

    def _carried_by_unique_keys(self) -> dict[_Place, _State | None]:
        self._record_key_values(self.rows.values())
        found = self._places_now(_SHARING)
        self._connection.execute("DELETE FROM new.key_values")
        return found

    def _places_now(self, query: str, arguments: Collection[Any] = ()) -> dict[_Place, _State | None]:
        """Where the recorded rows are that a query gives, with what others saw of them; not those that went."""
        found = ((t, self._tables.number_now(t, row), state) for t, row, *state in self._ask(query, arguments))
        return {(table, row): (tenant, is_deleted) for table, row, (tenant, is_deleted) in found if row is not None}

    def _record_key_values(self, rows: Iterable[Row]) -> None:
        found = [
            (row.found.table.name, row.number, key.iri, values)
            for row in rows
            if row.is_live
            for key, values in self.door.key_values(row)
        ]
        types = ("VARCHAR", "BIGINT", "VARCHAR", "VARCHAR[]")
        self._connection.execute(
            f"""INSERT INTO new.key_values SELECT table_, row_, constraint_, {record.digest("values_")}
                FROM ({rows_sql(types)}) AS new(table_, row_, constraint_, values_)""",
            columns_of(found, types),
        )

    def _admit(self, rows: Iterable[Row]) -> None:
        ordered = sorted(rows, key=lambda row: (row.found.table.name, row.number))
        self.door.admit(ordered, self._tables.defects() if ordered else {})

    def _changed_keys(self, rows: Iterable[Row], level: int) -> list[_Key]:
        """The keys in the tables of a level that others see as changed: new, gone, of another tenant or deletion."""
        old = {key: state for key, state in self._gone.items() if self._levels[key[0]] == level}
        new: dict[_Key, _State] = {}
        for row in rows:
            if row.key is not None:
                key = (row.found.table.name, row.key)
                if row.was:
                    old[key] = row.was
                if not row.is_lost and row.tenant is not None:
                    new[key] = (row.tenant, row.is_deleted)
        return [key for key in old.keys() | new.keys() if old.get(key) != new.get(key)]

    def _ends(self, row: Row) -> list[_Key]:
        """What a row links to, but for tenants."""
        links = self._links[row.found.table.name]
        return [(target, cell) for link, target in links if (cell := row.cells.get(link.name)) is not None]

    def _level(self, row: Row) -> int:
        return self._levels[row.found.table.name]

    def _ask(self, query: str, arguments: Collection[Any] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, arguments).fetchall()


def _owner_keys(vocabulary: Vocabulary, owners: Owners) -> Keys:
    """The keys of the tenants, of which links tell even if the source has no table of them."""
    states = {**dict.fromkeys(owners.slugs, False), **dict.fromkeys(owners.deleted, True)}
    names = [t.name for t in vocabulary.tables.values() if t.tenancy == "Itself"]
    return {(name, key): (key, is_deleted) for name in names for key, is_deleted in states.items()}


def _record(row: Row) -> tuple[Any, ...]:
    """What `records` has of a row."""
    subject, column = row.found.table.subject, row.found.table.columns[0]
    ends = (row.live.get(subject.name), row.live.get(column.name)) if subject and row.is_live else (None, None)
    return (row.found.table.name, row.number, row.key, row.tenant, row.state, row.faults > 0, *ends)


def _moment(row: Row) -> str | None:
    column = moment_column(row.found.table, row.found.column_names)
    return row.cells.get(column) if column else None
