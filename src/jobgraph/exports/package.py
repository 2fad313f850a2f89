"""A package: what a profile lets out of a generation, with all that a partner needs to check, understand and load it.

The same generation, profile and keys give the same bytes, on any machine and at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeAlias
from urllib.parse import urlsplit

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, Triple, parse

from jobgraph.errors import ExportRefusedError
from jobgraph.exports.archive import package_at
from jobgraph.exports.compression import Compression
from jobgraph.exports.contract import ontology_part, terms_of
from jobgraph.exports.contract_shapes import contract_shapes
from jobgraph.exports.description import describe_package, policy_part
from jobgraph.exports.gate import check_gate
from jobgraph.exports.json_ld_context import context_document
from jobgraph.exports.manifest import (
    MANIFEST,
    SIGNATURE,
    Counts,
    FileFacts,
    Findings,
    Hashes,
    Manifest,
    Previous,
    ProfileFacts,
    tool_name,
)
from jobgraph.exports.package_data import broken, load_store
from jobgraph.exports.package_parts import CONTEXT, DataFiles, DataWriter, facts_of
from jobgraph.exports.profile import Format, Profile
from jobgraph.exports.readme import write_readme
from jobgraph.exports.selection import Selection
from jobgraph.exports.signing import SigningKey
from jobgraph.exports.sorted_data import SortedQuads, plain_iri
from jobgraph.exports.terms import Terms
from jobgraph.exports.verification import CONTRACT, DESCRIPTION, POLICY, PROFILE, SHAPES
from jobgraph.shacl import read_shapes
from jobgraph.store import Generation
from jobgraph.validation import count_severities
from jobgraph.vocabulary import JG, Vocabulary

README = "README.md"
WriteData: TypeAlias = Callable[[Path, SortedQuads, Compression], DataFiles]


class Progress(Protocol):
    """What is called when a part of the work begins, with a count of 0, and when it is done."""

    def __call__(self, stage: str, count: int, unit: str = ..., /) -> None:
        """Take note of `count` more things of `unit`."""


@dataclass(frozen=True)
class PackageRequest:
    """How a package is asked for.

    Parameters
    ----------
    formats : instead of those of the profile.
    signing_key : signs the manifest.
    pseudonym_key : the secret behind pseudonyms, for profiles that have them.
    force : make it whatever speaks against it; the manifest then says what did.
    today : the day on which the policy must hold.
    previous : the package that this one follows on.
    write_data : writes the data, instead of the formats, into the folder of the package.
    """

    formats: tuple[Format, ...] = ()
    compression: Compression = "none"
    signing_key: SigningKey | None = None
    pseudonym_key: bytes | None = None
    force: bool = False
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    previous: Previous | None = None
    write_data: WriteData | None = None


def write_package(
    generation: Generation,
    profile: Profile,
    target: Path | BinaryIO,
    *,
    vocabulary: Vocabulary,
    request: PackageRequest | None = None,
    progress: Progress = lambda _stage, _count, _unit="": None,
) -> Manifest:
    """Write the package of a generation by a profile; what it says of itself.

    Parameters
    ----------
    target : a new folder, a new file that ends in `.zip`, or a stream for a zip file.

    Raises
    ------
    ExportRefusedError : the profile forbids it, for this generation or today, or lets out nothing of it.
    UsageError : the target is there already, or the profile needs a key for pseudonyms.
    StorageError : the target cannot be written; nothing is there.
    """
    asked = request or PackageRequest()
    with generation.open() as store:
        reasons = check_gate(generation, profile, store=store, now=asked.today, vocabulary=vocabulary)
        if reasons and not asked.force:
            raise ExportRefusedError(f"{profile.name} forbids this export: {' '.join(reasons)}")
        selection = Selection(store, generation, profile, vocabulary=vocabulary, key=asked.pseudonym_key)
        source = _Source(generation, profile, vocabulary, store, selection)
        with package_at(target) as folder:
            return _Writer(source, asked, folder, progress).write(tuple(reasons))


@dataclass(frozen=True)
class _Source:
    """Where the content of a package comes from."""

    generation: Generation
    profile: Profile
    vocabulary: Vocabulary
    store: Store
    selection: Selection


@dataclass
class _Writer:
    """The parts of one package, written one after another into a folder."""

    source: _Source
    asked: PackageRequest
    folder: Path
    progress: Progress
    files: dict[str, FileFacts] = field(default_factory=dict)
    losses: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def write(self, reasons: tuple[str, ...]) -> Manifest:
        """Write all parts; `reasons` spoke against it."""
        profile, key = self.source.profile, self.asked.signing_key
        data = self._selected()
        counts = self._counts(data)
        self._write_data(data)
        self._write_contract({*counts.things, *counts.properties, *data.census.terms})
        self._write_text(PROFILE, profile.turtle)
        self._write_text(POLICY, policy_part(profile))
        self._write_text(CONTEXT, context_document(self.source.vocabulary).decode())
        manifest = Manifest(
            **self._facts_of_generation(),
            counts=counts,
            hashes=Hashes(dataset=data.sha256, triples=data.census.digest),
            losses=self.losses,
            forced=reasons,
            previous=self.asked.previous,
            signed_by=key.public.name if key else None,
            findings=self._validate(data),
            files={},
        )
        self._write_text(DESCRIPTION, describe_package(self._complete(manifest), profile))
        self._write_text(README, write_readme(self._complete(manifest), profile, self._labels(counts)))
        complete = self._complete(manifest).sealed()
        self._write_bytes(MANIFEST, complete.to_bytes())
        if key:
            self._write_bytes(SIGNATURE, key.sign(complete.to_bytes()))
        return complete

    def _selected(self) -> SortedQuads:
        """What leaves: the generation is read once for it, whatever is made of it then."""
        selection, profile = self.source.selection, self.source.profile
        self.progress("select", 0, "triples")
        data = SortedQuads.write(selection.quads(), self.folder.parent / "data.nq")
        if not data.census.triples:
            raise ExportRefusedError(
                f"{profile.name} lets out nothing of generation {self.source.generation.name}; "
                "see why with jobgraph profile check."
            )
        self.progress("select", data.census.triples, "triples")
        return data

    def _counts(self, data: SortedQuads) -> Counts:
        selected, census = self.source.selection.counts, data.census
        return Counts(
            triples=census.triples,
            subjects=census.subjects,
            things=census.things,
            properties=census.properties,
            graphs={plain_iri(graph): count for graph, count in data.graphs.items()},
            left_out=sum(selected.links_left_out.values()),
            masked=dict(sorted(selected.masked.items())),
        )

    def _write_data(self, data: SortedQuads) -> None:
        source, packing = self.source, self.asked.compression
        if self.asked.write_data:
            self.files.update(self.asked.write_data(self.folder, data, packing).files)
            return
        writer = DataWriter(self.folder, data, source.profile, source.vocabulary, packing)
        for format_ in dict.fromkeys(self.asked.formats or source.profile.formats):
            self.progress(f"write {format_}", 0, "triples")
            written = writer.write(format_)
            self.files.update(written.files)
            self.losses[format_] = written.losses
            self.progress(f"write {format_}", data.census.triples, "triples")

    def _write_contract(self, used: set[str]) -> None:
        """The part of the ontology with what the profile lets be used and what is used, and the shapes."""
        source = self.source
        self.progress("contract", 0, "files")
        (self.folder / "contract").mkdir()
        part = ontology_part(
            self._ontology(),
            terms_of(source.profile, source.vocabulary) | used,
            iri=f"{self._iri}/{CONTRACT}",
            title=f"Terms of the profile {source.profile.name}",
        )
        self._write_text(CONTRACT, part)
        self._write_text(SHAPES, contract_shapes(source.profile, source.vocabulary))
        self.progress("contract", 2, "files")

    def _ontology(self) -> Iterator[Triple]:
        graph = NamedNode(self.source.generation.names.ontology)
        return (quad.triple for quad in self.source.store.quads_for_pattern(None, None, None, graph))

    def _validate(self, data: SortedQuads) -> Findings:
        """What the data break of the contract, and what the whole generation did of all shapes."""
        self.progress("validate", 0, "triples")
        store = load_store(data, self.folder.parent / "store")
        contract = parse(path=str(self.folder / CONTRACT), format=RdfFormat.TURTLE)
        store.extend(Quad(quad.subject, quad.predicate, quad.object, NamedNode(JG)) for quad in contract)
        found = count_severities(broken(store, read_shapes([self.folder / SHAPES])))
        self.progress("validate", data.census.triples, "triples")
        facts: Mapping[str, Any] = self.source.generation.manifest
        severities = facts.get("severities") or {}
        return Findings(quarantined=facts.get("quarantined") or 0, generation=severities, package=found)

    @property
    def _iri(self) -> str:
        source = self.source
        return f"{self._base}exports/{source.generation.slug}/{source.profile.name}/{source.generation.name}"

    @property
    def _base(self) -> str:
        return self.source.profile.base or self.source.generation.names.base

    def _facts_of_generation(self) -> dict[str, Any]:
        generation, profile, selection = self.source.generation, self.source.profile, self.source.selection
        facts: Mapping[str, Any] = generation.manifest
        return {
            "iri": self._iri,
            "profile": ProfileFacts(name=profile.name, iri=profile.iri, title=profile.title),
            "tenant": generation.slug,
            "generation": generation.name,
            "created": facts["created"],
            "base": self._base,
            "source": _source_name(str(facts.get("source") or "")),
            "rules": facts.get("inferred") or {},
            "tool": tool_name(),
            "graphs": {kind: selection.graph_outside(kind).value for kind in sorted(profile.graphs)},
        }

    def _labels(self, counts: Counts) -> dict[str, str]:
        terms, profile = Terms(self.source.vocabulary), self.source.profile
        paths = {path for rule in profile.classes.values() for path in rule.properties}
        return {iri: terms.label(iri) for iri in sorted({*counts.things, *profile.classes, *paths})}

    def _complete(self, manifest: Manifest) -> Manifest:
        """The manifest with the files that there are now."""
        return manifest.model_copy(update={"files": dict(sorted(self.files.items()))})

    def _write_text(self, name: str, text: str) -> None:
        self._write_bytes(name, text.encode())
        self.files[name] = facts_of(self.folder / name)

    def _write_bytes(self, name: str, content: bytes) -> None:
        (self.folder / name).write_bytes(content)


def _source_name(location: str) -> str:
    """The last step of where the rows came from, the name of a database or folder; the rest is of this machine."""
    return (urlsplit(location).path if "://" in location else location).rstrip("/").rpartition("/")[2]
