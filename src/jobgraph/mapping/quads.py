"""Live rows to N-Quads, one file per tenant; each row leaves DuckDB as its finished lines."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb

from jobgraph.contract import Admitted
from jobgraph.contract.cells import canonical, elements, rule_of
from jobgraph.contract.profile import SAFE_KEY, Profile
from jobgraph.contract.sql import LIVE, name, table, text, texts, thread_count
from jobgraph.contract.tables import TableInSource, live_cell
from jobgraph.vocabulary import RDF, XSD, Column, Scheme, Vocabulary

SHARED = "_shared"  # the name of the file of shared rows; no tenant can have it
_TYPE = f"<{RDF}type>"
_FETCHED_ROWS = 1_000  # at a time


@dataclass(frozen=True)
class IriRules:
    """How IRIs are minted: `{base}{class}/{key}`, keys percent-encoded where some key of the table needs it."""

    base: str
    vocabulary: Vocabulary
    unsafe: frozenset[str]

    def entity(self, class_iri: str, key: str) -> str:
        """The SQL of the IRI, in angle brackets, of the entity with the SQL key `key`."""
        opening, fit, closing = self.parts(class_iri)
        return f"({text(opening)} || {fit(key)} || {text(closing)})"

    def parts(self, class_iri: str) -> tuple[str, Callable[[str], str], str]:
        """What comes before the key in the IRI of an entity, the SQL of the key as a step, and what comes after."""
        source = self.vocabulary.table_of_class[class_iri].name
        return f"<{self.base}{self.vocabulary.class_step(class_iri)}/", encoded if source in self.unsafe else _same, ">"


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
    progress: Callable[[str, int], None] = lambda _table, _rows: None,
) -> dict[str, Path]:
    """Write the N-Quads of every tenant to `out`; give the files by tenant short name, shared rows under `SHARED`.

    `graphs` are the IRIs of the named graphs by tenant short name and `SHARED`. Only those tenants are written. As
    many tables are written at once as the connection has threads.
    """
    connection = admitted.connection
    queries = line_queries(admitted, vocabulary, base=base, graphs=graphs)
    parts = {slug: out / f"{slug}.parts" for slug in graphs}
    for folder in parts.values():
        folder.mkdir(parents=True)
    numbers = {name_: number for number, name_ in enumerate(queries)}

    def write_table(name_: str) -> None:
        rows = admitted.profiles[name_].rows
        if rows:
            _write_lines(connection.cursor(), queries[name_], f"{numbers[name_]:06}", parts)
        progress(name_, rows)

    with ThreadPoolExecutor(thread_count(connection)) as pool:
        list(pool.map(write_table, queries))
        whole = pool.map(_join_files, parts.values(), [out / f"{slug}.nq" for slug in parts])
        return dict(zip(parts, whole, strict=True))


def line_queries(admitted: Admitted, vocabulary: Vocabulary, *, base: str, graphs: Mapping[str, str]) -> dict[str, str]:
    """The query of each table's N-Quads, the largest table first: `lines_`, all of a row's in one text, and `slug_`.

    The table of graphs that they join is made here; for `graphs` see `write_quads`.
    """
    connection = admitted.connection
    slugs = {"": SHARED, **admitted.tenants}
    rows = [[key, slug, f" <{graphs[slug]}> ."] for key, slug in slugs.items() if slug in graphs]
    connection.execute("CREATE OR REPLACE TABLE graphs(tenant_ VARCHAR, slug_ VARCHAR, end_ VARCHAR)")
    connection.executemany("INSERT INTO graphs VALUES (?, ?, ?)", rows)
    iris = IriRules(base, vocabulary, tables_with_unsafe_keys(admitted, vocabulary))
    largest_first = sorted(admitted.tables, key=lambda name_: (-admitted.profiles[name_].rows, name_))
    return {
        name_: _RowLines(admitted.tables[name_], admitted.profiles[name_], admitted.unknown_codes[name_], iris).query()
        for name_ in largest_first
    }


def tables_with_unsafe_keys(admitted: Admitted, vocabulary: Vocabulary) -> frozenset[str]:
    """Where keys must be encoded; links lead to the table of tenants even if the source has none."""
    unsafe = {name_ for name_, seen in admitted.profiles.items() if seen.has("unsafe-key")}
    if not all(re.fullmatch(SAFE_KEY, key) for key in admitted.tenants):
        unsafe |= {name_ for name_, source in vocabulary.tables.items() if source.tenancy == "Itself"}
    return frozenset(unsafe)


def _write_lines(cursor: duckdb.DuckDBPyConnection, query: str, part: str, parts: Mapping[str, Path]) -> None:
    """Write a table's lines as the engine made them; DuckDB's own COPY looks at every character once more."""
    cursor.execute(f"SELECT encode(lines_), slug_ FROM ({query})")
    while rows := cursor.fetchmany(_FETCHED_ROWS):
        lines: dict[str, list[bytes]] = {}
        for line, slug in rows:
            lines.setdefault(slug, []).append(line)
        for slug, found in lines.items():
            with (parts[slug] / part).open("ab") as file:
                file.write(b"".join(found))


def _join_files(folder: Path, whole: Path) -> Path:
    """Put a tenant's files of all tables into one, in the order of their names; the first one grows by the others."""
    first, *others = sorted(folder.iterdir()) or [folder / "none"]
    first.touch()
    first.replace(whole)
    with whole.open("r+b") as target:
        target.seek(0, os.SEEK_END)
        for part in others:
            with part.open("rb") as lines:
                while os.sendfile(target.fileno(), lines.fileno(), None, 1 << 30):
                    pass
            part.unlink()
    folder.rmdir()
    return whole


