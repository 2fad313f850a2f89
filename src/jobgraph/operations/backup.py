"""A backup: the published generations of tenants and the home's own files as one file, while the home is in use.

Published generations never change, so each is held against pruning while it is copied, and nothing else has to stop.
What is copied is compared with the hashes that it was published with.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from jobgraph.errors import StorageError, UsageError
from jobgraph.exports.archive import target_errors
from jobgraph.exports.canonical import dataset_hash
from jobgraph.operations.archive import ArchiveWriter, sealed
from jobgraph.operations.contents import content_hash, held, home_files, is_secret, tenant_files
from jobgraph.operations.manifest import MANIFEST, FileFacts, Manifest, TenantFacts
from jobgraph.pipeline.plan import Progress
from jobgraph.server.audit_log import AuditLog
from jobgraph.settings import Settings
from jobgraph.store import Generation, Home, Tenant
from jobgraph.store.durable import sync
from jobgraph.store.layout import read_format
from jobgraph.store.sums import SUMS, read_sums

_STAGE = "copy"
_ADDRESSES = {"store", "store_query", "store_update"}  # settings in which somebody may have written a password


@dataclass(frozen=True)
class Choice:
    """What a backup is to have.

    Parameters
    ----------
    tenants : their short names; none for all tenants and the home's own files, such as tokens and audit log.
    with_keys : also the keys that packages are signed with, the secrets of pseudonyms, and passwords at endpoints.
    canonical : also work out the canonical hash of each tenant's graphs, which reads all of them.
    """

    tenants: tuple[str, ...] = ()
    with_keys: bool = False
    canonical: bool = False


def write_backup(
    settings: Settings, out: Path, choice: Choice, *, progress: Progress = lambda _stage, _count, _unit="": None
) -> Manifest:
    """Write a backup of the home to the new file `out`, which is there as a whole or not at all; give its manifest.

    Raises
    ------
    UsageError : there is no such tenant, or `out` is there already or inside the home.
    StorageError : the disk is full, or something in the home is not as it was published.
    """
    home = Home(settings.home)
    slugs = list(dict.fromkeys(choice.tenants)) or home.tenants()
    if not slugs:
        raise UsageError(f"There are no tenants in {home.path}; name another --home.")
    tenants = [home.tenant(slug) for slug in slugs]
    _check_target(out, home.path)
    with _new_file(out) as output, sealed(output, threads=settings.threads) as writer:
        copy = _Copy(home.path, choice, writer, progress, settings.store_credentials)
        for tenant in tenants:
            copy.add_tenant(tenant)
        if not choice.tenants:
            copy.add_own()
        manifest = _manifest(copy, settings)
        text = manifest.model_dump_json(indent=1).encode()
        writer.add(MANIFEST, BytesIO(text), len(text))
    return manifest


@dataclass
class _Copy:
    """A backup in the making, and what its manifest will say."""

    home: Path
    choice: Choice
    writer: ArchiveWriter
    progress: Progress
    credentials: Path | None
    files: dict[str, FileFacts] = field(default_factory=dict)
    tenants: dict[str, TenantFacts] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def add_tenant(self, tenant: Tenant) -> None:
        """Add the published generation of a tenant, and what lies beside its generations."""
        with held(tenant) as generation:
            self._add_text(tenant.path / "CURRENT", f"{generation.name}\n")
            self._add_generation(generation)
        for path in tenant_files(tenant):
            self._add_unless_secret(path, tenant.path)

    def add_own(self) -> None:
        """Add the home's own files: the audit log as it is at one moment, tokens, the report of the last build."""
        for path in home_files(self.home):
            self._add_unless_secret(path, self.home)
        with AuditLog(self.home).opened() as files:
            for path, stream, size in files:
                self._add(path, stream, size, mode=0o600)

    def _add_generation(self, generation: Generation) -> None:
        stated = read_sums(generation.path)
        paths = sorted(path for path in generation.path.rglob("*") if path.is_file())
        sums = {path.relative_to(generation.path).as_posix(): self._add_file(path) for path in paths}
        copied = {name: digest for name, digest in sums.items() if name != SUMS}
        if stated is not None and copied != stated:
            names = sorted(name for name in copied.keys() | stated if copied.get(name) != stated.get(name))
            raise StorageError(
                f"{generation.path / names[0]} is not as it was published; "
                "roll back to another generation or build again, and then back up."
            )
        self.tenants[generation.slug] = self._facts(generation, content_hash(sums))

    def _facts(self, generation: Generation, content: str) -> TenantFacts:
        canonical, manifest = None, generation.manifest
        if self.choice.canonical:
            self.progress("hash", 0, "tenants")
            with generation.open() as store:
                canonical = dataset_hash(store)
            self.progress("hash", 1, "tenants")
        counts = manifest.get("counts")
        return TenantFacts(
            generation=generation.name,
            created=str(manifest["created"]),
            version=str(manifest.get("version", "")),
            content=content,
            canonical=canonical,
            counts=counts if isinstance(counts, dict) else {},
        )

    def _add_unless_secret(self, path: Path, folder: Path) -> None:
        with suppress(FileNotFoundError):  # it was replaced or removed since the folder was read
            if not self.choice.with_keys and is_secret(path, folder, self.credentials):
                self.left_out.append(path.relative_to(self.home).as_posix())
            else:
                self._add_file(path)

    def _add_file(self, path: Path) -> str:
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            return self._add(path, stream, status.st_size, mode=status.st_mode)

    def _add_text(self, path: Path, text: str) -> None:
        self._add(path, BytesIO(text.encode()), len(text), mode=0o644)

    def _add(self, path: Path, stream: BinaryIO, size: int, *, mode: int) -> str:
        name = path.relative_to(self.home).as_posix()
        digest = self.writer.add(name, stream, size, mode=mode)
        self.files[name] = FileFacts(size=size, sha256=digest)
        self.progress(_STAGE, size // 1000, "kB")
        return digest


def _manifest(copy: _Copy, settings: Settings) -> Manifest:
    names = ("jobgraph", "pyoxigraph")
    return Manifest(
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        home_format=read_format(copy.home),
        versions={"python": platform.python_version(), **{name: version(name) for name in names}},
        settings=_shown(settings),
        tenants=copy.tenants,
        files=copy.files,
        left_out=copy.left_out,
    )


def _shown(settings: Settings) -> dict[str, Any]:
    values = {part.name: getattr(settings, part.name) for part in fields(settings) if part.name not in _ADDRESSES}
    return {name: str(value) if isinstance(value, Path) else value for name, value in values.items()}


def _check_target(out: Path, home: Path) -> None:
    with target_errors(out):
        _refuse_existing(out)
        if out.resolve().is_relative_to(home.resolve()):
            raise UsageError(f"{out} is inside the home that it would be a backup of; name a file elsewhere.")


def _refuse_existing(out: Path) -> None:
    if out.exists() or out.is_symlink():
        raise UsageError(f"{out} is there already, and a backup is never overwritten; name another file.")


@contextmanager
def _new_file(out: Path) -> Iterator[BinaryIO]:
    """A file for its owner alone, under its name once all is on the disk; nothing where that fails."""
    unfinished = out.with_name(f".{out.name}.{os.getpid()}.partial")
    with target_errors(out):
        try:
            handle = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as stream:
                yield stream
                stream.flush()
                os.fsync(handle)
            _refuse_existing(out)
            unfinished.rename(out)
            sync(out.absolute().parent)
        finally:
            unfinished.unlink(missing_ok=True)
