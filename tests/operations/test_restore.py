from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from tests.mounts import mounted
from tests.operations.conftest import Write
from tests.operations.files import files_of, flip
from tests.store.content import BASE, leftovers, publish, quads_in

from jobgraph.errors import BackupError, HomeFormatError, RefusedError, StorageError, TenantHeldError, UsageError
from jobgraph.operations import restore
from jobgraph.operations.archive import check_seal, iter_members, sealed
from jobgraph.operations.restore import Restored, Wish, restore_backup, verify_backup
from jobgraph.server.access import TokenFile
from jobgraph.server.audit_log import AuditLog
from jobgraph.store import Home
from jobgraph.store.layout import FORMAT, read_format
from jobgraph.store.sums import SUMS

Usage = namedtuple("Usage", "total used free")


def published(home: Path, slug: str) -> list[str]:
    generation = Home(home).tenant(slug).current()
    assert generation
    return quads_in(generation)


def remade(path: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """The backup as somebody makes it who knows how: files changed, hashes of the seal right."""
    members = iter_members(path, check_seal(path, lambda _count: None))
    files = {member.name: b"".join(pieces) for member, pieces in members}
    change(files)
    other = path.with_name("other.tar.zst")
    with other.open("wb") as output, sealed(output, threads=0) as writer:
        for name, content in files.items():
            writer.add(name, BytesIO(content), len(content))
    return other


def manifest_with(files: dict[str, bytes], **facts: Any) -> None:
    files["manifest.json"] = json.dumps({**json.loads(files["manifest.json"]), **facts}).encode()


def test_restored_home_is_the_one_that_was_backed_up(first_home: Path, first_backup: Path, tmp_path: Path) -> None:
    _, restored = restore_backup(first_backup, tmp_path / "new", Wish())
    assert restored == [Restored("acme", "000002", "000002"), Restored("bolt", "000001", "000001")]
    acme = tuple(f"tenants/acme/{name}/" for name in ("generations/000001", "keys", "cache"))
    gone = (*acme, "last_build/", "incoming/", "aside/", "remote/")
    assert files_of(tmp_path / "new") == {
        name: content for name, content in files_of(first_home).items() if not name.startswith(gone)
    }
    assert leftovers(Home(tmp_path / "new")) == []


def test_tokens_and_audit_log_come_back_for_their_owner_alone(first_backup: Path, tmp_path: Path) -> None:
    restore_backup(first_backup, tmp_path / "new", Wish())
    assert len(TokenFile(tmp_path / "new").tokens()) == 1
    assert AuditLog(tmp_path / "new").verify().lines == 3
    assert {(tmp_path / "new" / name).stat().st_mode & 0o777 for name in ("access", "audit")} == {0o700}


def test_chosen_tenant_comes_without_what_is_the_homes_own(first_backup: Path, tmp_path: Path) -> None:
    restore_backup(first_backup, tmp_path / "new", Wish(("bolt",)))
    assert Home(tmp_path / "new").tenants() == ["bolt"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["FORMAT", "tenants"]


def test_older_graphs_come_back_as_a_new_generation(home: Path, back_up: Write, tmp_path: Path) -> None:
    path, before = back_up(), published(home, "acme")
    acme = Home(home).tenant("acme")
    with patch("jobgraph.store.generations.datetime") as clock:
        clock.now.return_value.strftime.return_value = "2999-01-01T00:00:00Z"
        publish(acme, "<ex:a> <ex:b> <ex:2> {asserted} .\n", tmp_path)
    others = files_of(home / "tenants" / "bolt")
    with pytest.raises(RefusedError, match=r"acme has generation 000003 of 2999.*--replace-newer"):
        restore_backup(path, home, Wish())
    assert published(home, "acme") != before
    _, restored = restore_backup(path, home, Wish(("acme",), replace_newer=True))
    assert restored == [Restored("acme", "000002", "000004")]
    assert published(home, "acme") == before
    assert acme.generation(4).manifest["restored"] == {
        "generation": "000002",
        "created": acme.generation(2).manifest["created"],
    }
    assert [generation.name for generation in acme.generations()] == ["000001", "000002", "000003", "000004"]
    assert files_of(home / "tenants" / "bolt") == others


def test_what_is_published_already_stays(home: Path, back_up: Write) -> None:
    path, before = back_up(), files_of(home)
    _, restored = restore_backup(path, home, Wish())
    assert restored == [Restored("acme", "000002", None), Restored("bolt", "000001", None)]
    assert files_of(home) == before


def test_damaged_generation_is_replaced_by_a_whole_one(home: Path, back_up: Write) -> None:
    path, before = back_up(), published(home, "acme")
    flip(next((home / "tenants" / "acme" / "generations" / "000002" / "oxigraph").glob("*.sst")), 60)
    _, restored = restore_backup(path, home, Wish(("acme",)))
    assert restored == [Restored("acme", "000002", "000003")]
    assert published(home, "acme") == before


def test_tenant_that_is_held_is_not_restored(home: Path, back_up: Write, tmp_path: Path) -> None:
    path, acme = back_up(), Home(home).tenant("acme")
    publish(acme, "<ex:a> <ex:b> <ex:2> {asserted} .\n", tmp_path)
    acme.hold("acme moves to b.")
    before = files_of(home)
    with pytest.raises(TenantHeldError, match="acme moves to b"):
        restore_backup(path, home, Wish(("bolt", "acme"), replace_newer=True))
    assert files_of(home) == before


@pytest.mark.parametrize("is_gone", [True, False])
def test_record_of_the_last_build_goes_where_a_tenant_keeps_its_number(
    home: Path, back_up: Write, tmp_path: Path, *, is_gone: bool
) -> None:
    path = back_up()
    if is_gone:
        shutil.rmtree(home / "tenants" / "acme")
    else:
        publish(Home(home).tenant("acme"), "<ex:a> <ex:b> <ex:2> {asserted} .\n", tmp_path)
    restore_backup(path, home, Wish(("acme",), replace_newer=True))
    assert (home / "last_build").exists() is not is_gone


def test_own_files_of_a_home_are_never_replaced(first_backup: Path, tmp_path: Path) -> None:
    (tmp_path / "new" / "access").mkdir(parents=True)
    (tmp_path / "new" / "access" / "tokens.json").write_text("{}")
    before = files_of(tmp_path / "new")
    with pytest.raises(RefusedError, match=r"tokens\.json is there with other content"):
        restore_backup(first_backup, tmp_path / "new", Wish())
    assert files_of(tmp_path / "new") == before


def test_unknown_tenant_is_answered_with_those_there_are(first_backup: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"has no tenant nobody; choose one of acme, bolt\."):
        restore_backup(first_backup, tmp_path / "new", Wish(("nobody",)))


def test_spoiled_backup_changes_nothing(first_backup: Path, home: Path, tmp_path: Path) -> None:
    path, before = Path(shutil.copy(first_backup, tmp_path / "spoiled")), files_of(home)
    flip(path, path.stat().st_size // 2)
    for target in (home, tmp_path / "new"):
        with pytest.raises(BackupError, match="bytes that are not as they were written; nothing was restored"):
            restore_backup(path, target, Wish())
    assert (files_of(home), (tmp_path / "new").exists()) == (before, False)


def drop_a_file(files: dict[str, bytes]) -> None:
    del files["build.json"]


def add_a_file(files: dict[str, bytes]) -> None:
    files.update({"more": b"", "manifest.json": files.pop("manifest.json")})


def change_a_file(files: dict[str, bytes]) -> None:
    files["access/tokens.json"] = b'{"tokens": []}'


def drop_the_manifest(files: dict[str, bytes]) -> None:
    del files["manifest.json"]


def file_and_folder(files: dict[str, bytes]) -> None:
    files.update({"build.json/x": b"", "manifest.json": files.pop("manifest.json")})


def other_generation(files: dict[str, bytes]) -> None:
    tenants = json.loads(files["manifest.json"])["tenants"]
    manifest_with(files, tenants={**tenants, "acme": {**tenants["acme"], "content": "0" * 64}})


def other_counts(files: dict[str, bytes]) -> None:
    tenants = json.loads(files["manifest.json"])["tenants"]
    manifest_with(files, tenants={**tenants, "acme": {**tenants["acme"], "counts": {f"{BASE}graph/acme/asserted": 9}}})


def other_hash(files: dict[str, bytes]) -> None:
    tenants = json.loads(files["manifest.json"])["tenants"]
    manifest_with(files, tenants={**tenants, "acme": {**tenants["acme"], "canonical": "0" * 64}})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (drop_a_file, r"has another build\.json than its manifest states"),
        (add_a_file, "has another more than its manifest states"),
        (change_a_file, r"has another access/tokens\.json than its manifest states"),
        (drop_the_manifest, "has a manifest that is none"),
        (file_and_folder, r"a file and a folder of the name build\.json/x"),
        (lambda files: files.update({"manifest.json": b"{}"}), "has a manifest that is none, at created"),
        (lambda files: manifest_with(files, home_format=0), "at home_format"),
        (lambda files: files.update({"z": b""}), "goes on after its manifest"),
        (other_generation, "another generation of acme than its manifest states"),
        (other_counts, "other counts of triples of acme than its manifest states"),
        (other_hash, "graphs of acme with another canonical hash than stated"),
    ],
)
def test_backup_that_was_made_up_is_refused(
    first_backup: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], object], words: str
) -> None:
    path = remade(Path(shutil.copy(first_backup, tmp_path / "a")), change)
    with pytest.raises(BackupError, match=words):
        restore_backup(path, tmp_path / "new", Wish())
    assert list((tmp_path / "new").iterdir()) == []


