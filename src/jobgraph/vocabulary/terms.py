"""Source tables and columns with the terms that state them, and how their names turn into each other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal
from urllib.parse import quote

JG = "https://w3id.org/jobgraph/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SH = "http://www.w3.org/ns/shacl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
XSD = "http://www.w3.org/2001/XMLSchema#"

Kind = Literal["literal", "link", "code"]
Tenancy = Literal["Own", "OwnOrShared", "Shared", "Inherited", "Itself"]


@dataclass(frozen=True)
class Column:
    """One column of a source table and the property that states it.

    `path` is the property's IRI; `inverse` means that the linked entity is its subject. `datatype` is the IRI of a
    literal's datatype, `target` the class IRI of a link, `scheme` the IRI of a code's scheme: exactly one is set.
    `bounds` are pairs of a comparison sign and a number; `repeated` columns hold lists. `shape` is the name of the
    property shape, `severity` the IRI of how grave it is to break it.
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
    shape: str = ""
    severity: str = SH + "Violation"


@dataclass(frozen=True)
class UniqueKey:
    """Columns of a table whose values together may stand in one row only; `iri` is the name of the constraint."""

    iri: str
    columns: tuple[Column, ...]
    message: str


@dataclass(frozen=True)
class Table:
    """One source table: the class of its rows, or the plain link that each row states.

    A plain junction has no class of its own (`class_iri` is empty): `subject` is then the link to the entity that
    its one column describes. `shape` is the IRI of the node shape, `severity` that of how grave it is to break it,
    `label` what people call it.
    """

    name: str
    class_iri: str
    tenancy: Tenancy
    columns: tuple[Column, ...]
    tenant_columns: tuple[str, ...] = ()
    waived: Mapping[str, str] = field(default_factory=dict)
    unique: tuple[tuple[str, ...], ...] = ()
    subject: Column | None = None
    key: str = "id"
    shape: str = ""
    severity: str = SH + "Violation"
    label: str = ""

    @cached_property
    def known_columns(self) -> tuple[str, ...]:
        """Every column of the source that the shapes speak of, the key first."""
        names = [self.key, *self.tenant_columns, *(c.name for c in self.columns), *self.waived]
        return tuple(dict.fromkeys(names + ([self.subject.name] if self.subject else [])))

    def column_of(self, path: str) -> str | None:
        """The column that states `path`, or None."""
        return next((column.name for column in self.columns if column.path == path), None)

    @cached_property
    def unique_keys(self) -> tuple[UniqueKey, ...]:
        """The keys that the graph can show: not those of plain junctions, where a row stated twice is stated once."""
        # A column may state a code and a plain text; the text is what the cell says.
        columns = {c.name: c for c in sorted(self.columns, key=lambda c: c.kind == "literal")}
        keys = [names for names in self.unique if self.class_iri and columns.keys() >= set(names)]
        return tuple(self._unique_key(tuple(columns[name] for name in names)) for names in keys)

    def _unique_key(self, columns: tuple[Column, ...]) -> UniqueKey:
        names = [column.name for column in columns]
        message = f"Rows of {self.name} must differ in {' and '.join(names)}; correct or remove all but one."
        return UniqueKey(f"{self.shape}-unique-{'-'.join(map(quote, names))}", columns, message)

    @cached_property
    def links(self) -> tuple[Column, ...]:
        """The columns that hold keys of other entities, the subject of a plain junction first."""
        return tuple(c for c in ((self.subject,) if self.subject else ()) + self.columns if c.kind == "link")


@dataclass(frozen=True)
class Scheme:
    """A code list: `notations` are the values of the source, `spellings` other ways to write them, to concept IRIs."""

    iri: str
    notations: Mapping[str, str]
    spellings: Mapping[str, str]

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """The notations that end the IRIs of their concepts, `{scheme}/{notation}`."""
        return tuple(n for n, concept in self.notations.items() if concept == f"{self.iri}/{n}")

    @cached_property
    def others(self) -> Mapping[str, str]:
        """Every text but the plain notations that stands for a concept; a notation counts before a spelling."""
        return {t: c for t, c in {**self.spellings, **self.notations}.items() if t not in self.plain}

    @cached_property
    def concepts(self) -> Mapping[str, str]:
        """The concept of every text that stands for one."""
        return {**self.others, **{n: self.notations[n] for n in self.plain}}


@lru_cache(maxsize=4096)  # many classes have the same properties
def to_snake_case(name: str) -> str:
    """The column name of a term's local name: `importanceScore` gives `importance_score`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def to_kebab_case(name: str) -> str:
    """The IRI step of a class's local name: `GenAiUseCase` gives `gen-ai-use-case`."""
    return to_snake_case(name).replace("_", "-")
