"""The door: every known table is read, looked at, and split into live rows, quarantine and findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import duckdb

from jobgraph.contract import links, quarantine, rows, unique_keys
from jobgraph.contract.nested import register_functions
from jobgraph.contract.profile import Profile, profile
from jobgraph.contract.sql import KEYS, LIVE, SOURCE, table, thread_count
from jobgraph.contract.tables import Owners, TableInSource, find_table
from jobgraph.contract.tenants import read_tenants
from jobgraph.errors import InputError
from jobgraph.sources import Source
from jobgraph.vocabulary import Table, Vocabulary

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Admitted:
    """What the door let in: per table its columns in the source, its profile and the columns with unknown codes.

    The DuckDB connection holds the live rows, the keys, the tenants, the quarantine and the findings.
    """

    connection: duckdb.DuckDBPyConnection
    tables: Mapping[str, TableInSource]
    profiles: Mapping[str, Profile]
    unknown_codes: Mapping[str, frozenset[str]]
    tenants: Mapping[str, str] = field(default_factory=dict)

    def release(self) -> None:
        """Let go of the rows; quarantine and findings stay."""
        for schema in (LIVE, SOURCE, KEYS):
            self.connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


def admit(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    vocabulary: Vocabulary,
    *,
    only_tenant: str = "",
    include_deleted: bool = False,
    progress: Progress = lambda _stage, _rows: None,
) -> Admitted:
    """Read every table that the shapes know and check every cell, row and link of it, with the connection's threads.

    `only_tenant` names the tenant of a source that has no table of tenants; `include_deleted` states soft-deleted rows
    like the others; `progress` is told the table and its rows.

    Raises
    ------
    InputError : no table of the source is known.
    UsageError : there is no table of tenants, and `only_tenant` is empty or cannot be a short name.
    """
    with ThreadPoolExecutor(thread_count(connection)) as pool:
        known = load_tables(connection, source, vocabulary, pool)
        level = tenancy_levels(vocabulary.tables)
        door = Door(connection, source, vocabulary, progress)
        door.owners = read_tenants(
            connection, source, vocabulary, only_tenant=only_tenant, include_deleted=include_deleted
        )
        for number in sorted(set(level.values())):
            list(pool.map(door.read, [t for t in known if level[t.name] == number]))
            door.add_missing_keys(t for t in vocabulary.tables.values() if level[t.name] == number)
        largest_first = sorted(known, key=lambda t: -door.profiles[t.name].rows)
        unknown = dict(pool.map(door.check, largest_first))
    quarantine.forget_other_owners(connection)
    return Admitted(connection, door.found, door.profiles, unknown, door.owners.slugs)


def load_tables(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    vocabulary: Vocabulary,
    pool: ThreadPoolExecutor,
) -> list[Table]:
    """The tables of the source that the shapes know, loaded as they are spelled, with all that the door needs.

    Raises
    ------
    InputError : no table of the source is known.
    """
    names = known_tables(source, vocabulary)
    for schema in (SOURCE, LIVE, KEYS):
        connection.execute(f"CREATE SCHEMA {schema}")
    quarantine.create_tables(connection)
    links.create_tables(connection)
    functions = pool.submit(register_functions, connection)  # slow to start, as is the vocabulary
    loaded = pool.map(lambda name: source.load(connection.cursor(), name), names)
    known, _ = [vocabulary.tables[name] for name in names], vocabulary.schemes
    list(loaded)
    functions.result()
    return known


def known_tables(source: Source, vocabulary: Vocabulary) -> list[str]:
    """The names of the tables of the source that the shapes know.

    Raises
    ------
    InputError : there is none.
    """
    names = [name for name in source.tables if name in vocabulary.table_names]
    if not names:
        some = ", ".join(sorted(vocabulary.table_names)[:3])
        raise InputError(f"No table in {source.location} is known; files are named after tables such as {some}.")
    return names


def tenancy_levels(tables: Mapping[str, Table]) -> dict[str, int]:
    """How many links a table's rows are away from naming their tenant themselves: 0 for their own tenant column."""
    by_class = {t.class_iri: t.name for t in tables.values() if t.class_iri}
    parents = {
        t.name: {by_class[link.target] for link in t.links if link.name in t.tenant_columns} for t in tables.values()
    }
    levels: dict[str, int] = {}
    while len(levels) < len(tables):
        ready = [t for t, needed in parents.items() if t not in levels and needed <= levels.keys()]
        if not ready:
            raise InputError(
                f"The tenancy of {sorted(parents.keys() - levels.keys())} runs in a circle; mend the shapes."
            )
        levels |= {t: 1 + max((levels[p] for p in parents[t]), default=-1) for t in ready}
    return levels


class Door:
    """The steps of `admit` with what they share; each step may run in a thread of its own."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, source: Source, vocabulary: Vocabulary, progress: Progress
    ) -> None:
        self.connection, self.source, self.vocabulary, self.progress = connection, source, vocabulary, progress
        self.found: dict[str, TableInSource] = {}
        self.profiles: dict[str, Profile] = {}
        self.owners = Owners()
        self.defective = set(quarantine.tables_with_source_defects(connection))  # of the tables that are loaded
        by_class = vocabulary.table_of_class
        self.targets = {by_class[link.target].name for t in vocabulary.tables.values() for link in t.links}

    def read(self, source_table: Table) -> None:
        """Make the live rows and keys of a loaded table; the tables that its tenancy leads to are done."""
        self.read_rows(source_table)
        if source_table.name in self.targets:
            found, seen = self.found[source_table.name], self.profiles[source_table.name]
            rows.make_keys(self.connection.cursor(), found, seen)

    def read_rows(self, source_table: Table) -> None:
        """Make the live rows of a loaded table; the keys of the tables that its tenancy leads to are there."""
        connection, names = self.connection.cursor(), self.source.tables[source_table.name]
        found = self.found[source_table.name] = find_table(source_table, names, self.vocabulary, self.owners)
        looks = dict(unique_keys.key_looks(found, self.vocabulary))
        seen = self.profiles[source_table.name] = profile(connection, found, self.vocabulary, looks)
        if source_table.name in self.defective:
            quarantine.adopt_source_defects(connection, found)
        rows.quarantine_rows(connection, found, seen)
        rows.quarantine_cells(connection, found, seen)
        rows.make_live(connection, found, seen)
        self.progress(source_table.name, seen.rows)

    def add_missing_keys(self, tables: Iterable[Table]) -> None:
        """Make empty tables of keys for the targets that the source lacks; a lone tenant is its own key."""
        for source_table in tables:
            if source_table.name not in self.found and source_table.name in self.targets:
                where = "" if source_table.tenancy == "Itself" else "WHERE false"
                self.connection.execute(
                    f"""CREATE TABLE {table(KEYS, source_table.name)} AS
                        SELECT tenant_ AS key_, tenant_, deleted_ FROM owners {where}"""
                )

    def check(self, source_table: Table) -> tuple[str, frozenset[str]]:
        """Check the links, values and unique keys of a table's live rows; all tables are read."""
        found, seen = self.found[source_table.name], self.profiles[source_table.name]
        connection = self.connection.cursor()
        unknown = links.check_live_rows(connection, found, seen, self.vocabulary)
        unique_keys.record_repeated_keys(connection, found, seen, self.vocabulary)
        return source_table.name, unknown
