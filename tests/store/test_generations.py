from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, Store
from tests.store.content import BASE, NAMES, Publish, leftovers, many_quads, publish, quads_in

from jobgraph.errors import StorageError, TenantHeldError, UsageError
from jobgraph.store import Home, Tenant, bulk_load

ROOT = Path(__file__).resolve().parent.parent.parent
ONE = "<ex:a> <ex:b> <ex:1> {asserted} .\n"
TWO = "<ex:a> <ex:b> <ex:2> {asserted} .\n"


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_published_generation_is_current_and_holds_its_quads(tenant: Tenant, publish: Publish) -> None:
    generation = publish(ONE)
    assert tenant.current() == generation
    assert quads_in(generation) == [f"<ex:a> <ex:b> <ex:1> <{NAMES.asserted}>"]


def test_manifest_has_what_was_given_and_what_is_known(tenant: Tenant) -> None:
    with tenant.begin() as draft:
        manifest = draft.publish({"tables": {"jtbd": 3}, "note": "é"}).manifest
    created = datetime.fromisoformat(str(manifest.pop("created")))
    assert created.tzinfo
    assert manifest == {
        "base": BASE,
        "generation": "000002",
        "note": "é",
        "parent": "000001",
        "tables": {"jtbd": 3},
    }


def test_first_generation_needs_a_base(home: Home) -> None:
    with home.tenant("new", missing_ok=True).begin() as draft, pytest.raises(UsageError, match="needs a base"):
        draft.publish({})


def test_draft_that_is_not_published_leaves_nothing(home: Home, tenant: Tenant) -> None:
    before = files_of(home.path)
    with tenant.begin() as draft:
        Store(os.fspath(draft.store_path))
    assert (files_of(home.path), leftovers(home)) == (before, [])


def test_draft_that_fails_leaves_nothing(home: Home, tenant: Tenant) -> None:
    before = files_of(home.path)
    with pytest.raises(ZeroDivisionError), tenant.begin() as draft:
        draft.path.joinpath("report.ttl").write_text(str(1 / 0))
    assert (files_of(home.path), leftovers(home)) == (before, [])


def test_publishing_leaves_no_lock_and_no_temporary_file(home: Home, publish: Publish) -> None:
    publish(ONE)
    assert leftovers(home) == []


def test_draft_with_an_open_store_is_not_published(tenant: Tenant) -> None:
    with tenant.begin() as draft:
        store = Store(os.fspath(draft.store_path))
        with pytest.raises(StorageError, match="Let go of the store"):
            draft.publish({})
    assert len(store) == 0
    assert [generation.name for generation in tenant.generations()] == ["000001"]


def test_copy_starts_from_the_current_store_and_leaves_it_as_it_was(tenant: Tenant, publish: Publish) -> None:
    old = publish(ONE)
    before = files_of(old.path)
    with tenant.begin(copy=True) as draft:
        Store(os.fspath(draft.store_path)).add(Quad(NamedNode("ex:a"), NamedNode("ex:b"), NamedNode("ex:2")))
        new = draft.publish({})
    assert (len(quads_in(new)), files_of(old.path)) == (2, before)


def test_copy_shares_the_data_files(tenant: Tenant, publish: Publish) -> None:
    old = publish(ONE)
    with tenant.begin(copy=True) as draft:
        new = draft.publish({})
    inodes = [{path.stat().st_ino for path in g.store_path.glob("*.sst")} for g in (old, new)]
    assert inodes[0]
    assert inodes[0] <= inodes[1]


def test_copy_holds_what_was_only_in_the_log_of_the_store(tenant: Tenant) -> None:
    with tenant.begin() as draft:
        Store(os.fspath(draft.store_path)).update("INSERT DATA { <ex:a> <ex:b> 1 }")
        draft.publish({})
    with tenant.begin(copy=True) as draft:
        assert len(quads_in(draft.publish({}))) == 1


def test_tenant_without_a_published_generation_has_no_current(home: Home) -> None:
    assert home.tenant("new", missing_ok=True).current() is None


