"""The door: every known table is read, looked at, and split into live rows, quarantine and findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import duckdb

from jobgraph.contract import links, quarantine, rows
from jobgraph.contract.cells import register_functions
from jobgraph.contract.profile import Profile, TableInSource, profile
from jobgraph.contract.sql import KEYS, LIVE, SOURCE, name, table
from jobgraph.errors import InputError, UsageError
from jobgraph.sources import Source
from jobgraph.vocabulary import JG, Table, Vocabulary

SLUG = "[a-z0-9][a-z0-9-]{0,62}"
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
            self.connection.execute(f"DROP SCHEMA {schema} CASCADE")


def admit(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    vocabulary: Vocabulary,
    *,
    only_tenant: str = "",
    threads: int = 2,
    progress: Progress = lambda _stage, _rows: None,
) -> Admitted:
    """Read every table that the shapes know and check every cell, row and link of it.

    `only_tenant` names the tenant of a source that has no table of tenants; `progress` is told the table and its rows.

    Raises
    ------
    InputError : no table of the source is known.
    UsageError : there is no table of tenants and `only_tenant` is empty.
    """
    known = [vocabulary.tables[t] for t in source.tables if t in vocabulary.tables]
    if not known:
        some = ", ".join(sorted(vocabulary.tables)[:3])
        raise InputError(f"No table in {source.location} is known; files are named after tables such as {some}.")
    _prepare(connection)
    door = _Door(connection, source, vocabulary, progress)
    tenants = door.read_tenants(known, only_tenant)
    level = tenancy_levels(vocabulary.tables)
    with ThreadPoolExecutor(threads) as pool:
        for number in sorted(set(level.values())):
            list(pool.map(door.read, [t for t in known if level[t.name] == number]))
            door.add_missing_keys(t for t in vocabulary.tables.values() if level[t.name] == number)
        quarantine.adopt_source_defects(connection, vocabulary)
        unknown = dict(pool.map(door.check, known))
    return Admitted(connection, door.found, door.profiles, unknown, tenants)


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


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    for schema in (SOURCE, LIVE, KEYS):
        connection.execute(f"CREATE SCHEMA {schema}")
    connection.execute(f"CREATE TABLE {KEYS}.tenant_slugs(tenant_ VARCHAR, slug VARCHAR)")
    quarantine.create_tables(connection)
    links.create_tables(connection)
    register_functions(connection)


class _Door:
    """The steps of `admit` with what they share; each step may run in a thread of its own."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, source: Source, vocabulary: Vocabulary, progress: Progress
    ) -> None:
        self.connection, self.source, self.vocabulary, self.progress = connection, source, vocabulary, progress
        self.found: dict[str, TableInSource] = {}
        self.profiles: dict[str, Profile] = {}
        self.only_tenant = ""
        self._loaded: set[str] = set()
        by_class = vocabulary.table_of_class
        self._targets = {by_class[link.target].name for t in vocabulary.tables.values() for link in t.links}

    def read_tenants(self, known: Iterable[Table], only_tenant: str) -> dict[str, str]:
        """Fill `keys.tenant_slugs`; give the short names by tenant key."""
        tenant_table = next((t for t in known if t.tenancy == "Itself"), None)
        if tenant_table:
            self._load(self.connection, tenant_table)
            self.connection.execute(self._tenants_sql(tenant_table))
        elif only_tenant:
            self.only_tenant = self._only_tenant_key(list(known)) or only_tenant
            self.connection.execute(f"INSERT INTO {KEYS}.tenant_slugs VALUES (?, ?)", [self.only_tenant, only_tenant])
        else:
            raise UsageError(
                f"{self.source.location} has no table of tenants; name the only tenant with --tenant SLUG."
            )
        return dict(self.connection.execute(f"SELECT tenant_, slug FROM {KEYS}.tenant_slugs ORDER BY slug").fetchall())

    def _tenants_sql(self, tenant_table: Table) -> str:
        found = self._find(tenant_table)
        slug = tenant_table.column_of(JG + "slug")
        if slug not in found.column_names or slug is None:
            raise InputError(f"{tenant_table.name} in {self.source.location} lacks the column {slug}; add it.")
        cell = f"s.{name(slug)}"
        return f"""
            INSERT INTO {KEYS}.tenant_slugs
            SELECT {found.key}, {cell} FROM {table(SOURCE, tenant_table.name)} s
            WHERE {found.key} IS NOT NULL AND regexp_full_match({cell}, '{SLUG}') AND NOT ({found.deleted})
            QUALIFY row_number() OVER (PARTITION BY {cell} ORDER BY s.rowid) = 1
                AND row_number() OVER (PARTITION BY {found.key} ORDER BY s.rowid) = 1"""

    def _only_tenant_key(self, known: list[Table]) -> str:
        """The tenant key that most rows of the first table with one name; '' if none does."""
        for source_table in known:
            column = source_table.column_of(JG + "belongsToTenant")
            if column and column in self.source.tables[source_table.name]:
                self._load(self.connection, source_table)
                query = f"SELECT mode({name(column)}) FROM {table(SOURCE, source_table.name)}"
                key = self.connection.execute(query).fetchone()
                if key and key[0]:
                    return str(key[0])
        return ""

    def _load(self, connection: duckdb.DuckDBPyConnection, source_table: Table) -> None:
        if source_table.name in self._loaded:
            return
        self._loaded.add(source_table.name)
        self.source.load(connection, source_table.name)

    def _find(self, source_table: Table) -> TableInSource:
        names = self.source.tables[source_table.name]
        columns = (*source_table.columns, *((source_table.subject,) if source_table.subject else ()))
        present = tuple(c for c in columns if c.name in names)
        return TableInSource(source_table, present, names, self.only_tenant)

    def read(self, source_table: Table) -> None:
        """Load a table and make its live rows and keys; the tables that its tenancy leads to are done."""
        connection = self.connection.cursor()
        self._load(connection, source_table)
        found = self.found[source_table.name] = self._find(source_table)
        seen = self.profiles[source_table.name] = profile(connection, found, self.vocabulary)
        rows.quarantine_rows(connection, found, seen, self.vocabulary)
        rows.quarantine_cells(connection, found, seen, self.vocabulary)
        rows.make_live(connection, found, seen, self.vocabulary)
        if source_table.name in self._targets:
            rows.make_keys(connection, found, seen, self.vocabulary)
        self.progress(source_table.name, seen.rows)

    def add_missing_keys(self, tables: Iterable[Table]) -> None:
        """Make empty tables of keys for the targets that the source lacks; a lone tenant is its own key."""
        for source_table in tables:
            if source_table.name not in self.found and source_table.name in self._targets:
                rows_sql = "WHERE false" if source_table.tenancy != "Itself" else ""
                self.connection.execute(
                    f"""CREATE TABLE {table(KEYS, source_table.name)} AS
                        SELECT tenant_ AS key_, tenant_, false AS deleted_ FROM {KEYS}.tenant_slugs {rows_sql}"""
                )

    def check(self, source_table: Table) -> tuple[str, frozenset[str]]:
        """Check the links and values of a table's live rows; all tables are read."""
        found = self.found[source_table.name]
        return source_table.name, links.check_live_rows(self.connection.cursor(), found, self.vocabulary)
