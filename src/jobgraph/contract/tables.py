"""A known table as the source has it: the columns that are there, and the SQL of a row's key, tenant and deletion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from jobgraph.contract.cells import is_valid
from jobgraph.contract.sql import KEYS, SOURCE, name, table, text, texts
from jobgraph.vocabulary import JG, Column, Table, Vocabulary


@dataclass(frozen=True)
class Owners:
    """The tenants, known before any row is looked at: short names by key, and the keys of soft-deleted tenants.

    `only` is the key of the one tenant of a source without a table of tenants: rows that name none are its own. With
    `include_deleted`, soft deletion is overlooked.
    """

    slugs: Mapping[str, str] = field(default_factory=dict)
    deleted: tuple[str, ...] = ()
    only: str = ""
    include_deleted: bool = False


@dataclass(frozen=True)
class TableInSource:
    """A known table and the shapes' columns that the source has of it.

    `rows` is what follows FROM, with `s` for a row. The others are SQL over it: `key`, NULL where there is none;
    `tenant`, the key of the row's tenant, '' for a row that all share, NULL where the owner cannot be found; `deleted`,
    true for a row that is soft-deleted, itself or with its tenant.
    """

    table: Table
    column_names: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: str
    key: str
    tenant: str
    deleted: str

    @cached_property
    def literals_first(self) -> list[Column]:
        """The columns, those of links and codes last."""
        return sorted(self.columns, key=lambda column: column.kind != "literal")

    @property
    def needs_key(self) -> bool:
        """Whether a row without a key is a fault: a plain junction without a column of keys needs none."""
        return bool(self.table.class_iri) or self.table.key in self.column_names

    @property
    def owner_columns(self) -> tuple[str, ...]:
        """The columns that name the owner of a row, those that the source lacks left out if it has others."""
        term = "slug" if self.table.tenancy == "Itself" else "belongsToTenant"
        wanted = self.table.tenant_columns or (self.table.column_of(JG + term) or self.table.key,)
        return tuple(c for c in wanted if c in self.column_names) or wanted

    def cell(self, column: str) -> str:
        """The SQL of a cell of `s`; NULL where the source lacks the column."""
        return _cell(column, self.column_names)


def find_table(
    source_table: Table, column_names: Sequence[str], vocabulary: Vocabulary, owners: Owners
) -> TableInSource:
    """Match a table of the shapes with the columns that the source has."""
    names = tuple(column_names)
    stated = (*source_table.columns, *((source_table.subject,) if source_table.subject else ()))
    tenant, joins = _tenant(source_table, names, vocabulary, owners)
    return TableInSource(
        table=source_table,
        column_names=names,
        columns=tuple(c for c in stated if c.name in names),
        rows=" ".join([f"{table(SOURCE, source_table.name)} s", *joins]),
        key=_cell(source_table.key, names),
        tenant=tenant,
        deleted=_deleted(source_table, names, tenant, owners),
    )


def live_name(source_table: Table, column: Column) -> str:
    """The quoted name of a column in live rows; what the column of keys states stands apart, for it can be dropped."""
    return name("stated_key_" if column.name == source_table.key else column.name)


def live_cell(source_table: Table, column: Column) -> str:
    """The SQL of a cell of the live row `l`."""
    return f"l.{live_name(source_table, column)}"


def _cell(column: str | None, column_names: tuple[str, ...]) -> str:
    return f"s.{name(column)}" if column and column in column_names else "NULL::VARCHAR"


def _tenant(
    source_table: Table, column_names: tuple[str, ...], vocabulary: Vocabulary, owners: Owners
) -> tuple[str, list[str]]:
    """The SQL of a row's tenant, and the joins that it needs."""
    if source_table.tenancy == "Shared":
        return "''", []
    if source_table.tenancy == "Inherited":
        return _inherited_tenant(source_table, column_names, vocabulary, owners)
    if source_table.tenancy == "Itself":
        return "t.tenant_", [_join_tenant(_cell(source_table.key, column_names))]
    cell = _cell(source_table.column_of(JG + "belongsToTenant"), column_names)
    unnamed = text(owners.only) if owners.only else "NULL"
    if source_table.tenancy == "OwnOrShared":
        unnamed = "''"
    return f"CASE WHEN {cell} IS NULL THEN {unnamed} ELSE t.tenant_ END", [_join_tenant(cell)]


def _join_tenant(key: str) -> str:
    return f"LEFT JOIN owners t ON t.tenant_ = {key}"


def _inherited_tenant(
    source_table: Table, column_names: tuple[str, ...], vocabulary: Vocabulary, owners: Owners
) -> tuple[str, list[str]]:
    """The tenant of the first linked row that is found."""
    targets = {link.name: vocabulary.table_of_class[link.target].name for link in source_table.links}
    present = [column for column in source_table.tenant_columns if column in column_names]
    joins = [
        f"LEFT JOIN {table(KEYS, targets[column])} p{number} ON p{number}.key_ = {_cell(column, column_names)}"
        for number, column in enumerate(present)
    ]
    tenants = [f"p{number}.tenant_" for number in range(len(present))] + ([text(owners.only)] if owners.only else [])
    return f"coalesce({', '.join([*tenants, 'NULL::VARCHAR'])})", joins


def _deleted(source_table: Table, column_names: tuple[str, ...], tenant: str, owners: Owners) -> str:
    """A cell that is no moment deletes nothing: it goes into quarantine and its row is stated."""
    if owners.include_deleted:
        return "false"
    path = JG + "deletedAt"
    column = next((c for c in source_table.columns if c.path == path and c.name in column_names), None)
    cell = _cell(column.name if column else None, column_names)
    deleted = f"({cell} IS NOT NULL AND {is_valid(column, cell)})" if column else "false"
    if owners.deleted and source_table.tenancy != "Shared":
        deleted = f"({deleted} OR coalesce({tenant} IN ({texts(owners.deleted)}), false))"
    return deleted
