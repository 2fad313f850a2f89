"""The look at live rows: links that lead nowhere or across tenants, and values that are wrong but can be stated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import duckdb

from jobgraph.contract import quarantine
from jobgraph.contract.cells import Expression, elements
from jobgraph.contract.profile import Profile
from jobgraph.contract.sql import KEYS, LIVE, name, table, text, texts
from jobgraph.contract.tables import TableInSource, live_cell, live_name
from jobgraph.vocabulary import JG, SH, Column, Table, Vocabulary

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
    """One thing to count in a live table: `sql` is true for the rows that fail it, `value` is what fails it.

    `words` is the SQL of the rule that a bad link breaks.
    """

    kind: str
    column: Column
    sql: str
    value: str = "NULL"
    words: str = ""


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the empty table of findings: what is stated and reported.

    `path` is the property that states the column, or the name of the unique key where that is broken.
    """
    connection.execute(
        """CREATE TABLE findings(table_name VARCHAR, key VARCHAR, row_number BIGINT, column_name VARCHAR, path VARCHAR,
                                 value VARCHAR, component VARCHAR, shape VARCHAR, severity VARCHAR, message VARCHAR,
                                 tenant VARCHAR)"""
    )


def check_live_rows(
    connection: duckdb.DuckDBPyConnection, found: TableInSource, seen: Profile, vocabulary: Vocabulary
) -> frozenset[str]:
    """Quarantine broken links and record findings of a live table; give the columns that hold unknown codes."""
    links = [c for c in found.table.links if _is_looked_at(found, c)]
    joins = {link.name: f"k{number}" for number, link in enumerate(links)}
    link_checks = [_link_check(found.table, link, joins[link.name], vocabulary) for link in links]
    bad_links = {check.column.name: check.sql for check in link_checks}
    checks = [*link_checks, *_value_checks(found, seen, vocabulary, bad_links)]
    if not checks:
        return frozenset()
    source = _joined(found.table, links, joins, vocabulary)
    if not _is_any(connection, " OR ".join(check.sql for check in checks), source):
        return frozenset()
    counts = connection.execute(f"SELECT {', '.join(f'count_if({c.sql})' for c in checks)} FROM {source}").fetchone()
    failed = [check for check, count in zip(checks, counts or (), strict=True) if count]
    broken = [check for check in failed if check.kind == "link"]
    if broken:
        _quarantine_links(connection, found, broken, source)
        _drop_links(connection, found.table, [check.column for check in broken])
    for check in failed:
        if check.kind != "link":
            _record(connection, found.table, check, source)
    return frozenset(check.column.name for check in failed if check.kind == "code")


def _is_looked_at(found: TableInSource, link: Column) -> bool:
    """A link to the owner is not: a row of an unknown owner is in quarantine as a whole."""
    return (link in found.columns and not is_owner(found.table, link)) or not found.table.class_iri


def is_owner(source: Table, link: Column) -> bool:
    """Whether a link is what names the owner of a row."""
    return source.tenancy in {"Own", "OwnOrShared"} and link.path == JG + "belongsToTenant"


def _is_any(connection: duckdb.DuckDBPyConnection, fails: str, source: str) -> bool:
    """Whether any row fails; one flag is cheap to plan where a count for each check costs more than its rows."""
    return connection.execute(f"SELECT 1 FROM {source} WHERE {fails} LIMIT 1").fetchone() is not None


def _joined(source: Table, links: list[Column], joins: Mapping[str, str], vocabulary: Vocabulary) -> str:
    sql = f"{table(LIVE, source.name)} l"
    for link in links:
        target = vocabulary.table_of_class[link.target].name
        alias = joins[link.name]
        sql += f" LEFT JOIN {table(KEYS, target)} {alias} ON {alias}.key_ = {live_cell(source, link)}"
    return sql


def _link_check(source: Table, link: Column, alias: str, vocabulary: Vocabulary) -> Check:
    target, cell = vocabulary.table_of_class[link.target], live_cell(source, link)
    foreign = "" if target.tenancy == "Itself" else f" OR {alias}.tenant_ NOT IN ('', l.tenant_)"
    bad = f"({alias}.key_ IS NULL OR {alias}.deleted_{foreign})"
    if source.class_iri:
        bad = f"({cell} IS NOT NULL AND {bad})"
    rule = f"""CASE WHEN {cell} IS NULL THEN 'missing-end' WHEN {alias}.key_ IS NULL THEN 'missing-target'
                    WHEN {alias}.deleted_ THEN 'deleted-target' ELSE 'foreign-tenant' END"""
    return Check("link", link, bad, cell, rule)


