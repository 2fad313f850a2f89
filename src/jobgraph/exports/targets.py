"""What a link may lead to outside: things that leave, terms and codes that all know, and web pages that are values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import cast

from pyoxigraph import NamedNode, QuerySolutions, Store

from jobgraph.store import GraphNames

_SCHEMES = ("http://", "https://")


class Targets:
    """Knows where links may lead; what it finds out about an IRI is kept.

    Parameters
    ----------
    outside : the things that leave, with their IRIs outside.
    """

    def __init__(self, store: Store, names: GraphNames, outside: Mapping[NamedNode, NamedNode]) -> None:
        self._store, self._names, self._outside = store, names, outside
        self._values: dict[NamedNode, bool] = {}

    def of(self, node: NamedNode) -> NamedNode | None:
        """What the link leads to outside; None where the target stays."""
        if (found := self._outside.get(node)) is not None:
            return found
        if node in self.terms:
            return node
        if node not in self._values:
            self._values[node] = self._is_value(node)
        return node if self._values[node] else None

    @cached_property
    def terms(self) -> frozenset[NamedNode]:
        """The classes, properties, codes and code lists that the ontology of the store describes."""
        text = "SELECT DISTINCT ?term { ?term ?property ?value }"
        graph = NamedNode(self._names.ontology)
        solutions = cast("QuerySolutions", self._store.query(text, default_graph=graph, named_graphs=[]))
        return frozenset(node for solution in solutions if isinstance(node := solution[0], NamedNode))

    def _is_value(self, node: NamedNode) -> bool:
        """Whether an IRI is a page of the web, and nothing that the store knows more of or that may be another's."""
        iri = node.value.lower()
        if not iri.startswith(_SCHEMES) or iri.startswith(self._names.base.lower()):
            return False
        return next(self._store.quads_for_pattern(node, None, None, None), None) is None
