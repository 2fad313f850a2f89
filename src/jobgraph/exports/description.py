"""What a data set is, how large, and where it came from, for machines: DCAT, VoID and PROV.

The terms and what must be there follow DCAT-AP 3.0.0, https://semiceu.github.io/DCAT-AP/releases/3.0.0/.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from jobgraph.exports.manifest import FileFacts, Manifest
from jobgraph.exports.profile import Profile
from jobgraph.store import PREFIXES
from jobgraph.turtle_layout import Tree, to_canonical_text
from jobgraph.vocabulary import JG, RDF, RDFS, XSD

VOID = "http://rdfs.org/ns/void#"
ODRL = "http://www.w3.org/ns/odrl/2/"
_SPDX = "http://spdx.org/rdf/terms#"
_PROF = "http://www.w3.org/ns/dx/prof/"
_DCAT, _DCTERMS, _FOAF, _OWL, _PROV = (PREFIXES[name] for name in ("dcat", "dcterms", "foaf", "owl", "prov"))
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_PACKINGS = {".gz": f"{_MEDIA_TYPES}application/gzip", ".zst": f"{_MEDIA_TYPES}application/zstd"}
_PREFIXES = {**PREFIXES, "odrl": ODRL, "prof": _PROF, "spdx": _SPDX, "void": VOID}
_TYPE, _LABEL = RDF + "type", RDFS + "label"
_VOCABULARIES = ("jg", "org", "prov", "skos")

Value = str | int | NamedNode | BlankNode | Literal


@dataclass(frozen=True)
class DataSet:
    """What is said of every data set of ours.

    Parameters
    ----------
    about : its IRI.
    issued : when its generation was made, as `xsd:dateTime` has it.
    uri_space : the start of the IRIs of its things.
    graphs : the triples of each of its graphs, by IRI; `triples` counts those of all.
    """

    about: str
    title: str
    issued: str
    version: str
    uri_space: str
    graphs: Mapping[str, int]
    triples: int | None

    def describe(self) -> Iterator[Triple]:
        """Its description in DCAT and VoID."""
        yield from facts(self.about, (_TYPE, NamedNode(f"{VOID}Dataset")), (_TYPE, NamedNode(f"{_DCAT}Dataset")))
        yield from facts(
            self.about,
            (f"{_DCTERMS}title", in_english(self.title)),
            (f"{_DCTERMS}issued", Literal(self.issued, datatype=NamedNode(f"{XSD}dateTime"))),
            (f"{_DCAT}version", self.version),
            (f"{VOID}uriSpace", self.uri_space),
        )
        yield from facts(self.about, *((f"{VOID}vocabulary", NamedNode(PREFIXES[name])) for name in _VOCABULARIES))
        if self.triples is not None:
            yield from facts(self.about, (f"{VOID}triples", self.triples))
        for graph, count in self.graphs.items():
            yield from facts(self.about, (f"{VOID}subset", NamedNode(graph)))
            yield from facts(graph, (_TYPE, NamedNode(f"{VOID}Dataset")), (f"{VOID}triples", count))


def describe_package(manifest: Manifest, profile: Profile) -> str:
    """The description of a package, as Turtle text; `manifest` knows the files with data already."""
    return to_canonical_text(Tree.from_triples(_Package(manifest, profile).describe()), _PREFIXES)


def policy_part(profile: Profile) -> str:
    """What a profile says about its policy and the parties to it, as Turtle text."""
    by_subject: dict[object, list[Triple]] = {}
    for triple in profile.statements:
        by_subject.setdefault(triple.subject, []).append(triple)
    found: dict[object, list[Triple]] = {}
    waiting: list[object] = [NamedNode(profile.policy.iri)] if profile.policy.iri else []
    while waiting:
        node = waiting.pop()
        if node not in found and node in by_subject and node != NamedNode(profile.iri):
            found[node] = by_subject[node]
            waiting += [triple.object for triple in found[node]]
    return to_canonical_text(Tree.from_triples(triple for triples in found.values() for triple in triples), _PREFIXES)


def facts(subject: str | BlankNode, *pairs: tuple[str, Value]) -> Iterator[Triple]:
    """The triples that say each property and value of a subject."""
    about = NamedNode(subject) if isinstance(subject, str) else subject
    for predicate, value in pairs:
        yield Triple(about, NamedNode(predicate), Literal(value) if isinstance(value, str | int) else value)


def in_english(text: str) -> Literal:
    """A text in English."""
    return Literal(text, language="en")


@dataclass(frozen=True)
class _Package:
    """A package, and how it is described."""

    manifest: Manifest
    profile: Profile

    def describe(self) -> Iterator[Triple]:
        manifest = self.manifest
        title = f"{manifest.profile.title}: generation {manifest.generation} of the graph of {manifest.tenant}"
        counts = manifest.counts
        data_set = DataSet(
            manifest.iri, title, manifest.created, manifest.generation, manifest.base, counts.graphs, counts.triples
        )
        yield from data_set.describe()
        yield from self._catalog()
        yield from self._agreed()
        yield from self._counted()
        yield from self._origin()
        for name, file in manifest.files.items():
            if file.format:
                yield from self._distribution(name, file)

    @property
    def _series(self) -> str:
        """The name of the exports of a profile, whatever the generation."""
        return self.manifest.iri.rpartition("/")[0]

    def _catalog(self) -> Iterator[Triple]:
        catalog, publisher = self._series, NamedNode(self._publisher)
        text = f"What is exported from the graph of {self.manifest.tenant} by the profile {self.manifest.profile.name}."
        yield from facts(
            catalog,
            (_TYPE, NamedNode(f"{_DCAT}Catalog")),
            (f"{_DCTERMS}title", in_english(f"Exports by the profile {self.manifest.profile.name}")),
            (f"{_DCTERMS}description", in_english(text)),
            (f"{_DCTERMS}publisher", publisher),
            (f"{_DCAT}dataset", NamedNode(self.manifest.iri)),
        )
        name = self.profile.policy.assigner_name or self.manifest.tenant
        yield from facts(publisher.value, (_TYPE, NamedNode(f"{_FOAF}Agent")), (f"{_FOAF}name", name))

    @property
    def _publisher(self) -> str:
        return self.profile.policy.assigner or f"{self.manifest.base}tenant/{self.manifest.tenant}"

    def _agreed(self) -> Iterator[Triple]:
        about, profile = self.manifest.iri, self.profile
        yield from facts(
            about,
            (f"{_DCTERMS}description", in_english(profile.description or profile.title)),
            (f"{_DCTERMS}identifier", about),
            (f"{_DCTERMS}publisher", NamedNode(self._publisher)),
            (f"{_DCTERMS}conformsTo", NamedNode(profile.iri)),
        )
        if profile.policy.iri:
            yield from facts(about, (f"{ODRL}hasPolicy", NamedNode(profile.policy.iri)))
        yield from facts(
            profile.iri,
            (_TYPE, NamedNode(f"{_PROF}Profile")),
            (_TYPE, NamedNode(f"{_DCTERMS}Standard")),
            (f"{_DCTERMS}title", in_english(profile.title)),
        )

    def _counted(self) -> Iterator[Triple]:
        """How much there is of what; a part for each class and each property."""
        about, counts = self.manifest.iri, self.manifest.counts
        yield from facts(
            about,
            (f"{VOID}classes", len(counts.things)),
            (f"{VOID}properties", len(counts.properties)),
            (f"{VOID}distinctSubjects", counts.subjects),
        )
        parts = [("class", "entities", counts.things), ("property", "triples", counts.properties)]
        for kind, unit, by_iri in parts:
            for number, (iri, count) in enumerate(by_iri.items()):
                part = BlankNode(f"{kind}{number}")
                yield from facts(about, (f"{VOID}{kind}Partition", part))
                yield from facts(part, (f"{VOID}{kind}", NamedNode(iri)), (f"{VOID}{unit}", count))
        for kind, graph in self.manifest.graphs.items():
            if graph in counts.graphs:
                yield from facts(graph, (f"{_DCTERMS}title", in_english(f"{kind} statements")))

    def _origin(self) -> Iterator[Triple]:
        manifest = self.manifest
        export, build = f"{manifest.iri}#export", f"{manifest.iri}#build"
        generation, tool = f"{manifest.iri}#generation", f"{manifest.iri}#tool"
        yield from facts(
            manifest.iri,
            (f"{_PROV}wasGeneratedBy", NamedNode(export)),
            (f"{_PROV}wasDerivedFrom", NamedNode(generation)),
        )
        yield from self._activity(export, f"Export by the profile {manifest.profile.name}", generation, tool)
        yield from facts(tool, (_TYPE, NamedNode(f"{_PROV}SoftwareAgent")), (_LABEL, manifest.tool))
        yield from facts(
            generation,
            (_TYPE, NamedNode(f"{_PROV}Entity")),
            (_LABEL, in_english(f"Generation {manifest.generation} of the graph of {manifest.tenant}")),
            (f"{_PROV}generatedAtTime", Literal(manifest.created, datatype=NamedNode(f"{XSD}dateTime"))),
            (f"{_PROV}wasGeneratedBy", NamedNode(build)),
        )
        source = f"{manifest.iri}#source"
        yield from self._activity(build, f"Build of generation {manifest.generation}", source, tool)
        yield from facts(source, (_TYPE, NamedNode(f"{_PROV}Entity")), (_LABEL, manifest.source))
        yield from facts(
            build,
            (f"{JG}quarantinedEntryCount", manifest.findings.quarantined),
            (f"{JG}findingCount", sum(manifest.findings.generation.values())),
        )
        for rule in manifest.rules:
            yield from facts(build, (f"{_PROV}used", NamedNode(f"{JG}rules/{rule}")))
            yield from facts(f"{JG}rules/{rule}", (_TYPE, NamedNode(f"{_PROV}Plan")), (_LABEL, rule))
        if manifest.previous:
            previous = f"{self._series}/{manifest.previous.generation}"
            yield from facts(manifest.iri, (f"{_DCAT}previousVersion", NamedNode(previous)))

    def _activity(self, about: str, label: str, used: str, tool: str) -> Iterator[Triple]:
        yield from facts(
            about,
            (_TYPE, NamedNode(f"{_PROV}Activity")),
            (_LABEL, in_english(label)),
            (f"{_PROV}used", NamedNode(used)),
            (f"{_PROV}wasAssociatedWith", NamedNode(tool)),
        )

    def _distribution(self, name: str, file: FileFacts) -> Iterator[Triple]:
        place, about, checksum = (f"{self.manifest.iri}/{name}{end}" for end in ("", "#distribution", "#checksum"))
        media_type = f"{_MEDIA_TYPES}{file.media_type.partition(';')[0]}"
        yield from facts(
            self.manifest.iri,
            (f"{_DCAT}distribution", NamedNode(about)),
            *([(f"{VOID}dataDump", NamedNode(place))] if name.startswith("data/") else []),
        )
        yield from facts(
            about,
            (_TYPE, NamedNode(f"{_DCAT}Distribution")),
            (f"{_DCTERMS}title", in_english(f"{name}, as {file.format}")),
            (f"{_DCAT}accessURL", NamedNode(place)),
            (f"{_DCAT}downloadURL", NamedNode(place)),
            (f"{_DCAT}byteSize", Literal(str(file.size), datatype=NamedNode(f"{XSD}nonNegativeInteger"))),
            (f"{_DCAT}mediaType", NamedNode(media_type)),
            (f"{_SPDX}checksum", NamedNode(checksum)),
        )
        yield from facts(media_type, (_TYPE, NamedNode(f"{_DCTERMS}MediaType")))
        for suffix, packing in _PACKINGS.items():
            if name.endswith(suffix):
                yield from facts(about, (f"{_DCAT}compressFormat", NamedNode(packing)))
                yield from facts(packing, (_TYPE, NamedNode(f"{_DCTERMS}MediaType")))
        algorithm = f"{_SPDX}checksumAlgorithm_sha256"
        yield from facts(
            checksum,
            (_TYPE, NamedNode(f"{_SPDX}Checksum")),
            (f"{_SPDX}algorithm", NamedNode(algorithm)),
            (f"{_SPDX}checksumValue", Literal(file.sha256, datatype=NamedNode(f"{XSD}hexBinary"))),
        )
        yield from facts(algorithm, (_TYPE, NamedNode(f"{_SPDX}ChecksumAlgorithm")))
