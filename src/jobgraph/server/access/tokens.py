"""Bearer tokens: made once, shown once, kept as hashes.

A token is `jg_<id>_<secret>`: an id of 10 characters of 0-9 and a-z, and a secret of 43 characters of 0-9, A-Z and a-z,
which are 256 random bits. Scanners for secrets find it by `jg_[0-9a-z]{10}_[0-9A-Za-z]{43}`.

Kept is a plain SHA-256 of it: slow hashes are for passwords, which can be guessed; 256 random bits cannot.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import secrets
import stat
import string
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import Any, BinaryIO

from jobgraph.errors import RefusedError, StorageError, UsageError
from jobgraph.server.access.identity import Identity, Role, is_tenant
from jobgraph.server.access.reread_file import RereadFile
from jobgraph.store import Home
from jobgraph.store.durable import exclusive_lock, shared_lock, storage_errors, sync, write_durably

_ID_LETTERS = string.digits + string.ascii_lowercase
_SECRET_LETTERS = string.digits + string.ascii_letters
_TOKEN = re.compile(r"jg_([0-9a-z]{10})_[0-9A-Za-z]{43}")
_HASH = re.compile("[0-9a-f]{64}")
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Token:
    """What is kept of a token; times are UTC, and `sha256` is of the whole token, in hexadecimal.

    `profiles` names the export profiles that it is limited to; None is no limit.
    """

    id: str
    tenant: str
    role: Role
    created: datetime
    expires: datetime | None
    revoked: datetime | None
    sha256: str
    profiles: tuple[str, ...] | None = None

    def state(self, now: datetime) -> str:
        """One of valid, expired, revoked."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else "valid"

    def to_json(self) -> dict[str, Any]:
        """Its fields, times as text."""
        return {name: _text(value) if isinstance(value, datetime) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Token:
        """The token of fields that `to_json` made; raises KeyError, TypeError or ValueError for others."""
        if not _HASH.fullmatch(fields["sha256"]):
            raise ValueError
        expires, revoked = (fields[name] and _time(fields[name]) for name in ("expires", "revoked"))
        role, created = Role(fields["role"]), _time(fields["created"])
        profiles = _names(fields.get("profiles"))  # files of earlier versions say nothing of them
        return cls(fields["id"], fields["tenant"], role, created, expires, revoked, fields["sha256"], profiles)

    def to_identity(self) -> Identity:
        """Who it speaks for."""
        profiles = None if self.profiles is None else frozenset(self.profiles)
        return Identity(self.tenant, self.role, self.id, profiles)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


class TokenFile:
    """The tokens of all tenants, in `<home>/access/tokens.json`, which nobody else may read."""

    def __init__(self, home: Path, *, clock: Callable[[], datetime] = _now) -> None:
        self.path = home / "access" / "tokens.json"
        self._home, self._clock = home, clock
        self._file = RereadFile[dict[str, Token]](self.path, self._read, missing={})

    def create(
        self, tenant: str, role: Role, *, lasts: timedelta | None, profiles: Collection[str] | None = None
    ) -> str:
        """A new token; only its hash is kept, so this is the one time that it is seen.

        Parameters
        ----------
        lasts : how long it is valid; None for ever.
        profiles : the export profiles that it may fetch, and nothing else; None for no limit.

        Raises
        ------
        UsageError : there is no such tenant, or a limited token would write.
        StorageError : the disk is full or cannot be written; the tokens are unchanged.
        TenantHeldError : the tenant moves to another host.
        """
        Home(self._home).tenant(tenant)
        if profiles is not None and (not profiles or role != Role.READER):
            raise UsageError("A token that is limited to profiles names one at least, and is that of a reader.")
        limit = None if profiles is None else tuple(sorted(set(profiles)))
        now = self._clock()
        with self._changing() as tokens:
            self._refuse_if_held(tenant)
            name = _random(_ID_LETTERS, 10)
            while name in tokens:
                name = _random(_ID_LETTERS, 10)
            secret = f"jg_{name}_{_random(_SECRET_LETTERS, 43)}"
            until = now + lasts if lasts else None
            tokens[name] = Token(name, tenant, role, now, until, None, _hash(secret), limit)
        return secret

    def tokens(self) -> list[Token]:
        """All tokens that were ever made, the oldest first.

        Raises
        ------
        RefusedError : others can read the file.
        StorageError : the file is broken or cannot be read.
        """
        return list(self._file.content().values())

    def revoke(self, name: str) -> Token:
        """Make a token worthless from now on; one that is revoked already stays as it is.

        Parameters
        ----------
        name : its id, or the token itself.

        Raises
        ------
        UsageError : there is none of this id.
        StorageError : the disk is full or cannot be written; the tokens are unchanged.
        TenantHeldError : the tenant moves to another host.
        """
        shape = _TOKEN.fullmatch(name)
        name = shape[1] if shape else name
        known = self._file.content()
        if name not in known:
            near = difflib.get_close_matches(name, known)
            advice = f"did you mean {', '.join(near)}?" if near else "jobgraph token list shows those that there are."
            # What is no id may be a secret with a slip in it.
            raise UsageError(f"There is no token with {f'the id {name}' if len(name) <= 10 else 'this id'}; {advice}")
        with self._changing() as tokens:
            self._refuse_if_held(tokens[name].tenant)
            tokens[name] = replace(tokens[name], revoked=tokens[name].revoked or self._clock())
        return tokens[name]

    def tokens_of(self, tenant: str) -> list[Token]:
        """The tokens of one tenant, once every change of them that runs has ended.

        Raises
        ------
        RefusedError : others can read the file.
        StorageError : the file is broken or cannot be read.
        """
        with shared_lock(self.path.parent) if self.path.exists() else nullcontext():
            return [token for token in self.tokens() if token.tenant == tenant]

    def put_tokens(self, tenant: str, tokens: Iterable[Token]) -> None:
        """Let these be all the tokens of a tenant.

        Raises
        ------
        UsageError : one is of another tenant.
        StorageError : the disk is full or cannot be written; the tokens are unchanged.
        """
        put = {token.id: token for token in tokens}
        if any(token.tenant != tenant for token in put.values()):
            raise UsageError(f"Among the tokens of {tenant} is one of another tenant; take none of them.")
        if not put and not self.path.exists():
            return
        with self._changing() as known:
            for name in [name for name, token in known.items() if token.tenant == tenant]:
                del known[name]
            if name := next((name for name in put if name in known), ""):
                raise UsageError(f"There is a token {name} of another tenant already; revoke it first.")
            known.update(put)

    def identify(self, secret: str) -> Identity | None:
        """Who a token speaks for; None where it is malformed, unknown, revoked or expired, or its tenant is gone.

        All of these take the same steps: an unknown id is compared with a hash that nothing has, and no step is left
        out because an earlier one failed.

        Raises
        ------
        RefusedError : others can read the file.
        StorageError : the file is broken or cannot be read.
        """
        tokens = self._file.content()
        shape = _TOKEN.fullmatch(secret)
        decoy = replace(next(iter(tokens.values()), _NOBODY), sha256=_NOBODY.sha256)
        token = tokens.get(shape[1] if shape else "", decoy)
        signs = (
            compare_digest(_hash(secret), token.sha256),
            token.state(self._clock()) == "valid",
            is_tenant(self._home, token.tenant),
        )
        return token.to_identity() if all(signs) else None

    def _refuse_if_held(self, tenant: str) -> None:
        """What changes while a tenant moves, its new host would not know."""
        Home(self._home).tenant(tenant, missing_ok=True).refuse_if_held()

    def _read(self, stream: BinaryIO) -> dict[str, Token]:
        mode = os.fstat(stream.fileno()).st_mode
        if mode & _OTHERS:
            raise RefusedError(
                f"{self.path} can be read or written by other users (mode {stat.S_IMODE(mode):o}); run chmod 600 on it."
            )
        try:
            tokens = [Token.from_json(fields) for fields in json.load(stream)["tokens"]]
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise StorageError(f"{self.path} is broken; restore it, or remove it and create new tokens.") from error
        return {token.id: token for token in tokens}

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Token]]:
        """The tokens, to change in the block; then they replace the file in one step."""
        folder = self.path.parent
        with storage_errors(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with exclusive_lock(folder, wait=True):
            tokens = dict(self._file.content())
            yield tokens
            new = folder / f"tokens.{os.getpid()}.tmp"
            with storage_errors(self.path):
                try:
                    for left in folder.glob("tokens.*.tmp"):
                        left.unlink()
                    new.touch(mode=0o600, exist_ok=False)
                    fields = [token.to_json() for token in tokens.values()]
                    write_durably(new, f"{json.dumps({'tokens': fields}, indent=2)}\n")
                    new.replace(self.path)
                    sync(folder)
                finally:
                    new.unlink(missing_ok=True)


def _random(letters: str, count: int) -> str:
    return "".join(secrets.choice(letters) for _ in range(count))


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _names(given: object) -> tuple[str, ...] | None:
    """The names in a list; raises TypeError for anything else, so that a limit never gets lost."""
    if given is None:
        return None
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise TypeError
    return tuple(given)


def _text(moment: datetime) -> str:
    return moment.strftime(_TIME)


def _time(text: str) -> datetime:
    return datetime.strptime(text, _TIME).replace(tzinfo=UTC)


_NOBODY = Token("", "", Role.READER, datetime.fromtimestamp(0, UTC), None, None, "0" * 64)
