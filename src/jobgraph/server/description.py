"""What the endpoint can do, as SPARQL 1.1 Service Description, and what the data set holds, as VoID and DCAT."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import cast

from pyoxigraph import BlankNode, NamedNode, Triple

from jobgraph.exports.description import VOID, DataSet
from jobgraph.server.negotiation import GRAPH_TYPES, RESULT_TYPES
from jobgraph.store import PREFIXES, Generation
from jobgraph.store.formats import rdf_format, write_triples
from jobgraph.vocabulary import RDF

_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMAT = "http://www.w3.org/ns/formats/"
_DCAT = PREFIXES["dcat"]
_FORMAT_NAMES = {
    "application/sparql-results+json": "SPARQL_Results_JSON",
    "application/sparql-results+xml": "SPARQL_Results_XML",
    "text/csv": "SPARQL_Results_CSV",
    "text/tab-separated-values": "SPARQL_Results_TSV",
    "text/turtle": "Turtle",
    "application/n-triples": "N-Triples",
    "application/ld+json": "JSON-LD",
    "application/rdf+xml": "RDF_XML",
    "application/trig": "TriG",
    "application/n-quads": "N-Quads",
}
_TYPE = NamedNode(RDF + "type")


def service_description(endpoint: str, *, writable: bool) -> Iterator[Triple]:
    """The triples of a service description.

    Parameters
    ----------
    endpoint : the address that queries are sent to.
    writable : whether the asker may send updates.
    """
    service, data = BlankNode("service"), BlankNode("data")  # so that it is the same each time
    yield Triple(service, _TYPE, _sd("Service"))
    yield Triple(service, _sd("endpoint"), NamedNode(endpoint))
    for language in ("SPARQL11Query", *(["SPARQL11Update"] if writable else [])):
        yield Triple(service, _sd("supportedLanguage"), _sd(language))
    for feature in ("UnionDefaultGraph",):
        yield Triple(service, _sd("feature"), _sd(feature))
    for media_type in RESULT_TYPES + GRAPH_TYPES:
        yield Triple(service, _sd("resultFormat"), NamedNode(_FORMAT + _FORMAT_NAMES[media_type]))
    yield Triple(service, _sd("defaultDataset"), data)
    yield Triple(data, _TYPE, _sd("Dataset"))


def data_set_description(about: str, endpoint: str, generation: Generation) -> Iterator[Triple]:
    """The triples of a VoID and DCAT description of a tenant's data.

    Parameters
    ----------
    about : the address of the data set.
    endpoint : the address that queries are sent to.
    """
    data, service = NamedNode(about), BlankNode("service")
    manifest = generation.manifest
    counts = cast("Mapping[str, int]", manifest.get("counts") or {})
    yield from DataSet(
        about=about,
        title=f"The jobs-to-be-done graph of {generation.slug}",
        issued=str(manifest["created"]),
        version=str(manifest["generation"]),
        uri_space=str(manifest["base"]),
        graphs=counts,
        triples=sum(counts.values()) if counts else None,
    ).describe()
    yield Triple(data, NamedNode(f"{VOID}sparqlEndpoint"), NamedNode(endpoint))
    yield Triple(data, NamedNode(f"{_DCAT}distribution"), service)
    yield Triple(service, _TYPE, NamedNode(f"{_DCAT}Distribution"))
    yield Triple(service, NamedNode(f"{_DCAT}accessURL"), NamedNode(endpoint))


def to_bytes(triples: Iterator[Triple], media_type: str) -> bytes:
    """Triples in an RDF format."""
    output = io.BytesIO()
    write_triples(triples, output, rdf_format(media_type))
    return output.getvalue()


def _sd(name: str) -> NamedNode:
    return NamedNode(_SD + name)
