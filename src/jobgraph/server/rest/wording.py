"""What the ontology of a tenant says in words: definitions, and the notations of its code lists."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, RdfFormat, Store

from jobgraph.server.rest.things import vocabulary
from jobgraph.server.views.tenant import Tenant
from jobgraph.store import GraphName
from jobgraph.vocabulary import JG, SKOS

_DEFINITION, _NOTATION, _IN_SCHEME = (NamedNode(SKOS + name) for name in ("definition", "notation", "inScheme"))


@dataclass(frozen=True)
class Wording:
    """Answers about the terms in one graph of a store."""

    store: Store
    graph: GraphName

    @classmethod
    def of(cls, tenant: Tenant) -> Wording:
        """The words of a tenant's own ontology graph, of the shipped ontology where it has none yet."""
        graph = NamedNode(tenant.names.ontology)
        if tenant.store.contains_named_graph(graph):
            return cls(tenant.store, graph)
        store = Store()
        for path in vocabulary().ontology_files():
            store.bulk_load(path=path, format=RdfFormat.TURTLE, to_graph=graph)
        return cls(store, graph)

    def definition(self, iri: str) -> str:
        """What a term means; '' where nothing says."""
        return self._texts(NamedNode(iri), _DEFINITION)

    def of_property(self, column: str) -> str:
        """What the property of a column's name means, `x` or `hasX`; '' where there is none."""
        names = (column, f"has{column[:1].upper()}{column[1:]}")
        return next(filter(None, (self.definition(JG + name) for name in names)), "")

    def notations(self, scheme: str) -> list[str]:
        """The notations of a code list."""
        members = self.store.quads_for_pattern(None, _IN_SCHEME, NamedNode(scheme), self.graph)
        found = {self._texts(quad.subject, _NOTATION) for quad in members if isinstance(quad.subject, NamedNode)}
        return sorted(found - {""})

    def _texts(self, node: NamedNode, predicate: NamedNode) -> str:
        quads = self.store.quads_for_pattern(node, predicate, None, self.graph)
        return min((quad.object.value for quad in quads if isinstance(quad.object, Literal)), default="")
