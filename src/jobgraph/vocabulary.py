"""The one reader of `ontology/` and `shapes/`: which table and column every term comes from, and what must hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse
from pyoxigraph import Literal as RdfLiteral

from jobgraph.errors import InputError, TurtleError
from jobgraph.resources import resource_path

JG = "https://w3id.org/jobgraph/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SH = "http://www.w3.org/ns/shacl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
XSD = "http://www.w3.org/2001/XMLSchema#"

Kind = Literal["literal", "link", "code"]
Tenancy = Literal["Own", "OwnOrShared", "Shared", "Inherited", "Itself"]
Term = NamedNode | BlankNode | RdfLiteral
_BOUNDS = {"minInclusive": ">=", "minExclusive": ">", "maxInclusive": "<=", "maxExclusive": "<"}


@dataclass(frozen=True)
class Column:
    """One column of a source table and the property that states it.

    `path` is the property's IRI; `inverse` means that the linked entity is its subject. `datatype` is the IRI of a
    literal's datatype, `target` the class IRI of a link, `scheme` the IRI of a code's scheme: exactly one is set.
    `bounds` are pairs of a comparison sign and a number; `repeated` columns hold lists.
    """

    name: str
    path: str
    kind: Kind
    inverse: bool = False
    datatype: str = ""
    target: str = ""
    scheme: str = ""
    required: bool = False
    repeated: bool = False
    bounds: tuple[tuple[str, str], ...] = ()
    pattern: str = ""
    message: str = ""
    personal: bool = False


@dataclass(frozen=True)
class Table:
    """One source table: the class of its rows, or the plain link that each row states.

    A plain junction has no class of its own (`class_iri` is empty): `subject` is then the link to the entity that
    its one column describes.
    """

    name: str
    class_iri: str
    tenancy: Tenancy
    columns: tuple[Column, ...]
    tenant_columns: tuple[str, ...] = ()
    waived: Mapping[str, str] = ()  # type: ignore[assignment]
    unique: tuple[tuple[str, ...], ...] = ()
    subject: Column | None = None
    key: str = "id"

    @cached_property
    def known_columns(self) -> tuple[str, ...]:
        """Every column of the source that the shapes speak of, the key first."""
        names = [self.key, *self.tenant_columns, *(c.name for c in self.columns), *self.waived]
        return tuple(dict.fromkeys(names + ([self.subject.name] if self.subject else [])))

    def column_of(self, path: str) -> str | None:
        """The column that states `path`, or None."""
        return next((column.name for column in self.columns if column.path == path), None)

    @property
    def links(self) -> tuple[Column, ...]:
        """The columns that hold keys of other entities, the subject of a plain junction first."""
        return tuple(c for c in ((self.subject,) if self.subject else ()) + self.columns if c.kind == "link")


@dataclass(frozen=True)
class Scheme:
    """A code list: `notations` are the values of the source, `spellings` other ways to write them, to concept IRIs."""

    iri: str
    notations: Mapping[str, str]
    spellings: Mapping[str, str]


def to_snake_case(name: str) -> str:
    """The column name of a term's local name: `importanceScore` gives `importance_score`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def to_kebab_case(name: str) -> str:
    """The IRI step of a class's local name: `GenAiUseCase` gives `gen-ai-use-case`."""
    return to_snake_case(name).replace("_", "-")


class Vocabulary:
    """What `ontology/` and `shapes/` say, read once; `extensions` are more Turtle files, for example a tenant's codes."""

    def __init__(self, *, root: Path | None = None, extensions: Iterable[Path] = ()) -> None:
        self.shapes_path = root / "shapes" if root else resource_path("shapes")
        self.ontology_path = root / "ontology" if root else resource_path("ontology")
        self.extensions = tuple(extensions)

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """Every source table by name."""
        shapes = _Graph(_triples(sorted(self.shapes_path.glob("*.ttl"))))
        tables = dict(_read_tables(shapes))
        if not tables:
            raise InputError(f"No shape in {self.shapes_path} names a table; check the folder.")
        return tables

    @cached_property
    def schemes(self) -> Mapping[str, Scheme]:
        """Every code list by IRI."""
        return _read_schemes([*sorted((self.ontology_path / "codes").glob("*.ttl")), *self.extensions])

    @cached_property
    def table_of_class(self) -> Mapping[str, Table]:
        """The source table of every class IRI that has one."""
        return {table.class_iri: table for table in self.tables.values() if table.class_iri}

    def ontology_files(self) -> list[Path]:
        """Every Turtle file of the ontology and the extensions, in a fixed order."""
        return [*sorted(self.ontology_path.rglob("*.ttl")), *self.extensions]

    def rule_files(self) -> list[Path]:
        """The inference rules, one CONSTRUCT a file, in the order in which they run."""
        return sorted((self.ontology_path / "rules").glob("*.rq"))

    def class_step(self, class_iri: str) -> str:
        """The step of a class in the IRIs of its entities."""
        return to_kebab_case(class_iri.removeprefix(JG))


