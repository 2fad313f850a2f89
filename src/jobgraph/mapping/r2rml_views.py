"""The SQL views that the R2RML document reads: live rows with the owner that names their graph, for a Postgres."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from jobgraph.contract.sql import name, text
from jobgraph.errors import InputError, UsageError
from jobgraph.vocabulary import JG, RDF, XSD, Column, Table, Vocabulary

# What a view computes: the short name of a row's owner, or the whole IRI of its graph where that may be the shared one.
TENANT, GRAPH = "jg_tenant", "jg_graph"

# Casts to the text that a datatype asks for. The JSON text of a time has a T, and a zone where the column has one.
_CASTS: Mapping[str, Callable[[str], str]] = {
    XSD + "boolean": lambda cell: f"{cell}::boolean::text",
    XSD + "dateTime": lambda cell: f"replace(to_jsonb({cell}) #>> '{{}}', '+00:00', 'Z')",
    XSD + "time": lambda cell: f"{cell}::time::text",
    RDF + "JSON": lambda cell: f"{cell}::text",
}


@dataclass(frozen=True)
class Database:
    """The tables and columns that there are; where `tables` is None, all that the vocabulary knows.

    `only_tenant` names the tenant of a database without a table of tenants.
    """

    vocabulary: Vocabulary
    tables: Mapping[str, Sequence[str]] | None
    only_tenant: str

    def has(self, source: Table, column: str | None = None) -> bool:
        """Whether the table with its key, or that column of it, is there."""
        if self.tables is None:
            return column is None or column in source.known_columns
        there = self.tables.get(source.name)
        needed = column or (source.key if source.class_iri else None)
        return there is not None and (needed is None or needed in there)

    def columns_of(self, source: Table) -> tuple[Column, ...]:
        """The columns that state something: links only where there are rows to lead to, or the only tenant."""
        return tuple(c for c in source.columns if self.has(source, c.name) and self._leads_somewhere(c))

    def column_of(self, source: Table, term: str) -> str | None:
        """The column that states one of our properties; None if it is not there."""
        column = source.column_of(JG + term)
        return column if column and self.has(source, column) else None

    def target_of(self, link: Column) -> Table:
        """The table that a link leads to."""
        return self.vocabulary.table_of_class[link.target]

    def parents_of(self, source: Table) -> list[Column]:
        """The links through which rows of a table find their owner, the first filled one counts."""
        by_name = {link.name: link for link in source.links}
        links = [by_name[column] for column in source.tenant_columns]
        return [link for link in links if self.has(source, link.name) and self.has(self.target_of(link))]

    @cached_property
    def tenants(self) -> Table | None:
        """The table of tenants; None if it is not there."""
        tenants = next(t for t in self.vocabulary.tables.values() if t.tenancy == "Itself")
        return tenants if self.has(tenants) else None

    @property
    def lone_tenant(self) -> str:
        """The short name of the only tenant; '' where there is a table of tenants.

        Raises
        ------
        UsageError : there is neither.
        """
        if not self.tenants and not self.only_tenant:
            raise UsageError("The database has no table of tenants; name the only tenant with --tenant SLUG.")
        return "" if self.tenants else self.only_tenant

    def _leads_somewhere(self, column: Column) -> bool:
        target = self.target_of(column) if column.kind == "link" else None
        return not target or self.has(target) or (target.tenancy == "Itself" and bool(self.lone_tenant))


def may_be_shared(database: Database, source: Table) -> bool:
    """Whether some rows of a table may be shared by all, by their own word or their parent's."""
    parents = (database.target_of(link) for link in database.parents_of(source))
    return source.tenancy in ("Shared", "OwnOrShared") or any(may_be_shared(database, parent) for parent in parents)


def cell_sql(database: Database, column: Column, *, alias: str = "s") -> str:
    """The SQL of a cell of `alias`, named after its column; the key of a deleted row is NULL."""
    cell = f"{alias}.{name(column.name)}"
    if column.kind == "link":
        target = database.target_of(column)
        deleted = database.column_of(target, "deletedAt")
        if not deleted:
            return cell
        key = f"k.{name(target.key)}"
        live = f"SELECT {key} FROM {name(target.name)} k WHERE {key} = {cell} AND k.{name(deleted)} IS NULL"
        return f"({live}) AS {name(column.name)}"
    cast = _CASTS.get(column.datatype)
    return f"{cast(cell)} AS {name(column.name)}" if cast else cell