@dataclass(frozen=True)
class _RowLines:
    """The SQL of the lines that each live row of a table becomes."""

    found: TableInSource
    seen: Profile
    unknown_codes: frozenset[str]
    iris: IriRules

    def query(self) -> str:
        """The SELECT of `lines_`, all of a row's in one text, and `slug_`."""
        source = self.found.table
        lines = self._link_lines() if source.subject else self._entity_lines()
        subject = live_cell(source, source.subject) if source.subject else f"l.{name(source.key)}"
        class_iri = source.subject.target if source.subject else source.class_iri
        return f"""
            SELECT concat({", ".join(lines)}, chr(10)) AS lines_, slug_ FROM (
                SELECT {self.iris.entity(class_iri, subject)} AS s_, g.end_, g.slug_, l.*
                FROM {table(LIVE, source.name)} l JOIN graphs g ON g.tenant_ = l.tenant_) l"""

    def _link_lines(self) -> list[str]:
        """The one line of a plain junction."""
        link = self.found.table.columns[0]
        target = self.iris.entity(link.target, live_cell(self.found.table, link))
        return [target, _predicate(link), "s_", "end_"] if link.inverse else ["s_", _predicate(link), target, "end_"]

    def _entity_lines(self) -> list[str]:
        """The type and the forward statements of an entity, then the lines of links to it."""
        columns = [c for c in self.found.table.columns if c in self.found.columns]
        forward = [self._statement(c) for c in columns if not c.inverse]
        links = [
            f"chr(10) || {self.iris.entity(c.target, live_cell(self.found.table, c))} || {_predicate(c)} || s_ || end_"
            for c in columns
            if c.inverse
        ]
        kind = text(f" {_TYPE} <{self.found.table.class_iri}>")
        return ["s_", f"concat_ws(end_ || chr(10) || s_, {', '.join([kind, *_grouped(forward)])})", "end_", *links]

    def _statement(self, column: Column) -> _Statement:
        """What a column states, each value as ` <predicate> object`."""
        cell, start, scheme = live_cell(self.found.table, column), f" <{column.path}> ", self._scheme(column)
        form = "list" if column.repeated else "cell"
        if column.kind == "link":
            opening, key, closing = self.iris.parts(column.target)
            return _Statement(form, start + opening, cell, closing, key)
        if scheme:
            looked_up = self.seen.has("rough", column.name) or column.name in self.unknown_codes
            if not looked_up and not column.repeated:
                return _Statement(form, f"{start}<{scheme.iri}/", cell, ">")
            return _Statement(form, start, cell, "", partial(_looked_up_code, scheme))
        if column.datatype in {XSD + "string", RDF + "JSON"}:
            end = "" if column.datatype == XSD + "string" else f"^^<{column.datatype}>"
            return _Statement(form, start, cell, end, _quoted)
        return _Statement(form, f'{start}"', cell, f'"^^<{column.datatype}>', _fit_element(column))

    def _scheme(self, column: Column) -> Scheme | None:
        return self.iris.vocabulary.scheme_of(column)


def _same(value: str) -> str:
    return value


def _fit_element(column: Column) -> Callable[[str], str]:
    """Cells are canonical already, elements of lists not yet."""
    return partial(canonical, column) if column.repeated and rule_of(column).canonical("v") != "v" else _same


def _quoted(value: str) -> str:
    """The SQL of a text as N-Quads write it: what JSON escapes, they escape alike."""
    return f"to_json({value})::VARCHAR"


@dataclass(frozen=True)
class _Statement:
    """What comes before and after each value of a column, and the SQL that makes a value fit between."""

    form: str
    before: str
    cell: str
    after: str
    fit: Callable[[str], str] = _same


def _grouped(statements: Iterable[_Statement]) -> Iterator[str]:
    """The SQL of the statements. Those of one form share an expression: one for each costs too much to plan."""
    groups: dict[object, list[_Statement]] = {}
    for statement in statements:
        is_common = statement.fit in {_same, _quoted}
        groups.setdefault((statement.form, statement.fit) if is_common else statement, []).append(statement)
    for group in groups.values():
        yield _one(group[0]) if len(group) == 1 else _many(group)


def _one(statement: _Statement) -> str:
    before, after = text(statement.before), text(statement.after)
    if statement.form == "cell":
        return f"{before} || {statement.fit(statement.cell)} || {after}"
    each = f"{before} || {statement.fit('v')} || {after}"
    return f"list_transform({elements(statement.cell)}, lambda v: {each})"


def _many(group: list[_Statement]) -> str:
    cells = ", ".join(statement.cell for statement in group)
    before, after = texts(s.before for s in group), texts(s.after for s in group)
    each = f"[{before}][i] || {group[0].fit('v')} || [{after}][i]"
    if group[0].form == "cell":
        return f"list_transform([{cells}], lambda v, i: {each})"
    return f"flatten(list_transform([{cells}], lambda c, i: list_transform({elements('c')}, lambda v: {each})))"


def _predicate(column: Column) -> str:
    return text(f" <{column.path}> ")


def _looked_up_code(scheme: Scheme, value: str) -> str:
    """The SQL of a code's concept, or of the text as it is where it stands for none."""
    others = "".join(f" WHEN {text(other)} THEN {text(f'<{iri}>')}" for other, iri in scheme.others.items())
    other = f"CASE {value}{others} ELSE {_quoted(value)} END" if others else _quoted(value)
    is_plain = f"{value} IN ({texts(scheme.plain)})" if scheme.plain else "false"
    return f"CASE WHEN {is_plain} THEN {text(f'<{scheme.iri}/')} || {value} || '>' ELSE {other} END"