@pytest.mark.parametrize("content", ["", "000009", "../../x", "\x00", "000001/../000001"])
def test_current_that_names_none_is_a_storage_error(tenant: Tenant, content: str) -> None:
    tenant.path.joinpath("CURRENT").write_text(content)
    with pytest.raises(StorageError, match="Roll back to one of 000001"):
        tenant.current()


def test_rollback_mends_a_broken_current(tenant: Tenant) -> None:
    tenant.path.joinpath("CURRENT").write_text("?")
    assert tenant.rollback(1) == tenant.current()


@pytest.mark.parametrize("which", [2, "2", "000002"])
def test_rollback_makes_an_older_generation_current(tenant: Tenant, publish: Publish, which: str | int) -> None:
    one, _ = publish(ONE), publish(TWO)
    assert (tenant.rollback(which), tenant.current()) == (one, one)


def test_generation_after_a_rollback_has_a_new_number(tenant: Tenant, publish: Publish) -> None:
    publish(ONE)
    tenant.rollback(1)
    assert (publish(TWO).name, len(tenant.generations())) == ("000003", 3)


@pytest.mark.parametrize("which", [7, "7", "x", "-1", "", ".."])
def test_unknown_generation_is_answered_with_those_there_are(tenant: Tenant, which: str | int) -> None:
    with pytest.raises(UsageError, match="choose one of 000001"):
        tenant.rollback(which)


def test_prune_keeps_the_newest_and_the_current(tenant: Tenant, publish: Publish) -> None:
    for _ in range(4):
        publish(ONE)
    tenant.rollback(2)
    assert tenant.prune(2) == ["000001", "000003"]
    assert [generation.name for generation in tenant.generations()] == ["000002", "000004", "000005"]


def test_prune_keeps_what_a_reader_has_open(tenant: Tenant, publish: Publish) -> None:
    old, _ = publish(ONE), publish(TWO)
    with old.open() as store:
        assert tenant.prune(1) == ["000001"]
        assert len(store) == 1
    assert tenant.prune(1) == ["000002"]


def test_prune_refuses_to_keep_none(tenant: Tenant) -> None:
    with pytest.raises(UsageError, match="At least 1"):
        tenant.prune(0)


def test_pruned_generation_cannot_be_opened(tenant: Tenant, publish: Publish) -> None:
    old, _ = publish(ONE), publish(TWO)
    tenant.prune(1)
    with pytest.raises(StorageError, match="No such file"), old.open():
        pass


def test_broken_manifest_is_a_storage_error(tenant: Tenant) -> None:
    generation = tenant.generation(1)
    generation.path.joinpath("manifest.json").write_text("{")
    with pytest.raises(StorageError, match=r"manifest\.json is broken"):
        _ = generation.manifest


@pytest.mark.parametrize("pattern", ["CURRENT", "MANIFEST-*", "*.sst"])
def test_broken_store_is_a_storage_error(publish: Publish, pattern: str) -> None:
    generation = publish(ONE)
    for path in generation.store_path.glob(pattern):
        path.write_bytes(b"broken\n")
    with pytest.raises(StorageError, match="oxigraph"), generation.open():
        pass


def test_store_that_proves_broken_while_it_is_read_is_a_storage_error(publish: Publish) -> None:
    generation = publish(many_quads(2000))
    for path in generation.store_path.glob("*.sst"):
        content = bytearray(path.read_bytes())
        content[:200] = bytes(200)
        path.write_bytes(content)
    with pytest.raises(StorageError, match="is broken"), generation.open() as store:
        list(store)


def test_reader_keeps_the_generation_that_it_opened(publish: Publish) -> None:
    with publish(ONE).open() as store:
        publish(TWO)
        assert [str(quad.object) for quad in store] == ["<ex:1>"]


def test_second_writer_is_turned_away_at_once(tenant: Tenant) -> None:
    with tenant.begin(), pytest.raises(StorageError, match="in use by another process"), tenant.begin():
        pass