class _Graph:
    """Triples by subject and predicate."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.facts: dict[object, dict[str, list[Term]]] = {}
        for triple in triples:
            self.facts.setdefault(triple.subject, {}).setdefault(triple.predicate.value, []).append(triple.object)  # type: ignore[arg-type]

    def all(self, subject: object, predicate: str) -> list[Term]:
        return self.facts.get(subject, {}).get(predicate, [])

    def text(self, subject: object, predicate: str, default: str = "") -> str:
        found = self.all(subject, predicate)
        return found[0].value if found else default

    def items(self, head: object) -> Iterator[str]:
        while (first := self.all(head, RDF + "first")) != []:
            yield first[0].value
            head = self.all(head, RDF + "rest")[0]


def _triples(files: Iterable[Path]) -> Iterator[Triple]:
    for path in files:
        try:
            yield from parse(path=str(path), format=RdfFormat.TURTLE)  # type: ignore[misc]
        except SyntaxError as error:
            raise TurtleError(path, error.lineno or 0, f"{error.msg}.") from None
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}.") from None


def _read_tables(graph: _Graph) -> Iterator[tuple[str, Table]]:
    classes = {graph.text(s, SH + "targetClass"): s for s, facts in graph.facts.items() if SH + "targetClass" in facts}
    tables = {class_iri: graph.text(shape, JG + "table") for class_iri, shape in classes.items()}
    for class_iri, shape in classes.items():
        if not tables[class_iri]:
            continue
        columns: list[Column] = []
        for node in graph.all(shape, SH + "property"):
            if JG + "table" in graph.facts[node]:
                junction = _read_junction(graph, node, class_iri, tables)
                yield junction.name, junction
            else:
                columns.append(_read_column(graph, node))
        yield tables[class_iri], _read_table(graph, shape, class_iri, columns)


def _read_table(graph: _Graph, shape: object, class_iri: str, columns: list[Column]) -> Table:
    tenancy = graph.text(shape, JG + "tenancy").removeprefix(JG).removesuffix("Tenancy")
    return Table(
        name=graph.text(shape, JG + "table"),
        class_iri=class_iri,
        tenancy=tenancy,  # type: ignore[arg-type]
        columns=tuple(sorted(columns, key=lambda c: (c.name, c.path))),
        tenant_columns=tuple(i for head in graph.all(shape, JG + "tenantColumn") for i in graph.items(head)),
        waived=_read_waived(graph, shape),
        unique=_read_unique(graph, shape),
    )


def _read_junction(graph: _Graph, node: object, class_iri: str, tables: Mapping[str, str]) -> Table:
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


def _read_waived(graph: _Graph, shape: object) -> dict[str, str]:
    nodes = graph.all(shape, JG + "waives")
    return dict(sorted((graph.text(n, JG + "column"), graph.text(n, JG + "reason")) for n in nodes))


def _read_unique(graph: _Graph, shape: object) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted(tuple(graph.items(head)) for head in graph.all(shape, JG + "uniqueColumns")))


def _read_column(graph: _Graph, node: object) -> Column:
    path = graph.all(node, SH + "path")[0]
    inverse = graph.text(path, SH + "inversePath")
    iri = inverse or path.value
    target, scheme = graph.text(node, SH + "class"), _scheme_of(graph, node)
    return Column(
        name=graph.text(node, JG + "column") or to_snake_case(iri.removeprefix(JG)),
        path=iri,
        kind="link" if target else "code" if scheme else "literal",
        inverse=bool(inverse),
        datatype=graph.text(node, SH + "datatype"),
        target=target,
        scheme=scheme,
        required=graph.text(node, SH + "minCount", "0") != "0",
        repeated=not graph.all(node, SH + "maxCount") and JG + "table" not in graph.facts[node],
        bounds=tuple((sign, graph.text(node, SH + b)) for b, sign in _BOUNDS.items() if graph.all(node, SH + b)),
        pattern=graph.text(node, SH + "pattern"),
        message=graph.text(node, SH + "message"),
        personal=graph.text(node, JG + "personalData") == "true",
    )


def _scheme_of(graph: _Graph, node: object) -> str:
    for shape in graph.all(node, SH + "node"):
        for inner in graph.all(shape, SH + "property"):
            if graph.text(inner, SH + "path") == SKOS + "inScheme":
                return graph.text(inner, SH + "hasValue")
    return ""


def _read_schemes(files: Iterable[Path]) -> dict[str, Scheme]:
    notations: dict[str, dict[str, str]] = {}
    spellings: dict[str, dict[str, str]] = {}
    graph = _Graph(_triples(files))
    for concept, facts in graph.facts.items():
        for scheme in facts.get(SKOS + "inScheme", []):
            iri = concept.value  # type: ignore[attr-defined]
            notations.setdefault(scheme.value, {})[graph.text(concept, SKOS + "notation")] = iri
            hidden = {label.value: iri for label in facts.get(SKOS + "hiddenLabel", [])}
            spellings.setdefault(scheme.value, {}).update(hidden)
    return {s: Scheme(s, dict(sorted(n.items())), dict(sorted(spellings[s].items()))) for s, n in notations.items()}
