"""The JSON-LD context of our terms, worked out from the ontology and the shapes."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode

from jobgraph.store import PREFIXES
from jobgraph.vocabulary import JG, RDF, RDFS, SKOS, XSD, Vocabulary
from jobgraph.vocabulary.graph import read_graph

LINK = "@id"  # the type of what links to something
_OWL = PREFIXES["owl"]
_ALWAYS = ((RDFS + "label", ""), (SKOS + "notation", ""), (JG + "slug", ""))
_STRING = XSD + "string"


@dataclass(frozen=True)
class Context:
    """The prefixes and terms that a document is written in, and how it names them.

    Parameters
    ----------
    terms : each term by its name, with its `@id` and, where its values have one, its `@type`.
    address : what stands in the document instead of the context, a relative reference for example; empty puts the
        context itself into the document.
    """

    terms: Mapping[str, Mapping[str, str]]
    prefixes: Mapping[str, str]
    address: str = ""

    def definitions(self) -> dict[str, Any]:
        """The context itself, as JSON."""
        prefixes = {name: {"@id": iri, "@prefix": True} for name, iri in self.prefixes.items()}
        return {"@version": 1.1, **prefixes, **self.terms}

    def mention(self) -> str | dict[str, Any]:
        """What a document has as its `@context`."""
        return self.address or self.definitions()


def read_context(vocabulary: Vocabulary, *, address: str = "") -> Context:
    """The context of our terms, named by `address` in the documents where that is not empty."""
    return Context(context_terms(vocabulary), PREFIXES, address)


def context_document(vocabulary: Vocabulary) -> bytes:
    """The context as a JSON-LD document: the prefixes and terms, which keep their names over all versions."""
    document = {"@context": read_context(vocabulary).definitions()}
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def context_terms(vocabulary: Vocabulary) -> dict[str, dict[str, str]]:
    """Each term by its name: its IRI, and the type of its values where they have one and it is no plain text.

    A property is named by the last step of its IRI, and one whose name is taken by its prefix too.

    >>> context_terms(Vocabulary())["importanceScore"]["@type"]
    'http://www.w3.org/2001/XMLSchema#decimal'
    """
    types: dict[str, set[str]] = defaultdict(set)
    for iri, type_ in _iter_typed(vocabulary):
        types[iri].add("" if type_ == _STRING else type_)
    first = {iri for iri, _ in _ALWAYS}
    terms: dict[str, dict[str, str]] = {}
    for iri in sorted(types, key=lambda iri: (iri not in first, not iri.startswith(JG), iri)):
        name = _last_step(iri)
        key = name if name not in terms else _with_prefix(iri)
        if key:
            (type_,) = types[iri] if len(types[iri]) == 1 else ("",)
            terms[key] = {"@id": iri, **({"@type": type_} if type_ else {})}
    return dict(sorted(terms.items()))


def _iter_typed(vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """Each term with a type of its values; '' for a class."""
    yield from _ALWAYS
    stated = {column.path for table in vocabulary.tables.values() for column in table.columns}
    for table in vocabulary.tables.values():
        for column in table.columns:
            yield column.path, column.datatype or LINK
    for subject, facts in read_graph(vocabulary.ontology_path.glob("*.ttl")).facts.items():
        kinds = {kind.value for kind in facts.get(RDF + "type", ())}
        iri = subject.value if isinstance(subject, NamedNode) else ""
        if _OWL + "Class" in kinds and iri.startswith(JG):
            yield iri, ""
        elif _OWL + "ObjectProperty" in kinds and iri.startswith(JG):
            yield iri, LINK
        elif _OWL + "DatatypeProperty" in kinds and iri.startswith(JG) and iri not in stated:
            yield from ((iri, range_.value) for range_ in facts.get(RDFS + "range", ()))


def _last_step(iri: str) -> str:
    return re.split(r"[/#]", iri)[-1]


def _with_prefix(iri: str) -> str:
    return next((f"{name}:{iri.removeprefix(start)}" for name, start in PREFIXES.items() if iri.startswith(start)), "")
