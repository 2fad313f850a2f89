"""From the headers of a request to the tenant, role and key that it speaks for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from jobgraph.errors import AccessError, RefusedError
from jobgraph.server.access.identity import Identity
from jobgraph.server.access.jwt_issuer import JwtIssuer
from jobgraph.server.access.loopback import is_loopback_host, open_identity
from jobgraph.server.access.tokens import TokenFile
from jobgraph.settings import Settings
from jobgraph.store import Home

_MAX_BYTES = 8_192
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)  # RFC 6750, section 2.1


@dataclass(frozen=True)
class Access:
    """All the ways in: tokens of our own, those of an issuer, and none at all on a laptop."""

    tokens: TokenFile
    issuer: JwtIssuer | None = None
    everybody: Identity | None = None

    @classmethod
    def from_settings(cls, settings: Settings, *, host: str, open_tenant: str | None = None) -> Access:
        """What the settings allow, with all files read once, so that what is wrong with them shows at the start.

        Parameters
        ----------
        host : name or address that the server listens at.
        open_tenant : the tenant that everybody on this machine speaks for without a token; None for nobody.

        Raises
        ------
        UsageError : settings are missing, there is no such tenant, or other machines could reach an open server.
        RefusedError : others may read the tokens or write the keys.
        InputError, StorageError : a file cannot be used.
        """
        tokens, issuer = TokenFile(settings.home), JwtIssuer.from_settings(settings)
        tokens.tokens()
        if issuer:
            issuer.check()
        if open_tenant is None:
            return cls(tokens, issuer)
        return cls(tokens, issuer, open_identity(Home(settings.home).tenant(open_tenant).slug, host))

    def identify(self, headers: Iterable[tuple[bytes, bytes]]) -> Identity:
        """Who a request speaks for, by its Authorization header and nothing else.

        Whatever is wrong, the answer is the same. On an open server, too, a token that is sent must be right.

        Parameters
        ----------
        headers : names and values, as ASGI has them in `scope["headers"]`.

        Raises
        ------
        AccessError : the header is missing, there are two, or its token is none that counts.
        RefusedError : the server is open and the request was made by a page from elsewhere, or others may read the
            tokens or write the keys.
        InputError, StorageError : a file cannot be used.
        """
        found = [(name.lower(), value.decode("latin-1")) for name, value in headers]
        given = [value for name, value in found if name == b"authorization"]
        if self.everybody:
            _refuse_other_sites(found)
            if not given:
                return self.everybody
        identity = self._identity(_bearer_token(given))
        if identity is None:
            raise AccessError
        return identity

    def _identity(self, token: str) -> Identity | None:
        if self.issuer and "." in token:
            return self.issuer.identify(token)
        return self.tokens.identify(token)


def _bearer_token(values: list[str]) -> str:
    """The token of the only Authorization header; an empty text, which no token is, where there is none."""
    match = _BEARER.fullmatch(values[0]) if len(values) == 1 and len(values[0]) <= _MAX_BYTES else None
    return match[1] if match else ""


def _refuse_other_sites(headers: list[tuple[bytes, str]]) -> None:
    """Refuse what a browser sends for a page from elsewhere, by DNS rebinding or as a form that writes."""
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) != 1 or not is_loopback_host(hosts[0]):
        raise RefusedError("An open server answers only to localhost, 127.0.0.1 and [::1]; use one of these names.")
    origins = [value.lower() for name, value in headers if name == b"origin"]
    if any(origin != f"http://{hosts[0].lower()}" for origin in origins):
        raise RefusedError("An open server takes no requests from pages of other sites; use its own pages.")
