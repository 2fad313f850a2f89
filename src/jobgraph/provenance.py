"""Where a generation came from: the triples of its metadata graph, in PROV, VoID and DCAT terms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pyoxigraph import Literal, NamedNode, Quad

from jobgraph.vocabulary import JG, RDF, RDFS, XSD

PROV = "http://www.w3.org/ns/prov#"
VOID = "http://rdfs.org/ns/void#"
DCAT = "http://www.w3.org/ns/dcat#"
DCTERMS = "http://purl.org/dc/terms/"


@dataclass(frozen=True)
class Origin:
    """What is known of a generation: its tenant and source, when and by which version it was made, and its counts.

    `counts` maps the IRI of a named graph to its number of triples.
    """

    base: str
    slug: str
    source: str
    version: str
    built: datetime
    counts: dict[str, int]
    quarantined: int
    findings: int


def metadata_quads(origin: Origin, graph: str) -> Iterator[Quad]:
    """The quads that describe a generation, in the named graph `graph`."""
    dataset, build = f"{origin.base}dataset/{origin.slug}", f"{origin.base}build/{origin.slug}"
    facts: list[tuple[str, str, str | int | NamedNode | datetime]] = [
        (dataset, RDF + "type", NamedNode(VOID + "Dataset")),
        (dataset, RDF + "type", NamedNode(DCAT + "Dataset")),
        (dataset, RDFS + "label", f"Knowledge graph of {origin.slug}"),
        (dataset, DCTERMS + "created", origin.built),
        (dataset, DCTERMS + "source", origin.source),
        (dataset, VOID + "triples", sum(origin.counts.values())),
        (dataset, VOID + "vocabulary", NamedNode(JG)),
        (dataset, PROV + "wasGeneratedBy", NamedNode(build)),
        (build, RDF + "type", NamedNode(PROV + "Activity")),
        (build, RDFS + "label", f"Build by jobgraph {origin.version}"),
        (build, PROV + "endedAtTime", origin.built),
        (build, JG + "quarantinedEntryCount", origin.quarantined),
        (build, JG + "findingCount", origin.findings),
    ]
    for name, count in sorted(origin.counts.items()):
        facts += [
            (dataset, VOID + "subset", NamedNode(name)),
            (name, RDF + "type", NamedNode(VOID + "Dataset")),
            (name, VOID + "triples", count),
        ]
    for subject, predicate, value in facts:
        yield Quad(NamedNode(subject), NamedNode(predicate), _term(value), NamedNode(graph))


def _term(value: str | int | NamedNode | datetime) -> NamedNode | Literal:
    if isinstance(value, NamedNode):
        return value
    if isinstance(value, datetime):
        return Literal(value.isoformat(timespec="seconds"), datatype=NamedNode(XSD + "dateTime"))
    return Literal(value)
