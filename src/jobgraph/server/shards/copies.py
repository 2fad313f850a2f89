"""A tenant on its way to another host: one tar stream of all that it has, checked file by file where it arrives.

generations/000007/…    every generation; what they share goes once, as hard links
profiles/…  CURRENT     and whatever else the tenant's folder holds, but for what can be made again
tokens.json             its tokens, as hashes
hashes.json             the SHA-256 of every file before it; last, so that a stream that broke off has none
"""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from hashlib import file_digest, sha256
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO, cast

from jobgraph.errors import InputError, StorageError
from jobgraph.server.access import Token
from jobgraph.store import Generation, Tenant
from jobgraph.store.durable import remove_tree, shared_lock, storage_errors, sync_tree

TOKENS, HASHES = "tokens.json", "hashes.json"
_MANIFEST = "manifest.json"
_STAY = {"generations", "cache", "HELD"}  # that are not copied as they are
_PART_BYTES = 1 << 18


def known_generations(tenant: Tenant) -> dict[str, str]:
    """The SHA-256 of the manifest of each generation, by name; equal ones are the same generation."""
    return _manifest_hashes(tenant.generations())


def copied_bytes(tenant: Tenant) -> int:
    """How many bytes its generations take; what they share counts once."""
    sizes = {}
    for generation in tenant.generations():
        with suppress(FileNotFoundError):  # pruned meanwhile
            for path in _iter_files(generation.path):
                found = path.stat()
                sizes[found.st_ino] = found.st_size
    return sum(sizes.values())


def iter_copy(tenant: Tenant, tokens: Iterable[Token], known: Mapping[str, str]) -> Iterator[bytes]:
    """The stream of a tenant, in parts.

    Parameters
    ----------
    known : the generations that the other host has already, as `known_generations` gives them.

    Raises
    ------
    StorageError : it cannot be read to its end.
    """
    kept = list(tokens)
    reading, writing = os.pipe()
    failed: list[Exception] = []

    def write() -> None:
        try:
            with os.fdopen(writing, "wb") as stream:
                _write(stream, tenant, kept, known)
        except BrokenPipeError:
            pass  # nobody reads any more
        except (OSError, ValueError) as error:  # StorageError is one
            failed.append(error)

    writer = Thread(target=write, daemon=True)
    writer.start()
    with os.fdopen(reading, "rb") as stream:
        while part := stream.read(_PART_BYTES):
            yield part
    writer.join()
    if failed:
        raise StorageError(f"{tenant.slug} cannot be copied: {failed[0]}") from failed[0]


def read_copy(stream: BinaryIO, folder: Path) -> None:
    """Put what comes in a stream into a folder, which is there; what it holds already may be linked to.

    Raises
    ------
    InputError : the stream broke off, or a file is not what was sent; the folder is removed.
    StorageError : the disk is full or cannot be written; the folder is removed.
    """
    is_whole = False
    try:
        with storage_errors(folder):
            hashes = _extract(stream, folder)
            if _hashes_of(folder, hashes) != hashes:
                raise InputError(f"What came for {folder.name} is not what was sent; send it again.")
            sync_tree(folder)
        is_whole = True
    except (tarfile.TarError, EOFError, KeyError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"What came for {folder.name} broke off or is no copy of a tenant; send it again.") from error
    finally:
        if not is_whole:
            remove_tree(folder)


def read_tokens(folder: Path) -> list[Token]:
    """The tokens in a folder that a copy was put into."""
    with storage_errors(folder):
        return [Token.from_json(fields) for fields in json.loads(folder.joinpath(TOKENS).read_bytes())]


def _write(stream: BinaryIO, tenant: Tenant, tokens: list[Token], known: Mapping[str, str]) -> None:
    hashes: dict[str, str] = {}
    current = (tenant.path / "CURRENT").read_bytes()  # before what it names could be pruned
    with ExitStack() as stack, tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        found = [each for each in tenant.generations() if _is_locked(each, stack)]
        manifests = _manifest_hashes(found)
        new = [each for each in found if known.get(each.name) != manifests[each.name]]
        for generation in found:
            if generation not in new:
                _remember(tar, generation, tenant.path)
        for generation in new:
            for path in _iter_files(generation.path):
                _add(tar, path, str(path.relative_to(tenant.path)), hashes)
        for path in _iter_files(tenant.path, left_out=_STAY | {"CURRENT"}):
            _add(tar, path, str(path.relative_to(tenant.path)), hashes)
        _add_text(tar, "CURRENT", current, hashes)
        _add_text(tar, TOKENS, json.dumps([token.to_json() for token in tokens]).encode(), hashes)
        _add_text(tar, HASHES, json.dumps(hashes).encode(), {})


def _is_locked(generation: Generation, stack: ExitStack) -> bool:
    """Whether a generation is there, and safe from `prune` as long as the stack is open."""
    try:
        stack.enter_context(shared_lock(generation.path))
    except StorageError:
        if generation.path.is_dir():
            raise
    return generation.path.is_dir()


def _manifest_hashes(generations: Iterable[Generation]) -> dict[str, str]:
    hashes = {}
    for each in generations:
        with storage_errors(each.path):
            hashes[each.name] = sha256(each.path.joinpath(_MANIFEST).read_bytes()).hexdigest()
    return hashes


def _remember(tar: tarfile.TarFile, generation: Generation, root: Path) -> None:
    """Let files that are shared with a generation that the other host has go as links to it."""
    inodes = cast("dict[tuple[int, int], str]", cast("Any", tar).inodes)
    for path in _iter_files(generation.path):
        found = path.stat()
        inodes[found.st_ino, found.st_dev] = str(path.relative_to(root))


def _add(tar: tarfile.TarFile, path: Path, name: str, hashes: dict[str, str]) -> None:
    with path.open("rb") as stream:
        about = tar.gettarinfo(arcname=name, fileobj=stream)
        about.uid = about.gid = 0
        about.uname = about.gname = ""
        if about.isreg():
            hashes[name] = file_digest(stream, "sha256").hexdigest()
            stream.seek(0)
        tar.addfile(about, stream if about.isreg() else None)


def _add_text(tar: tarfile.TarFile, name: str, content: bytes, hashes: dict[str, str]) -> None:
    about = tarfile.TarInfo(name)
    about.size, about.mode = len(content), 0o600
    hashes[name] = sha256(content).hexdigest()
    tar.addfile(about, io.BytesIO(content))


def _iter_files(folder: Path, *, left_out: Iterable[str] = ()) -> Iterator[Path]:
    """The files in a folder and below, in order; not those that are being written."""
    for path in sorted(folder.iterdir()):
        if path.name in left_out or path.name.endswith((".tmp", ".partial")):
            continue
        if path.is_dir():
            yield from _iter_files(path)
        elif path.is_file():
            yield path


def _extract(stream: BinaryIO, folder: Path) -> dict[str, str]:
    """Put each file where it belongs; give the hashes that they should have."""
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            if not (member.isreg() or member.islnk()):
                raise InputError(f"{member.name!r} is no file; a copy of a tenant holds files only.")
            tar.extract(member, folder, filter="data")  # refuses what would leave the folder
    text = folder.joinpath(HASHES).read_bytes()
    folder.joinpath(HASHES).unlink()
    return dict(json.loads(text))


def _hashes_of(folder: Path, names: Iterable[str]) -> dict[str, str]:
    found = {}
    for name in names:
        with folder.joinpath(name).open("rb") as stream:
            found[name] = file_digest(stream, "sha256").hexdigest()
    return found
