"""What the ontology says of classes and properties in words."""

from __future__ import annotations

from jobgraph.vocabulary import RDFS, SKOS, Vocabulary
from jobgraph.vocabulary.graph import read_graph


class Words:
    """The English labels and definitions of terms."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._graph = read_graph(sorted(vocabulary.ontology_path.glob("*.ttl")))
        self._subjects = {getattr(node, "value", ""): node for node in self._graph.facts}

    def label(self, iri: str) -> str:
        """What a term is called; empty if the ontology does not say."""
        return self._graph.text(self._subjects.get(iri), RDFS + "label")

    def definition(self, iri: str) -> str:
        """What a term means; empty if the ontology does not say."""
        return self._graph.text(self._subjects.get(iri), SKOS + "definition")
