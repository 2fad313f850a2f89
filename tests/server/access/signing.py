"""A clock, and JSON Web Tokens put together by hand, so that they may be as wrong as a test wants."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from joserfc.jws import JWSRegistry

ISSUER = "https://login.example/realm"
AUDIENCE = "jobgraph"


def encoded(content: bytes | object) -> str:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return urlsafe_b64encode(text).rstrip(b"=").decode()


class Clock:
    """A clock that a test can turn."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass(frozen=True)
class Signer:
    """Signs claims with one of several keys; a claim or header that is None is left out."""

    keys: Mapping[str, Any]
    clock: Callable[[], float]

    def claims(self, **changes: object) -> dict[str, object]:
        now = int(self.clock())
        base = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "partner-7",
            "exp": now + 300,
            "tenant": "acme",
            "role": "writer",
        }
        return {name: value for name, value in {**base, **changes}.items() if value is not None}

    def sign(
        self, key: str = "ec", alg: str = "ES256", header: Mapping[str, object] | None = None, **claims: object
    ) -> str:
        """A token signed by `key` with `alg`; the header says so, unless `header` says otherwise."""
        said = {"alg": alg, "kid": key, "typ": "JWT", **(header or {})}
        said = {name: value for name, value in said.items() if value is not None}
        return self.sign_text(encoded(said), encoded(self.claims(**claims)), key, alg)

    def sign_text(self, header: str, payload: str, key: str, alg: str) -> str:
        signed = f"{header}.{payload}"
        signature = JWSRegistry.algorithms[alg].sign(signed.encode(), self.keys[key])
        return f"{signed}.{encoded(signature)}"

    def sign_with_secret(self, secret: bytes, header: Mapping[str, object], **claims: object) -> str:
        signed = f"{encoded(dict(header))}.{encoded(self.claims(**claims))}"
        return f"{signed}.{encoded(hmac.new(secret, signed.encode(), sha256).digest())}"

    def public_pem(self, key: str) -> bytes:
        """What an attacker may use as an HMAC secret, since everybody knows it."""
        pem = self.keys[key].as_pem(private=False)
        assert isinstance(pem, bytes)
        return pem
