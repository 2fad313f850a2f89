from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.mounts import mounted, read_only

from jobgraph.errors import StorageError, UsageError
from jobgraph.exports.archive import package_at, write_zip

FILES = {"b.txt": b"second", "a.txt": b"first", "data/graph.nq": b"x" * 100_000}


def fill(folder: Path, files: dict[str, bytes] = FILES) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


def make(target: Path, *, before_the_end: Callable[[], object] = lambda: None) -> None:
    with package_at(target) as folder:
        fill(folder)
        before_the_end()


def problem_of(target: Path) -> str:
    try:
        make(target)
    except StorageError as error:
        return str(error)
    return ""


def interrupt() -> None:
    raise KeyboardInterrupt


def content_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_folder_is_there_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with package_at(target) as folder:
        fill(folder)
        assert not target.exists()
    assert content_of(target) == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with package_at(tmp_path / "out") as folder:
        fill(folder)
    assert content_of(tmp_path / "out") == FILES


def test_file_and_stream_are_the_same_zip(tmp_path: Path) -> None:
    stream = io.BytesIO()
    for target in (tmp_path / "out.zip", stream):
        with package_at(target) as folder:
            fill(folder)
    assert (tmp_path / "out.zip").read_bytes() == stream.getvalue()
    with zipfile.ZipFile(stream) as archive:
        assert archive.namelist() == sorted(FILES)
        assert {name: archive.read(name) for name in FILES} == FILES


def test_zip_has_nothing_of_this_machine_and_moment(tmp_path: Path) -> None:
    written = []
    for number, (umask, moment) in enumerate([(0o022, 1_000_000_000), (0o077, 1_700_000_000)]):
        folder = tmp_path / str(number)
        folder.mkdir()
        before = os.umask(umask)
        fill(folder, dict(sorted(FILES.items(), reverse=bool(number))))
        os.umask(before)
        for path in folder.rglob("*"):
            os.utime(path, (moment, moment))
        output = io.BytesIO()
        write_zip(folder, output)
        written.append(output.getvalue())
    assert written[0] == written[1]


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_what_is_there_already_stays(tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    target.mkdir()
    (target / "mine").write_text("mine")
    with pytest.raises(UsageError, match="is there already"), package_at(target):
        pytest.fail("the body must not run")
    assert (target / "mine").read_text() == "mine"


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_what_came_meanwhile_stays(tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    with pytest.raises(UsageError, match="is there already"):
        make(target, before_the_end=lambda: target.write_text("mine"))
    assert target.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_error_leaves_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        make(tmp_path / name, before_the_end=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_leftovers_of_the_dead_are_removed_and_of_the_living_not(tmp_path: Path) -> None:
    dead = tmp_path / ".out.x1.partial"
    dead.mkdir()
    with package_at(tmp_path / "out") as first:
        fill(first)
        with pytest.raises(RuntimeError), package_at(tmp_path / "out"):
            raise RuntimeError
        assert first.is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("name", ["out", "out.zip"])
@pytest.mark.parametrize("size_kb", [4, 8, 12, 60, 100, 104, 112, 120, 160, 200])
def test_full_disk_leaves_the_whole_or_nothing(tmp_path: Path, name: str, size_kb: int) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with mounted(disk, f"size={size_kb}k"):
        if problem := problem_of(disk / name):
            assert "No space left on device" in problem
            assert list(disk.iterdir()) == []
            return
        assert [path.name for path in disk.iterdir()] == [name]
        if name == "out":
            assert content_of(disk / name) == FILES
        else:
            with zipfile.ZipFile(disk / name) as archive:
                assert archive.testzip() is None


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_read_only_place_is_named(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "fixed"
    folder.mkdir()
    with read_only(folder), pytest.raises(StorageError, match="cannot be written"), package_at(folder / name):
        pytest.fail("the body must not run")


def test_missing_parent_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file or directory"), package_at(tmp_path / "no" / "out"):
        pytest.fail("the body must not run")


def test_stream_that_nobody_reads_is_a_broken_pipe() -> None:
    class Gone(io.BytesIO):
        def write(self, _data: Any, /) -> int:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError), package_at(Gone()) as folder:
        fill(folder)
