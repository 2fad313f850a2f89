"""Live rows to N-Quads, one file per tenant, written by DuckDB without a row passing through Python."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb

from jobgraph.contract import Admitted
from jobgraph.contract.profile import Profile, TableInSource
from jobgraph.contract.sql import KEYS, LIVE, name, table, text, texts
from jobgraph.vocabulary import RDF, XSD, Column, Vocabulary

SHARED = "_shared"  # the name of the file of shared rows; no tenant can have it
_TYPE = f"<{RDF}type>"
_FEW_ROWS = 10_000  # up to which lines are fetched instead of copied
_LINES = "(FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01'"


@dataclass(frozen=True)
class IriRules:
    """How IRIs are minted: `{base}{class}/{key}`, keys percent-encoded where they need it."""

    base: str
    vocabulary: Vocabulary
    unsafe: frozenset[str]

    def entity(self, class_iri: str, key: str) -> str:
        """The SQL of the IRI, in angle brackets, of the entity with the SQL key `key`."""
        source = self.vocabulary.table_of_class[class_iri].name
        start = text(f"<{self.base}{self.vocabulary.class_step(class_iri)}/")
        return f"({start} || {encoded(key) if source in self.unsafe else key} || '>')"


def encoded(key: str) -> str:
    """The SQL of a key as one IRI step: UTF-8 bytes percent-encoded, also the two steps that a path would swallow."""
    return f"CASE {key} WHEN '.' THEN '%2E' WHEN '..' THEN '%2E%2E' ELSE url_encode({key}) END"


def write_quads(
    admitted: Admitted,
    vocabulary: Vocabulary,
    out: Path,
    *,
    base: str,
    graphs: Mapping[str, str],
    threads: int = 2,
    progress: Callable[[str, int], None] = lambda _table, _rows: None,
) -> dict[str, Path]:
    """Write the N-Quads of every tenant to `out`; give the files by tenant short name, shared rows under `SHARED`.

    `graphs` are the IRIs of the named graphs by tenant short name and `SHARED`. Only those tenants are written.
    """
    unsafe = frozenset(t for t, seen in admitted.profiles.items() if seen.has("unsafe-key"))
    rules = IriRules(base, vocabulary, unsafe)
    admitted.connection.execute(f"CREATE TABLE {KEYS}.graphs(slug VARCHAR, graph VARCHAR)")
    admitted.connection.executemany(f"INSERT INTO {KEYS}.graphs VALUES (?, ?)", [list(pair) for pair in graphs.items()])

    parts = {slug: out / f"{slug}.parts" for slug in graphs}
    for folder in parts.values():
        folder.mkdir(parents=True)

    def write_table(name_: str) -> None:
        seen, found = admitted.profiles[name_], admitted.tables[name_]
        query = table_query(found, seen, admitted.unknown_codes[name_], rules)
        cursor = admitted.connection.cursor()
        if seen.rows > _FEW_ROWS:
            _copy_lines(cursor, query, out / f"{name_}.tables", name_, parts)
        elif seen.rows:
            _fetch_lines(cursor, query, name_, parts)
        progress(name_, seen.rows)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(write_table, admitted.tables))
    return {slug: _join_files(folder, out / f"{slug}.nq") for slug, folder in parts.items()}


def _fetch_lines(cursor: duckdb.DuckDBPyConnection, query: str, name_: str, parts: Mapping[str, Path]) -> None:
    """Write a small table's lines: a COPY costs more than its rows are worth."""
    lines: dict[str, list[str]] = {}
    for text_, slug in cursor.execute(query).fetchall():
        lines.setdefault(slug, []).append(text_)
    for slug, found in lines.items():
        (parts[slug] / name_).write_text("\n".join(found) + "\n", encoding="utf-8", newline="\n")


def _copy_lines(
    cursor: duckdb.DuckDBPyConnection, query: str, folder: Path, name_: str, parts: Mapping[str, Path]
) -> None:
    """Write a large table's lines without a row passing through Python."""
    cursor.execute(f"COPY ({query}) TO {text(str(folder))} {_LINES}, PARTITION_BY (slug_), FILE_EXTENSION 'nq')")
    for number, path in enumerate(sorted(folder.glob("slug_=*/*.nq"))):
        path.rename(parts[path.parent.name.removeprefix("slug_=")] / f"{name_} {number:06}")
    shutil.rmtree(folder)


