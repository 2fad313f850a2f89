from __future__ import annotations

import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.mounts import mounted

from jobgraph.errors import InputError, RefusedError, StorageError, UsageError
from jobgraph.exports.signing import (
    create_key,
    create_secret,
    public_path,
    read_public_key,
    read_secret,
    read_signing_key,
)

TEXT = b"what is signed"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    create_key(tmp_path / "our.key")
    return tmp_path / "our.key"


def test_key_is_for_its_owner_only(key: Path) -> None:
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert "PRIVATE" not in public_path(key).read_text()


def test_public_half_knows_what_the_key_signed_and_nothing_else(key: Path) -> None:
    signature = read_signing_key(key).sign(TEXT)
    public = read_public_key(public_path(key))
    assert public.signed(TEXT, signature)
    assert not public.signed(TEXT + b".", signature)
    assert not public.signed(TEXT, bytes(64))
    assert not public.signed(TEXT, b"short")


def test_signature_is_the_same_each_time(key: Path) -> None:
    assert read_signing_key(key).sign(TEXT) == read_signing_key(key).sign(TEXT)


def test_both_files_give_the_same_public_key(key: Path) -> None:
    assert read_public_key(key) == read_public_key(public_path(key)) == read_signing_key(key).public


def test_another_key_has_another_name(key: Path, tmp_path: Path) -> None:
    assert create_key(tmp_path / "other.key").name != read_public_key(key).name


def test_key_is_not_in_its_text(key: Path) -> None:
    assert repr(read_signing_key(key)) == f"SigningKey({read_public_key(key).name})"


def test_openssl_agrees(key: Path, tmp_path: Path) -> None:
    program = shutil.which("openssl") or pytest.skip("openssl is not installed")
    (tmp_path / "text").write_bytes(TEXT)
    (tmp_path / "text.sig").write_bytes(read_signing_key(key).sign(TEXT))
    command: list[str | Path] = [program, "pkeyutl", "-verify", "-pubin", "-inkey", public_path(key), "-rawin"]
    done = subprocess.run(
        [*command, "-in", tmp_path / "text", "-sigfile", tmp_path / "text.sig"], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("taken", ["our.key", "our.key.pub"])
def test_key_is_never_overwritten(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        create_key(tmp_path / "our.key")
    assert [path.name for path in tmp_path.iterdir()] == [taken]
    assert (tmp_path / taken).read_text() == "mine"


def test_full_disk_leaves_no_key(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with mounted(disk, "size=4k,nr_inodes=2"):
        with pytest.raises(StorageError, match="no key was made"):
            create_key(disk / "our.key")
        assert list(disk.iterdir()) == []


def rsa() -> bytes:
    key = generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize("read", [read_signing_key, read_public_key, read_secret])
@pytest.mark.parametrize(
    "content", [pytest.param(b"", id="empty"), pytest.param(b"no", id="text"), pytest.param(b"\xff\x00", id="bytes")]
)
def test_other_files_are_no_keys(tmp_path: Path, read: Callable[[Path], Any], content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(InputError, match="holds no"):
        read(path)


def test_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rsa"
    path.write_bytes(rsa())
    path.chmod(0o600)
    with pytest.raises(InputError, match="no Ed25519 key"):
        read_signing_key(path)


@pytest.mark.parametrize("read", [read_signing_key, read_public_key])
def test_key_that_others_can_read_is_refused(key: Path, read: Callable[[Path], Any]) -> None:
    key.chmod(0o640)
    with pytest.raises(RefusedError, match=r"mode 640\); run chmod 600"):
        read(key)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_public_key(tmp_path / "nowhere")


def test_secrets_differ_and_are_for_their_owner_only(tmp_path: Path) -> None:
    paths = [tmp_path / "one", tmp_path / "two"]
    for path in paths:
        create_secret(path)
    assert len({read_secret(path) for path in paths}) == 2
    paths[0].chmod(0o644)
    with pytest.raises(RefusedError, match="chmod 600"):
        read_secret(paths[0])