def test_backup_of_a_newer_home_is_refused(first_backup: Path, tmp_path: Path) -> None:
    change = lambda files: manifest_with(files, home_format=FORMAT + 1)  # noqa: E731
    path = remade(Path(shutil.copy(first_backup, tmp_path / "a")), change)
    with pytest.raises(HomeFormatError, match=f"of a home of format {FORMAT + 1}, .* install a newer one"):
        verify_backup(path)


def test_backup_of_an_older_home_is_upgraded_on_its_way(home: Path, back_up: Write, tmp_path: Path) -> None:
    (home / "FORMAT").unlink()
    for path in home.rglob(SUMS):
        path.unlink()
    restore_backup(back_up(), tmp_path / "new", Wish())
    assert read_format(tmp_path / "new") == FORMAT
    assert len(list((tmp_path / "new").rglob(SUMS))) == 2


def test_backup_that_does_not_fit_on_the_disk_is_refused_first(first_backup: Path, tmp_path: Path) -> None:
    with (
        patch.object(restore, "disk_usage", return_value=Usage(1, 1, 1000)),
        pytest.raises(StorageError, match=r"has 1,000 bytes free, and the backup .* Nothing was changed"),
    ):
        restore_backup(first_backup, tmp_path / "new", Wish())
    assert list((tmp_path / "new").iterdir()) == []


