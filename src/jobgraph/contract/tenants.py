"""The tenants of a source: their short names, which of them are deleted, or the one that the user names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import duckdb

from jobgraph.contract.sql import SOURCE, name, table
from jobgraph.contract.tables import Owners, TableInSource, find_table
from jobgraph.errors import InputError, UsageError
from jobgraph.sources import Source
from jobgraph.vocabulary import JG, Table, Vocabulary

SLUG = "[a-z0-9][a-z0-9-]{0,62}"


def read_tenants(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    vocabulary: Vocabulary,
    *,
    only_tenant: str,
    include_deleted: bool,
) -> Owners:
    """Fill the table `owners` with key, short name and deletion of every tenant of a loaded source.

    Raises
    ------
    InputError : the table of tenants has no column of short names.
    UsageError : there is no table of tenants, and `only_tenant` is empty or no short name.
    """
    known = [vocabulary.tables[t] for t in source.tables if t in vocabulary.tables]
    tenant_table = next((t for t in known if t.tenancy == "Itself"), None)
    if tenant_table is None:
        key = _only_key(connection, source, known, only_tenant)
        owners = Owners({key: only_tenant}, only=key, include_deleted=include_deleted)
    else:
        unknown = Owners(include_deleted=include_deleted)
        found = find_table(tenant_table, source.tables[tenant_table.name], vocabulary, unknown)
        owners = _listed_owners(connection, found, source, unknown)
    rows = [(key, slug, False) for key, slug in owners.slugs.items()] + [(key, "", True) for key in owners.deleted]
    connection.execute("CREATE TABLE owners(tenant_ VARCHAR, slug VARCHAR, deleted_ BOOLEAN)")
    if rows:
        connection.executemany("INSERT INTO owners VALUES (?, ?, ?)", rows)
    return owners


def _listed_owners(
    connection: duckdb.DuckDBPyConnection, found: TableInSource, source: Source, owners: Owners
) -> Owners:
    """The tenants in their table; of equal keys or short names the first one counts, deleted ones need no name."""
    slug_column = found.table.column_of(JG + "slug")
    if slug_column is None or slug_column not in found.column_names:
        raise InputError(f"{found.table.name} in {source.location} lacks the column {slug_column}; add it.")
    query = f"""
        SELECT {found.key}, {found.cell(slug_column)}, {found.deleted} FROM {table(SOURCE, found.table.name)} s
        WHERE {found.key} IS NOT NULL ORDER BY s.rowid"""
    slugs: dict[str, str] = {}  # keys by short name
    seen, deleted = set(), []
    for key, slug, is_deleted in connection.execute(query).fetchall():
        if key in seen:
            continue
        seen.add(key)
        if is_deleted:
            deleted.append(key)
        elif re.fullmatch(SLUG, slug or ""):
            slugs.setdefault(slug, key)
    return replace(owners, slugs={slugs[slug]: slug for slug in sorted(slugs)}, deleted=tuple(deleted))


def _only_key(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    known: Iterable[Table],
    only_tenant: str,
) -> str:
    """The key of the only tenant: what the rows name, else the short name itself."""
    if not only_tenant:
        raise UsageError(f"{source.location} has no table of tenants; name the only tenant with --tenant SLUG.")
    if not re.fullmatch(SLUG, only_tenant):
        raise UsageError(f"{only_tenant!r} cannot name a tenant; use a-z, 0-9 and hyphens.")
    return _most_named_key(connection, source, known) or only_tenant


def _most_named_key(connection: duckdb.DuckDBPyConnection, source: Source, known: Iterable[Table]) -> str:
    """The tenant key that most rows of the first table with one name; '' if none does."""
    for source_table in known:
        column = source_table.column_of(JG + "belongsToTenant")
        if column and column in source.tables[source_table.name]:
            row = connection.execute(
                f"""SELECT {name(column)} FROM {table(SOURCE, source_table.name)} WHERE {name(column)} IS NOT NULL
                    GROUP BY {name(column)} ORDER BY count(*) DESC, {name(column)} LIMIT 1"""
            ).fetchone()
            if row:
                return str(row[0])
    return ""
