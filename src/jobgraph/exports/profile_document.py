"""The Turtle document of a profile: what it says, looked up by node, and names in it that must be known."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import BlankNode, NamedNode

from jobgraph.errors import InputError
from jobgraph.exports.terms import Terms
from jobgraph.shacl import Shapes
from jobgraph.vocabulary import JG, SH
from jobgraph.vocabulary.graph import Graph

_SELECTS = (SH + "targetClass", JG + "includesAllClasses")


@dataclass(frozen=True)
class ProfileDocument:
    """A profile as statements and as shapes, with the terms it may name and the file it is from."""

    graph: Graph
    shapes: Shapes
    terms: Terms
    path: Path

    def is_true(self, node: object, name: str) -> bool:
        """Whether a term of ours is said of a node to be true."""
        return self.graph.text(node, JG + name) in {"true", "1"}

    def selecting(self) -> list[NamedNode | BlankNode]:
        """The shapes that select, in the order of the document; those that are switched off select nothing."""
        nodes = [
            node
            for node, facts in self.graph.facts.items()
            if isinstance(node, NamedNode | BlankNode) and any(name in facts for name in _SELECTS)
        ]
        return [node for node in nodes if not self.shapes.by_node[node].is_deactivated]

    def classes_named(self, node: object, property_: str) -> list[str]:
        """The classes that a property of a node names.

        Raises
        ------
        InputError : the ontology does not know one.
        """
        return self._named(node, property_, self.terms.classes, "class")

    def properties_named(self, node: object, property_: str) -> list[str]:
        """The properties that a property of a node names.

        Raises
        ------
        InputError : the ontology does not know one.
        """
        return self._named(node, property_, self.terms.properties, "property")

    def _named(self, node: object, property_: str, known: frozenset[str], kind: str) -> list[str]:
        named = sorted(term.value for term in self.graph.all(node, property_))
        for iri in named:
            if iri not in known:
                near = difflib.get_close_matches(iri, known, n=1)
                hint = f"did you mean <{near[0]}>?" if near else "name one of the ontology."
                raise InputError(f"{self.path}: there is no {kind} <{iri}>; {hint}")
        return named
