"""Ed25519 keys as PEM files, and signatures that OpenSSL can check, too.

    openssl pkeyutl -verify -pubin -inkey our.key.pub -rawin -in manifest.json -sigfile manifest.json.sig

Source: https://www.rfc-editor.org/rfc/rfc8032
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from jobgraph.errors import InputError, RefusedError, StorageError, UsageError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_MOST_BYTES = 10_000  # of a file with a key
_SECRET_BYTES = 32
_LEAST_SECRET_BYTES = 16


@dataclass(frozen=True)
class PublicKey:
    """A key that signatures are checked with; `raw` are its 32 bytes."""

    raw: bytes

    @property
    def name(self) -> str:
        """What tells it from all others, for people to compare: `ed25519:` and a hash."""
        return f"ed25519:{sha256(self.raw).hexdigest()}"

    @property
    def pem(self) -> str:
        """The key as it is written to a file."""
        key = Ed25519PublicKey.from_public_bytes(self.raw)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def signed(self, content: bytes, signature: bytes) -> bool:
        """Whether the owner of this key signed `content`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, content)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class SigningKey:
    """A key that signs; it is a secret, and so its text shows the public half only."""

    _key: Ed25519PrivateKey

    @property
    def public(self) -> PublicKey:
        """The half of it that anyone may have."""
        return _public(self._key.public_key())

    def sign(self, content: bytes) -> bytes:
        """The signature of `content`, 64 bytes; the same each time."""
        return self._key.sign(content)

    def __repr__(self) -> str:
        return f"SigningKey({self.public.name})"


def create_key(path: Path) -> PublicKey:
    """A new key in the new file `path`, which only its owner may read, and its public half beside it, in `path.pub`.

    Raises
    ------
    UsageError : one of the files is there already.
    StorageError : they cannot be written; neither is there.
    """
    key = Ed25519PrivateKey.generate()
    public = _public(key.public_key())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with _new_files(path, public_path(path)):
        _write_new(path, pem, mode=0o600)
        _write_new(public_path(path), public.pem.encode(), mode=0o644)
    return public


def create_secret(path: Path) -> None:
    """A new secret for pseudonyms in the new file `path`, which only its owner may read.

    Raises
    ------
    UsageError : the file is there already.
    StorageError : it cannot be written.
    """
    with _new_files(path):
        _write_new(path, f"{secrets.token_hex(_SECRET_BYTES)}\n".encode(), mode=0o600)


def public_path(path: Path) -> Path:
    """Where the public half of the key in `path` is."""
    return path.with_name(f"{path.name}.pub")


def read_signing_key(path: Path) -> SigningKey:
    """The secret key in a PEM file.

    Raises
    ------
    InputError : the file cannot be read, or holds no such key.
    RefusedError : others can read it.
    """
    content = _read_secretly(path)
    try:
        key = load_pem_private_key(content, password=None)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(f"{path} holds no Ed25519 key to sign with; make one with jobgraph key create.")
    return SigningKey(key)


def read_public_key(path: Path) -> PublicKey:
    """The public key in a PEM file; of a file with a secret key, its public half.

    Raises
    ------
    InputError : the file cannot be read, or holds no such key.
    RefusedError : it holds a secret key, and others can read it.
    """
    content = _read(path)
    if b"PRIVATE KEY" in content:
        return read_signing_key(path).public
    try:
        key = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(f"{path} holds no public Ed25519 key; ask the sender for the file that ends in .pub.")
    return _public(key)


def read_secret(path: Path) -> bytes:
    """The secret for pseudonyms in a file, without the white space around it.

    Raises
    ------
    InputError : the file cannot be read, or is too short to be a secret.
    RefusedError : others can read it.
    """
    secret = _read_secretly(path).strip()
    if len(secret) < _LEAST_SECRET_BYTES:
        raise InputError(
            f"{path} holds no secret of {_LEAST_SECRET_BYTES} bytes; make one with jobgraph key create --secret."
        )
    return secret


def _public(key: Ed25519PublicKey) -> PublicKey:
    return PublicKey(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def _read_secretly(path: Path) -> bytes:
    content = _read(path)
    mode = path.stat().st_mode
    if mode & _OTHERS:
        raise RefusedError(
            f"{path} can be read or written by other users (mode {stat.S_IMODE(mode):o}); run chmod 600 on it."
        )
    return content


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_MOST_BYTES)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error


@contextmanager
def _new_files(*paths: Path) -> Iterator[None]:
    """Make files in the body that are not there yet; if that fails, none of them is there."""
    for path in paths:
        if path.exists() or path.is_symlink():
            raise UsageError(f"{path} is there already; a key is never overwritten, so name another file.")
    try:
        yield
    except OSError as error:
        for path in paths:
            path.unlink(missing_ok=True)
        raise StorageError(f"{error.filename or paths[0]}: {error.strerror}; no key was made.") from error


def _write_new(path: Path, content: bytes, *, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
