"""What graphs and blank nodes of a tenant are called at an endpoint, where all tenants share one store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TypeVar
from urllib.parse import urlsplit

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from jobgraph.store import GraphNames

_Term = TypeVar("_Term", bound=NamedNode | BlankNode | Literal | Triple)


@dataclass(frozen=True)
class RemoteNames:
    """The IRIs of one tenant's graphs at an endpoint; `base` is the start of its IRIs and ends with a slash.

    Blank nodes travel as Skolem IRIs (RDF 1.1 Concepts, section 3.5): else a piece could not be sent twice, and
    what was sent could not be compared with what is there.

    >>> RemoteNames("https://example.org/id/", "acme").pointer
    'https://example.org/id/graph/acme/current'
    """

    base: str
    slug: str

    @property
    def pointer(self) -> str:
        """The graph that says which generations there are, and which of them is published; also its subject."""
        return f"{self.base}graph/{self.slug}/current"

    def generation(self, name: str, token: str) -> str:
        """The IRI of a generation; `token` keeps apart what two writers make under the same number."""
        return f"{self.base}graph/{self.slug}/generation/{name}/{token}"

    def graph(self, generation: str, local: str) -> str:
        """The graph of a generation that holds a graph of the store; '' is the unnamed one."""
        step = self._steps.get(local)
        return f"{generation}/{step or f'other/{sha256(local.encode()).hexdigest()[:16]}'}"

    def files(self, generation: str) -> str:
        """The graph of a generation that holds its files."""
        return f"{generation}/files"

    @cached_property
    def _steps(self) -> Mapping[str, str]:
        names = GraphNames(self.base, self.slug)
        return {
            "": "unnamed",
            names.asserted: "asserted",
            names.inferred: "inferred",
            names.metadata: "metadata",
            names.shared: "shared",
            names.ontology: "ontology",
        }

    @cached_property
    def _skolem(self) -> str:
        host = urlsplit(self.base)
        return f"{host.scheme}://{host.netloc}/.well-known/genid/jobgraph/"

    def to_remote(self, triple: Triple) -> Triple:
        """A triple as it is sent."""
        return Triple(self._to_iri(triple.subject), triple.predicate, self._to_iri(triple.object))

    def from_remote(self, triple: Triple) -> Triple:
        """A triple as it was before it was sent."""
        return Triple(self._from_iri(triple.subject), triple.predicate, self._from_iri(triple.object))

    def _to_iri(self, term: _Term) -> _Term | NamedNode:
        return NamedNode(self._skolem + term.value) if isinstance(term, BlankNode) else term

    def _from_iri(self, term: _Term) -> _Term | BlankNode:
        if isinstance(term, NamedNode) and term.value.startswith(self._skolem):
            return BlankNode(term.value[len(self._skolem) :])
        return term
