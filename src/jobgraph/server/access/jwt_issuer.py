"""JSON Web Tokens of one issuer, checked with its public keys from a file; nothing is fetched.

Only asymmetric algorithms count, and a key serves only those of its own type: what a token's header says can choose a
key of the file and nothing else. All that can differ before the signature is checked (algorithm, key id, form) is
public, so it may take its own time.
"""

from __future__ import annotations

import json
import re
import stat
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from os import fstat
from pathlib import Path
from time import time
from typing import Any, BinaryIO

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, import_key
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from jobgraph.errors import InputError, RefusedError, UsageError
from jobgraph.server.access.identity import Identity, Role, is_tenant
from jobgraph.server.access.reread_file import RereadFile
from jobgraph.settings import PREFIX, Settings

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
LEEWAY_S = 30
MAX_BYTES = 8_000
_MIN_RSA_BITS = 2048
_MAX_SUBJECT = 255  # of OpenID Connect Core 1.0, section 2
_FORM = re.compile(r"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# A type that is named must be that of an access token or say nothing: RFC 8725, section 3.11.
_TYPES = {"jwt", "at+jwt", "application/at+jwt"}

_Keys = Mapping[tuple[str, str], Key]


def _algorithm(registry: JWSRegistry, name: str) -> Any:  # noqa: ANN401 the type is private to joserfc
    return registry.algorithms[name]


class _Registry(JWSRegistry):
    """The registry of joserfc without its warning at each use of EdDSA, and with room for long key ids."""

    max_header_length = 2_000
    max_payload_length = MAX_BYTES
    get_alg = _algorithm


_REGISTRY = _Registry(algorithms=ALGORITHMS, strict_check_header=False)


class _RefusedTokenError(ValueError):
    """The token is not one of ours."""


@dataclass(frozen=True)
class JwtClaims:
    """Names of the claims that say for which tenant and in which role."""

    tenant: str = "tenant"
    role: str = "role"


class JwtIssuer:
    """Who may sign for our tenants, for which audience, with the keys of which file."""

    def __init__(
        self,
        home: Path,
        *,
        issuer: str,
        audience: str,
        jwks_file: Path,
        claims: JwtClaims,
        clock: Callable[[], float] = time,
    ) -> None:
        self._home, self._claims = home, claims
        self._keys = RereadFile[_Keys](jwks_file, lambda stream: _read_keys(stream, jwks_file))
        self._registry = JWTClaimsRegistry(
            now=lambda: int(clock()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )

    @classmethod
    def from_settings(cls, settings: Settings) -> JwtIssuer | None:
        """The issuer that the settings name; None where they name none.

        Raises
        ------
        UsageError : they name only a part of what is needed.
        """
        parts = {name: getattr(settings, name) for name in ("jwt_issuer", "jwt_audience", "jwt_jwks_file")}
        missing = [PREFIX + name.upper() for name, value in parts.items() if not value]
        if len(missing) == len(parts):
            return None
        if missing:
            raise UsageError(f"For JSON Web Tokens {' and '.join(missing)} must be set, too.")
        return cls(
            settings.home,
            issuer=parts["jwt_issuer"],
            audience=parts["jwt_audience"],
            jwks_file=parts["jwt_jwks_file"],
            claims=JwtClaims(settings.jwt_tenant_claim, settings.jwt_role_claim),
        )

    def check(self) -> None:
        """Read the keys now, so that a broken file shows at the start and not at a request.

        Raises
        ------
        InputError : the file holds no usable key, or others than public ones.
        RefusedError : any user may write the file.
        StorageError : it cannot be read.
        """
        self._keys.content()

    def identify(self, token: str) -> Identity | None:
        """Who a token speaks for; None where anything about it is not as it must be.

        Raises
        ------
        InputError, RefusedError, StorageError : as `check`, where the file has changed.
        """
        keys = self._keys.content()
        try:
            return self._identity(_signed_claims(token, keys))
        except (JoseError, _RefusedTokenError):
            return None

    def _identity(self, claims: dict[str, Any]) -> Identity:
        self._registry.validate(claims)
        subject, tenant = claims["sub"], claims.get(self._claims.tenant)
        if not 0 < len(subject) <= _MAX_SUBJECT or not isinstance(tenant, str) or not is_tenant(self._home, tenant):
            raise _RefusedTokenError
        return Identity(tenant, _highest_role(claims.get(self._claims.role)), f"jwt:{subject}")


def _signed_claims(token: str, keys: _Keys) -> dict[str, Any]:
    """The claims of a token with a right signature; `joserfc` alone would stumble over a header that is no object."""
    form = _FORM.fullmatch(token)
    if len(token) > MAX_BYTES or form is None:
        raise _RefusedTokenError
    key = keys.get(_key_name(_json_object(_decoded(form[1]))))
    if key is None:
        raise _RefusedTokenError
    return _json_object(jws.deserialize_compact(token, key, registry=_REGISTRY).payload or b"")


def _key_name(header: dict[str, Any]) -> tuple[str, str]:
    """Key id and algorithm of a header; no extension is known here, so `crit` and `b64` (RFC 7797) are refused."""
    name, algorithm, kind = header.get("kid"), header.get("alg"), header.get("typ", "JWT")
    if not (isinstance(name, str) and isinstance(algorithm, str) and isinstance(kind, str)):
        raise _RefusedTokenError
    if algorithm not in ALGORITHMS or kind.lower() not in _TYPES or "crit" in header or "b64" in header:
        raise _RefusedTokenError
    return name, algorithm


def _highest_role(claim: object) -> Role:
    """The highest role that a claim names, as a text or a list; what is no role of ours says nothing."""
    named = claim if isinstance(claim, list) else [claim]
    roles = [Role(name) for name in named if isinstance(name, str) and name in {*Role}]
    if not roles:
        raise _RefusedTokenError
    return max(roles)


def _json_object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (RecursionError, ValueError) as error:
        raise _RefusedTokenError from error
    if not isinstance(found, dict):
        raise _RefusedTokenError
    return found


def _decoded(segment: str) -> bytes:
    try:
        return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError as error:
        raise _RefusedTokenError from error


def _read_keys(stream: BinaryIO, path: Path) -> _Keys:
    """The keys of a JWK set (RFC 7517) by id and algorithm; those of other types and for encryption are passed over."""
    if fstat(stream.fileno()).st_mode & stat.S_IWOTH:
        raise RefusedError(f"{path} can be written by any user, who could put in a key; run chmod o-w on it.")
    try:
        listed = json.load(stream)["keys"]
        pairs = [pair for data in listed if data.get("use", "sig") == "sig" for pair in _iter_named_keys(data)]
    except (AttributeError, JoseError, KeyError, RecursionError, TypeError, ValueError) as error:
        reason = (
            f"{error}".rstrip(".")
            if isinstance(error, _BadKeyError | JoseError)
            else "it is no JWK set, or a key of it is broken"
        )
        raise InputError(f"{path} cannot be used: {reason}; put the issuer's public keys there.") from error
    keys = dict(pairs)
    if not keys or len(keys) < len(pairs):
        reason = "two keys have one id" if keys else f"it has no key with an id for one of {', '.join(ALGORITHMS)}"
        raise InputError(f"{path} cannot be used: {reason}; put the issuer's public keys there.")
    return keys


class _BadKeyError(ValueError):
    """A key that must not be used."""


def _iter_named_keys(data: dict[str, Any]) -> Iterator[tuple[tuple[str, str], Key]]:
    """A key under its id and each algorithm that it may serve."""
    if data["kty"] not in ("RSA", "EC", "OKP") or "kid" not in data:
        return
    name = data["kid"]
    if "d" in data:
        raise _BadKeyError(f"key {name!r} is a private key")
    if data["kty"] == "RSA" and int.from_bytes(_decoded(data["n"])).bit_length() < _MIN_RSA_BITS:
        raise _BadKeyError(f"RSA key {name!r} has fewer than {_MIN_RSA_BITS} bits")
    if data.get("crv", "P-256") not in ("P-256", "Ed25519", "Ed448"):
        return
    key = import_key(data)
    for algorithm in _algorithms_of(key):
        if data.get("alg", algorithm) == algorithm:
            yield (name, algorithm), key


def _algorithms_of(key: Key) -> tuple[str, ...]:
    if isinstance(key, ECKey):
        return ("ES256",)
    return ("EdDSA",) if isinstance(key, OKPKey) else ("RS256", "PS256")