def view_sql(database: Database, source: Table, cells: Iterable[str], *, base: str, start: str = "") -> str:
    """The SELECT of `cells`, the SQL of what is wanted from the live rows `s`, and of what names their graph.

    `start` follows the table in FROM, for a list that is taken apart.
    """
    search = _OwnerSearch(database)
    owner = "" if source.tenancy == "Shared" else search.owner(source, "s")
    deleted = database.column_of(source, "deletedAt")
    where = [f"s.{name(deleted)} IS NULL"] if deleted else []
    where += [f"{owner} IS NOT NULL"] if owner else []
    named = [_graph_sql(owner, base, shared=may_be_shared(database, source))] if owner else []
    columns = ",\n    ".join([*cells, *named])
    lines = [f"SELECT\n    {columns}", f"FROM {name(source.name)} s{start}", *search.joins]
    return "\n".join([*lines, f"WHERE {' AND '.join(where)}"] if where else lines)


def _graph_sql(owner: str, base: str, *, shared: bool) -> str:
    if not shared:
        return f"{owner} AS {name(TENANT)}"
    own = f"{text(f'{base}graph/')} || nullif({owner}, '') || '/asserted'"
    return f"coalesce({own}, {text(f'{base}graph/shared')}) AS {name(GRAPH)}"


class _OwnerSearch:
    """Finds the owner of rows, and collects the joins that this needs."""

    def __init__(self, database: Database) -> None:
        self.database, self.joins = database, list[str]()

    def owner(self, source: Table, alias: str) -> str:
        """The SQL of the owner's short name: '' for a row that all share, NULL where the owner cannot be found."""
        if source.tenancy == "Inherited":
            return self._inherited(source, alias)
        if source.tenancy == "Itself":
            return self._short_name(source, alias)
        return self._named(source, alias)

    def _named(self, source: Table, alias: str) -> str:
        """The owner that rows name themselves; rows that a join has not found have none."""
        column = self.database.column_of(source, "belongsToTenant") if source.tenancy != "Shared" else None
        lone, cell = self.database.lone_tenant, f"{alias}.{name(column or '')}"
        tenants = self.database.tenants
        slug = (self._short_name(tenants, self._join(tenants, cell)) if tenants else text(lone)) if column else "NULL"
        if source.tenancy == "Own" and not lone:
            return slug
        named = f" WHEN {cell} IS NOT NULL THEN {slug}" if column else ""
        nobody = text(lone) if source.tenancy == "Own" else "''"
        return f"CASE{named} WHEN {alias}.{name(source.key)} IS NOT NULL THEN {nobody} END"

    def _short_name(self, tenants: Table, alias: str) -> str:
        slug = self.database.column_of(tenants, "slug")
        if not slug:
            raise InputError(f"{tenants.name} lacks the column {tenants.column_of(JG + 'slug')}; add it.")
        return f"{alias}.{name(slug)}"

    def _inherited(self, source: Table, alias: str) -> str:
        owners = []
        for link in self.database.parents_of(source):
            parent = self.database.target_of(link)
            owners.append(self.owner(parent, self._join(parent, f"{alias}.{name(link.name)}")))
        if self.database.lone_tenant:
            owners.append(text(self.database.lone_tenant))
        return f"coalesce({', '.join(owners)})" if len(owners) > 1 else "".join(owners) or "NULL"

    def _join(self, target: Table, cell: str) -> str:
        """Join a table by its key, tenants only where they are live; give its alias."""
        alias = f"p{len(self.joins) + 1}"
        deleted = self.database.column_of(target, "deletedAt") if target.tenancy == "Itself" else None
        live = f" AND {alias}.{name(deleted)} IS NULL" if deleted else ""
        self.joins.append(f"LEFT JOIN {name(target.name)} {alias} ON {alias}.{name(target.key)} = {cell}{live}")
        return alias
