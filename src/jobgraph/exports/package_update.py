"""A package brought up to date by a package of changes: both checked, the result checked, nothing touched before."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, cast

from jobgraph.errors import PackageError
from jobgraph.exports.archive import package_at
from jobgraph.exports.changes import FORMAT, TOMBSTONES, read_sorted
from jobgraph.exports.compression import Compression, decompressed
from jobgraph.exports.description import describe_package
from jobgraph.exports.manifest import MANIFEST, SIGNATURE, FileFacts, Manifest, read_manifest
from jobgraph.exports.package import README
from jobgraph.exports.package_data import compression_of
from jobgraph.exports.package_files import PackageFiles
from jobgraph.exports.package_parts import DataWriter, facts_of
from jobgraph.exports.patch_application import apply_to_quads, check_base
from jobgraph.exports.patches import read_patch
from jobgraph.exports.profile import FORMAT_NAMES, Format, Profile
from jobgraph.exports.readme import write_readme
from jobgraph.exports.signing import SigningKey
from jobgraph.exports.sorted_data import SortedQuads
from jobgraph.exports.terms import Terms
from jobgraph.exports.verification import DESCRIPTION, Expectations, verify_package
from jobgraph.store.durable import storage_errors
from jobgraph.vocabulary import Vocabulary

_MADE_ANEW = {DESCRIPTION, README, TOMBSTONES}


def update_package(
    changes: PackageFiles,
    package: PackageFiles,
    target: Path,
    expected: Expectations,
    *,
    signing_key: SigningKey | None = None,
) -> Manifest:
    """Write the package that changes make of an earlier one; what it says of itself.

    Its data are in all formats of the earlier package, and are those of the full export, byte by byte. The signature of
    the sender is on the changes, and is checked there; the new package can be signed by who applied them.

    Parameters
    ----------
    target : a new folder, or a new file that ends in `.zip`.
    expected : what is known of the sender of the changes.

    Raises
    ------
    RefusedError : the changes are for another package.
    PackageError : one of the two is not what it says it is.
    InputError : the patch cannot be read or does not fit.
    StorageError : the target cannot be written; nothing is there.
    """
    base = read_manifest(package.read(MANIFEST), package.location)
    with TemporaryDirectory(prefix="jobgraph-changes-") as name:
        work = Path(name)
        work.joinpath("check").mkdir()
        verified = verify_package(changes, expected, work / "check")
        with storage_errors(work):
            data = _patched(changes, verified.manifest, package, base, work)
        with package_at(target) as folder:
            update = _Update(changes, verified.manifest, verified.profile, data, folder)
            return update.write(base, expected.vocabulary, signing_key)


def _patched(changes: PackageFiles, new: Manifest, package: PackageFiles, base: Manifest, work: Path) -> SortedQuads:
    """The data after the changes."""
    found = next((name for name, file in new.files.items() if file.format == FORMAT), None)
    if found is None or new.previous is None:
        raise PackageError(changes.location, "is no package of changes; it is one if it was exported with --since")
    with changes.open(found) as packed, decompressed(cast("BinaryIO", packed), compression_of(found)) as stream:
        patch = read_patch(stream)
        if (patch.header.previous, patch.header.id) != (new.previous.dataset, new.hashes.dataset):
            raise PackageError(changes.location, f"has a patch in {found} between other data sets than stated")
        check_base(base.hashes.dataset, patch)
        old = read_sorted(package, base, work / "old")
        return apply_to_quads(old, patch, work / "new")


@dataclass(frozen=True)
class _Update:
    """The parts of the new package: those of the changes, but for the data and what says which files there are."""

    changes: PackageFiles
    manifest: Manifest
    profile: Profile
    data: SortedQuads
    folder: Path

    def write(self, base: Manifest, vocabulary: Vocabulary, key: SigningKey | None) -> Manifest:
        """Write all parts."""
        files = dict(self._copied())
        losses: dict[str, tuple[str, ...]] = {}
        writers: dict[Compression, DataWriter] = {}
        for format_, packing in _formats(base):
            new = DataWriter(self.folder, self.data, self.profile, vocabulary, packing)
            written = writers.setdefault(packing, new).write(format_)
            files.update(written.files)
            losses[format_] = written.losses
        signer = key.public.name if key else None
        manifest = self.manifest.model_copy(
            update={"files": files, "losses": losses, "previous": None, "signed_by": signer}
        )
        files[DESCRIPTION] = self._text(DESCRIPTION, describe_package(_sorted(manifest, files), self.profile))
        terms, counts = Terms(vocabulary), manifest.counts
        labels = {iri: terms.label(iri) for iri in sorted({*counts.things, *counts.properties, *self.profile.classes})}
        files[README] = self._text(README, write_readme(_sorted(manifest, files), self.profile, labels))
        complete = _sorted(manifest, files).sealed()
        self.folder.joinpath(MANIFEST).write_bytes(complete.to_bytes())
        if key:
            self.folder.joinpath(SIGNATURE).write_bytes(key.sign(complete.to_bytes()))
        return complete

    def _copied(self) -> Iterator[tuple[str, FileFacts]]:
        for name, file in self.manifest.files.items():
            if name in _MADE_ANEW or file.format:
                continue
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with self.changes.open(name) as source, path.open("wb") as output:
                shutil.copyfileobj(source, output, 1 << 20)
            yield name, file

    def _text(self, name: str, text: str) -> FileFacts:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return facts_of(path)


def _formats(base: Manifest) -> list[tuple[Format, Compression]]:
    """The formats of a package, and how each is packed; tables never are."""
    found = {file.format: compression_of(name) for name, file in base.files.items() if file.format in FORMAT_NAMES}
    return list(found.items())


def _sorted(manifest: Manifest, files: dict[str, FileFacts]) -> Manifest:
    return manifest.model_copy(update={"files": dict(sorted(files.items()))})
