from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.operations.checks.subjects import problems, subject
from tests.operations.files import flip

from jobgraph.errors import RefusedError, StorageError
from jobgraph.operations.checks.access import check_audit, check_tokens
from jobgraph.server.access import TokenFile


@pytest.mark.parametrize(
    ("days", "found"),
    [(0, []), (70, []), (80, ["1 tokens expiring within 14 days: "]), (100, ["1 tokens expired: "])],
)
def test_token_that_ends_is_named(first_home: Path, days: int, found: list[str]) -> None:
    (token,) = TokenFile(first_home).tokens()
    texts = problems(check_tokens, subject(first_home, now=datetime.now(UTC) + timedelta(days=days)))
    assert texts == [("warning", f"{words}{token.id} (acme)") for words in found]


def test_revoked_token_is_left_alone(home: Path) -> None:
    (token,) = TokenFile(home).tokens()
    TokenFile(home).revoke(token.id)
    assert problems(check_tokens, subject(home, now=datetime.now(UTC) + timedelta(days=100))) == []


def test_token_of_a_tenant_that_is_gone_is_named(home: Path) -> None:
    shutil.rmtree(home / "tenants" / "acme")
    ((_, text),) = problems(check_tokens, subject(home))
    assert text.startswith("1 tokens for a tenant that is not there: ")


@pytest.mark.parametrize(("text", "mode", "error"), [("{", 0o600, StorageError), (None, 0o644, RefusedError)])
def test_tokens_that_cannot_be_used_are_an_error(
    home: Path, text: str | None, mode: int, error: type[Exception]
) -> None:
    path = home / "access" / "tokens.json"
    path.write_text(path.read_text() if text is None else text)
    path.chmod(mode)
    with pytest.raises(error):
        problems(check_tokens, subject(home))


def test_changed_line_of_the_audit_log_fails(home: Path) -> None:
    flip(home / "audit" / "audit.jsonl", 30)
    ((state, text),) = problems(check_audit, subject(home))
    assert (state, "audit.jsonl, line 1: " in text) == ("failure", True)


def test_torn_line_is_a_warning(home: Path) -> None:
    path = home / "audit" / "audit.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    ((state, text),) = problems(check_audit, subject(home))
    assert (state, text) == ("warning", "it ends in a line that is torn")
