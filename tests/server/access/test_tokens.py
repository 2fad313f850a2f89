"""Tokens: made, kept, told apart; hostile ones come to nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mounts import read_only
from tests.server.access.signing import Clock

from jobgraph.errors import RefusedError, StorageError, TenantHeldError, UsageError
from jobgraph.server.access import Identity, Role, TokenFile
from jobgraph.server.access import tokens as tokens_module
from jobgraph.store import Home

DAY = timedelta(days=1)


def test_token_speaks_for_its_tenant_in_its_role(token_file: TokenFile) -> None:
    made = {(tenant, role): token_file.create(tenant, role, lasts=DAY) for tenant in ("acme", "bolt") for role in Role}
    for (tenant, role), secret in made.items():
        assert token_file.identify(secret) == Identity(tenant, role, secret.split("_")[1])


def test_secret_is_long_random_and_recognisable(token_file: TokenFile) -> None:
    secrets = {token_file.create("acme", Role.READER, lasts=None) for _ in range(20)}
    assert len(secrets) == 20
    assert all(re.fullmatch("jg_[0-9a-z]{10}_[0-9A-Za-z]{43}", secret) for secret in secrets)
    assert len({letter for secret in secrets for letter in secret[14:]}) == 62
    assert 62**43 > 2**256


def test_file_holds_a_hash_and_no_secret(token_file: TokenFile) -> None:
    secret = token_file.create("acme", Role.READER, lasts=DAY)
    text = token_file.path.read_text()
    assert secret[14:] not in text
    assert json.loads(text)["tokens"] == [
        {
            "id": secret.split("_")[1],
            "tenant": "acme",
            "role": "reader",
            "created": "2026-11-22T12:00:00Z",
            "expires": "2026-11-23T12:00:00Z",
            "revoked": None,
            "sha256": sha256(secret.encode()).hexdigest(),
            "profiles": None,
        }
    ]


def test_limit_to_profiles_is_kept(token_file: TokenFile) -> None:
    secret = token_file.create("acme", Role.READER, lasts=None, profiles=["partner", "open", "open"])
    identity = TokenFile(token_file.path.parent.parent).identify(secret)
    assert identity
    assert identity.profiles == frozenset({"open", "partner"})
    assert [identity.may_fetch(name) for name in ("open", "partner", "full", "")] == [True, True, False, False]


@pytest.mark.parametrize(("role", "profiles"), [(Role.READER, []), (Role.WRITER, ["open"]), (Role.ADMIN, ["open"])])
def test_limited_token_reads_something_and_writes_nothing(
    token_file: TokenFile, role: Role, profiles: list[str]
) -> None:
    with pytest.raises(UsageError, match="names one at least, and is that of a reader"):
        token_file.create("acme", role, lasts=None, profiles=profiles)
    assert token_file.tokens() == []


def test_token_of_a_file_without_profiles_is_not_limited(token_file: TokenFile) -> None:
    secret = token_file.create("acme", Role.READER, lasts=None)
    _rewrite(token_file, lambda fields: fields.pop("profiles"))
    identity = TokenFile(token_file.path.parent.parent).identify(secret)
    assert identity
    assert identity.may_fetch("full")


@pytest.mark.parametrize("profiles", ["open", {"open": 1}, [1], [None], 0, False])
def test_limit_that_is_no_list_of_names_is_never_taken_for_none(token_file: TokenFile, profiles: object) -> None:
    secret = token_file.create("acme", Role.READER, lasts=None, profiles=["open"])
    _rewrite(token_file, lambda fields: fields.update(profiles=profiles))
    with pytest.raises(StorageError, match="is broken"):
        TokenFile(token_file.path.parent.parent).identify(secret)


def _rewrite(token_file: TokenFile, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(token_file.path.read_text())
    change(content["tokens"][0])
    token_file.path.write_text(json.dumps(content))


def test_file_and_folder_are_for_their_owner_alone_whatever_the_mask(token_file: TokenFile) -> None:
    before = os.umask(0)
    try:
        token_file.create("acme", Role.READER, lasts=DAY)
    finally:
        os.umask(before)
    modes = [path.stat().st_mode & 0o777 for path in (token_file.path, token_file.path.parent)]
    assert modes == [0o600, 0o700]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o601, 0o644])
def test_file_that_others_may_use_is_refused(token_file: TokenFile, mode: int) -> None:
    secret = token_file.create("acme", Role.READER, lasts=DAY)
    token_file.path.chmod(mode)
    again = TokenFile(token_file.path.parent.parent)
    for call in (lambda: again.identify(secret), again.tokens, lambda: again.revoke(secret)):
        with pytest.raises(RefusedError, match=rf"by other users \(mode {mode:o}\); run chmod 600 on it\.$"):
            call()


def hostile(secret: str, other: str) -> dict[str, str]:
    """Tokens that are nearly right, or nothing of the kind."""
    flipped = secret[:-1] + ("a" if secret[-1] != "a" else "b")
    return {
        "empty": "",
        "one_letter_off": flipped,
        "one_letter_less": secret[:-1],
        "one_letter_more": secret + "a",
        "id_of_another": f"jg_{other.split('_')[1]}_{secret.split('_')[2]}",
        "secret_of_another": f"jg_{secret.split('_')[1]}_{other.split('_')[2]}",
        "id_only": secret[:13],
        "no_prefix": secret[3:],
        "other_case": secret.upper(),
        "prefix_in_capitals": "JG" + secret[2:],
        "unknown_id": f"jg_{'0' * 10}_{secret[14:]}",
        "hash": sha256(secret.encode()).hexdigest(),
        "hash_as_secret": f"{secret[:14]}{sha256(secret.encode()).hexdigest()[:43]}",
        "line_end": secret + "\n",
        "space": f" {secret}",
        "nul": secret + "\0",
        "twice": secret + secret,
        "other_digits": secret.translate({ord("0") + n: ord("\u0660") + n for n in range(10)})[:-1] + "\u0661",
        "not_utf8": secret[:-1] + "\udcff",
        "huge": secret * 10_000,
        "the_decoy": "jg__",
        "json": '{"tenant": "acme", "role": "admin"}',
        "path": "../../tenants/acme",
    }


@pytest.mark.parametrize("kind", list(hostile("jg_0000000000_" + "0" * 43, "jg_1111111111_" + "1" * 43)))
def test_hostile_token_is_nobody(token_file: TokenFile, kind: str) -> None:
    secret, other = (token_file.create(tenant, Role.ADMIN, lasts=DAY) for tenant in ("acme", "bolt"))
    assert token_file.identify(hostile(secret, other)[kind]) is None


@given(secret=st.text())
def test_any_text_is_nobody(tmp_path_factory: pytest.TempPathFactory, secret: str) -> None:
    assert TokenFile(tmp_path_factory.getbasetemp()).identify(secret) is None


def test_token_ends_when_it_said(token_file: TokenFile, clock: Clock) -> None:
    secret, lasting = (token_file.create("acme", Role.READER, lasts=lasts) for lasts in (DAY, None))
    clock.pass_by(days=1, seconds=-1)
    assert token_file.identify(secret)
    clock.pass_by(seconds=1)
    assert token_file.identify(secret) is None
    clock.pass_by(days=10_000)
    assert token_file.identify(lasting)


def test_revoked_token_is_nobody_at_once_in_another_process_too(home: Path, token_file: TokenFile) -> None:
    kept, secret = (token_file.create("acme", Role.READER, lasts=DAY) for _ in range(2))
    running = TokenFile(home, clock=lambda: token_file.tokens()[0].created)
    assert running.identify(secret)
    token_file.revoke(secret.split("_")[1])
    assert (running.identify(secret), running.identify(kept) is not None) == (None, True)


def test_token_of_a_tenant_that_is_gone_is_nobody(tmp_path: Path) -> None:
    home = Home(tmp_path)
    tenant = home.create_tenant("acme", base="https://example.org/id/")
    tokens = TokenFile(tmp_path)
    secret = tokens.create("acme", Role.READER, lasts=DAY)
    (tenant.path / "CURRENT").rename(tenant.path / "GONE")
    assert tokens.identify(secret) is None
    (tenant.path / "GONE").rename(tenant.path / "CURRENT")
    assert tokens.identify(secret)


def test_every_refusal_takes_the_same_steps(
    token_file: TokenFile, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("valid", "expired", "revoked")
    secrets = {name: token_file.create("acme", Role.READER, lasts=2 * DAY) for name in names}
    secrets["expired"] = token_file.create("acme", Role.READER, lasts=DAY)
    token_file.revoke(secrets["revoked"])
    clock.pass_by(days=1)
    steps: list[tuple[str, int]] = []

    def counted(name: str) -> Any:
        original = getattr(tokens_module, name)

        def call(*arguments: Any) -> Any:
            steps.append((name, len(arguments[-1])))
            return original(*arguments)

        return call

    for name in ("compare_digest", "is_tenant"):
        monkeypatch.setattr(tokens_module, name, counted(name))
    taken = []
    for secret in [*secrets.values(), *hostile(secrets["valid"], secrets["expired"]).values()]:
        steps.clear()
        token_file.identify(secret)
        taken.append(tuple(steps))
    assert set(taken) == {(("compare_digest", 64), ("is_tenant", 4))}


def test_revoking_what_is_not_there_names_near_ids_and_no_secret(token_file: TokenFile) -> None:
    secret = token_file.create("acme", Role.READER, lasts=DAY)
    name = secret.split("_")[1]
    with pytest.raises(UsageError, match=f"did you mean {name}"):
        token_file.revoke(name[:-1] + "_")
    with pytest.raises(UsageError) as error:
        token_file.revoke(secret[:-1])
    assert secret[14:-1] not in str(error.value)


def test_revoking_twice_keeps_the_first_time(token_file: TokenFile, clock: Clock) -> None:
    secret = token_file.create("acme", Role.READER, lasts=DAY)
    first = token_file.revoke(secret).revoked
    clock.pass_by(days=1)
    assert token_file.revoke(secret).revoked == first


def test_token_is_for_a_tenant_that_is_there(token_file: TokenFile) -> None:
    with pytest.raises(UsageError, match="did you mean acme"):
        token_file.create("acm", Role.READER, lasts=DAY)
    assert not token_file.path.exists()


GOOD = {"id": "a" * 10, "tenant": "acme", "role": "reader", "created": "2026-11-22T12:00:00Z", "sha256": "0" * 64}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"tokens": 1}',
        '{"tokens": [1]}',
        '{"tokens": [{}]}',
        json.dumps({"tokens": [{**GOOD, "expires": "soon", "revoked": None}]}),
        json.dumps({"tokens": [{**GOOD, "expires": "2026-11-22", "revoked": None}]}),
        json.dumps({"tokens": [{**GOOD, "role": "root", "expires": None, "revoked": None}]}),
        json.dumps({"tokens": [{**GOOD, "sha256": "é" * 64, "expires": None, "revoked": None}]}),
        json.dumps({"tokens": [{**GOOD, "sha256": None, "expires": None, "revoked": None}]}),
        "[" * 100_000,
        "\udcff",
    ],
)
def test_broken_file_lets_nobody_in_and_is_left_alone(token_file: TokenFile, text: str) -> None:
    secret = token_file.create("acme", Role.READER, lasts=DAY)
    token_file.path.write_bytes(text.encode("utf-8", "surrogateescape"))
    for call in (lambda: token_file.identify(secret), lambda: token_file.create("acme", Role.ADMIN, lasts=DAY)):
        with pytest.raises(StorageError, match=r"tokens\.json is broken; restore it, or remove it"):
            call()
    assert token_file.path.read_bytes() == text.encode("utf-8", "surrogateescape")


def test_writers_do_not_lose_tokens_of_each_other(home: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = list(pool.map(lambda _: TokenFile(home).create("acme", Role.READER, lasts=DAY), range(24)))
    assert all(TokenFile(home).identify(secret) for secret in secrets)


def test_file_left_by_a_process_that_died_is_removed(token_file: TokenFile) -> None:
    token_file.create("acme", Role.READER, lasts=DAY)
    (token_file.path.parent / "tokens.1.tmp").write_text("half")
    token_file.create("acme", Role.READER, lasts=DAY)
    assert list(token_file.path.parent.iterdir()) == [token_file.path]


def test_full_disk_leaves_the_tokens(token_file: TokenFile, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = token_file.create("acme", Role.READER, lasts=DAY)

    def fill(_path: Path, _text: str) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(tokens_module, "write_durably", fill)
    with pytest.raises(StorageError, match="No space left on device"):
        token_file.revoke(secret)
    assert token_file.identify(secret)
    assert list(token_file.path.parent.iterdir()) == [token_file.path]


def test_home_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    home = tmp_path / "home"
    Home(home).create_tenant("acme", base="https://example.org/id/")
    (home / "access").mkdir()
    with read_only(home / "access"), pytest.raises(StorageError, match=r"Read-only|Permission"):
        TokenFile(home).create("acme", Role.READER, lasts=DAY)


def test_secret_scanner_finds_a_token(token_file: TokenFile, tmp_path: Path) -> None:
    path = tmp_path / "leak.txt"
    path.write_text(f"curl -H 'Authorization: Bearer {token_file.create('acme', Role.READER, lasts=DAY)}'\n")
    found = subprocess.run(
        ["grep", "-cE", "jg_[0-9a-z]{10}_[0-9A-Za-z]{43}", path], capture_output=True, text=True, check=True
    )
    assert found.stdout == "1\n"


def test_tokens_of_a_tenant_can_go_elsewhere_and_nothing_else(token_file: TokenFile) -> None:
    acme, bolt = (token_file.create(tenant, Role.READER, lasts=DAY) for tenant in ("acme", "bolt"))
    moved = token_file.tokens_of("acme")
    token_file.put_tokens("acme", [])
    assert (token_file.identify(acme), token_file.identify(bolt) is None) == (None, False)
    token_file.put_tokens("acme", moved)
    assert token_file.identify(acme) is not None
    with pytest.raises(UsageError, match="of another tenant"):
        token_file.put_tokens("bolt", moved)


def test_no_token_changes_while_its_tenant_moves(token_file: TokenFile) -> None:
    secret = token_file.create("acme", Role.READER, lasts=DAY)
    Home(token_file.path.parents[1]).tenant("acme").hold("It moves.")
    for change in (lambda: token_file.create("acme", Role.READER, lasts=DAY), lambda: token_file.revoke(secret)):
        with pytest.raises(TenantHeldError, match="It moves"):
            change()
    assert token_file.identify(secret) is not None
