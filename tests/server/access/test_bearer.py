"""All ways in together: one header, one answer for all that is wrong with it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.server.access.signing import AUDIENCE, ISSUER, Signer

from jobgraph.errors import AccessError, RefusedError, UsageError
from jobgraph.server.access import Access, Identity, JwtIssuer, Role, TokenFile
from jobgraph.settings import Settings

Headers = list[tuple[bytes, bytes]]
SENTENCE = "The request has no valid token; send one as Authorization: Bearer TOKEN."
LOCAL = (b"host", b"127.0.0.1:7878")
EVERYBODY = Identity("acme", Role.ADMIN, "open")


def bearer(token: str, scheme: str = "Bearer") -> tuple[bytes, bytes]:
    return b"authorization", f"{scheme} {token}".encode()


@pytest.fixture
def secret(token_file: TokenFile) -> str:
    return token_file.create("bolt", Role.READER, lasts=timedelta(days=1))


@pytest.fixture
def access(token_file: TokenFile, issuer: JwtIssuer) -> Access:
    return Access(token_file, issuer)


@pytest.fixture
def open_access(token_file: TokenFile, issuer: JwtIssuer) -> Access:
    return Access(token_file, issuer, EVERYBODY)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR", "Bearer  "])
def test_token_speaks_for_its_tenant(access: Access, secret: str, signer: Signer, scheme: str) -> None:
    assert access.identify([bearer(secret, scheme)]).tenant == "bolt"
    assert access.identify([LOCAL, bearer(signer.sign(), scheme)]).tenant == "acme"


def refusals(secret: str, jwt: str) -> dict[str, Headers]:
    """What comes to nothing although there is a good token in it, or one that is nearly good."""
    good = bearer(secret)
    return {
        "no_header": [LOCAL],
        "two_headers": [good, good],
        "two_kinds": [good, bearer(jwt)],
        "good_and_empty": [good, (b"authorization", b"")],
        "two_names": [good, (b"Authorization", good[1])],
        "joined": [(b"authorization", good[1] + b", " + good[1])],
        "two_tokens": [(b"authorization", good[1] + b" " + secret.encode())],
        "empty": [(b"authorization", b"")],
        "scheme_only": [(b"authorization", b"Bearer")],
        "scheme_and_space": [(b"authorization", b"Bearer ")],
        "no_scheme": [(b"authorization", secret.encode())],
        "basic": [bearer(secret, "Basic")],
        "token_scheme": [bearer(secret, "Token")],
        "other_scheme_first": [bearer(secret, "Basic, Bearer")],
        "tab": [(b"authorization", f"Bearer\t{secret}".encode())],
        "leading_space": [(b"authorization", b" " + good[1])],
        "trailing_space": [(b"authorization", good[1] + b" ")],
        "line_end": [(b"authorization", good[1] + b"\r\n")],
        "quoted": [bearer(f'"{secret}"')],
        "encoded": [bearer(secret.replace("_", "%5F"))],
        "not_ascii": [(b"authorization", good[1] + b"\xff")],
        "huge": [bearer(secret + "=" * 10_000)],
        "proxy_header": [(b"proxy-authorization", good[1])],
        "cookie": [(b"cookie", b"access_token=" + secret.encode())],
        "own_header": [(b"x-api-key", secret.encode()), (b"x-tenant", b"acme")],
        "forwarded": [(b"x-forwarded-authorization", good[1])],
        "wrong": [bearer(secret[:-1] + ("a" if secret[-1] != "a" else "b"))],
        "jwt_cut": [bearer(jwt[:-1])],
        "jwt_in_token": [bearer(f"{secret}.{jwt}")],
    }


@pytest.mark.parametrize("kind", list(refusals("jg_0000000000_" + "0" * 43, "a.b.c")))
@pytest.mark.parametrize("is_open", [False, True])
def test_refusal_is_always_the_same(
    access: Access,
    open_access: Access,
    secret: str,
    signer: Signer,
    kind: str,
    is_open: bool,  # noqa: FBT001
) -> None:
    headers = refusals(secret, signer.sign())[kind]
    if is_open and not any(name.lower() == b"authorization" for name, _ in headers):
        assert open_access.identify([LOCAL, *(pair for pair in headers if pair != LOCAL)]) == EVERYBODY
        return
    with pytest.raises(AccessError) as error:
        (open_access if is_open else access).identify([LOCAL, *headers] if is_open else headers)
    assert (str(error.value), error.value.challenge) == (SENTENCE, "Bearer")


def test_expired_revoked_and_unknown_tokens_get_the_same_answer(
    access: Access, token_file: TokenFile, clock: Any, signer: Signer
) -> None:
    secrets = [token_file.create("acme", Role.ADMIN, lasts=timedelta(hours=hours)) for hours in (1, 9)]
    token_file.revoke(secrets[1])
    late = signer.sign()
    clock.pass_by(hours=2)
    answers = set()
    for token in (*secrets, late, signer.sign(tenant="nobody"), "jg_0000000000_" + "0" * 43, "x"):
        with pytest.raises(AccessError) as error:
            access.identify([bearer(token)])
        answers.add((str(error.value), error.value.__cause__, repr(error.value.args)))
    assert len(answers) == 1


def test_jwt_is_nothing_without_an_issuer(token_file: TokenFile, signer: Signer) -> None:
    with pytest.raises(AccessError):
        Access(token_file).identify([bearer(signer.sign())])


def test_token_says_more_than_an_open_server(open_access: Access, secret: str) -> None:
    assert open_access.identify([LOCAL, bearer(secret)]).tenant == "bolt"


@pytest.mark.parametrize(
    "headers",
    [
        [LOCAL],
        [(b"Host", b"localhost")],
        [LOCAL, (b"origin", b"http://127.0.0.1:7878")],
        [(b"host", b"LOCALHOST:80"), (b"origin", b"http://localhost:80")],
    ],
)
def test_open_server_lets_its_own_machine_in(open_access: Access, headers: Headers) -> None:
    assert open_access.identify(headers) == EVERYBODY


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ([], "answers only to localhost"),
        ([LOCAL, LOCAL], "answers only to localhost"),
        ([(b"host", b"rebound.evil.example:7878")], "answers only to localhost"),
        ([(b"host", b"0.0.0.0:7878")], "answers only to localhost"),
        ([(b"x-forwarded-host", b"localhost")], "answers only to localhost"),
        ([LOCAL, (b"origin", b"https://evil.example")], "no requests from pages of other sites"),
        ([LOCAL, (b"origin", b"http://127.0.0.1:3000")], "no requests from pages of other sites"),
        ([LOCAL, (b"origin", b"http://localhost:7878")], "no requests from pages of other sites"),
        ([LOCAL, (b"origin", b"null")], "no requests from pages of other sites"),
        ([LOCAL, (b"origin", b"")], "no requests from pages of other sites"),
        ([LOCAL, (b"origin", b"http://127.0.0.1:7878"), (b"origin", b"https://evil.example")], "other sites"),
    ],
)
def test_open_server_refuses_pages_from_elsewhere(
    open_access: Access, secret: str, headers: Headers, words: str
) -> None:
    for sent in (headers, [*headers, bearer(secret)]):
        with pytest.raises(RefusedError, match=words):
            open_access.identify(sent)


def test_server_with_tokens_may_have_any_host(access: Access, secret: str) -> None:
    headers = [(b"host", b"data.partner.example"), (b"origin", b"https://partner.example"), bearer(secret)]
    assert access.identify(headers).tenant == "bolt"


def test_access_comes_from_the_settings(home: Path, jwks_file: Path) -> None:
    given = Settings(home=home, jwt_issuer=ISSUER, jwt_audience=AUDIENCE, jwt_jwks_file=jwks_file)
    access = Access.from_settings(given, host="0.0.0.0")
    assert (access.issuer is not None, access.everybody) == (True, None)
    assert Access.from_settings(given, host="127.0.0.1", open_tenant="acme").everybody == EVERYBODY


def test_what_is_wrong_shows_at_the_start(home: Path, token_file: TokenFile) -> None:
    with pytest.raises(UsageError, match="other machines may reach"):
        Access.from_settings(Settings(home=home), host="0.0.0.0", open_tenant="acme")
    with pytest.raises(UsageError, match="There is no tenant acm; did you mean acme"):
        Access.from_settings(Settings(home=home), host="127.0.0.1", open_tenant="acm")
    token_file.create("acme", Role.READER, lasts=None)
    token_file.path.chmod(0o644)
    with pytest.raises(RefusedError, match="chmod 600"):
        Access.from_settings(Settings(home=home), host="127.0.0.1")
