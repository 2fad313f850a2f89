from __future__ import annotations

from pathlib import Path

import pytest

from jobgraph.errors import InputError, JobgraphError, UsageError
from jobgraph.exports.login import Credentials
from jobgraph.remote.credentials import read_credentials


def write(folder: Path, content: bytes, mode: int = 0o600) -> None:
    path = folder / "acme"
    path.write_bytes(content)
    path.chmod(mode)


def test_user_and_password_are_two_lines(tmp_path: Path) -> None:
    write(tmp_path, b"me\np:w d \xc3\xa9\n")
    assert read_credentials(tmp_path, "acme") == Credentials("me", "p:w d é")


@pytest.mark.parametrize(
    ("content", "mode", "kind", "problem"),
    [
        (b"me\nsecret\n", 0o640, UsageError, "can be read by others; run chmod 600"),
        (b"me\nsecret\n", 0o604, UsageError, "can be read by others"),
        (b"secret", 0o600, InputError, "does not hold two lines"),
        (b"\nsecret\n", 0o600, InputError, "does not hold two lines"),
        (b"me\nsecret\nmore\n", 0o600, InputError, "does not hold two lines"),
        (b"me\n\xff\n", 0o600, InputError, "cannot be read as text"),
    ],
)
def test_file_that_is_not_right_is_refused(
    tmp_path: Path, content: bytes, mode: int, kind: type[JobgraphError], problem: str
) -> None:
    write(tmp_path, content, mode)
    with pytest.raises(kind, match=problem) as error:
        read_credentials(tmp_path, "acme")
    assert "secret" not in str(error.value)


def test_tenant_without_a_file_has_no_user(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="other has no user at the endpoint"):
        read_credentials(tmp_path, "other")
