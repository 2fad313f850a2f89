"""Checks of who may use a server, and of the log of what they did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from jobgraph.errors import TamperedError
from jobgraph.operations.checks.model import Finding, Subject, failure, ok, warning
from jobgraph.server.access import Token, TokenFile
from jobgraph.server.audit_log import AuditLog

_SOON = timedelta(days=14)
_SHOWN = 5


def check_tokens(subject: Subject) -> Iterator[Finding]:
    """No token is about to end, has ended without being revoked, or is for a tenant that is gone."""
    tokens = [token for token in TokenFile(subject.home).tokens() if token.revoked is None]
    valid = [token for token in tokens if token.state(subject.now) == "valid"]
    ending = [token for token in valid if token.expires and token.expires - subject.now < _SOON]
    known = {generation.slug for generation in subject.published}
    for words, found in (
        ("expired", [token for token in tokens if token.state(subject.now) == "expired"]),
        (f"expiring within {_SOON.days} days", ending),
        ("for a tenant that is not there", [token for token in valid if token.tenant not in known]),
    ):
        if found:
            yield warning(f"{len(found)} tokens {words}: {_names(found)}", "Create others; revoke those not needed.")
    yield ok(f"{len(valid)} tokens valid")


def check_audit(subject: Subject) -> Iterator[Finding]:
    """The audit log is as it was written."""
    try:
        chain = AuditLog(subject.home).verify()
    except TamperedError as error:
        yield failure(str(error).rstrip("."), "Find out who changed it; put a copy from a backup beside it.")
        return
    yield ok(f"{chain.lines:,} lines fit" + (f", head {chain.head[:16]}" if chain.head else ""))
    if chain.unfinished:
        yield warning("it ends in a line that is torn", "Nothing; the next line marks it.")


def _names(tokens: list[Token]) -> str:
    more = f" and {len(tokens) - _SHOWN} more" if len(tokens) > _SHOWN else ""
    return ", ".join(f"{token.id} ({token.tenant})" for token in tokens[:_SHOWN]) + more
