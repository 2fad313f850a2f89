"""A package of changes: instead of all data, what makes them of those of an earlier package or generation.

    with changes_since(earlier, generation, profile, vocabulary=vocabulary) as request:
        write_package(generation, profile, target, vocabulary=vocabulary, request=request)

    changes/patch.rdfp      the RDF Patch, from the canonical hash of the earlier data set to that of the new one
    changes/tombstones.ttl  the things that left: `as:Tombstone` with what they were, and when they were gone

All else is that of the full package, so that whoever applies the changes has all of it. A thing has left when nothing
is said of it any more, be it gone from the source or no longer let out by the profile: to a partner both are the same.
The patch repeats what is deleted, so it is for who had it; a tombstone says no more than that there was something.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from jobgraph.errors import PackageError, RefusedError
from jobgraph.exports.compression import SUFFIXES, Compression, compressed
from jobgraph.exports.differences import iter_changed_things
from jobgraph.exports.manifest import MANIFEST, Manifest, Previous, read_manifest
from jobgraph.exports.package import PackageRequest
from jobgraph.exports.package_data import READ_BACK, iter_quads, readable_files
from jobgraph.exports.package_files import PackageFiles
from jobgraph.exports.package_parts import DataFiles, Measured, facts_of
from jobgraph.exports.patches import MEDIA_TYPE, PatchHeader, write_patch
from jobgraph.exports.profile import Profile
from jobgraph.exports.selection import Selection
from jobgraph.exports.sorted_data import SortedQuads
from jobgraph.exports.sorted_quads import Kind
from jobgraph.store import PREFIXES, Generation
from jobgraph.store.durable import storage_errors
from jobgraph.vocabulary import RDF, XSD, Vocabulary

PATCH, TOMBSTONES, FORMAT = "changes/patch.rdfp", "changes/tombstones.ttl", "rdf-patch"
_AS = "https://www.w3.org/ns/activitystreams#"
_TYPE, _TOMBSTONE = NamedNode(RDF + "type"), NamedNode(f"{_AS}Tombstone")
_FORMER_TYPE, _DELETED = NamedNode(f"{_AS}formerType"), NamedNode(f"{_AS}deleted")


@contextmanager
def changes_since(
    since: Generation | PackageFiles,
    generation: Generation,
    profile: Profile,
    *,
    vocabulary: Vocabulary,
    request: PackageRequest | None = None,
) -> Iterator[PackageRequest]:
    """How to ask `write_package` for a package of changes, inside the block.

    Parameters
    ----------
    since : a generation, as the profile lets it out today, or a package, as it is.
    request : all else that is asked for.

    Raises
    ------
    RefusedError : the package is of another tenant or profile.
    PackageError : the package has no data with graphs, or others than it says.
    StorageError : the disk is full.
    """
    asked = request or PackageRequest()
    with TemporaryDirectory(prefix="jobgraph-changes-") as name:
        work = Path(name)
        with storage_errors(work):
            if isinstance(since, Generation):
                old = _sorted_generation(since, profile, vocabulary, asked.pseudonym_key, work / "old")
                previous = Previous(generation=since.name, dataset=old.sha256)
            else:
                old, previous = _sorted_package(since, generation, profile, work / "old")
        data = _ChangeWriter(old, generation, profile.name)
        yield replace(asked, previous=previous, write_data=data.write)


def read_sorted(files: PackageFiles, manifest: Manifest, path: Path) -> SortedQuads:
    """The data of a package, sorted, in a new file.

    Raises
    ------
    PackageError : it has none in a format with graphs, or others than its manifest says.
    """
    named = [name for name in readable_files(manifest) if READ_BACK[manifest.files[name].format].supports_datasets]
    if not named:
        formats = ", ".join(name for name, format_ in READ_BACK.items() if format_.supports_datasets)
        raise PackageError(files.location, f"has no data that say their graphs ({formats}), which changes need")
    found = SortedQuads.write(iter_quads(files, named[0], manifest.files[named[0]]), path)
    if found.sha256 != manifest.hashes.dataset:
        raise PackageError(files.location, f"has data in {named[0]} with another canonical hash than stated")
    return found


@dataclass(frozen=True)
class _ChangeWriter:
    """Writes the changes to a selection in the place of its data."""

    old: SortedQuads
    generation: Generation
    profile: str

    def write(self, folder: Path, new: SortedQuads, packing: Compression) -> DataFiles:
        """Write patch and tombstones into the folder of a package."""
        facts = {"profile": self.profile, "tenant": self.generation.slug, "generation": self.generation.name}
        header = PatchHeader(new.sha256, self.old.sha256, {**facts, "created": self._created})
        gone: list[Triple] = []  # in memory: three statements for each thing that left
        (folder / PATCH).parent.mkdir(exist_ok=True)
        name = f"{PATCH}{SUFFIXES[packing]}"
        with (folder / name).open("wb") as output, compressed(output, packing) as stream:
            measured: Any = Measured(stream)
            write_patch(header, self._lines(new, gone), measured)
        content = None if packing == "none" else measured.content()
        with (folder / TOMBSTONES).open("wb") as output:
            serialize(gone, output, RdfFormat.TURTLE, prefixes={**PREFIXES, "as": _AS})
        files = {
            name: facts_of(folder / name, media_type=MEDIA_TYPE, format_=FORMAT, content=content),
            TOMBSTONES: facts_of(folder / TOMBSTONES),
        }
        return DataFiles(files, ())

    def _lines(self, new: SortedQuads, gone: list[Triple]) -> Iterator[tuple[Kind, bytes]]:
        for thing in iter_changed_things(self.old.lines(), new.lines()):
            yield from thing.lines()
            if not thing.after and isinstance(thing.subject, NamedNode):
                gone += self._tombstone(thing.subject, thing.types_before)

    def _tombstone(self, thing: NamedNode, types: list[NamedNode]) -> Iterator[Triple]:
        yield Triple(thing, _TYPE, _TOMBSTONE)
        yield from (Triple(thing, _FORMER_TYPE, kind) for kind in types)
        yield Triple(thing, _DELETED, Literal(self._created, datatype=NamedNode(f"{XSD}dateTime")))

    @property
    def _created(self) -> str:
        return str(self.generation.manifest["created"])


def _sorted_generation(
    since: Generation, profile: Profile, vocabulary: Vocabulary, key: bytes | None, path: Path
) -> SortedQuads:
    with since.open() as store:
        selection = Selection(store, since, profile, vocabulary=vocabulary, key=key)
        return SortedQuads.write(selection.quads(), path)


def _sorted_package(
    since: PackageFiles, generation: Generation, profile: Profile, path: Path
) -> tuple[SortedQuads, Previous]:
    manifest = read_manifest(since.read(MANIFEST), since.location)
    for what, theirs, ours in (
        ("tenant", manifest.tenant, generation.slug),
        ("profile", manifest.profile.iri, profile.iri),
    ):
        if theirs != ours:
            raise RefusedError(
                f"The package {since.location} is of the {what} {theirs}, and this export of {ours}; "
                "changes are between packages of one tenant and profile."
            )
    found = read_sorted(since, manifest, path)
    return found, Previous(generation=manifest.generation, dataset=found.sha256)
