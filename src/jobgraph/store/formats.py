"""The RDF formats by name and media type, and a store written in one of them as a stream."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import IO

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, Triple, serialize

from jobgraph.errors import UsageError
from jobgraph.store.graphs import GraphNames
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

# What XML 1.0 cannot hold, https://www.w3.org/TR/xml/#charsets; a carriage return is lost when it is read.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_XML_NAME_AT_END = re.compile(r"[^\W\d][\w.\-]*$")


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
        if not _XML_NAME_AT_END.search(triple.predicate.value):
            raise UsageError(f"RDF/XML cannot say the property {triple.predicate.value}; choose another format.")
        if isinstance(triple.object, Literal) and _NOT_IN_XML.search(triple.object.value):
            raise UsageError(
                f"RDF/XML cannot say a text of {triple.subject}: a control character; choose another format."
            )
        yield triple
