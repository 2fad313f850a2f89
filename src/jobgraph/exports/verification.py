"""A package from elsewhere, checked in all that it says about itself; the first thing that does not hold ends it.

In this order: its files and their hashes, the signature, the policy, the canonical hash and the counts of the data,
that there is nothing which the profile does not name, that all formats say the same, and the shapes of its contract.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, parse

from jobgraph.errors import JobgraphError, PackageError
from jobgraph.exports.canonical import dataset_hash, triples_hash
from jobgraph.exports.copies import Copies
from jobgraph.exports.description import VOID, policy_part
from jobgraph.exports.jelly import has_library
from jobgraph.exports.justification import unjustified
from jobgraph.exports.manifest import MANIFEST, SIGNATURE, FileFacts, Manifest, in_words, read_manifest, tool_name
from jobgraph.exports.package_data import (
    WITH_GRAPHS,
    broken,
    iter_quads,
    iter_unpacked,
    load_store,
    readable_files,
)
from jobgraph.exports.package_files import PackageFiles
from jobgraph.exports.package_parts import DataWriter
from jobgraph.exports.profile import Profile, read_profile
from jobgraph.exports.signing import PublicKey
from jobgraph.exports.sorted_data import Census, SortedQuads, plain_iri
from jobgraph.shacl import Result, read_shapes
from jobgraph.store import screen_query
from jobgraph.store.durable import storage_errors
from jobgraph.validation import count_severities
from jobgraph.vocabulary import JG, SH, Vocabulary
from jobgraph.vocabulary.graph import Graph

CONTRACT, SHAPES = "contract/ontology.ttl", "contract/shapes.ttl"
DESCRIPTION, POLICY, PROFILE = "description.ttl", "policy.ttl", "profile.ttl"
_QUERIES = {SH + name for name in ("ask", "construct", "select", "update")}


@dataclass(frozen=True)
class Verified:
    """A package that holds what it says.

    Parameters
    ----------
    checks : what was checked, a line for each.
    results : what the data break of the contract, as the manifest states.
    data : its data set, in the work folder; None where it has no data that can be read back.
    """

    manifest: Manifest
    profile: Profile
    checks: tuple[str, ...]
    results: tuple[Result, ...]
    data: SortedQuads | None


@dataclass(frozen=True)
class Expectations:
    """What the receiver of a package knows: whose key must have signed it, the day, and the vocabulary."""

    vocabulary: Vocabulary
    today: date
    key: PublicKey | None = None


def verify_package(files: PackageFiles, expected: Expectations, work: Path) -> Verified:
    """The package, when all that it says holds; `work` is an empty folder for what it takes.

    Raises
    ------
    PackageError : something does not hold; the sentence says what.
    InputError : a file of it cannot be read.
    StorageError : the disk is full.
    """
    text = files.read(MANIFEST)
    manifest = read_manifest(text, files.location)
    check = _Verification(files, manifest, expected, work)
    lines = [check.files_are_whole(), check.signature(text)]
    profile = check.profile()
    lines.append(check.policy(profile))
    names = readable_files(manifest)
    if not names:
        lines.append("data: of formats that are not read back; only hashes checked")
        return Verified(manifest, profile, tuple(lines), (), None)
    data = check.data(names[0])
    lines += [
        f"data: {data.census.triples:,} triples, canonical hash and counts as stated",
        check.description(data.census),
    ]
    lines += [check.justified(profile, data), check.copies(profile, data, names)]
    results = check.contract(data)
    lines.append(f"contract: {in_words(manifest.findings.package)}, as stated")
    return Verified(manifest, profile, tuple(lines), tuple(results), data)


@dataclass(frozen=True)
class _Verification:
    """The checks of one package; each gives a line on what it checked, or raises."""

    files: PackageFiles
    manifest: Manifest
    expected: Expectations
    work: Path

    def files_are_whole(self) -> str:
        """Every file is there, none is more, and each has its hash."""
        listed = {*self.manifest.files, MANIFEST, *([SIGNATURE] if self.manifest.signed_by else [])}
        for name in sorted(listed ^ set(self.files.names)):
            raise self._fault(f"lacks the file {name}" if name in listed else f"has a file too many, {name}")
        for name in sorted({CONTRACT, SHAPES, DESCRIPTION, POLICY, PROFILE} - listed):
            raise self._fault(f"lacks the file {name}")
        for name, file in self.manifest.files.items():
            with self.files.open(name) as stream:
                self._check_digest(name, iter(lambda: stream.read(1 << 20), b""), file.size, file.sha256)
            if file.content:
                self.files.limits.check(self.files.location, unpacked=file.content.size, packed=file.size)
                self._check_digest(name, iter_unpacked(self.files, name, file), file.content.size, file.content.sha256)
        return f"files: {len(self.manifest.files) + 1} whole"

    def signature(self, text: bytes) -> str:
        """It was signed with the key that the receiver knows."""
        name, key = self.manifest.signed_by, self.expected.key
        if name is None:
            if key:
                raise self._fault("is not signed")
            return "signature: none"
        if key is None:
            return f"signature: not checked, made with {name}; name the sender's key to check it"
        if key.name != name:
            raise self._fault(f"was signed with another key, {name}")
        if not key.signed(text, self.files.read(SIGNATURE, limit=64)):
            raise self._fault("has a signature that does not fit")
        return f"signature: good, made with {name}"

    def profile(self) -> Profile:
        """The profile in it, which is that of the manifest."""
        path = self.work / "profile.ttl"
        path.write_bytes(self.files.read(PROFILE))
        profile = read_profile(str(path), vocabulary=self.expected.vocabulary)
        stated = self.manifest.profile
        if (stated.iri, stated.title) != (profile.iri, profile.title):
            raise self._fault(f"states the profile {stated.iri} and has {profile.iri}")
        return profile

    def policy(self, profile: Profile) -> str:
        """What was agreed is what the profile says, and holds today."""
        stated, agreed = (self._triples(text) for text in (self.files.read(POLICY), policy_part(profile).encode()))
        if triples_hash(stated) != triples_hash(agreed):
            raise self._fault("has a policy that is not that of its profile")
        policy, today = profile.policy, self.expected.today
        if policy.valid_from and today < policy.valid_from:
            raise self._fault(f"has a policy that holds from {policy.valid_from} on only")
        if policy.valid_until and today > policy.valid_until:
            raise self._fault(f"has a policy that ended on {policy.valid_until}")
        return f"policy: valid{f' until {policy.valid_until}' if policy.valid_until else ''}"

    def data(self, name: str) -> SortedQuads:
        """A file with data holds those that the manifest states; they are read once, here."""
        with storage_errors(self.work):
            data = SortedQuads.write(self._quads(name), self.work / "data.nq")
        counts, hashes, census = self.manifest.counts, self.manifest.hashes, data.census
        has_graphs = self.manifest.files[name].format in WITH_GRAPHS
        if census.digest != hashes.triples or (has_graphs and data.sha256 != hashes.dataset):
            raise self._fault(f"has data in {name} with another canonical hash than stated")
        counted = (census.triples, census.subjects, census.things, census.properties)
        if counted != (counts.triples, counts.subjects, counts.things, counts.properties):
            raise self._fault("has data whose counts are not those stated")
        if has_graphs and {plain_iri(graph): count for graph, count in data.graphs.items()} != counts.graphs:
            raise self._fault("has data whose counts by graph are not those stated")
        return data

    def copies(self, profile: Profile, data: SortedQuads, names: list[str]) -> str:
        """All other files with data say the same: they are read back, or made again."""
        for name in names[1:]:
            self._check_hash(name, self.manifest.files[name])
        left = {name: file for name, file in self.manifest.files.items() if file.format and name not in names}
        unknown = [name for name, file in left.items() if file.format == "jelly" and not has_library()]
        with storage_errors(self.work):
            again = self.work / "again"
            again.mkdir()
            writer = DataWriter(again, data, profile, self.expected.vocabulary, "none")
            known = {name: file for name, file in left.items() if name not in unknown}
            different = Copies(self.files, known, writer).different()
        if different and self.manifest.tool == tool_name():
            raise self._fault(f"has other data in {different[0]} than in {names[0]}")
        if different or unknown:
            return f"copies: not compared, for nothing here writes them the same way: {', '.join(different + unknown)}"
        return f"copies: {len(names) - 1 + len(left)} more files say the same"

    def description(self, census: Census) -> str:
        """The description for machines counts what there is."""
        graph, about = Graph(self._triples(self.files.read(DESCRIPTION))), NamedNode(self.manifest.iri)
        if graph.text(about, f"{VOID}triples") != str(census.triples):
            raise self._fault(f"has a description that does not count {census.triples} triples")
        for kind, unit, counted in (("class", "entities", census.things), ("property", "triples", census.properties)):
            parts = graph.all(about, f"{VOID}{kind}Partition")
            stated = {graph.text(part, f"{VOID}{kind}"): graph.text(part, f"{VOID}{unit}") for part in parts}
            if stated != {iri: str(count) for iri, count in counted.items()}:
                raise self._fault(f"has a description that counts other triples by {kind} than there are")
        return f"description: counts {len(census.things)} classes and {len(census.properties)} properties as they are"

    def justified(self, profile: Profile, data: SortedQuads) -> str:
        """There is nothing that the profile does not let out."""
        stray = unjustified(data.lines, profile, self.manifest.graphs, self.expected.vocabulary)
        if stray:
            raise self._fault(f"has what its profile does not let out: {stray}")
        return "profile: nothing outside it"

    def contract(self, data: SortedQuads) -> list[Result]:
        """The data break no more of the contract than the manifest states."""
        shapes = self.files.read(SHAPES)
        for triple in self._triples(shapes):
            if triple.predicate.value in _QUERIES:
                screen_query(getattr(triple.object, "value", ""))
        path = self.work / "shapes.ttl"
        path.write_bytes(shapes)
        with storage_errors(self.work):
            store = load_store(data, self.work / "store")
            terms = self._triples(self.files.read(CONTRACT))
            store.extend(Quad(triple.subject, triple.predicate, triple.object, NamedNode(JG)) for triple in terms)
        results = broken(store, read_shapes([path]))
        found = count_severities(results)
        if found != dict(self.manifest.findings.package):
            raise self._fault(f"breaks its contract otherwise than stated: {in_words(found)}")
        return results

    def _quads(self, name: str) -> Iterator[Quad]:
        return iter_quads(self.files, name, self.manifest.files[name])

    def _check_hash(self, name: str, file: FileFacts) -> None:
        if file.format in WITH_GRAPHS:
            is_same = dataset_hash(self._quads(name)) == self.manifest.hashes.dataset
        else:
            is_same = triples_hash(quad.triple for quad in self._quads(name)) == self.manifest.hashes.triples
        if not is_same:
            raise self._fault(f"has data in {name} with another canonical hash than stated")

    def _check_digest(self, name: str, pieces: Iterator[bytes], size: int, stated: str) -> None:
        digest, counted = sha256(), 0
        for piece in pieces:
            digest.update(piece)
            counted += len(piece)
        if (counted, digest.hexdigest()) != (size, stated):
            raise self._fault(f"has another {name} than its manifest states")

    def _triples(self, text: bytes) -> list[Triple]:
        try:
            return [quad.triple for quad in parse(text, RdfFormat.TURTLE)]
        except SyntaxError as error:
            raise self._fault(f"has Turtle that does not parse: {error.msg.rstrip('.')}") from error

    def _fault(self, problem: str) -> JobgraphError:
        return PackageError(self.files.location, problem)
