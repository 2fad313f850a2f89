from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.store.content import BASE, leftovers, many_quads, publish, quads_in

from jobgraph.errors import SourceGoneError, StorageError
from jobgraph.store import Home
from jobgraph.store.durable import exclusive_lock, shared_lock, storage_errors, sync_tree

SmallDisk = Callable[[str], Path]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Mounts a file system of a given size."""
    folder = tmp_path / "disk"

    def mount(size: str) -> Path:
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", os.fspath(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False) if os.geteuid() == 0 else None
        if done is None or done.returncode:
            pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip() if done else 'not root'}")
        return folder

    yield mount
    if os.path.ismount(folder):
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.parametrize("size", ["600k", "1m", "2m", "3m", "4m"])
def test_full_disk_while_loading_leaves_the_old_generation(small_disk: SmallDisk, tmp_path: Path, size: str) -> None:
    home = Home(small_disk(size))
    tenant = home.create_tenant("acme", base=BASE)
    old = publish(tenant, "<ex:a> <ex:b> <ex:c> {asserted} .\n", tmp_path)
    with pytest.raises(StorageError, match=r"No space left on device\. Free some space") as error:
        publish(tenant, many_quads(40_000), tmp_path)
    assert error.value.exit_code == 74
    assert (tenant.current(), len(quads_in(old)), leftovers(home)) == (old, 1, [])


def test_full_disk_while_publishing_leaves_the_old_generation(small_disk: SmallDisk, tmp_path: Path) -> None:
    home = Home(small_disk("3m"))
    tenant = home.create_tenant("acme", base=BASE)
    with tenant.begin() as draft:
        fill(home.path / "filler")
        with pytest.raises(StorageError, match="No space left on device"):
            draft.publish({})
    home.path.joinpath("filler").unlink()
    assert [generation.name for generation in tenant.generations()] == ["000001"]
    assert publish(tenant, "", tmp_path).name == "000002"
    assert leftovers(home) == []


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(bytes(4096))
        except OSError:
            return


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", folder], check=True)


def test_read_only_disk_can_be_read_and_not_written(small_disk: SmallDisk, tmp_path: Path) -> None:
    home = Home(small_disk("3m"))
    tenant = home.create_tenant("acme", base=BASE)
    generation = publish(tenant, "<ex:a> <ex:b> <ex:c> {asserted} .\n", tmp_path)
    with read_only(home.path):
        assert len(quads_in(generation)) == 1
        with pytest.raises(StorageError, match=r"Read-only file system\. Set JOBGRAPH_HOME"), tenant.begin():
            pass


@pytest.mark.parametrize(
    ("error", "text"),
    [
        pytest.param(OSError(errno.ENOSPC, "No space left", "/x/y"), "/x/y: No space left on device. Free", id="disk"),
        pytest.param(OSError("IO error: No space left on device: While"), "/z: No space left on dev", id="engine"),
        pytest.param(OSError(errno.EDQUOT, "Quota"), "/z: Disk quota exceeded. Free some of your quota", id="quota"),
        pytest.param(FileNotFoundError(2, "No such file", "/x"), "/x: No such file. Run again", id="other"),
    ],
)
def test_storage_error_says_where_and_what_to_do(error: OSError, text: str) -> None:
    with pytest.raises(StorageError) as raised, storage_errors(Path("/z")):
        raise error
    assert text in str(raised.value)


def test_error_of_the_source_is_no_storage_error() -> None:
    with pytest.raises(SourceGoneError), storage_errors(Path("/z")):
        raise SourceGoneError("gone")


def test_readers_share_a_folder_and_a_writer_does_not(tmp_path: Path) -> None:
    with shared_lock(tmp_path), shared_lock(tmp_path), pytest.raises(StorageError, match="in use"):  # noqa: SIM117
        with exclusive_lock(tmp_path, wait=False):
            pass


def test_lock_ends_with_its_block(tmp_path: Path) -> None:
    for _ in range(2):
        with exclusive_lock(tmp_path, wait=False):
            assert list(tmp_path.iterdir()) == []


def test_tree_is_synced_from_the_inside_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.joinpath("a").mkdir()
    tmp_path.joinpath("a", "b").write_text("c")
    seen: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda handle: seen.append(Path(f"/proc/self/fd/{handle}").readlink().name))
    sync_tree(tmp_path)
    assert seen == ["b", "a", tmp_path.name]
