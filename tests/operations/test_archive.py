from __future__ import annotations

import hashlib
import os
import subprocess
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobgraph.errors import BackupError, InputError, StorageError
from jobgraph.operations import archive
from jobgraph.operations.archive import ArchiveWriter, check_seal, iter_members, sealed


def nothing(_count: int) -> None:
    """Say nothing of the progress."""


def write(path: Path, fill: Callable[[ArchiveWriter], object]) -> Path:
    with path.open("wb") as output, sealed(output, threads=0) as writer:
        fill(writer)
    return path


def contents(path: Path) -> dict[str, bytes]:
    return {member.name: b"".join(pieces) for member, pieces in iter_members(path, check_seal(path, nothing))}


def add(writer: ArchiveWriter, name: str, content: bytes) -> str:
    return writer.add(name, BytesIO(content), len(content))


@settings(max_examples=30)
@given(st.dictionaries(st.from_regex(r"[a-z]{1,20}(/[a-z]{1,20}){0,3}", fullmatch=True), st.binary(max_size=2000)))
def test_what_was_written_is_read(files: dict[str, bytes]) -> None:
    with NamedTemporaryFile() as file:
        path = write(Path(file.name), lambda writer: [add(writer, name, content) for name, content in files.items()])
        assert contents(path) == files


def test_hash_is_that_of_the_file(tmp_path: Path) -> None:
    digests: list[str] = []
    write(tmp_path / "a", lambda writer: digests.append(add(writer, "x", b"abc")))
    assert digests == [hashlib.sha256(b"abc").hexdigest()]


def test_other_programs_unpack_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tar.zst", lambda writer: add(writer, "folder/file", b"abc" * 1000))
    try:
        subprocess.run(["tar", "--zstd", "-xf", path, "-C", tmp_path], check=True, capture_output=True)
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        if not isinstance(error, FileNotFoundError) and b"zstd" not in error.stderr:
            raise
        pytest.skip("there is no tar that knows zstd")
    assert (tmp_path / "folder" / "file").read_bytes() == b"abc" * 1000


def test_every_byte_counts(tmp_path: Path) -> None:
    path = write(tmp_path / "a", lambda writer: add(writer, "x", os.urandom(100)))
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(BackupError, match=r"not as they were written|has no seal"):
            check_seal(path, nothing)


def test_no_end_may_be_missing_or_more(tmp_path: Path) -> None:
    path = write(tmp_path / "a", lambda writer: add(writer, "x", os.urandom(100)))
    whole = path.read_bytes()
    for part in [whole[:size] for size in range(len(whole))] + [whole + b"\0", b"\0" + whole, whole * 2]:
        path.write_bytes(part)
        with pytest.raises(BackupError):
            check_seal(path, nothing)


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../up", "a/../../up", "a//b", "./a", ".hidden", "a/", "a\\b", "a\nb", "a/.ssh/b"]
)
def test_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "a", lambda writer: add(writer, name, b"x"))
    with pytest.raises(BackupError, match="leads elsewhere"):
        contents(path)


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.XHDTYPE, b"L"],
)
def test_only_plain_files_are_taken(tmp_path: Path, kind: bytes) -> None:
    info = tarfile.TarInfo("a")
    info.type, info.linkname = kind, "/etc/passwd"
    path = write(tmp_path / "a", lambda writer: writer._write(info.tobuf(tarfile.USTAR_FORMAT)))
    with pytest.raises(BackupError, match="no plain file"):
        contents(path)


def test_bomb_is_refused_before_it_has_unpacked(tmp_path: Path) -> None:
    def lie(writer: ArchiveWriter) -> None:
        writer.add("zeros", BytesIO(bytes(10_000_000)), 10_000_000)
        writer.unpacked_bytes = 5000

    with pytest.raises(BackupError, match="more than its seal says, as a bomb does"):
        contents(write(tmp_path / "a", lie))


@pytest.mark.parametrize("junk", [b"", b"not a backup", bytes(5000), b"\x28\xb5\x2f\xfd" + bytes(100)])
def test_other_file_is_no_backup(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(junk)
    with pytest.raises(BackupError, match="is no backup of jobgraph"):
        check_seal(path, nothing)


@pytest.mark.parametrize("inner", [b"", b"\xff" * 2000, b"text"])
def test_seal_on_junk_makes_no_backup(tmp_path: Path, inner: bytes) -> None:
    path = tmp_path / "a"
    start = inner + archive._SEAL.pack(archive._MARK, archive._LENGTH, 4000, b"")[:-32]
    path.write_bytes(start + hashlib.sha256(start).digest())
    with pytest.raises(BackupError):
        contents(path)


def test_file_that_became_shorter_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="became shorter"):
        write(tmp_path / "a", lambda writer: writer.add("x", BytesIO(b"abc"), 4))


@pytest.mark.parametrize(("name", "size"), [("x" * 300, 1), ("x", 9 << 30)])
def test_what_no_tar_can_hold_is_a_storage_error(tmp_path: Path, name: str, size: int) -> None:
    with pytest.raises(StorageError, match="cannot be in a backup"):
        write(tmp_path / "a", lambda writer: writer.add(name, BytesIO(b"x"), size))


def test_backup_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        check_seal(tmp_path / "none", nothing)
