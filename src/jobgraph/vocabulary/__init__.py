"""The one reader of `ontology/` and `shapes/`: which table and column every term comes from, and what must hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from jobgraph.errors import InputError
from jobgraph.resources import resource_path
from jobgraph.vocabulary.graph import Graph, read_graph
from jobgraph.vocabulary.shape_names import with_names
from jobgraph.vocabulary.shapes import read_schemes, read_tables, table_names
from jobgraph.vocabulary.terms import (
    JG,
    RDF,
    RDFS,
    SH,
    SKOS,
    XSD,
    Column,
    Kind,
    Scheme,
    Table,
    Tenancy,
    UniqueKey,
    to_kebab_case,
    to_snake_case,
)

__all__ = [
    "JG",
    "RDF",
    "RDFS",
    "SH",
    "SKOS",
    "XSD",
    "Column",
    "Kind",
    "Scheme",
    "Table",
    "Tenancy",
    "UniqueKey",
    "Vocabulary",
    "to_kebab_case",
    "to_snake_case",
]


_STYLE_SHAPES = "ontology_style.ttl"  # what the ontology itself must hold


class Vocabulary:
    """What `ontology/` and `shapes/` say, read once.

    `extensions` are more Turtle files, for example a tenant's codes. The cached answers are safe to share by threads.
    """

    def __init__(self, *, root: Path | None = None, extensions: Iterable[Path] = ()) -> None:
        self.shapes_path = root / "shapes" if root else resource_path("shapes")
        self.ontology_path = root / "ontology" if root else resource_path("ontology")
        self.extensions = tuple(extensions)

    def __getstate__(self) -> dict[str, object]:
        """All that was read but the graphs, which are large and rarely needed after the tables."""
        return {name: value for name, value in vars(self).items() if not isinstance(value, Graph)}

    @cached_property
    def shapes(self) -> Graph:
        """What the shapes say that data must hold, each property shape by the name that results give.

        Raises
        ------
        TurtleError, InputError : a file does not parse or cannot be read.
        """
        return with_names(self._shapes)

    @cached_property
    def _shapes(self) -> Graph:
        return read_graph(self.shape_files())

    @cached_property
    def table_names(self) -> frozenset[str]:
        """The names of the source tables, known before the tables are read."""
        return table_names(self._shapes)

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """Every source table by name.

        Raises
        ------
        InputError : no shape names a table, or one says what cannot be mapped.
        """
        return read_tables(self.shapes, self.shapes_path)

    @cached_property
    def schemes(self) -> Mapping[str, Scheme]:
        """Every code list by IRI.

        Raises
        ------
        InputError : a shape names a code list that has no concepts.
        """
        schemes = read_schemes([*sorted((self.ontology_path / "codes").glob("*.ttl")), *self.extensions])
        missing = {c.scheme for table in self.tables.values() for c in table.columns if c.scheme} - schemes.keys()
        if missing:
            raise InputError(f"No code in {self.ontology_path / 'codes'} is in {min(missing)}, which a shape names.")
        return schemes

    @cached_property
    def table_of_class(self) -> Mapping[str, Table]:
        """The source table of every class IRI that has one."""
        return {table.class_iri: table for table in self.tables.values() if table.class_iri}

    @cached_property
    def table_of_step(self) -> Mapping[str, Table]:
        """The same by the step of the class in the IRIs of its entities."""
        return {self.class_step(class_iri): table for class_iri, table in self.table_of_class.items()}

    def scheme_of(self, column: Column) -> Scheme | None:
        """The code list of a column; None if it holds no codes."""
        return self.schemes[column.scheme] if column.scheme else None

    def ontology_files(self) -> list[Path]:
        """Every Turtle file of the ontology and the extensions, in a fixed order."""
        return [*sorted(self.ontology_path.rglob("*.ttl")), *self.extensions]

    def shape_files(self) -> list[Path]:
        """The Turtle files that say what data must hold, in a fixed order."""
        return sorted(path for path in self.shapes_path.glob("*.ttl") if path.name != _STYLE_SHAPES)

    def rule_files(self) -> list[Path]:
        """The inference rules, one CONSTRUCT a file, in the order in which they run."""
        return sorted((self.ontology_path / "rules").glob("*.rq"))

    def class_step(self, class_iri: str) -> str:
        """The step of a class in the IRIs of its entities."""
        return to_kebab_case(class_iri.removeprefix(JG))