def test_second_writer_waits_when_told_to(home: Home, tenant: Tenant) -> None:
    code = (
        "import sys, pathlib; from jobgraph.store import Home\n"
        "with Home(pathlib.Path(sys.argv[1])).tenant('acme').begin(wait=True) as draft: draft.publish({})"
    )
    with tenant.begin() as draft:
        second = subprocess.Popen([sys.executable, "-c", code, home.path])
        time.sleep(0.5)
        assert second.poll() is None
        draft.publish({})
    assert second.wait(30) == 0
    assert [generation.manifest["parent"] for generation in tenant.generations()] == [None, "000001", "000002"]


def test_writer_removes_what_the_dead_left(home: Home, tenant: Tenant) -> None:
    tenant.path.joinpath("generations", ".000002.99.partial").mkdir()
    tenant.path.joinpath("CURRENT.99.tmp").write_text("000")
    with tenant.begin():
        assert [Path(path).name for path in leftovers(home)] == [f".000002.{os.getpid()}.partial"]


def test_state_is_old_or_new_under_kill_9(home: Home, tenant: Tenant, tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from jobgraph.store import Home; from tests.store.content import publish_forever\n"
        "print('ready', flush=True); publish_forever(Home(pathlib.Path(sys.argv[1])))"
    )
    chance = random.Random(7)
    for _ in range(10):
        writer = subprocess.Popen([sys.executable, "-c", code, home.path], cwd=ROOT, stdout=subprocess.PIPE)
        with writer:
            assert writer.stdout
            writer.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.5))
            writer.kill()
        current = tenant.current()
        assert current
        quads = quads_in(current)
        number = current.manifest.get("number")
        assert (number is None and quads == []) or f"<ex:a> <ex:number> <ex:{number}> <{NAMES.asserted}>" in quads
        assert len(quads) in {0, 51}
    publish(tenant, ONE, tmp_path)
    assert (leftovers(home), len(quads_in(tenant.generations()[-1]))) == ([], 1)


def test_folder_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    tmp_path.joinpath("home").write_text("a file, not a folder")
    with pytest.raises(StorageError, match="home"):
        Home(tmp_path / "home").create_tenant("acme", base=BASE)


def test_missing_permission_is_a_storage_error_that_says_so(tenant: Tenant) -> None:
    with pytest.raises(StorageError, match="Give this user the right"), tenant.begin() as draft:
        raise PermissionError(13, "Permission denied", os.fspath(draft.path / "report.ttl"))


def test_error_that_is_not_of_the_disk_is_left_alone(tenant: Tenant) -> None:
    with pytest.raises(FileNotFoundError), tenant.begin() as draft:
        draft.path.joinpath("missing").read_text()


def test_draft_can_be_filled_by_every_file_of_a_build(tenant: Tenant, tmp_path: Path) -> None:
    tmp_path.joinpath("o.ttl").write_text("<ex:a> a <ex:B> .")
    with tenant.begin() as draft:
        bulk_load(draft.store_path, [(tmp_path / "o.ttl", NAMES.ontology)])
        draft.path.joinpath("report.ttl").write_text("# none")
        generation = draft.publish({})
    assert generation.path.joinpath("report.ttl").read_text() == "# none"
    assert json.loads(generation.path.joinpath("manifest.json").read_text())["generation"] == "000002"


def test_held_tenant_is_read_and_not_written(tenant: Tenant, publish: Publish) -> None:
    generation = publish(ONE)
    tenant.hold("It moves.")
    for write in (tenant.begin().__enter__, lambda: tenant.rollback(1), lambda: tenant.prune(1)):
        with pytest.raises(TenantHeldError, match="It moves"):
            write()
    assert (tenant.current(), tenant.is_held) == (generation, True)
    tenant.release()
    assert publish(TWO) == tenant.current()


def test_hold_waits_for_the_write_that_runs(tenant: Tenant, publish: Publish) -> None:
    publish(ONE)
    holding = threading.Thread(target=tenant.hold, args=("It moves.",))
    with tenant.begin(copy=True) as draft:
        holding.start()
        holding.join(0.2)
        assert not tenant.is_held
        published = draft.publish({})
    holding.join()
    assert (tenant.current(), tenant.is_held) == (published, True)
