"""Profiles read from Turtle, with one sentence for whatever is wrong in one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store, Triple

from jobgraph.errors import InputError
from jobgraph.exports.class_rules import read_class_rules
from jobgraph.exports.policy import ODRL, read_policy
from jobgraph.exports.profile import FORMAT_NAMES, GRAPH_KINDS, ClassRule, Format, GraphKind, Profile
from jobgraph.exports.profile_document import ProfileDocument
from jobgraph.exports.terms import Terms
from jobgraph.resources import resource_path
from jobgraph.shacl import read_shapes, validate
from jobgraph.store.durable import storage_errors
from jobgraph.vocabulary import JG, RDF, Vocabulary
from jobgraph.vocabulary.graph import Graph

PROF = "http://www.w3.org/ns/dx/prof/"
_DCTERMS, _VOID = "http://purl.org/dc/terms/", "http://rdfs.org/ns/void#"
_TYPE = RDF + "type"


def read_profile_file(path: Path, vocabulary: Vocabulary) -> Profile:
    """The profile in a Turtle file.

    Raises
    ------
    InputError : it cannot be read, names what is not known, selects nothing or contradicts itself.
    """
    shapes = read_shapes([path])
    triples = tuple(shapes.statements.triples())
    with storage_errors(path):
        text = path.read_text(encoding="utf-8")
    _check_form(triples, path)
    document = ProfileDocument(Graph(triples), shapes, Terms(vocabulary), path)
    return replace(_Reader(document).profile(), turtle=text, statements=triples)


def _check_form(triples: Iterable[Triple], path: Path) -> None:
    """Refuse a document that the shapes of profiles refuse."""
    store = Store()
    store.extend(Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in triples)
    shapes = read_shapes([resource_path("shapes", "exports", "profile.ttl")])
    results = validate(store, [DefaultGraph()], shapes, threads=1).results
    problems = [(str(result.focus) * isinstance(result.focus, NamedNode), result.message) for result in results]
    if problems:
        focus, message = min(problems)  # the names of blank shapes, by which results are sorted, are by chance
        raise InputError(f"{path}: {message}" if not focus else f"{path}, {focus}: {message}")


@dataclass(frozen=True)
class _Reader:
    """Reads the parts of a profile that has the form of one."""

    document: ProfileDocument

    @property
    def graph(self) -> Graph:
        return self.document.graph

    def profile(self) -> Profile:
        node = self._node()
        excluded = frozenset(self.document.classes_named(node, JG + "excludesClass"))
        kept = frozenset(self.document.properties_named(node, JG + "excludesProperty"))
        classes = read_class_rules(self.document, excluded, kept)
        terms = self.document.terms
        types = {name for class_iri in classes for name in (class_iri, *terms.above(class_iri))}
        excluded |= terms.people - classes.keys()
        graphs = self._graphs(node)
        self._check_selects(classes, graphs)
        limit = self.graph.text(node, JG + "violationLimit")
        return Profile(
            name=self.graph.text(node, PROF + "hasToken"),
            iri=node.value,
            title=self.graph.text(node, _DCTERMS + "title"),
            description=self.graph.text(node, _DCTERMS + "description"),
            policy=read_policy(self.graph, self.graph.all(node, ODRL + "hasPolicy")[0], self.document.path),
            classes=classes,
            graphs=graphs,
            base=self.graph.text(node, _VOID + "uriSpace") or None,
            formats=self._formats(node),
            languages=tuple(sorted(term.value for term in self.graph.all(node, _DCTERMS + "language"))),
            frame=self._frame(node),
            max_violations=int(limit) if limit else None,
            wants_evidence=self.document.is_true(node, "wantsEvidence"),
            turtle="",
            excluded_classes=excluded,
            types=frozenset(types - excluded),
            has_personal_data=any(
                self.document.is_true(shape, "includesPersonalData") for shape in self.document.selecting()
            ),
        )

    def _node(self) -> NamedNode:
        found = [node for node in self.graph.facts if NamedNode(PROF + "Profile") in self.graph.all(node, _TYPE)]
        if len(found) != 1 or not isinstance(found[0], NamedNode):
            raise InputError(
                f"{self.document.path}: it describes {len(found)} profiles; describe one prof:Profile with an IRI."
            )
        return found[0]

    def _check_selects(self, classes: Mapping[str, ClassRule], graphs: frozenset[GraphKind]) -> None:
        if not classes and "ontology" not in graphs:
            raise InputError(f"{self.document.path}: the profile selects nothing; name classes with sh:targetClass.")
        if classes and graphs == {"ontology"}:
            raise InputError(
                f"{self.document.path}: the profile selects classes and no graph that has things of them; name one "
                "with jg:includesGraph, such as jg:AssertedGraph."
            )

    def _graphs(self, node: NamedNode) -> frozenset[GraphKind]:
        named = {term.value for term in self.graph.all(node, JG + "includesGraph")}
        return frozenset(kind for kind in GRAPH_KINDS if f"{JG}{kind.capitalize()}Graph" in named)

    def _formats(self, node: NamedNode) -> tuple[Format, ...]:
        named = {term.value for term in self.graph.all(node, _DCTERMS + "format")}
        return tuple(name for name in FORMAT_NAMES if name in named)

    def _frame(self, node: NamedNode) -> Mapping[str, Any] | None:
        text = self.graph.text(node, JG + "jsonLdFrame")
        try:
            frame = json.loads(text) if text else None
        except ValueError as error:
            raise InputError(f"{self.document.path}: the JSON-LD frame is no JSON: {error}. Correct it.") from error
        if frame is not None and not isinstance(frame, dict):
            raise InputError(f"{self.document.path}: the JSON-LD frame is no JSON object; write it as {{ … }}.")
        return cast("Mapping[str, Any] | None", frame)
