"""A backup read to its last byte: compared with all that it says of itself, and unpacked where it is wanted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from pyoxigraph import NamedNode

from jobgraph.errors import BackupError, HomeFormatError, StorageError, UsageError
from jobgraph.exports.canonical import dataset_hash
from jobgraph.operations.archive import Member, iter_members
from jobgraph.operations.contents import content_hash
from jobgraph.operations.manifest import MANIFEST, FileFacts, Manifest, TenantFacts, read_manifest
from jobgraph.pipeline.plan import Progress
from jobgraph.store import Generation, Home
from jobgraph.store.durable import storage_errors
from jobgraph.store.layout import FORMAT
from jobgraph.store.oxigraph import count_triples
from jobgraph.store.sums import iter_damage

_MOST_MANIFEST_BYTES = 1 << 30


def unpack(path: Path, size: int, folder: Path | None, slugs: Iterable[str], progress: Progress) -> Manifest:
    """The manifest of a backup whose files are as it says; those of the tenants are put into `folder`, or all.

    Parameters
    ----------
    size : how many bytes it unpacks to, as its seal says.
    folder : None to write nothing.

    Raises
    ------
    BackupError : something is not as the manifest says.
    HomeFormatError : a newer program made it.
    StorageError : the disk is full.
    """
    starts = tuple(f"tenants/{slug}/" for slug in slugs)
    seen: dict[str, FileFacts] = {}
    text = b""
    for member, pieces in iter_members(path, size):
        if text or member.name in seen:
            raise BackupError(path, "goes on after its manifest" if text else f"holds two files {member.name}")
        if member.name == MANIFEST:
            text = _read_text(path, member, pieces)
            continue
        is_wanted = folder is not None and (not starts or member.name.startswith(starts))
        seen[member.name] = _copied(path, member, pieces, folder / member.name if folder and is_wanted else None)
        progress("restore" if folder else "verify", member.size // 1000, "kB")
    manifest = read_manifest(path, text)
    if manifest.home_format > FORMAT:
        raise HomeFormatError(
            f"The backup {path} is of a home of format {manifest.home_format}, and this version of jobgraph knows "
            f"{FORMAT} at most; install a newer one."
        )
    for name in sorted(seen.keys() | manifest.files):
        if seen.get(name) != manifest.files.get(name):
            raise BackupError(path, f"has another {name} than its manifest states")
    return manifest


def check_tenant(path: Path, staged: Path, slug: str, manifest: Manifest) -> None:
    """Look whether what was unpacked of a tenant is what the manifest says, and can be opened.

    Raises
    ------
    BackupError : it is not.
    UsageError : the backup has no such tenant.
    """
    facts = manifest.tenants.get(slug)
    if facts is None:
        raise UsageError(f"The backup {path} has no tenant {slug}; choose one of {', '.join(manifest.tenants)}.")
    generation = Home(staged).tenant(slug).current()
    place = f"tenants/{slug}/generations/{facts.generation}/"
    sums = {name.removeprefix(place): file.sha256 for name, file in manifest.files.items() if name.startswith(place)}
    if generation is None or generation.name != facts.generation or content_hash(sums) != facts.content:
        raise BackupError(path, f"has another generation of {slug} than its manifest states")
    for problem in iter_damage(generation.path, deep=False):
        raise BackupError(path, f"has a generation of {slug} in which {problem}")
    try:
        _check_graphs(path, generation, facts)
    except StorageError as error:
        raise BackupError(path, f"has a store of {slug} that cannot be opened: {str(error).rstrip('.')}") from error


def _read_text(path: Path, member: Member, pieces: Iterator[bytes]) -> bytes:
    if member.size > _MOST_MANIFEST_BYTES:
        raise BackupError(path, f"has a manifest of {member.size:,} bytes")
    return b"".join(pieces)


def _copied(path: Path, member: Member, pieces: Iterator[bytes], target: Path | None) -> FileFacts:
    """The facts of a file that was read, and written to `target` if there is one."""
    digest = hashlib.sha256()
    with ExitStack() as stack:
        stream = stack.enter_context(_new_file(path, member, target)) if target else None
        for piece in pieces:
            digest.update(piece)
            if stream and target:
                with storage_errors(target):
                    stream.write(piece)
    return FileFacts(size=member.size, sha256=digest.hexdigest())


@contextmanager
def _new_file(path: Path, member: Member, target: Path) -> Iterator[BinaryIO]:
    try:
        with storage_errors(target, known_only=True):
            target.parent.mkdir(parents=True, exist_ok=True)
            stream = target.open("xb")
            target.chmod(member.mode)
    except (FileExistsError, NotADirectoryError) as error:
        raise BackupError(path, f"holds a file and a folder of the name {member.name}") from error
    with storage_errors(target), stream:
        yield stream


def _check_graphs(path: Path, generation: Generation, facts: TenantFacts) -> None:
    with generation.open() as store:
        counts = {graph: count_triples(store, NamedNode(graph)) for graph in facts.counts}
        if counts != facts.counts:
            raise BackupError(path, f"has other counts of triples of {generation.slug} than its manifest states")
        if facts.canonical and dataset_hash(store) != facts.canonical:
            raise BackupError(path, f"has graphs of {generation.slug} with another canonical hash than stated")