def _join_files(folder: Path, whole: Path) -> Path:
    """Put a tenant's files of all tables into one, in the order of their names, and remove them."""
    with whole.open("wb") as target:
        for part in sorted(folder.iterdir()):
            with part.open("rb") as lines:
                shutil.copyfileobj(lines, target, 1 << 20)
            part.unlink()
    folder.rmdir()
    return whole


def table_query(found: TableInSource, seen: Profile, unknown_codes: frozenset[str], rules: IriRules) -> str:
    """The SQL of a live table's N-Quads: columns `lines_` (all of a row's, in one text) and `slug_`."""
    source = found.table
    key = f"l.{name(source.key)}"
    rows = f"""
        FROM {table(LIVE, source.name)} l
        LEFT JOIN {KEYS}.tenant_slugs t ON t.tenant_ = l.tenant_
        JOIN {KEYS}.graphs g ON g.slug = coalesce(t.slug, '{SHARED}')"""
    if source.subject:
        subject, link = source.subject, source.columns[0]
        line = _line(rules.entity(subject.target, f"l.{name(subject.name)}"), link, f"l.{name(link.name)}", rules)
        return f"SELECT {line} AS lines_, g.slug AS slug_ {rows}"
    subject_iri = rules.entity(source.class_iri, key)
    inner = f"SELECT {subject_iri} AS s_, ' <' || g.graph || '> .' AS end_, g.slug AS slug_, l.* {rows}"
    filled = [c for c in source.columns if c in found.columns]
    forward = [_statement(c, seen, unknown_codes, rules) for c in filled if not c.inverse]
    backward = [
        f"chr(10) || {rules.entity(c.target, f'l.{name(c.name)}')} || ' <{c.path}> ' || s_ || end_"
        for c in filled
        if c.inverse
    ]
    statements = ", ".join([text(f" {_TYPE} <{source.class_iri}>"), *forward])
    lines = f"concat(s_, concat_ws(end_ || chr(10) || s_, {statements}), end_{''.join(', ' + b for b in backward)})"
    return f"SELECT {lines} AS lines_, slug_ FROM ({inner}) l"


def _line(subject: str, link: Column, key: str, rules: IriRules) -> str:
    return f"concat({subject}, ' <{link.path}> ', {rules.entity(link.target, key)}, ' <', g.graph, '> .')"


def _statement(column: Column, seen: Profile, unknown_codes: frozenset[str], rules: IriRules) -> str:
    """The SQL of ` <predicate> object` of a column, NULL where it states nothing."""
    cell, start = f"l.{name(column.name)}", f" <{column.path}> "
    if column.repeated:
        each = _object(column, "e", seen, unknown_codes, rules)
        items = f"list_transform({cell}, lambda e: {text(start)} || {each})"
        return f"list_reduce({items}, lambda a, b: concat(a, end_, chr(10), s_, b))"
    return f"{text(start)} || {_object(column, cell, seen, unknown_codes, rules)}"


def _object(column: Column, cell: str, seen: Profile, unknown_codes: frozenset[str], rules: IriRules) -> str:
    if column.kind == "link":
        return rules.entity(column.target, cell)
    if column.kind == "code":
        return _code(
            column, cell, rough=seen.has("rough", column.name), unknown=column.name in unknown_codes, rules=rules
        )
    if column.datatype == XSD + "string":
        return f"to_json({cell})::VARCHAR"
    if column.datatype == RDF + "JSON":
        return f"to_json({cell})::VARCHAR || '^^<{column.datatype}>'"
    return f"""'"' || {cell} || '"^^<{column.datatype}>'"""


def _code(column: Column, cell: str, *, rough: bool, unknown: bool, rules: IriRules) -> str:
    scheme = rules.vocabulary.schemes[column.scheme]
    plain = f"'<{scheme.iri}/' || {cell} || '>'"
    if not rough and not unknown:
        return plain
    spelled = "".join(f" WHEN {text(s)} THEN {text(f'<{iri}>')}" for s, iri in scheme.spellings.items())
    return (
        f"CASE WHEN {cell} IN ({texts(scheme.notations)}) THEN {plain} "
        f"ELSE CASE {cell}{spelled} ELSE to_json({cell})::VARCHAR END END"
    )
