"""A home with the tenants acme and bolt, and an issuer with its keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey
from tests.server.access.signing import AUDIENCE, ISSUER, Clock, Signer

from jobgraph.server.access import JwtIssuer, TokenFile
from jobgraph.server.access.jwt_issuer import JwtClaims
from jobgraph.store import Home


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def tenants(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tenants' folder alone, to be linked to."""
    home = Home(tmp_path_factory.mktemp("access"))
    for slug in ("acme", "bolt"):
        home.create_tenant(slug, base="https://example.org/id/")
    return home.path / "tenants"


@pytest.fixture
def home(tmp_path: Path, tenants: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "tenants").symlink_to(tenants)
    return folder


@pytest.fixture
def token_file(home: Path, clock: Clock) -> TokenFile:
    return TokenFile(home, clock=clock)


@pytest.fixture(scope="session")
def keys() -> dict[str, Any]:
    """Private keys by id."""
    return {
        "rsa": RSAKey.generate_key(2048),
        "ec": ECKey.generate_key("P-256"),
        "ed": OKPKey.generate_key("Ed25519"),
        "other": ECKey.generate_key("P-256"),  # of somebody else
    }


@pytest.fixture
def jwks_file(tmp_path: Path, keys: dict[str, Any]) -> Path:
    path = tmp_path / "jwks.json"
    public = [{**keys[name].as_dict(private=False), "kid": name} for name in ("rsa", "ec", "ed")]
    path.write_text(json.dumps({"keys": public}), encoding="utf-8")
    return path


@pytest.fixture
def issuer(home: Path, jwks_file: Path, clock: Clock) -> JwtIssuer:
    return JwtIssuer(
        home,
        issuer=ISSUER,
        audience=AUDIENCE,
        jwks_file=jwks_file,
        claims=JwtClaims("tenant", "role"),
        clock=lambda: clock().timestamp(),
    )


@pytest.fixture
def signer(keys: dict[str, Any], clock: Clock) -> Signer:
    return Signer(keys, lambda: clock().timestamp())