def test_disk_that_fills_up_meanwhile_leaves_nothing(first_backup: Path, tmp_path: Path) -> None:
    target = tmp_path / "new"
    target.mkdir()
    with mounted(target, "size=100k"), patch.object(restore, "disk_usage", return_value=Usage(1, 1, 1 << 40)):
        with pytest.raises(StorageError, match="No space left on device"):
            restore_backup(first_backup, target, Wish())
        assert list(target.iterdir()) == []


def test_tenant_that_is_written_to_is_left_alone(home: Path, back_up: Write) -> None:
    path = back_up()
    (home / "tenants" / "bolt" / "generations" / "000001" / "manifest.json").write_text("{")
    shutil.rmtree(home / "tenants" / "bolt" / "generations" / "000001")
    (home / "tenants" / "bolt" / "CURRENT").unlink()
    before = files_of(home)
    with Home(home).tenant("acme").begin(), pytest.raises(StorageError, match="in use by another process"):
        restore_backup(path, home, Wish())
    assert files_of(home) == before


def test_killed_restore_leaves_the_old_home_or_the_new(first_backup: Path, home: Path) -> None:
    """Killed again and again, each time after a larger part of what a whole one took just before."""
    with Home(home).tenant("acme").begin(copy=True) as draft:
        draft.publish({})
    program = "import sys; from jobgraph.cli import main; main(sys.argv[1:])"
    words = [sys.executable, "-c", program, "restore", first_backup, "--home", home, "--replace-newer", "--quiet"]
    ended = set()
    for part in (0.4, 0.6, 0.7, 0.8, 0.9):
        begun = time.monotonic()
        subprocess.run([*map(str, words)], env=os.environ, check=True)
        whole_s = time.monotonic() - begun  # anew, for other work on the machine comes and goes
        process = subprocess.Popen([*map(str, words)], env=os.environ)
        time.sleep(whole_s * part)
        process.send_signal(signal.SIGKILL)
        ended.add(process.wait())
        assert len(published(home, "acme")) == 1
        assert Home(home).tenants() == ["acme", "bolt"]
    assert -signal.SIGKILL in ended
    restore_backup(first_backup, home, Wish(replace_newer=True))
    assert leftovers(Home(home)) == []
