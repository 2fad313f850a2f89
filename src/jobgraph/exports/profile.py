"""Export profiles: who gets what of a tenant's graph, what for, until when, and masked how.

A profile is a Turtle document: an ODRL policy, SHACL shapes that name classes and properties, and a few terms of
`ontology/exports.ttl`. What it does not name does not leave.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from pyoxigraph import Triple

from jobgraph.errors import UsageError
from jobgraph.resources import resource_path
from jobgraph.store import Tenant
from jobgraph.store.durable import storage_errors
from jobgraph.vocabulary import Vocabulary

Format: TypeAlias = Literal[
    "turtle",
    "trig",
    "ntriples",
    "nquads",
    "rdfxml",
    "jsonld",
    "jsonld-compact",
    "jsonld-framed",
    "csv",
    "graphml",
    "parquet",
    "neo4j",
    "jelly",
]
GraphKind: TypeAlias = Literal["asserted", "inferred", "reference", "ontology"]
FORMAT_NAMES: tuple[Format, ...] = get_args(Format)
GRAPH_KINDS: tuple[GraphKind, ...] = get_args(GraphKind)

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_SUFFIX = ".ttl"


@dataclass(frozen=True)
class Mask:
    """How a value is masked: replaced by a keyed hash, or made coarser.

    Parameters
    ----------
    precision : the part of a date or time that is kept.
    step : what numbers are rounded to a multiple of, as it is written.
    length : the characters of a text that are kept.
    """

    kind: Literal["pseudonym", "coarse"]
    precision: Literal["year", "month"] | None = None
    step: str | None = None
    length: int | None = None


@dataclass(frozen=True)
class ClassRule:
    """What leaves of the things of a class.

    Parameters
    ----------
    properties : the IRIs of the properties that leave, with how their values are masked; `rdf:type` is one of them.
    conditions : the node shapes of the profile, as IRIs or `_:` labels, that a thing must conform to.
    pseudonym : whether the IRI of a thing is replaced by a keyed hash.
    excluded : the properties that do not leave, whatever another class of the same thing says.
    """

    class_iri: str
    properties: Mapping[str, Mask | None]
    conditions: tuple[str, ...] = ()
    pseudonym: bool = False
    excluded: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Policy:
    """What was agreed, as far as machines and readers need it; the rest is in the document.

    Parameters
    ----------
    assigner, assignee : IRIs; `assignee` is empty where the policy is for anyone.
    valid_from, valid_until : the first and the last day on which data may leave.
    prohibitions, duties, constraints : the other rules, in words.
    assigner_name, assignee_name : what people call them.
    """

    iri: str
    assigner: str
    assignee: str
    purpose: str
    valid_from: date | None = None
    valid_until: date | None = None
    prohibitions: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    assigner_name: str = ""
    assignee_name: str = ""


@dataclass(frozen=True)
class Profile:
    """What leaves, in which form, for whom.

    Parameters
    ----------
    base : the start of the IRIs of things outside; None keeps that of the store.
    languages : of texts that leave; none means all, and a text without a language leaves always.
    max_violations : the most violations in the generation; None means any number.
    wants_evidence : whether scores must say what they rest on.
    turtle, statements : the document, as it was written and as triples.
    excluded_classes : classes whose things stay, even where they are of another class that leaves; classes of people
        are among them unless they are selected.
    has_personal_data : whether values that identify people may be among what leaves.
    types : the classes that a thing which leaves may be said to be of: those selected and those above them.
    """

    name: str
    iri: str
    title: str
    description: str
    policy: Policy
    classes: Mapping[str, ClassRule]
    graphs: frozenset[GraphKind]
    base: str | None
    formats: tuple[Format, ...]
    languages: tuple[str, ...]
    frame: Mapping[str, Any] | None
    max_violations: int | None
    wants_evidence: bool
    turtle: str = field(repr=False)
    statements: tuple[Triple, ...] = field(default=(), repr=False)
    excluded_classes: frozenset[str] = frozenset()
    has_personal_data: bool = False
    types: frozenset[str] = frozenset()

    @property
    def needs_key(self) -> bool:
        """Whether anything leaves under a pseudonym, for which a key is needed."""
        rules = self.classes.values()
        masks = (mask for rule in rules for mask in rule.properties.values())
        return any(rule.pseudonym for rule in rules) or any(mask and mask.kind == "pseudonym" for mask in masks)


def read_profile(name: str, *, vocabulary: Vocabulary, tenant: Tenant | None = None) -> Profile:
    """The shipped profile of this name, the tenant's own, or the one in a Turtle file.

    Parameters
    ----------
    name : a name, or the path of a file that ends in `.ttl`.

    Raises
    ------
    UsageError : there is no such profile, or a tenant's own has the name of a shipped one.
    InputError : it cannot be read, names what is not known, selects nothing or contradicts itself.
    """
    from jobgraph.exports.profile_reading import read_profile_file

    return read_profile_file(profile_path(name, tenant), vocabulary)


def profile_names(tenant: Tenant | None = None) -> list[str]:
    """The names of the shipped profiles and of the tenant's own, in alphabetical order."""
    return sorted({path.stem for folder in (_shipped(), *_own(tenant)) for path in folder.glob(f"*{_SUFFIX}")})


def profile_path(name: str, tenant: Tenant | None = None) -> Path:
    """Where the profile of this name is: the shipped one, or the tenant's own; a name that ends in `.ttl` is a path.

    Raises
    ------
    UsageError : there is no such profile, or a tenant's own has the name of a shipped one.
    """
    if name.endswith(_SUFFIX):
        return Path(name)
    known = profile_names(tenant)
    if not _NAME.fullmatch(name) or name not in known:
        near = difflib.get_close_matches(name, known) or known
        raise UsageError(
            f"There is no profile {name!r}; choose one of {', '.join(near)}, or the path of a file NAME.ttl."
        )
    with storage_errors(_shipped()):
        found = [path for folder in (_shipped(), *_own(tenant)) if (path := folder / f"{name}{_SUFFIX}").is_file()]
    if len(found) > 1:
        raise UsageError(f"{found[1]} has the name of a shipped profile; give it another.")
    return found[0]


def _shipped() -> Path:
    return resource_path("data", "profiles")


def _own(tenant: Tenant | None) -> list[Path]:
    return [tenant.path / "profiles"] if tenant else []
