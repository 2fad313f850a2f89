"""Shapes and code lists, read from Turtle into tables, columns and schemes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import BlankNode, NamedNode

from jobgraph.errors import InputError
from jobgraph.vocabulary.graph import Graph, read_graph, text
from jobgraph.vocabulary.terms import JG, RDFS, SH, SKOS, Column, Scheme, Table, to_kebab_case, to_snake_case

# The property that names the owner of a row, by tenancy.
_OWNER_PROPERTY = {
    "Own": "belongsToTenant",
    "OwnOrShared": "belongsToTenant",
    "Shared": "",
    "Inherited": "",
    "Itself": "slug",
}
_BOUNDS = {
    SH + "minInclusive": ">=",
    SH + "minExclusive": ">",
    SH + "maxInclusive": "<=",
    SH + "maxExclusive": "<",
}
# What each of thousands of columns is asked for; to put the names together for each took as long as to read it.
_PATH, _CLASS, _DATATYPE, _NODE = (SH + name for name in ("path", "class", "datatype", "node"))
_MIN_COUNT, _MAX_COUNT, _PATTERN = (SH + name for name in ("minCount", "maxCount", "pattern"))
_MESSAGE, _SEVERITY, _VIOLATION = (SH + name for name in ("message", "severity", "Violation"))
_TABLE, _COLUMN, _PERSONAL = (JG + name for name in ("table", "column", "personalData"))


def table_names(graph: Graph) -> frozenset[str]:
    """The names of the source tables that the shapes describe."""
    return frozenset(name.value for facts in graph.facts.values() for name in facts.get(JG + "table", ()))


def read_tables(graph: Graph, folder: Path) -> dict[str, Table]:
    """Every source table that the shapes of a folder describe, by name; their property shapes have names.

    Raises
    ------
    InputError : no shape names a table, or one says what cannot be mapped.
    """
    tables = list(_iter_tables(graph))
    if not tables:
        raise InputError(f"No shape in {folder} names a table; check the folder.")
    if fault := next(_faults(tables), None):
        raise InputError(f"{folder}: {fault}")
    return {table.name: table for table in tables}


def read_schemes(files: Iterable[Path]) -> dict[str, Scheme]:
    """Every code list in some files, by IRI."""
    notations: dict[str, dict[str, str]] = {}
    spellings: dict[str, dict[str, str]] = {}
    for concept, facts in read_graph(files).facts.items():
        if not isinstance(concept, NamedNode):
            continue
        for scheme in facts.get(SKOS + "inScheme", []):
            for labels, predicate in ((notations, "notation"), (spellings, "hiddenLabel")):
                found = {label.value: concept.value for label in facts.get(SKOS + predicate, [])}
                labels.setdefault(scheme.value, {}).update(found)
    return {s: Scheme(s, dict(sorted(n.items())), dict(sorted(spellings[s].items()))) for s, n in notations.items()}


def _iter_tables(graph: Graph) -> Iterator[Table]:
    shapes = [s for s, facts in graph.facts.items() if SH + "targetClass" in facts and JG + "table" in facts]
    for shape in shapes:
        class_iri = graph.text(shape, SH + "targetClass")
        columns: list[Column] = []
        for node in graph.all(shape, SH + "property"):
            if JG + "table" in graph.facts[node]:
                yield _read_junction(graph, node, class_iri)
            else:
                columns.append(_read_column(graph, node))
        yield _read_table(graph, shape, class_iri, columns)


def _read_table(graph: Graph, shape: object, class_iri: str, columns: list[Column]) -> Table:
    tenancy = graph.text(shape, JG + "tenancy").removeprefix(JG).removesuffix("Tenancy")
    return Table(
        name=graph.text(shape, JG + "table"),
        class_iri=class_iri,
        tenancy=tenancy,  # type: ignore[arg-type]
        columns=tuple(sorted(columns, key=lambda c: (c.name, c.path))),
        tenant_columns=tuple(i for head in graph.all(shape, JG + "tenantColumn") for i in graph.items(head)),
        waived=_read_waived(graph, shape),
        unique=_read_unique(graph, shape),
        shape=getattr(shape, "value", ""),
        severity=graph.text(shape, SH + "severity", SH + "Violation"),
        label=graph.text(shape, RDFS + "label"),
    )


def _read_junction(graph: Graph, node: object, class_iri: str) -> Table:
    subject = graph.text(node, JG + "subjectColumn")
    return Table(
        name=graph.text(node, JG + "table"),
        class_iri="",
        tenancy="Inherited",
        columns=(_read_column(graph, node),),
        tenant_columns=(subject,),
        waived=_read_waived(graph, node),
        unique=_read_unique(graph, node),
        subject=Column(name=subject, path="", kind="link", target=class_iri, required=True),
    )


def _read_waived(graph: Graph, shape: object) -> dict[str, str]:
    nodes = graph.all(shape, JG + "waives")
    return dict(sorted((graph.text(n, JG + "column"), graph.text(n, JG + "reason")) for n in nodes))


def _read_unique(graph: Graph, shape: object) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted(tuple(graph.items(head)) for head in graph.all(shape, JG + "uniqueColumns")))


def _read_column(graph: Graph, node: object) -> Column:
    facts = graph.facts[node]  # looked up once: there are thousands of columns
    path = facts[_PATH][0]
    inverse = graph.text(path, SH + "inversePath") if isinstance(path, BlankNode) else ""
    iri = inverse or path.value
    target, scheme = text(facts, _CLASS), _scheme_of(graph, node)
    return Column(
        name=text(facts, _COLUMN) or to_snake_case(iri.removeprefix(JG)),
        path=iri,
        kind="link" if target else "code" if scheme else "literal",
        inverse=bool(inverse),
        datatype=text(facts, _DATATYPE),
        target=target,
        scheme=scheme,
        required=text(facts, _MIN_COUNT, "0") != "0",
        repeated=_MAX_COUNT not in facts and _TABLE not in facts,
        bounds=tuple((sign, facts[bound][0].value) for bound, sign in _BOUNDS.items() if bound in facts),
        pattern=text(facts, _PATTERN),
        message=text(facts, _MESSAGE),
        personal=text(facts, _PERSONAL) == "true",
        shape=node.value if isinstance(node, NamedNode) else "",
        severity=text(facts, _SEVERITY, _VIOLATION),
    )


def _scheme_of(graph: Graph, node: object) -> str:
    for shape in graph.all(node, _NODE):
        for inner in graph.all(shape, SH + "property"):
            if graph.text(inner, SH + "path") == SKOS + "inScheme":
                return graph.text(inner, SH + "hasValue")
    return ""


def _faults(tables: list[Table]) -> Iterator[str]:
    """Sentences on what the shapes say that cannot be mapped."""
    classes = [table.class_iri for table in tables if table.class_iri]
    for table_name, count in Counter(table.name for table in tables).items():
        if count > 1:
            yield f"{count} shapes name the table {table_name}; leave one."
    for step, count in Counter(to_kebab_case(iri.removeprefix(JG)) for iri in classes).items():
        if count > 1 or not re.fullmatch("[a-z][a-z0-9-]*", step):
            yield f"{step} does not tell one class in IRIs of entities; rename a class."
    for table in tables:
        yield from _tenancy_faults(table)
        for column in table.columns:
            yield from _column_faults(f"{table.name}.{column.name}", column, classes)


def _tenancy_faults(table: Table) -> Iterator[str]:
    needed = _OWNER_PROPERTY.get(table.tenancy)
    if needed is None:
        yield f"{table.name} has no tenancy that is known; use one of {', '.join(_OWNER_PROPERTY)}."
    elif needed and not table.column_of(JG + needed):
        yield f"{table.name} has {table.tenancy} tenancy and no column for jg:{needed}; add it."
    if table.tenancy == "Inherited" and not table.tenant_columns:
        yield f"{table.name} has Inherited tenancy and no jg:tenantColumn; name the links that lead to the owner."
    if strangers := set(table.tenant_columns) - {link.name for link in table.links}:
        yield f"{table.name}.{min(strangers)} leads to no owner, for it is not a link; correct jg:tenantColumn."


def _column_faults(place: str, column: Column, classes: list[str]) -> Iterator[str]:
    if sum(map(bool, (column.datatype, column.target, column.scheme))) != 1:
        yield f"{place} must have exactly one of a datatype, a class and a code list."
    if column.target and column.target not in classes:
        yield f"{place} links to {column.target}, which no shape with a table describes."
    if column.target and column.repeated:
        yield f"{place} is a list of links; give it sh:maxCount 1 or a table of its own."
