"""The look at live rows: links that lead nowhere or across tenants, and values that are wrong but can be stated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb

from jobgraph.contract import quarantine
from jobgraph.contract.profile import TableInSource
from jobgraph.contract.sql import KEYS, LIVE, name, table, text, texts
from jobgraph.vocabulary import SH, Column, Table, Vocabulary

# The constraint component of each kind of finding.
COMPONENTS = {
    "required": SH + "MinCountConstraintComponent",
    "code": SH + "NodeConstraintComponent",
    "pattern": SH + "PatternConstraintComponent",
    ">=": SH + "MinInclusiveConstraintComponent",
    ">": SH + "MinExclusiveConstraintComponent",
    "<=": SH + "MaxInclusiveConstraintComponent",
    "<": SH + "MaxExclusiveConstraintComponent",
}


@dataclass(frozen=True)
class Check:
    """One thing to count in a live table: `sql` is true for the rows that fail it."""

    kind: str
    column: Column
    sql: str
    words: str = ""


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the empty table of findings: values that are stated and reported."""
    connection.execute(
        """CREATE TABLE findings(table_name VARCHAR, key VARCHAR, row_number BIGINT, column_name VARCHAR, path VARCHAR,
                                 value VARCHAR, component VARCHAR, message VARCHAR, tenant VARCHAR)"""
    )


def check_live_rows(
    connection: duckdb.DuckDBPyConnection, found: TableInSource, vocabulary: Vocabulary
) -> frozenset[str]:
    """Quarantine broken links and record findings of a live table; give the columns that hold unknown codes."""
    links = [c for c in found.table.links if c in found.columns or not found.table.class_iri]
    joins = {link.name: f"k{number}" for number, link in enumerate(links)}
    link_checks = list(_link_checks(found.table, links, joins, vocabulary))
    bad_links = {check.column.name: check.sql for check in link_checks}
    checks = [*link_checks, *_value_checks(found, vocabulary, bad_links)]
    if not checks:
        return frozenset()
    source = _joined(found.table, links, joins, vocabulary)
    counts = connection.execute(f"SELECT {', '.join(f'count_if({c.sql})' for c in checks)} FROM {source}").fetchone()
    failed = [check for check, count in zip(checks, counts or (), strict=True) if count]
    for check in failed:
        if check.kind == "link":
            _quarantine_link(connection, found, check, source)
    _drop_links(connection, found.table, [check.column for check in failed if check.kind == "link"])
    for check in failed:
        if check.kind != "link":
            _record(connection, found.table, check, source)
    return frozenset(check.column.name for check in failed if check.kind == "code")


def _joined(source: Table, links: list[Column], joins: Mapping[str, str], vocabulary: Vocabulary) -> str:
    sql = f"{table(LIVE, source.name)} l"
    for link in links:
        target = vocabulary.table_of_class[link.target].name
        alias = joins[link.name]
        sql += f" LEFT JOIN {table(KEYS, target)} {alias} ON {alias}.key_ = l.{name(link.name)}"
    return sql


def _link_checks(
    source: Table, links: list[Column], joins: Mapping[str, str], vocabulary: Vocabulary
) -> Iterator[Check]:
    for link in links:
        target, alias, cell = vocabulary.table_of_class[link.target], joins[link.name], f"l.{name(link.name)}"
        foreign = "" if target.tenancy == "Itself" else f" OR {alias}.tenant_ NOT IN ('', l.tenant_)"
        bad = f"({alias}.key_ IS NULL OR {alias}.deleted_{foreign})"
        if source.class_iri:
            bad = f"({cell} IS NOT NULL AND {bad})"
        rule = f"""CASE WHEN {cell} IS NULL THEN 'missing-end' WHEN {alias}.key_ IS NULL THEN 'missing-target'
                        WHEN {alias}.deleted_ THEN 'deleted-target' ELSE 'foreign-tenant' END"""
        yield Check("link", link, bad, rule)


def _value_checks(found: TableInSource, vocabulary: Vocabulary, bad_links: Mapping[str, str]) -> Iterator[Check]:
    if not found.table.class_iri:
        return
    for column in found.table.columns:
        if column.required:
            broken = f" OR {bad_links[column.name]}" if column.name in bad_links else ""
            yield Check(
                "required", column, f"(l.{name(column.name)} IS NULL{broken})" if column in found.columns else "true"
            )
        if column not in found.columns:
            continue
        cell = f"l.{name(column.name)}"
        if column.scheme:
            scheme = vocabulary.schemes[column.scheme]
            known = ", ".join(text(value) for value in (*scheme.notations, *scheme.spellings))
            yield Check("code", column, f"{cell} NOT IN ({known})")
        if column.pattern:
            yield Check("pattern", column, f"NOT regexp_matches({cell}, {text(column.pattern)})")
        for sign, bound in column.bounds:
            number = f"coalesce(try_cast({cell} AS DECIMAL(38, 18)) {sign} {bound}, {cell}::DOUBLE {sign} {bound})"
            yield Check(sign, column, f"NOT {number}")


def _quarantine_link(connection: duckdb.DuckDBPyConnection, found: TableInSource, check: Check, source: str) -> None:
    target = check.column.target.rpartition("/")[2]
    quarantine.insert(
        connection,
        found.table.name,
        f"""SELECT l.{name(found.table.key)}, l.row_, {text(check.column.name)}, l.{name(check.column.name)},
                   {check.words}, l.tenant_, {text(target)}
            FROM {source} WHERE {check.sql}""",
        whole_rows=not found.table.class_iri,
    )


def _drop_links(connection: duckdb.DuckDBPyConnection, source: Table, columns: list[Column]) -> None:
    """Leave the broken links out of the live rows; a plain junction row without both ends goes as a whole."""
    if not columns:
        return
    bad = f"SELECT row_number FROM quarantine WHERE table_name = {text(source.name)}"
    cells = [
        f"""CASE WHEN row_ IN ({bad} AND column_name = {text(c.name)} AND rule IN ({texts(quarantine.LINK_RULES)})) THEN NULL
            ELSE {name(c.name)} END AS {name(c.name)}"""
        for c in columns
    ]
    select = f"* REPLACE ({', '.join(cells)})" if source.class_iri else "*"
    where = "" if source.class_iri else f"WHERE row_ NOT IN ({quarantine.row_numbers(source.name)})"
    live, kept = table(LIVE, source.name), table(LIVE, source.name + " kept")
    connection.execute(f"CREATE TABLE {kept} AS SELECT {select} FROM {live} {where}")
    kind = connection.execute(
        "SELECT table_type FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
        [LIVE, source.name],
    ).fetchone()
    connection.execute(f"DROP {'VIEW' if kind == ('VIEW',) else 'TABLE'} {live}")
    connection.execute(f"ALTER TABLE {kept} RENAME TO {name(source.name)}")


def _record(connection: duckdb.DuckDBPyConnection, source: Table, check: Check, joined: str) -> None:
    value = "NULL" if check.kind == "required" else f"l.{name(check.column.name)}"
    connection.execute(
        f"""INSERT INTO findings
            SELECT {text(source.name)}, l.{name(source.key)}, l.row_, {text(check.column.name)},
                   {text(check.column.path)}, {value}, {text(COMPONENTS[check.kind])}, {text(check.column.message)},
                   l.tenant_
            FROM {joined} WHERE {check.sql}"""
    )
