"""JSON Web Tokens: those of the issuer count, and hostile ones come to nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import OctKey, OKPKey, RSAKey
from tests.server.access.signing import AUDIENCE, ISSUER, Clock, Signer, encoded

from jobgraph.errors import InputError, RefusedError, StorageError, UsageError
from jobgraph.server.access import Identity, JwtIssuer, Role
from jobgraph.settings import Settings

GOOD = Identity("acme", Role.WRITER, "jwt:partner-7")
Make = Callable[[Signer], str]


@pytest.mark.parametrize(("key", "alg"), [("rsa", "RS256"), ("rsa", "PS256"), ("ec", "ES256"), ("ed", "EdDSA")])
def test_token_of_the_issuer_counts(issuer: JwtIssuer, signer: Signer, key: str, alg: str) -> None:
    assert issuer.identify(signer.sign(key, alg)) == GOOD


@pytest.mark.parametrize(
    "change",
    [
        {"aud": ["elsewhere", AUDIENCE]},
        {"nbf": 0, "iat": 0, "jti": "1", "scope": "read", "nonce": "x"},
        {"role": ["reader", "writer", "superuser"]},
        {"role": ["writer", 1, None]},
        {"header": {"typ": None}},
        {"header": {"typ": "at+jwt"}},
        {"header": {"typ": "application/at+JWT"}},
        {"header": {"x5t": "abc", "unknown": 1}},
    ],
)
def test_what_else_a_good_token_may_say(issuer: JwtIssuer, signer: Signer, change: dict[str, Any]) -> None:
    assert issuer.identify(signer.sign(**change)) == GOOD


@pytest.mark.parametrize("role", list(Role))
def test_role_comes_from_its_claim(issuer: JwtIssuer, signer: Signer, role: Role) -> None:
    assert issuer.identify(signer.sign(role=role, tenant="bolt")) == Identity("bolt", role, "jwt:partner-7")


BAD_CLAIMS: list[dict[str, Any]] = [
    {"iss": None},
    {"iss": "https://evil.example"},
    {"iss": f"{ISSUER}/"},
    {"iss": [ISSUER]},
    {"aud": None},
    {"aud": "elsewhere"},
    {"aud": []},
    {"aud": ["elsewhere"]},
    {"aud": {AUDIENCE: True}},
    {"aud": AUDIENCE.upper()},
    {"sub": None},
    {"sub": ""},
    {"sub": 7},
    {"sub": "x" * 256},
    {"exp": None},
    {"exp": 0},
    {"exp": "tomorrow"},
    {"exp": "99999999999"},
    {"exp": True},
    {"exp": [99999999999]},
    {"exp": float("nan")},
    {"exp": float("inf")},
    {"nbf": 99999999999},
    {"nbf": "now"},
    {"iat": 99999999999},
    {"tenant": None},
    {"tenant": ""},
    {"tenant": "nobody"},
    {"tenant": ["acme"]},
    {"tenant": "acme,bolt"},
    {"tenant": "../tenants/acme"},
    {"tenant": "ACME"},
    {"tenant": 1},
    {"role": None},
    {"role": ""},
    {"role": "root"},
    {"role": "Admin"},
    {"role": "admin writer"},
    {"role": []},
    {"role": [["admin"]]},
    {"role": {"admin": True}},
    {"role": 3},
]


@pytest.mark.parametrize("claims", BAD_CLAIMS, ids=str)
def test_bad_claim_is_nobody(issuer: JwtIssuer, signer: Signer, claims: dict[str, Any]) -> None:
    assert issuer.identify(signer.sign(**claims)) is None


def resigned(change: Callable[[str, str, str], str]) -> Make:
    """Take a good token apart, and put it together in another way."""

    def make(signer: Signer) -> str:
        header, payload, signature = signer.sign().split(".")
        return change(header, payload, signature)

    return make


def with_header_text(text: bytes) -> Make:
    """A right signature under a header that is not what it should be."""
    return lambda signer: signer.sign_text(encoded(text), encoded(signer.claims()), "ec", "ES256")


def with_payload_text(text: bytes) -> Make:
    return lambda signer: signer.sign_text(encoded({"alg": "ES256", "kid": "ec"}), encoded(text), "ec", "ES256")


def unsigned(alg: str) -> Make:
    return lambda signer: f"{encoded({'alg': alg, 'kid': 'ec'})}.{encoded(signer.claims())}."


def with_public_key_as_secret(key: str, alg: str = "HS256") -> Make:
    return lambda signer: signer.sign_with_secret(signer.public_pem(key), {"alg": alg, "kid": key})


def other_key(signer: Signer) -> dict[str, Any]:
    public: dict[str, Any] = signer.keys["other"].as_dict(private=False)
    return public


HOSTILE: dict[str, Make] = {
    "none": unsigned("none"),
    "none_capitals": unsigned("NONE"),
    "none_with_signature": resigned(lambda _, p, s: f"{encoded({'alg': 'none', 'kid': 'ec'})}.{p}.{s}"),
    "no_signature": resigned(lambda h, p, _: f"{h}.{p}."),
    "no_last_part": resigned(lambda h, p, _: f"{h}.{p}"),
    "other_payload": resigned(lambda h, _, s: f"{h}.{encoded({'tenant': 'bolt'})}.{s}"),
    "signature_of_zeros": resigned(lambda h, p, _: f"{h}.{p}.{encoded(bytes(64))}"),
    "short_signature": resigned(lambda h, p, s: f"{h}.{p}.{s[:40]}"),
    "long_signature": resigned(lambda h, p, s: f"{h}.{p}.{s}{s}"),
    "padded_signature": resigned(lambda h, p, s: f"{h}.{p}.{s}=="),
    "four_parts": resigned(lambda h, p, s: f"{h}.{p}.{s}.{s}"),
    "five_parts": resigned(lambda h, p, s: f"{h}.{p}.{s}.{s}.{s}"),
    "white_space": resigned(lambda h, p, s: f"{h}.{p}.{s}\n"),
    "inner_white_space": resigned(lambda h, p, s: f"{h} .{p}.{s}"),
    "not_ascii": resigned(lambda h, p, s: f"{h}.{p}.{s[:-1]}\u00e9"),
    "other_base64": resigned(lambda h, p, s: f"{h}.{p}.{s[:-2]}+/"),
    "hmac_with_ec_key": with_public_key_as_secret("ec"),
    "hmac_with_rsa_key": with_public_key_as_secret("rsa"),
    "hmac_512": with_public_key_as_secret("rsa", "HS512"),
    "hmac_with_no_key": lambda signer: signer.sign_with_secret(b"", {"alg": "HS256", "kid": "ec"}),
    "hmac_that_says_es256": lambda s: s.sign_with_secret(s.public_pem("ec"), {"alg": "ES256", "kid": "ec"}),
    "key_of_somebody_else": lambda signer: signer.sign("other", header={"kid": "ec"}),
    "unknown_kid": lambda signer: signer.sign(header={"kid": "ec2"}),
    "kid_of_another_key": lambda signer: signer.sign(header={"kid": "rsa"}),
    "kid_of_another_type": lambda signer: signer.sign("rsa", "RS256", header={"kid": "ec", "alg": "ES256"}),
    "alg_of_another_type": lambda signer: signer.sign(header={"alg": "RS256"}),
    "alg_of_another_padding": lambda signer: signer.sign("rsa", "RS256", header={"alg": "PS256"}),
    "alg_not_allowed": lambda signer: signer.sign("rsa", "RS384"),
    "alg_of_a_curve_not_allowed": lambda signer: signer.sign(header={"alg": "ES256K"}),
    "alg_missing": lambda signer: signer.sign(header={"alg": None}),
    "alg_list": lambda signer: signer.sign(header={"alg": ["ES256"]}),
    "kid_missing": lambda signer: signer.sign(header={"kid": None}),
    "kid_list": lambda signer: signer.sign(header={"kid": ["ec"]}),
    "kid_path": lambda signer: signer.sign(header={"kid": "../../../dev/null"}),
    "kid_sql": lambda signer: signer.sign(header={"kid": "ec' OR '1'='1"}),
    "own_key_in_header": lambda s: s.sign("other", header={"kid": "other", "jwk": other_key(s)}),
    "own_key_with_known_kid": lambda s: s.sign("other", header={"kid": "ec", "jwk": {**other_key(s), "kid": "ec"}}),
    "key_by_address": lambda s: s.sign("other", header={"kid": "other", "jku": "http://127.0.0.1:1/keys"}),
    "certificate_by_address": lambda s: s.sign("other", header={"kid": "ec", "x5u": "http://127.0.0.1:1/x"}),
    "unknown_crit": lambda signer: signer.sign(header={"crit": ["exp2"], "exp2": 1}),
    "known_crit": lambda signer: signer.sign(header={"crit": ["kid"]}),
    "empty_crit": lambda signer: signer.sign(header={"crit": []}),
    "crit_number": lambda signer: signer.sign(header={"crit": 1}),
    "payload_not_encoded": lambda signer: signer.sign(header={"b64": False, "crit": ["b64"]}),
    "b64_alone": lambda signer: signer.sign(header={"b64": False}),
    "logout_token": lambda signer: signer.sign(header={"typ": "logout+jwt"}),
    "proof_of_possession": lambda signer: signer.sign(header={"typ": "dpop+jwt"}),
    "typ_number": lambda signer: signer.sign(header={"typ": 1}),
    "header_list": with_header_text(b'["alg", "kid"]'),
    "header_text": with_header_text(b'"alg kid b64"'),
    "header_number": with_header_text(b"1"),
    "header_null": with_header_text(b"null"),
    "header_cut": with_header_text(b'{"alg": "ES256", "kid": "ec"'),
    "header_not_utf8": with_header_text(b'{"alg": "ES256", "kid": "ec", "x": "\xff"}'),
    "header_deep": with_header_text(b'{"x":' * 5_000),
    "header_empty": with_header_text(b""),
    "payload_list": with_payload_text(b"[]"),
    "payload_text": with_payload_text(b'"iss aud exp"'),
    "payload_deep": with_payload_text(b'{"x":' * 1_100),
    "payload_not_json": with_payload_text(b"iss=1"),
    "payload_not_utf8": with_payload_text(b'{"iss": "\xff\xfe"}'),
    "payload_huge_number": with_payload_text(b'{"exp": 1' + b"0" * 5_000 + b"}"),
    "huge": lambda signer: signer.sign(scope="x" * 10_000),
    "nothing": lambda _: "",
    "dots": lambda _: "..",
    "encrypted": lambda _: f"{encoded({'alg': 'RSA-OAEP', 'enc': 'A128GCM', 'kid': 'rsa'})}.a.b.c.d",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_token_is_nobody(issuer: JwtIssuer, signer: Signer, kind: str) -> None:
    assert issuer.identify(HOSTILE[kind](signer)) is None


@pytest.mark.parametrize(("key", "alg"), [("rsa", "RS256"), ("ec", "ES256"), ("ed", "EdDSA")])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_token_with_any_letter_changed_is_nobody(
    issuer: JwtIssuer, signer: Signer, key: str, alg: str, data: st.DataObject
) -> None:
    token = signer.sign(key, alg)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.characters().filter(lambda other: other != token[place]))
    assert issuer.identify(token[:place] + letter + token[place + 1 :]) is None


@pytest.mark.parametrize(("exp", "nbf", "counts"), [(-29, 0, True), (-31, 0, False), (60, 29, True), (60, 31, False)])
def test_clocks_may_differ_by_30_seconds(
    issuer: JwtIssuer,
    signer: Signer,
    clock: Clock,
    exp: int,
    nbf: int,
    counts: bool,  # noqa: FBT001
) -> None:
    now = int(clock().timestamp())
    assert (issuer.identify(signer.sign(exp=now + exp, nbf=now + nbf)) is not None) is counts


def write_keys(path: Path, *keys: dict[str, Any]) -> None:
    path.write_text(json.dumps({"keys": keys}), encoding="utf-8")


def test_keys_are_read_again_when_the_file_changes(
    issuer: JwtIssuer, signer: Signer, jwks_file: Path, keys: dict[str, Any]
) -> None:
    old, new = signer.sign("ec"), signer.sign("other")
    assert (issuer.identify(old), issuer.identify(new)) == (GOOD, None)
    write_keys(jwks_file, {**keys["other"].as_dict(private=False), "kid": "other"})
    assert (issuer.identify(old), issuer.identify(new)) == (None, GOOD)


def test_keys_that_are_not_for_us_are_passed_over(
    issuer: JwtIssuer, signer: Signer, jwks_file: Path, keys: dict[str, Any]
) -> None:
    ec, rsa = ({**keys[name].as_dict(private=False), "kid": name} for name in ("ec", "rsa"))
    post_quantum, curve = {"kty": "AKP", "kid": "pq"}, {**ec, "crv": "P-999", "kid": "p"}
    secret = {**OctKey.generate_key(256).as_dict(), "kid": "oct"}
    exchange = {**OKPKey.generate_key("X25519").as_dict(private=False), "kid": "x"}
    for_reading = {**rsa, "use": "enc"}
    write_keys(jwks_file, post_quantum, secret, curve, exchange, for_reading, ec, {**rsa, "kid": "ps", "alg": "PS256"})
    assert issuer.identify(signer.sign("ec")) == GOOD
    assert issuer.identify(signer.sign("rsa", "RS256")) is None
    assert issuer.identify(signer.sign("rsa", "PS256", header={"kid": "ps"})) == GOOD
    assert issuer.identify(signer.sign("rsa", "RS256", header={"kid": "ps"})) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it is no JWK set, or a key of it is broken"),
        ("[]", "it is no JWK set, or a key of it is broken"),
        ('{"keys": 1}', "it is no JWK set, or a key of it is broken"),
        ('{"keys": [1]}', "it is no JWK set, or a key of it is broken"),
        ('{"keys": [{}]}', "it is no JWK set, or a key of it is broken"),
        ("[" * 100_000, "it is no JWK set, or a key of it is broken"),
        ('{"keys": []}', "it has no key with an id"),
        ('{"keys": [{"kty": "oct", "kid": "a", "k": "c2VjcmV0"}]}', "it has no key with an id"),
        ('{"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}', "it has no key with an id"),
        (
            '{"keys": [{"kty": "EC", "kid": "a", "crv": "P-256", "x": "AA", "y": "AA"}]}',
            "it is no JWK set, or a key of it is broken",
        ),
        ('{"keys": [{"kty": "EC", "kid": "a", "crv": "P-256", "x": "AA"}]}', "'y' is required"),
        ('{"keys": [{"kty": "RSA", "kid": "a", "n": "AQAB", "e": "AQAB"}]}', "RSA key 'a' has fewer than 2048 bits"),
    ],
)
def test_file_without_usable_keys_is_said(issuer: JwtIssuer, jwks_file: Path, text: str, words: str) -> None:
    jwks_file.write_text(text)
    calls: list[Callable[[], object]] = [issuer.check, lambda: issuer.identify("a.b.c")]
    for call in calls:
        with pytest.raises(InputError) as error:
            call()
        assert str(error.value).startswith(f"{jwks_file} cannot be used: ")
        assert words in str(error.value)


def test_private_key_is_refused(issuer: JwtIssuer, jwks_file: Path, keys: dict[str, Any]) -> None:
    write_keys(jwks_file, {**keys["ec"].as_dict(private=True), "kid": "ec"})
    with pytest.raises(InputError, match="key 'ec' is a private key; put the issuer's public keys there"):
        issuer.check()


def test_two_keys_of_one_id_are_refused(issuer: JwtIssuer, jwks_file: Path, keys: dict[str, Any]) -> None:
    write_keys(jwks_file, *({**keys[name].as_dict(private=False), "kid": "k"} for name in ("ec", "other")))
    with pytest.raises(InputError, match="two keys have one id"):
        issuer.check()


def test_keys_of_one_id_may_differ_in_use_or_algorithm(
    issuer: JwtIssuer, signer: Signer, jwks_file: Path, keys: dict[str, Any]
) -> None:
    ec, other, rsa = ({**keys[name].as_dict(private=False), "kid": "k"} for name in ("ec", "other", "rsa"))
    write_keys(jwks_file, {**other, "use": "enc"}, ec, {**rsa, "alg": "PS256"}, {**rsa, "alg": "RS256"})
    signed = [
        signer.sign(key, alg, header={"kid": "k"}) for key, alg in (("ec", "ES256"), ("rsa", "PS256"), ("rsa", "RS256"))
    ]
    assert [issuer.identify(token) for token in signed] == [GOOD] * 3
    assert issuer.identify(signer.sign("other", header={"kid": "k"})) is None


def test_file_that_any_user_may_write_is_refused(issuer: JwtIssuer, jwks_file: Path) -> None:
    jwks_file.chmod(0o646)
    with pytest.raises(RefusedError, match="can be written by any user"):
        issuer.check()


def test_missing_file_is_said(issuer: JwtIssuer, jwks_file: Path) -> None:
    jwks_file.unlink()
    with pytest.raises(StorageError, match=r"jwks\.json: No such file"):
        issuer.check()


def test_issuer_comes_from_the_settings(home: Path, jwks_file: Path, signer: Signer) -> None:
    names: dict[str, Any] = {"jwt_tenant_claim": "https://jobgraph.example/tenant", "jwt_role_claim": "roles"}
    chosen = Settings(home=home, jwt_issuer=ISSUER, jwt_audience=AUDIENCE, jwt_jwks_file=jwks_file, **names)
    issuer = JwtIssuer.from_settings(chosen)
    assert issuer
    claims: dict[str, Any] = {"https://jobgraph.example/tenant": "acme", "roles": ["writer"], "exp": 99999999999}
    assert issuer.identify(signer.sign(**claims, tenant="bolt", role="admin")) == GOOD
    assert issuer.identify(signer.sign(exp=99999999999)) is None


def test_no_settings_are_no_issuer(home: Path) -> None:
    assert JwtIssuer.from_settings(Settings(home=home)) is None


@pytest.mark.parametrize(
    ("parts", "missing"),
    [
        ({"jwt_issuer": ISSUER}, "JOBGRAPH_JWT_AUDIENCE and JOBGRAPH_JWT_JWKS_FILE"),
        ({"jwt_issuer": ISSUER, "jwt_audience": AUDIENCE}, "JOBGRAPH_JWT_JWKS_FILE"),
        ({"jwt_jwks_file": "x", "jwt_audience": ""}, "JOBGRAPH_JWT_ISSUER and JOBGRAPH_JWT_AUDIENCE"),
    ],
)
def test_settings_by_half_are_refused(parts: dict[str, Any], missing: str) -> None:
    with pytest.raises(UsageError, match=f"{missing} must be set, too"):
        JwtIssuer.from_settings(Settings(**parts))


def test_short_rsa_key_is_refused(issuer: JwtIssuer, jwks_file: Path) -> None:
    with pytest.warns(match="Key size"):
        short = RSAKey.generate_key(1024).as_dict(private=False)
    write_keys(jwks_file, {**short, "kid": "short"})
    with pytest.raises(InputError, match="fewer than 2048 bits"):
        issuer.check()
