from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse
from tests.commands import run
from tests.exports.changing import NAME, SLUG, changed, copied, own_profile

from jobgraph.errors import InputError, JobgraphError, PackageError, RefusedError
from jobgraph.exports.canonical import canonical_lines
from jobgraph.exports.changes import PATCH, TOMBSTONES, changes_since, read_sorted
from jobgraph.exports.manifest import Manifest
from jobgraph.exports.package import PackageRequest, write_package
from jobgraph.exports.package_files import open_package
from jobgraph.exports.package_update import update_package
from jobgraph.exports.patches import read_patch
from jobgraph.exports.profile import Format, Profile
from jobgraph.exports.signing import SigningKey, create_key, read_signing_key
from jobgraph.exports.sorted_quads import iter_quads
from jobgraph.exports.verification import Expectations, verify_package
from jobgraph.store import Generation, Tenant, apply_patch
from jobgraph.vocabulary import JG, Vocabulary

FORMATS: tuple[Format, ...] = ("nquads", "turtle", "jsonld-framed", "csv", "parquet")
AS = "https://www.w3.org/ns/activitystreams#"


@dataclass(frozen=True)
class Exported:
    """The packages of two generations, and that of the changes from the one to the other."""

    tenant: Tenant
    profile: Profile
    generations: tuple[Generation, Generation]
    folder: Path
    manifests: tuple[Manifest, Manifest, Manifest]
    gone: str
    other: str
    new: str
    key: SigningKey

    @property
    def paths(self) -> tuple[Path, Path, Path]:
        return self.folder / "old", self.folder / "new.zip", self.folder / "changes.zip"


