from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobgraph.errors import InputError, JobgraphError, PackageError
from jobgraph.exports.package_files import Limits, open_package

LIMITS = Limits(files=5, total_bytes=1_000_000, ratio=20, free_bytes=10_000)


def zip_of(path: Path, *entries: tuple[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def sound_folder(path: Path) -> Path:
    (path / "data").mkdir(parents=True)
    (path / "README.md").write_bytes(b"read me")
    (path / "data" / "graph.nq").write_bytes(b"data")
    return path


def sound_zip(path: Path) -> Path:
    return zip_of(path.with_suffix(".zip"), ("data/", b""), ("data/graph.nq", b"data"), ("README.md", b"read me"))


@pytest.mark.parametrize("make", [sound_folder, sound_zip])
def test_files_are_those_that_are_there(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    with open_package(make(tmp_path / "package")) as files:
        assert files.sizes == {"README.md": 7, "data/graph.nq": 4}
        assert files.read("data/graph.nq") == b"data"
        with pytest.raises(PackageError, match="lacks the file other"):
            files.read("other")
        with pytest.raises(PackageError, match="the most are 3"):
            files.read("data/graph.nq", limit=3)


@pytest.mark.parametrize(
    "name",
    [
        "../out",
        "data/../../out",
        "/etc/passwd",
        "//host/share",
        "C:/out",
        "C:out",
        "..\\out",
        "data\\graph.nq",
        ".hidden",
        "data/.hidden",
        "data//graph.nq",
        "./README.md",
        "a\nb",
        "a\x1b[31m",
        "naïve",
        "a" * 300,
        "/".join("abcdefghij"),
        "nul:",
        "space here",
    ],
)
def test_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    path = zip_of(tmp_path / "package.zip", (name, b"content"))
    with pytest.raises(PackageError, match="leads elsewhere") as refused:
        open_package(path)
    assert str(refused.value).isprintable()


def test_name_that_ends_early_is_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "package.zip", ("a.txt!.sh", b"content"))
    path.write_bytes(path.read_bytes().replace(b"a.txt!.sh", b"a.txt\x00.sh"))
    with pytest.raises(PackageError):
        open_package(path)


def link(folder: Path) -> None:
    (folder / "link").symlink_to("/etc/passwd")


def link_to_folder(folder: Path) -> None:
    (folder / "link").symlink_to("/etc", target_is_directory=True)


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe")


def hidden_file(folder: Path) -> None:
    (folder / ".DS_Store").touch()


@pytest.mark.parametrize("spoil", [link, link_to_folder, pipe, hidden_file])
def test_folder_holds_plain_files_only(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    folder = sound_folder(tmp_path / "package")
    spoil(folder)
    with pytest.raises(PackageError, match=r"which is no plain file|leads elsewhere"):
        open_package(folder)


def test_file_that_became_a_link_is_not_followed(tmp_path: Path) -> None:
    folder = sound_folder(tmp_path / "package")
    with open_package(folder) as files:
        (folder / "README.md").unlink()
        (folder / "README.md").symlink_to("/etc/passwd")
        with pytest.raises(InputError, match="cannot be read"):
            files.read("README.md")


def special(name: str, *, mode: int = 0, flags: int = 0) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr, entry.flag_bits = mode << 16, flags
    return entry


def zip_with_link(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(special("link", mode=0o120777), "/etc/passwd")


def zip_with_device(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(special("device", mode=0o020666), "")


def encrypted_zip(path: Path) -> None:
    zip_of(path, ("a", b"secret"), packing=zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)


def zip_in_another_packing(path: Path) -> None:
    zip_of(path, ("a", b"content"), packing=zipfile.ZIP_LZMA)


def zip_with_two_files_of_one_name(path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        zip_of(path, ("a", b"one"), ("a", b"two"))


def zip_with_a_file_in_a_folder_entry(path: Path) -> None:
    zip_of(path, ("a/", b"content"))


def zip_with_many_files(path: Path) -> None:
    zip_of(path, *((f"file{n}", b"") for n in range(6)))


def bomb(path: Path) -> None:
    zip_of(path, ("a", bytes(900_000)))


def large(path: Path) -> None:
    zip_of(path, ("a", bytes(600_000)), ("b", bytes(600_000)), packing=zipfile.ZIP_STORED)


def no_zip(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 and then something else")


def cut_zip(path: Path) -> None:
    zip_of(path, ("a", b"content"))
    path.write_bytes(path.read_bytes()[:-10])


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (zip_with_link, "has link, which is no plain file"),
        (zip_with_device, "has device, which is no plain file"),
        (encrypted_zip, "packed in a way"),
        (zip_in_another_packing, "packed in a way"),
        (zip_with_two_files_of_one_name, "two files a"),
        (zip_with_a_file_in_a_folder_entry, "no plain file"),
        (zip_with_many_files, "6 files; the most are 5"),
        (bomb, "more than 20 times its size, as a bomb does"),
        (large, "1,200,000 bytes; the most are 1,000,000"),
        (no_zip, "cannot be unpacked"),
        (cut_zip, "cannot be unpacked"),
    ],
)
def test_other_zip_files_are_refused(tmp_path: Path, make: Callable[[Path], None], problem: str) -> None:
    make(tmp_path / "package.zip")
    with pytest.raises(PackageError, match=problem):
        open_package(tmp_path / "package.zip", limits=LIMITS)


def test_overlapping_entries_are_a_bomb(tmp_path: Path) -> None:
    """Two entries of the list that lead to the same content."""
    path = zip_of(tmp_path / "package.zip", ("a", bytes(100_000)))
    content = path.read_bytes()
    start, end = content.index(b"PK\x01\x02"), content.index(b"PK\x05\x06")
    entry = content[start:end]
    entries = b"".join(entry.replace(b"a", letter, 1) if letter != b"a" else entry for letter in (b"a", b"b", b"c"))
    tail = bytearray(content[end:])
    struct.pack_into("<HHI", tail, 8, 3, 3, len(entries))
    path.write_bytes(content[:start] + entries + bytes(tail))
    with pytest.raises(PackageError, match="as a bomb does"):
        open_package(path, limits=Limits(ratio=100, free_bytes=100))


def test_size_that_is_a_lie_is_not_believed(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "package.zip", ("a", bytes(100_000)))
    content = bytearray(path.read_bytes())
    for place in (22, content.index(b"PK\x01\x02") + 24):
        struct.pack_into("<I", content, place, 10)
    path.write_bytes(content)
    with open_package(path, limits=LIMITS) as files, pytest.raises(PackageError, match="cannot be unpacked, at a"):
        files.read("a")


@pytest.mark.parametrize("name", ["nowhere", "nowhere.zip"])
def test_missing_package_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=f"{name} cannot be read: No such file"):
        open_package(tmp_path / name)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_spoiled_zip_is_refused_or_reads_as_one(tmp_path: Path, place: int, bit: int) -> None:
    path = sound_zip(tmp_path / "package")
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= 1 << bit
    path.write_bytes(content)
    with suppress(JobgraphError), open_package(path) as files:
        for name in files.names:
            files.read(name)
    path.unlink()


@given(content=st.binary(max_size=300))
def test_any_bytes_are_refused(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.zip"
    path.write_bytes(content)
    with pytest.raises((PackageError, InputError)):
        open_package(path).close()
