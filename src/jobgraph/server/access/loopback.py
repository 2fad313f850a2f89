"""A server for one person on one machine: who may use it without a token, and from where."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address

from jobgraph.errors import UsageError
from jobgraph.server.access.identity import Identity, Role

_HOST = re.compile(r"(?:localhost|\[::1\]|(?P<address>[0-9.]{9,15}))(?::[0-9]{1,5})?", re.ASCII | re.IGNORECASE)


def open_identity(tenant: str, host: str) -> Identity:
    """Who everybody is on a server that asks for no token: an admin of `tenant`.

    Parameters
    ----------
    host : name or address that the server listens at.

    Raises
    ------
    UsageError : other machines could reach it there.
    """
    if not is_loopback_host(f"[{host}]" if ":" in host else host):
        raise UsageError(f"--open lets everybody in, and other machines may reach {host!r}; listen at 127.0.0.1.")
    return Identity(tenant, Role.ADMIN, "open")


@lru_cache(maxsize=100)
def is_loopback_host(header: str) -> bool:
    """Whether a Host header names this machine: localhost, 127.0.0.0/8 or [::1], with a port or without.

    A page from elsewhere can make its own name point to 127.0.0.1 (DNS rebinding) and then read what we answer; its
    name stands in this header. Other spellings of these addresses are refused.

    >>> is_loopback_host("localhost:7878"), is_loopback_host("localhost.evil.example"), is_loopback_host("127.1")
    (True, False, False)
    """
    match = _HOST.fullmatch(header)
    if match is None or match["address"] is None:
        return match is not None
    try:
        return IPv4Address(match["address"]).is_loopback
    except AddressValueError:
        return False
