"""The RDF formats by name and media type, and a store written in one of them as a stream."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import IO

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, Triple, serialize

from jobgraph.errors import UsageError
from jobgraph.store.graphs import GraphNames
from jobgraph.store.rdf_xml import named_for_xml, unfit_for_xml
from jobgraph.vocabulary import JG, RDF, RDFS, SH, SKOS, XSD

PREFIXES: Mapping[str, str] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "jg": JG,
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "qb": "http://purl.org/linked-data/cube#",
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": "https://schema.org/",
    "sh": SH,
    "skos": SKOS,
    "xsd": XSD,
}

_NAMES = {
    RdfFormat.TURTLE: ("turtle", "ttl"),
    RdfFormat.TRIG: ("trig",),
    RdfFormat.N_TRIPLES: ("ntriples", "nt"),
    RdfFormat.N_QUADS: ("nquads", "nq"),
    RdfFormat.RDF_XML: ("rdfxml", "rdf"),
    RdfFormat.JSON_LD: ("jsonld",),
}
FORMATS: Mapping[str, RdfFormat] = {
    name: format_ for format_, names in _NAMES.items() for name in (*names, format_.media_type)
}


def dump(store: Store, output: IO[bytes], format_name: str, names: GraphNames, *, graphs: Collection[str] = ()) -> None:
    """Write the store to `output`, one triple at a time.

    Formats with graphs get all graphs, the others the merged graphs as one; `graphs` names others by IRI.

    Raises
    ------
    UsageError : there is no such format, or RDF/XML cannot say what is in the store; part of it is written then.
    """
    format_ = rdf_format(format_name)
    if format_.supports_datasets and not graphs:
        store.dump(output, format_, prefixes=dict(PREFIXES))
        return
    chosen = [NamedNode(iri) for iri in graphs] or names.present(store)
    quads = (quad for graph in chosen for quad in store.quads_for_pattern(None, None, None, graph))
    if format_.supports_datasets:
        serialize(quads, output, format_, prefixes=dict(PREFIXES))
    else:
        write_triples((quad.triple for quad in quads), output, format_)


def rdf_format(name: str) -> RdfFormat:
    """The format with this short name or media type.

    Raises
    ------
    UsageError : there is none.
    """
    try:
        return FORMATS[name.lower()]
    except KeyError as error:
        raise UsageError(f"There is no format {name!r}; choose one of {', '.join(FORMATS)}.") from error


def write_triples(triples: Iterable[Triple], output: IO[bytes], format_: RdfFormat) -> None:
    """Write triples in any RDF format, with our prefixes where it has them.

    Raises
    ------
    UsageError : RDF/XML cannot say one of them; those before it are written.
    """
    if format_ == RdfFormat.RDF_XML:
        triples = _iter_fit_for_xml(triples)
    prefixes = dict(PREFIXES)
    if format_.supports_datasets:
        serialize(
            (Quad(triple.subject, triple.predicate, triple.object) for triple in triples),
            output,
            format_,
            prefixes=prefixes,
        )
    else:
        serialize(triples, output, format_, prefixes=prefixes)


def _iter_fit_for_xml(triples: Iterable[Triple]) -> Iterator[Triple]:
    for triple in triples:
        if reason := unfit_for_xml(triple):
            place = f"{triple.subject} {triple.predicate}"
            raise UsageError(f"RDF/XML cannot say {reason}, as in {place}; choose another format.")
        yield named_for_xml(triple)
