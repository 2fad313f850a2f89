from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.mounts import mounted
from tests.operations.conftest import Write
from tests.operations.files import files_of, flip

from jobgraph.errors import StorageError, UsageError
from jobgraph.operations.archive import check_seal, iter_members
from jobgraph.operations.backup import Choice, write_backup
from jobgraph.operations.restore import Wish, restore_backup, verify_backup
from jobgraph.settings import Settings
from jobgraph.store import Home
from jobgraph.store.durable import exclusive_lock
from jobgraph.store.sums import SUMS

FOREVER = "import sys, pathlib; from tests.store.content import *; publish_forever(Home(pathlib.Path(sys.argv[1])))"


def names_in(path: Path) -> set[str]:
    found = set()
    for member, pieces in iter_members(path, check_seal(path, lambda _count: None)):
        found.add(member.name)
        assert sum(map(len, pieces)) == member.size
    return found


def test_backup_has_the_published_generations_and_what_is_the_homes_own(back_up: Write) -> None:
    names = names_in(back_up())
    assert {name for name in names if "/oxigraph/" not in name} == {
        "access/tokens.json",
        "audit/audit.jsonl",
        "build.json",
        "manifest.json",
        "tenants/acme/CURRENT",
        f"tenants/acme/generations/000002/{SUMS}",
        "tenants/acme/generations/000002/manifest.json",
        "tenants/acme/profiles/own.ttl",
        "tenants/bolt/CURRENT",
        f"tenants/bolt/generations/000001/{SUMS}",
        "tenants/bolt/generations/000001/manifest.json",
    }
    assert any(name.startswith("tenants/acme/generations/000002/oxigraph/") for name in names)


def test_backup_of_a_tenant_has_nothing_of_others(back_up: Write) -> None:
    assert {name.split("/")[1] for name in names_in(back_up("bolt")) - {"manifest.json"}} == {"bolt"}


def test_keys_leave_only_if_asked_for(back_up: Write) -> None:
    secret = {"tenants/acme/keys/partner.secret", "tenants/acme/keys/signing.pem"}
    without, whole = back_up(), back_up(name="whole.tar.zst", with_keys=True)
    assert names_in(whole) - names_in(without) == secret
    assert set(verify_backup(without).left_out) == secret
    assert verify_backup(whole).left_out == []


def write_login(path: Path, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("someone\nsecret\n")
    path.chmod(mode)


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("users/acme", 0o600),
        ("users/acme", 0o644),
        ("etc/logins/of endpoints.txt", 0o600),
        ("tenants/acme/endpoint", 0o600),
    ],
)
def test_passwords_at_endpoints_stay_behind_whatever_their_name(
    back_up: Write, home: Path, name: str, mode: int
) -> None:
    write_login(home / name, mode)
    without, whole = back_up(), back_up(name="whole.tar.zst", with_keys=True)
    assert (name in verify_backup(without).left_out, name in names_in(without)) == (True, False)
    assert name in names_in(whole)


def test_folder_of_passwords_stays_behind_as_a_whole(home: Path, tmp_path: Path) -> None:
    users = home / "users"
    write_login(users / "acme", 0o600)
    users.joinpath("readme.md").write_text("Ask Ann.\n")
    write_backup(Settings(home=home, store_credentials=users), tmp_path / "backup", Choice())
    assert not [name for name in names_in(tmp_path / "backup") if name.startswith("users/")]


def test_address_that_may_hold_a_password_is_not_told(home: Path, tmp_path: Path) -> None:
    settings = Settings(home=home, store="sparql+https://me:hidden@h/store", store_query="https://me:hidden@h/q")
    manifest = write_backup(settings, tmp_path / "backup", Choice())
    assert "hidden" not in manifest.model_dump_json()


def test_tenant_that_is_held_is_backed_up_and_comes_back_free(home: Path, back_up: Write, tmp_path: Path) -> None:
    Home(home).tenant("acme").hold("acme moves to b.")
    restore_backup(back_up(), tmp_path / "new", Wish())
    restored = Home(tmp_path / "new").tenant("acme")
    assert (restored.is_held, restored.current() is not None) == (False, True)


def test_manifest_says_what_was_copied(back_up: Write, home: Path) -> None:
    manifest = verify_backup(back_up(canonical=True))
    generation = Home(home).tenant("acme").current()
    assert generation
    facts = manifest.tenants["acme"]
    assert (facts.generation, facts.created) == ("000002", generation.manifest["created"])
    assert len(facts.canonical or "") == 64
    assert manifest.settings["base"] == Settings().base
    assert manifest.versions.keys() == {"jobgraph", "pyoxigraph", "python"}


def test_content_is_the_same_as_long_as_the_store_is(back_up: Write) -> None:
    first, second = (verify_backup(back_up(name=name)).tenants for name in ("1", "2"))
    assert first == second


def test_backup_is_for_its_owner_alone(back_up: Write) -> None:
    assert back_up().stat().st_mode & 0o777 == 0o600


def test_backup_needs_no_writer_to_stop(back_up: Write, home: Path) -> None:
    with exclusive_lock(home / "tenants" / "acme", wait=False):
        assert verify_backup(back_up()).tenants.keys() == {"acme", "bolt"}


def test_backup_while_generations_come_and_go_is_one_of_them(home: Path, tmp_path: Path) -> None:
    writing = subprocess.Popen([sys.executable, "-c", FOREVER, home])
    try:
        while (home / "tenants" / "acme" / "CURRENT").read_text() == "000002\n":
            time.sleep(0.05)
        for number in range(5):
            path = tmp_path / f"{number}.tar.zst"
            write_backup(Settings(home=home), path, Choice(("acme",)))
            restore_backup(path, tmp_path / f"home{number}", Wish())
    finally:
        writing.kill()
        writing.wait()
    for number in range(5):
        found = Home(tmp_path / f"home{number}").tenant("acme").current()
        assert found
        with found.open() as store:
            stated = json.loads((found.path / "manifest.json").read_text())["number"]
            assert [quad.object.value for quad in store if quad.predicate.value == "ex:number"] == [f"ex:{stated}"]
            assert len(store) == 51


def test_damaged_generation_is_not_backed_up(back_up: Write, home: Path, tmp_path: Path) -> None:
    flip(next((home / "tenants" / "acme" / "generations" / "000002" / "oxigraph").glob("*.sst")), 100)
    with pytest.raises(StorageError, match=r"\.sst is not as it was published; roll back"):
        back_up()
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_backup_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There are no tenants"):
        write_backup(Settings(home=tmp_path), tmp_path / "backup", Choice())


def test_backup_is_never_overwritten_nor_inside_the_home(back_up: Write, home: Path) -> None:
    before = back_up().read_bytes()
    with pytest.raises(UsageError, match="is never overwritten"):
        back_up()
    assert (home.parent / "backup.tar.zst").read_bytes() == before
    with pytest.raises(UsageError, match="inside the home"):
        write_backup(Settings(home=home), home / "tenants" / "backup", Choice())


def test_full_target_disk_leaves_nothing(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    with mounted(target, "size=8k"):
        with pytest.raises(StorageError, match=r"b cannot be written: No space left .* Nothing was left there"):
            write_backup(Settings(home=home), target / "b", Choice())
        assert list(target.iterdir()) == []


def test_home_is_as_it_was_after_a_backup(back_up: Write, home: Path) -> None:
    before = files_of(home)
    back_up()
    assert files_of(home) == before
