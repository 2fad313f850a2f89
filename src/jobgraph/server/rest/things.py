"""IRIs with what people call them and the rows that they come from, and literals as values.

Imports little: questions are answered by workers that have just started, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from urllib.parse import unquote

from pyoxigraph import Literal, NamedNode

from jobgraph.server.rest.tables import Thing
from jobgraph.server.views.tenant import Tenant
from jobgraph.store.query import Term
from jobgraph.vocabulary import RDFS, SKOS, XSD, Vocabulary

_LABELS = tuple(NamedNode(iri) for iri in (RDFS + "label", SKOS + "prefLabel", SKOS + "notation"))
_READERS: Mapping[str, Callable[[str], object]] = {
    **dict.fromkeys((XSD + name for name in ("integer", "int", "long", "short", "nonNegativeInteger")), int),
    XSD + "boolean": lambda text: text in {"true", "1"},
    XSD + "decimal": Decimal,
    XSD + "double": float,
    XSD + "float": float,
}


@cache
def vocabulary() -> Vocabulary:
    """The shipped ontology and shapes."""
    return Vocabulary()


@cache
def _tables() -> Mapping[str, str]:
    """The names of the tables by the step of their entities' IRIs."""
    known = vocabulary()
    return {known.class_step(iri): table.name for iri, table in known.table_of_class.items()}


class Things:
    """Looks IRIs up in the graphs of a tenant, each once."""

    def __init__(self, tenant: Tenant) -> None:
        self._base = tenant.names.base
        self._store = tenant.store
        self._graphs = [*tenant.names.present(tenant.store), NamedNode(tenant.names.ontology)]
        self._labels: dict[str, str | None] = {}

    def labelled(self, iri: str) -> Thing:
        """The IRI with its label."""
        if iri not in self._labels:
            self._labels[iri] = self._label(NamedNode(iri))
        return Thing(iri, self._labels[iri])

    def sourced(self, iri: str) -> Thing:
        """The IRI with its label and the table and key of its row."""
        step, _, encoded = iri.removeprefix(self._base).partition("/")
        table = _tables().get(step) if iri.startswith(self._base) else None
        return Thing(iri, self.labelled(iri).label, table, unquote(encoded) if table else None)

    def cell(self, term: Term | None) -> object:
        """A term as a value: an entity, a number, a boolean or text."""
        if isinstance(term, NamedNode):
            return self.labelled(term.value)
        if isinstance(term, Literal):
            return _READERS.get(term.datatype.value, str)(term.value)
        return None if term is None else str(term)

    def in_text(self, text: str | None) -> object:
        """An entity where the text is the IRI of one, else the text."""
        return self.labelled(text) if text and text.startswith(self._base) and " " not in text else text

    def _label(self, node: NamedNode) -> str | None:
        quads = (
            quad
            for predicate in _LABELS
            for graph in self._graphs
            for quad in self._store.quads_for_pattern(node, predicate, None, graph)
        )
        return next((quad.object.value for quad in quads if isinstance(quad.object, Literal)), None)