def _value_checks(
    found: TableInSource, seen: Profile, vocabulary: Vocabulary, bad_links: Mapping[str, str]
) -> Iterator[Check]:
    if not found.table.class_iri:
        return
    for column in found.table.columns:
        present, cell = column in found.columns, live_cell(found.table, column)
        if column.required:
            broken = f" OR {bad_links[column.name]}" if column.name in bad_links else ""
            yield Check("required", column, f"({cell} IS NULL{broken})" if present else "true")
        for kind, fails in _tests(column, seen, vocabulary) if present else ():
            if column.repeated:
                failing = f"list_distinct(list_filter({elements(cell)}, lambda e: {fails('e')}))"
                yield Check(kind, column, f"array_length({failing}) > 0", f"unnest({failing})")
            else:
                yield Check(kind, column, fails(cell), cell)


def _tests(column: Column, seen: Profile, vocabulary: Vocabulary) -> Iterator[tuple[str, Expression]]:
    """What values of a column are tested for: the kind of finding, and SQL that is true for a value that fails."""
    if (scheme := vocabulary.scheme_of(column)) and seen.has("doubtful", column.name):
        known = texts((*scheme.plain, *scheme.others))
        yield "code", lambda value: f"{value} NOT IN ({known})"
    if column.pattern:
        yield "pattern", lambda value: f"NOT regexp_matches({value}, {text(column.pattern)})"
    for sign, bound in column.bounds:
        yield sign, partial(_is_out_of_bounds, sign, bound)


def _is_out_of_bounds(sign: str, bound: str, number: str) -> str:
    """True for a number beyond a bound; of one with more than 20 digits before the point, its sign alone decides."""
    large = f"{'NOT ' if sign.startswith('>') else ''}starts_with({number}, '-')"
    return f"NOT coalesce(try_cast({number} AS DECIMAL(38, 18)) {sign} {bound}, {large})"


def _quarantine_links(
    connection: duckdb.DuckDBPyConnection, found: TableInSource, broken: Iterable[Check], source: str
) -> None:
    """Note all broken links at once: the live rows are without those that are noted."""
    selects = (
        f"""SELECT l.{name(found.table.key)}, l.row_, {text(check.column.name)}, {check.value},
                   {check.words}, l.tenant_, {text(check.column.target.rpartition("/")[2])}
            FROM {source} WHERE {check.sql}"""
        for check in broken
    )
    whole_rows = not found.table.class_iri
    quarantine.insert(connection, found.table.name, " UNION ALL ".join(selects), whole_rows=whole_rows)


def _drop_links(connection: duckdb.DuckDBPyConnection, source: Table, columns: list[Column]) -> None:
    """Leave the broken links out of the live rows; a plain junction row without both ends goes as a whole."""
    bad = f"""SELECT row_number FROM quarantine
              WHERE table_name = {text(source.name)} AND rule IN ({texts(quarantine.LINK_RULES)})"""
    cells = [
        f"""CASE WHEN row_ IN ({bad} AND column_name = {text(c.name)}) THEN NULL ELSE {live_name(source, c)} END
            AS {live_name(source, c)}"""
        for c in columns
    ]
    names = ", ".join(live_name(source, c) for c in columns)
    select = f"* EXCLUDE ({names}), {', '.join(cells)}" if source.class_iri else "*"
    where = "" if source.class_iri else f"WHERE row_ NOT IN ({quarantine.row_numbers(source.name)})"
    live, kept = table(LIVE, source.name), table(LIVE, source.name + " kept")
    connection.execute(f"CREATE TABLE {kept} AS SELECT {select} FROM {live} {where}")
    connection.execute(f"DROP VIEW {live}")
    connection.execute(f"ALTER TABLE {kept} RENAME TO {name(source.name)}")


def _record(connection: duckdb.DuckDBPyConnection, source: Table, check: Check, joined: str) -> None:
    column, component = check.column, COMPONENTS[check.kind]
    connection.execute(
        f"""INSERT INTO findings
            SELECT {text(source.name)}, l.{name(source.key)}, l.row_, {text(column.name)}, {text(column.path)},
                   {check.value}, {text(component)}, {text(column.shape)}, {text(column.severity)},
                   {text(column.message)}, l.tenant_
            FROM {joined} WHERE {check.sql}"""
    )