@pytest.fixture(scope="module")
def exported(sample_home: Path, shipped_vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    folder = tmp_path_factory.mktemp("changes")
    tenant = copied(sample_home, folder / "home")
    first = tenant.current()
    assert first
    second, (gone, other, new) = changed(tenant)
    profile = own_profile(tenant, shipped_vocabulary)
    create_key(folder / "key")
    key = read_signing_key(folder / "key")
    asked = PackageRequest(formats=FORMATS, signing_key=key)
    old = write_package(first, profile, folder / "old", vocabulary=shipped_vocabulary, request=asked)
    full = write_package(second, profile, folder / "new.zip", vocabulary=shipped_vocabulary, request=asked)
    with (
        open_package(folder / "old") as files,
        changes_since(files, second, profile, vocabulary=shipped_vocabulary, request=asked) as request,
    ):
        made = write_package(second, profile, folder / "changes.zip", vocabulary=shipped_vocabulary, request=request)
    return Exported(tenant, profile, (first, second), folder, (old, full, made), gone, other, new, key)


@pytest.fixture
def expected(exported: Exported, shipped_vocabulary: Vocabulary) -> Expectations:
    return Expectations(shipped_vocabulary, datetime.now(UTC).date(), exported.key.public)


def update(changes: Path, package: Path, target: Path, expected: Expectations) -> Manifest:
    with open_package(changes) as new, open_package(package) as old:
        return update_package(new, old, target, expected)


def test_what_changes_make_of_the_old_package_is_the_new_one(
    exported: Exported, expected: Expectations, tmp_path: Path
) -> None:
    _, full, _ = exported.manifests
    made = update(exported.paths[2], exported.paths[0], tmp_path / "made", expected)
    assert (made.hashes, made.counts, made.generation) == (full.hashes, full.counts, full.generation)
    assert {name: file for name, file in made.files.items() if file.format} == {
        name: file for name, file in full.files.items() if file.format
    }
    work = tmp_path / "work"
    work.mkdir()
    with open_package(tmp_path / "made") as files:
        assert verify_package(files, replace(expected, key=None), work).manifest == made


def test_a_package_of_changes_holds_what_it_says_and_little_else(
    exported: Exported, expected: Expectations, tmp_path: Path
) -> None:
    old, full, manifest = exported.manifests
    with open_package(exported.paths[2]) as files:
        assert verify_package(files, expected, tmp_path).manifest == manifest
        assert not [name for name in files.names if name.startswith("data/")]
    assert manifest.previous
    assert (manifest.previous.dataset, manifest.hashes) == (old.hashes.dataset, full.hashes)
    assert manifest.files[PATCH].size * 20 < full.files["data/graph.nq"].size


def test_the_patch_is_one_that_a_store_takes(exported: Exported) -> None:
    """One in which blank nodes have their canonical labels; without any, each store does."""
    old = list(canonical_lines(parse(path=exported.paths[0] / "data/graph.nq", format=RdfFormat.N_QUADS)))
    with zipfile.ZipFile(exported.paths[1]) as archive:
        new = list(canonical_lines(parse(archive.read("data/graph.nq"), RdfFormat.N_QUADS)))
    with zipfile.ZipFile(exported.paths[2]) as archive:
        text = archive.read(PATCH)
    header = read_patch(io.BytesIO(text)).header
    assert (header.previous, header.id) == tuple(each.hashes.dataset for each in exported.manifests[:2])
    store = Store()
    store.extend(iter_quads(old))
    counts = apply_patch(store, text.decode().splitlines())
    assert set(store) == set(iter_quads(new))
    assert b"_:c14n" in text
    assert counts["added"] > 5
    assert counts["deleted"] > 5


def test_what_left_has_a_tombstone_that_says_no_more(exported: Exported) -> None:
    with zipfile.ZipFile(exported.paths[2]) as archive:
        triples = [quad.triple for quad in parse(archive.read(TOMBSTONES), RdfFormat.TURTLE)]
    assert {triple.subject for triple in triples} == {NamedNode(exported.gone)}
    told = {triple.predicate.value.removeprefix(AS): getattr(triple.object, "value", "") for triple in triples}
    assert told["formerType"] == f"{JG}Job"
    assert told["deleted"] == exported.generations[1].manifest["created"]
    assert len(triples) == 3


def test_changes_since_a_generation_are_those_since_its_package(
    exported: Exported, shipped_vocabulary: Vocabulary, tmp_path: Path
) -> None:
    first, second = exported.generations
    asked = PackageRequest(signing_key=exported.key)
    with changes_since(first, second, exported.profile, vocabulary=shipped_vocabulary, request=asked) as request:
        path = tmp_path / "changes.zip"
        write_package(second, exported.profile, path, vocabulary=shipped_vocabulary, request=request)
    assert path.read_bytes() == exported.paths[2].read_bytes()


def test_a_package_without_graphs_has_nothing_to_change(exported: Exported, tmp_path: Path) -> None:
    manifest = exported.manifests[0]
    files = {name: file for name, file in manifest.files.items() if file.format in {"", "turtle"}}
    with (
        open_package(exported.paths[0]) as package,
        pytest.raises(PackageError, match="has no data that say their graphs"),
    ):
        read_sorted(package, manifest.model_copy(update={"files": files}), tmp_path / "sorted")


def _other_base(exported: Exported, _: Path) -> tuple[Path, Path]:
    return exported.paths[2], exported.paths[1]


def _full_as_changes(exported: Exported, _: Path) -> tuple[Path, Path]:
    return exported.paths[1], exported.paths[0]


def _changes_as_base(exported: Exported, _: Path) -> tuple[Path, Path]:
    return exported.paths[2], exported.paths[2]


def _flipped_patch(exported: Exported, tmp_path: Path) -> tuple[Path, Path]:
    with zipfile.ZipFile(exported.paths[2]) as archive:
        archive.extractall(tmp_path / "changes")
    _flip(tmp_path / "changes" / PATCH)
    return tmp_path / "changes", exported.paths[0]


def _flipped_base(exported: Exported, tmp_path: Path) -> tuple[Path, Path]:
    shutil.copytree(exported.paths[0], tmp_path / "base")
    _flip(tmp_path / "base/data/graph.nq")
    return exported.paths[2], tmp_path / "base"


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    at = content.index(b"-", len(content) // 2)
    content[at : at + 1] = b"_"
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("made_of", "error", "problem"),
    [
        pytest.param(_other_base, RefusedError, "The patch is for the data set", id="another_base"),
        pytest.param(_full_as_changes, PackageError, "is no package of changes", id="no_changes"),
        pytest.param(_changes_as_base, RefusedError, "The patch is for the data set", id="changes_as_base"),
        pytest.param(_flipped_patch, PackageError, f"has another {PATCH} than its manifest states", id="flipped_patch"),
        pytest.param(_flipped_base, PackageError, "has data in data/graph.nq with another", id="flipped_base"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_left(
    exported: Exported,
    expected: Expectations,
    tmp_path: Path,
    made_of: Callable[[Exported, Path], tuple[Path, Path]],
    error: type[JobgraphError],
    problem: str,
) -> None:
    changes, base = made_of(exported, tmp_path)
    (tmp_path / "out").mkdir()
    with pytest.raises(error, match=problem):
        update(changes, base, tmp_path / "out" / "made.zip", expected)
    assert list((tmp_path / "out").iterdir()) == []


def test_changes_without_the_sender_s_key_are_refused(
    exported: Exported, expected: Expectations, tmp_path: Path
) -> None:
    create_key(tmp_path / "other")
    other = replace(expected, key=read_signing_key(tmp_path / "other").public)
    with pytest.raises(PackageError, match="was signed with another key"):
        update(exported.paths[2], exported.paths[0], tmp_path / "made", other)


def test_a_patch_of_a_forged_package_is_refused(exported: Exported, expected: Expectations, tmp_path: Path) -> None:
    """The manifest fits to the patch, and the patch to no data set."""
    with zipfile.ZipFile(exported.paths[2]) as archive:
        archive.extractall(tmp_path / "changes")
    path = tmp_path / "changes" / PATCH
    lines = path.read_bytes().splitlines(keepends=True)
    content = b"".join(line for line in lines if line != lines[-2])
    path.write_bytes(content)
    manifest = json.loads((tmp_path / "changes/manifest.json").read_bytes())
    manifest["files"][PATCH] |= {"size": len(content), "sha256": sha256(content).hexdigest()}
    manifest["signed_by"] = None
    (tmp_path / "changes/manifest.json.sig").unlink()
    (tmp_path / "changes/manifest.json").write_bytes(
        Manifest.model_validate_json(json.dumps(manifest)).sealed().to_bytes()
    )
    with pytest.raises(InputError, match="leads to a data set with the hash"):
        update(tmp_path / "changes", exported.paths[0], tmp_path / "made", replace(expected, key=None))
    assert not (tmp_path / "made").exists()


def test_changes_between_packages_of_two_profiles_are_refused(
    exported: Exported, shipped_vocabulary: Vocabulary
) -> None:
    other = replace(exported.profile, iri="urn:other")
    with (
        open_package(exported.paths[0]) as files,
        pytest.raises(RefusedError, match="is of the profile"),
        changes_since(files, exported.generations[1], other, vocabulary=shipped_vocabulary),
    ):
        pass


def test_commands_export_changes_and_apply_them(exported: Exported, tmp_path: Path) -> None:
    old, new, changes = exported.paths
    home, key = exported.tenant.path.parent.parent, exported.folder / "key"
    made, applied = tmp_path / "changes.zip", tmp_path / "applied.zip"
    common = ("export", "--home", home, "-t", SLUG, "--profile", NAME, "--key", key, "--quiet")
    assert run(*common, "--since", old, "--out", made).code == 0
    assert made.read_bytes() == changes.read_bytes()
    outcome = run("package", "apply", made, old, "--out", applied, "--key", f"{key}.pub", "--sign", key)
    assert (outcome.code, outcome.err) == (0, "")
    assert f"hash of the data  {exported.manifests[1].hashes.dataset}\n" in outcome.out
    assert run("package", "verify", applied, "--key", f"{key}.pub").code == 0
    refused = run("package", "apply", made, new, "--out", tmp_path / "none", "--key", f"{key}.pub")
    assert (refused.code, refused.out, refused.err.count("\n")) == (1, "", 1)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("since", "code", "problem"),
    [("99", 2, "has no generation 99"), ("nowhere.zip", 2, "has no generation nowhere.zip")],
)
def test_changes_since_nothing_are_refused(
    exported: Exported, tmp_path: Path, since: str, code: int, problem: str
) -> None:
    home = exported.tenant.path.parent.parent
    outcome = run("export", "--home", home, "-t", SLUG, "-p", NAME, "--since", since, "--out", tmp_path / "made")
    assert (outcome.code, outcome.err.count("\n")) == (code, 1)
    assert problem in outcome.err
    assert list(tmp_path.iterdir()) == []
