"""The named graphs of a tenant's store: their IRIs, and which of them a question sees as one graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Store

from jobgraph.vocabulary import JG

GraphName: TypeAlias = NamedNode | BlankNode | DefaultGraph


@dataclass(frozen=True)
class GraphNames:
    """The IRIs of the graphs of one tenant's store; `base` is the start of its IRIs and ends with a slash.

    >>> GraphNames("https://example.org/id/", "acme").asserted
    'https://example.org/id/graph/acme/asserted'
    """

    base: str
    slug: str

    @property
    def asserted(self) -> str:
        """What the tenant's rows state."""
        return f"{self.base}graph/{self.slug}/asserted"

    @property
    def inferred(self) -> str:
        """What follows from it by the rules; holds no triple that another merged graph has."""
        return f"{self.base}graph/{self.slug}/inferred"

    @property
    def metadata(self) -> str:
        """Provenance, counts and validation summary."""
        return f"{self.base}graph/{self.slug}/metadata"

    @property
    def shared(self) -> str:
        """Reference rows that every tenant has."""
        return f"{self.base}graph/shared"

    @property
    def ontology(self) -> str:
        """What the terms mean."""
        return JG

    @property
    def merged(self) -> tuple[str, str, str]:
        """The graphs that a question and an export of triples see as one."""
        return self.asserted, self.inferred, self.shared

    def present(self, store: Store) -> list[GraphName]:
        """The merged graphs that `store` has, and its unnamed graph where that holds anything.

        Only those that are there: each further graph makes a join up to twice as slow.
        """
        named = [NamedNode(iri) for iri in self.merged]
        unnamed = DefaultGraph()
        is_used = next(store.quads_for_pattern(None, None, None, unnamed), None) is not None
        return [*(graph for graph in named if store.contains_named_graph(graph)), *([unnamed] if is_used else [])]
