"""Who an endpoint is asked as: a user and a password that go only where they may, and never show."""

from __future__ import annotations

import base64
from collections.abc import Generator
from dataclasses import dataclass, field

import httpx

from jobgraph.errors import UsageError

_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Credentials:
    """A user and a password that never shows."""

    user: str
    password: str = field(repr=False)


class Login(httpx.Auth):
    """Digest where the endpoint asks for it, else Basic: only encrypted, or on this machine."""

    def __init__(self, credentials: Credentials) -> None:
        user, password = credentials.user, credentials.password
        self._ways = {"digest": httpx.DigestAuth(user, password), "basic": httpx.BasicAuth(user, password)}
        self._chosen: dict[str, httpx.Auth] = {}  # by host, so that a password goes where it was asked for

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The tries of one request."""
        host = f"{request.url.host}:{request.url.port}"
        if host not in self._chosen:
            response = yield request
            if response.status_code != httpx.codes.UNAUTHORIZED:
                return
            self._chosen[host] = self._asked_for(request, response)
        yield from self._chosen[host].auth_flow(request)

    def _asked_for(self, request: httpx.Request, response: httpx.Response) -> httpx.Auth:
        asked = {value.partition(" ")[0].lower() for value in response.headers.get_list("www-authenticate")}
        if "digest" in asked:
            return self._ways["digest"]
        if request.url.scheme != "https" and request.url.host not in _THIS_MACHINE:
            raise UsageError(f"{shown(request.url)} asks for a password that anybody could read; use https.")
        return self._ways["basic"]


def secret_texts(credentials: Credentials | None) -> list[str]:
    """The texts that may not be shown."""
    if credentials is None or not credentials.password:
        return []
    pair = base64.b64encode(f"{credentials.user}:{credentials.password}".encode()).decode()
    return [pair, credentials.password]


def shown(address: str | httpx.URL) -> str:
    """An address without what stands behind `?`."""
    return str(address).partition("?")[0]
