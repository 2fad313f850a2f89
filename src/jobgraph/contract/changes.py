"""The door for changed rows: those whose outcome may differ from that of the last build, and no others, go through.

A row is carried over from the record of the last build where the same row was there, nothing was found in it, and
nothing that it depends on is another now: its key is its own, the rows that it links to have the same tenant and
deletion as before, and no changed row has one of its unique keys. All others are affected and go through the door.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import duckdb

from jobgraph.contract import quarantine, record
from jobgraph.contract.door import Admitted, Door, Progress, load_tables, tenancy_levels
from jobgraph.contract.profile import Profile
from jobgraph.contract.sql import KEYS, LIVE, SOURCE, name, table, text, texts, thread_count
from jobgraph.contract.tenants import read_tenants
from jobgraph.sources import Source
from jobgraph.vocabulary import Column, Table, Vocabulary

_LinksOf = Callable[[Table], list[Column]]

_FIND_CARRIED = """
    CREATE TABLE carried AS
    WITH old AS (SELECT *, row_number() OVER (PARTITION BY table_, digest ORDER BY row_) AS nth FROM base.records),
         new AS (SELECT *, row_number() OVER (PARTITION BY table_, digest ORDER BY row_) AS nth,
                        count(key_) OVER (PARTITION BY table_, key_) AS uses FROM prints)
    SELECT n.table_, n.row_, n.key_, n.digest, o.row_ AS old_row, o.tenant_, o.state, o.subject, o.object
    FROM new n JOIN old o ON o.table_ = n.table_ AND o.digest = n.digest AND o.nth = n.nth
    LEFT JOIN (SELECT DISTINCT table_name, row_number FROM source_defects) d
           ON d.table_name = n.table_ AND d.row_number = n.row_
    WHERE NOT o.is_flawed AND n.uses < 2 AND d.row_number IS NULL"""


def admit_changes(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    vocabulary: Vocabulary,
    *,
    only_tenant: str = "",
    include_deleted: bool = False,
    progress: Progress = lambda _stage, _rows: None,
) -> Admitted | None:
    """Let the affected rows through the door; None if the tenants are not those of the last build.

    Its record is in the schema `base` of the connection, with the tables `records`, `key_values` and `owners`, and
    `unchanged` with those that have the same content as then, which are loaded only where that is needed. The
    new one is in the tables of `record`; `retired` has the records of old rows that are not carried over. Quarantine
    and findings are whole, for rows that have any are always affected.

    Raises
    ------
    InputError, UsageError : as for `admit`.
    """
    with ThreadPoolExecutor(thread_count(connection)) as pool:
        later = _to_load_later(connection, source, vocabulary)
        known = load_tables(connection, source, vocabulary, pool, later=later)
        door = Door(connection, source, vocabulary, progress)
        door.owners = read_tenants(
            connection, source, vocabulary, only_tenant=only_tenant, include_deleted=include_deleted
        )
        if not _is_same(connection, record.owners_of(source, vocabulary), "SELECT * FROM base.owners"):
            return None
        changed = _ChangedDoor(door, pool, later)
        changed.find_affected(known)
        changed.read(known)
        changed.read_dependents(known)
        unknown = dict(pool.map(door.check, changed.affected_tables(known)))
    quarantine.forget_other_owners(connection)
    admitted = Admitted(connection, door.found, door.profiles, unknown, door.owners.slugs)
    _complete_record(admitted, vocabulary)
    return admitted


def _to_load_later(connection: duckdb.DuckDBPyConnection, source: Source, vocabulary: Vocabulary) -> set[str]:
    """The unchanged tables without a row that goes through the door in any case; the tenants are read first of all."""
    owners = {t.name for t in vocabulary.tables.values() if t.tenancy == "Itself"}
    if owners.isdisjoint(source.tables):
        return set()
    query = "SELECT table_ FROM base.unchanged EXCEPT SELECT table_ FROM base.records WHERE is_flawed"
    return {name_ for (name_,) in connection.execute(query).fetchall()} - owners


def with_unsafe_keys(admitted: Admitted, unsafe: Iterable[str]) -> Admitted:
    """The same with keys that must be encoded in some tables, whose rows did not all go through the door."""
    problems = {"unsafe-key ": 1}
    more = {t: replace(p, problems={**p.problems, **problems}) for t, p in admitted.profiles.items() if t in unsafe}
    others = {t: Profile(0, problems) for t in unsafe if t not in admitted.profiles}
    return replace(admitted, profiles={**admitted.profiles, **others, **more})


def _is_same(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> bool:
    query = f"SELECT 1 FROM (({one} EXCEPT {other}) UNION ALL ({other} EXCEPT {one})) LIMIT 1"
    return connection.execute(query).fetchone() is None


def _complete_record(admitted: Admitted, vocabulary: Vocabulary) -> None:
    """Record all rows, those that went through the door and those that are carried over."""
    connection = admitted.connection
    record.record_rows(admitted, vocabulary)
    connection.execute("CREATE TABLE kept AS FROM carried ANTI JOIN affected USING (table_, row_)")
    connection.execute(
        "INSERT INTO records SELECT * EXCLUDE (old_row, subject, object), false, subject, object FROM kept"
    )
    connection.execute(
        """INSERT INTO key_values SELECT k.table_, k.row_, o.constraint_, o.value
           FROM kept k JOIN base.key_values o ON o.table_ = k.table_ AND o.row_ = k.old_row"""
    )
    connection.execute(
        """CREATE TABLE retired AS
           FROM base.records o ANTI JOIN kept k ON k.table_ = o.table_ AND k.old_row = o.row_"""
    )


class _ChangedDoor:
    """The steps of `admit_changes`. Affected rows only grow in number; each round lets a table's rows through anew."""

    def __init__(self, door: Door, pool: ThreadPoolExecutor, later: Collection[str]) -> None:
        self._later = set(later)
        self.door, self.pool, self.connection = door, pool, door.connection
        self.vocabulary, self.columns = door.vocabulary, door.source.tables
        self._changed: set[str] = set()  # tables with keys that others see as changed
        self._read: set[str] = set()

    def find_affected(self, known: list[Table]) -> None:
        """Compare all rows with the record: what is not carried over is affected."""
        record.create_tables(self.connection)
        loaded = [t for t in known if t.name not in self._later]
        list(self.pool.map(lambda t: record.take_prints(self.connection.cursor(), t, self.columns[t.name]), loaded))
        if self._later:
            self.connection.execute(
                f"""INSERT INTO prints SELECT table_, row_, key_, digest FROM base.records
                    WHERE table_ IN ({texts(self._later)})"""
            )
        self.connection.execute(_FIND_CARRIED)
        self.connection.execute(
            "CREATE TABLE affected AS SELECT table_, row_ FROM prints ANTI JOIN carried USING (table_, row_)"
        )
        self.connection.execute("CREATE TABLE changed_keys(table_ VARCHAR, key_ VARCHAR)")

    def read(self, known: list[Table]) -> None:
        """Make the live rows of affected rows and the keys of all rows, by tenancy levels."""
        levels = tenancy_levels(self.vocabulary.tables)
        present = {t.name for t in known}
        for number in sorted(set(levels.values())):
            tables = [t for t in known if levels[t.name] == number]
            self._wake(tables, lambda t: [link for link in t.links if link.name in t.tenant_columns])
            affected = {t.name for t in self.affected_tables(tables)}
            list(self.pool.map(lambda t: self._read_table(t, is_affected=t.name in affected), tables))  # noqa: B023
            absent = [t for t in self.vocabulary.tables.values() if levels[t.name] == number and t.name not in present]
            self.door.add_missing_keys(absent)
            self._find_changed_keys([*tables, *absent])

    def read_dependents(self, known: list[Table]) -> None:
        """Read the rows as well that link to a changed key or share a unique key with an affected row."""
        before = self._counts()
        self._wake(known, lambda t: list(t.links))
        self._wake_partners(known)
        after = self._counts()
        again = [t for t in known if after.get(t.name) != before.get(t.name)]
        list(self.pool.map(self._read_again, again))

    def affected_tables(self, known: Iterable[Table]) -> list[Table]:
        """Those with affected rows, the most of them first."""
        counts = self._counts()
        return sorted((t for t in known if t.name in counts), key=lambda t: -counts[t.name])

    def _counts(self) -> dict[str, int]:
        query = "SELECT table_, count(DISTINCT row_) FROM affected GROUP BY table_"
        return dict(self.connection.execute(query).fetchall())

    def _read_table(self, source_table: Table, *, is_affected: bool) -> None:
        cursor = self.connection.cursor()
        loaded, whole = table(SOURCE, source_table.name), name(_whole(source_table))
        self._load(source_table, needed=is_affected)
        if source_table.name not in self._later:
            cursor.execute(f"ALTER TABLE {loaded} RENAME TO {whole}")
        self._read.add(source_table.name)
        if is_affected:
            self._restrict(cursor, source_table)
            self.door.read(source_table)
        self._add_carried_keys(cursor, source_table)

    def _read_again(self, source_table: Table) -> None:
        """Let more rows of a table through; the keys that others see stay as they are."""
        cursor = self.connection.cursor()
        if source_table.name in self.door.found:
            cursor.execute("DELETE FROM quarantine WHERE table_name = ?", [source_table.name])
            cursor.execute(f"DROP VIEW {table(LIVE, source_table.name)}")
            cursor.execute(f"DROP TABLE {table(SOURCE, source_table.name)}")
        self._load(source_table)
        self._restrict(cursor, source_table)
        self.door.read_rows(source_table)

    def _load(self, source_table: Table, *, needed: bool = True) -> None:
        """Load a table that is needed after all; it has the name that it would have by now."""
        if needed and source_table.name in self._later:
            self.door.source.load(self.connection.cursor(), source_table.name)
            self.door.defective.update(quarantine.tables_with_source_defects(self.connection.cursor()))
            self._later.remove(source_table.name)
            if source_table.name in self._read:
                loaded, whole = table(SOURCE, source_table.name), name(_whole(source_table))
                self.connection.cursor().execute(f"ALTER TABLE {loaded} RENAME TO {whole}")

    def _restrict(self, cursor: duckdb.DuckDBPyConnection, source_table: Table) -> None:
        """Make the source table of the affected rows alone; their `rowid` is that of the whole table."""
        cursor.execute(
            f"""CREATE TABLE {table(SOURCE, source_table.name)} AS
                SELECT s.rowid AS rowid, s.* FROM {table(SOURCE, _whole(source_table))} s
                WHERE s.rowid + 1 IN (SELECT row_ FROM affected WHERE table_ = {text(source_table.name)})"""
        )

    def _add_carried_keys(self, cursor: duckdb.DuckDBPyConnection, source_table: Table) -> None:
        if source_table.name not in self.door.targets:
            return
        rows = f"""SELECT key_, tenant_, state = 'deleted' AS deleted_
                   FROM carried ANTI JOIN affected USING (table_, row_)
                   WHERE table_ = {text(source_table.name)} AND state <> 'lost'"""
        keys = table(KEYS, source_table.name)
        is_new = source_table.name not in self.door.found
        cursor.execute(f"CREATE TABLE {keys} AS {rows}" if is_new else f"INSERT INTO {keys} {rows}")

    def _find_changed_keys(self, tables: Iterable[Table]) -> None:
        """Note the keys of tables that others see as changed: new, gone, or with another tenant or deletion."""
        for source_table in tables:
            is_listed = source_table.tenancy != "Itself" or source_table.name in self.columns
            if source_table.name in self.door.targets and is_listed:
                count = self.connection.execute(
                    f"""INSERT INTO changed_keys
                        SELECT {text(source_table.name)}, coalesce(o.key_, n.key_) FROM (
                            SELECT key_, tenant_, state = 'deleted' AS deleted_ FROM base.records
                            WHERE table_ = {text(source_table.name)} AND state <> 'lost') o
                        FULL JOIN {table(KEYS, source_table.name)} n ON n.key_ = o.key_
                        WHERE n.key_ IS NULL OR o.key_ IS NULL OR n.tenant_ IS DISTINCT FROM o.tenant_
                           OR n.deleted_ <> o.deleted_"""
                ).fetchone()
                if count and count[0]:
                    self._changed.add(source_table.name)

    def _wake(self, tables: Iterable[Table], links_of: _LinksOf) -> None:
        """Count the rows as affected that link to a changed key."""
        by_class = self.vocabulary.table_of_class
        for source_table in tables:
            ends = {
                link.name: by_class[link.target].name
                for link in links_of(source_table)
                if link.name in self.columns[source_table.name] and by_class[link.target].name in self._changed
            }
            if ends:
                self._load(source_table)
                tests = (
                    f"s.{name(column)} IN (SELECT key_ FROM changed_keys WHERE table_ = {text(target)})"
                    for column, target in ends.items()
                )
                self.connection.execute(
                    f"""INSERT INTO affected SELECT {text(source_table.name)}, s.rowid + 1
                        FROM {self._loaded(source_table)} s WHERE {" OR ".join(tests)}"""
                )

    def _loaded(self, source_table: Table) -> str:
        """All rows of a table, which has another name once it has been read."""
        return table(SOURCE, _whole(source_table) if source_table.name in self._read else source_table.name)

    def _wake_partners(self, known: list[Table]) -> None:
        """Count the carried rows as affected that have a unique key of an affected row."""
        for source_table in self.affected_tables(known):
            if source_table.name in self.door.found:
                record.record_key_values(self.connection, self.door.found[source_table.name], self.vocabulary)
        self.connection.execute(
            """INSERT INTO affected SELECT c.table_, c.row_ FROM carried c
               JOIN base.key_values o ON o.table_ = c.table_ AND o.row_ = c.old_row
               SEMI JOIN key_values n ON n.constraint_ = o.constraint_ AND n.value = o.value"""
        )
        self.connection.execute("DELETE FROM key_values")


def _whole(source_table: Table) -> str:
    """The name of the table of all rows while that of the source has the affected ones."""
    return f"{source_table.name} whole"
