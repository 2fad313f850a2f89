"""Signing in with a browser, which can send no token of its own: a form, and a cookie that only reading honours."""

from __future__ import annotations

import re
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlsplit

from jobgraph.errors import AccessError
from jobgraph.exports.markup import tag
from jobgraph.server.access import is_loopback_host
from jobgraph.server.exchange import Exchange, parse_fields
from jobgraph.server.html.layout import Frame, page
from jobgraph.server.operations import FORM
from jobgraph.server.pages.headers import HTML_TYPE, READ, SIGNING, page_headers, prefers_html
from jobgraph.server.pages.static_files import send_file
from jobgraph.server.problems import ProblemError
from jobgraph.server.state import Server

SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
_COOKIES = ("__Host-jobgraph", "jobgraph")  # a browser takes the first only over HTTPS
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{1,4000}=*")
_LOCAL = re.compile(r"/(?![/\\])[!-\[\]-~]*")  # an address on this server
_MAX_FORM = 10_000  # bytes
_NO_STORE = ("cache-control", "no-store")


async def answer_openly(server: Server, exchange: Exchange) -> bool:
    """Answer what needs no token: files, signing in and out, and a browser that has yet to sign in.

    False for all else; a request to read then has the token that its browser keeps as its Authorization header.

    Raises
    ------
    ProblemError, RefusedError : the form to sign in is not as it should be.
    """
    if await send_file(exchange) or await _sign_in_or_out(server, exchange):
        return True
    if exchange.method not in READ or exchange.header("authorization") or server.access.everybody:
        return False
    if (token := _kept_token(exchange)) and _counts(server, exchange, token):
        exchange.scope["headers"] = [*exchange.scope["headers"], _authorization(token)]
        exchange.facts["session"] = "cookie"
        return False
    if not prefers_html(exchange):
        return False
    query = exchange.scope["query_string"].decode("latin-1")
    back = quote(f"{exchange.raw_path}{'?' if query else ''}{query}", safe="/")
    await exchange.respond(303, [("location", f"{SIGN_IN}?next={back}"), _NO_STORE, ("vary", "Accept, Cookie")])
    return True


async def _sign_in_or_out(server: Server, exchange: Exchange) -> bool:
    if exchange.path not in {SIGN_IN, SIGN_OUT}:
        return False
    exchange.more_headers += page_headers(SIGNING)
    if exchange.path == SIGN_IN and exchange.method in READ:
        await _show_form(exchange, 200, _next(exchange.fields))
    elif exchange.method != "POST":
        allowed = "POST" if exchange.path == SIGN_OUT else "GET, HEAD, POST"
        raise ProblemError(405, f"{exchange.method} is not for {exchange.path}.", headers={"Allow": allowed})
    else:
        _demand_own_page(server, exchange)
        await (_sign_in(server, exchange) if exchange.path == SIGN_IN else _sign_out(server, exchange))
    return True


async def _sign_in(server: Server, exchange: Exchange) -> None:
    """Keep a token that counts in a cookie."""
    server.rates.check(f"sign-in/{(exchange.scope.get('client') or ('',))[0]}")
    if exchange.content_type[0] != FORM:
        raise ProblemError(415, f"The content type must be {FORM}.")
    fields = parse_fields(await exchange.body(_MAX_FORM))
    token = next((value.strip() for name, value in fields if name == "token"), "")
    if not (_TOKEN.fullmatch(token) and _counts(server, exchange, token)):
        await _show_form(exchange, 401, _next(fields), "This token does not count: it is wrong, expired or revoked.")
        return
    await exchange.respond(
        303, [("location", _next(fields)), _NO_STORE, ("set-cookie", _cookie(exchange, server.public_url, token))]
    )


def _counts(server: Server, exchange: Exchange, token: str) -> bool:
    others = [(name, value) for name, value in exchange.scope["headers"] if name.lower() in {b"host", b"origin"}]
    try:
        server.access.identify([*others, _authorization(token)])
    except AccessError:
        return False
    return True


def _authorization(token: str) -> tuple[bytes, bytes]:
    return b"authorization", f"Bearer {token}".encode()


async def _sign_out(server: Server, exchange: Exchange) -> None:
    cookies = [("set-cookie", f"{_cookie(exchange, server.public_url, '', name)}; Max-Age=0") for name in _COOKIES]
    await exchange.respond(303, [("location", SIGN_IN), _NO_STORE, *cookies])


async def _show_form(exchange: Exchange, status: int, back: str, problem: str = "") -> None:
    form = tag(
        "form",
        tag("label", "Token", for_="token"),
        tag("input", id="token", name="token", type="password", required="", autocomplete="off", spellcheck="false"),
        tag("input", type="hidden", name="next", value=back),
        tag("button", "Sign in", type="submit"),
        action=SIGN_IN,
        method="post",
        class_="sign-in",
    )
    body = page(
        "Sign in",
        tag("h1", "Sign in"),
        tag("p", "Paste a token that starts with ", tag("code", "jg_"), ", or one of your identity provider."),
        tag("p", problem, class_="problem", role="alert") if problem else None,
        form,
        tag("p", "The browser keeps it until it is closed, out of reach of scripts, and uses it for reading only."),
        frame=Frame(root=exchange.root),
    )
    await exchange.respond(status, [("content-type", HTML_TYPE), _NO_STORE], body)


def _kept_token(exchange: Exchange) -> str:
    try:
        cookies = SimpleCookie(exchange.header("cookie") or "")
    except CookieError:
        return ""
    found = next((cookies[name].value for name in _COOKIES if name in cookies), "")
    return found if _TOKEN.fullmatch(found) else ""


def _cookie(exchange: Exchange, public: str, token: str, name: str = "") -> str:
    """A cookie that no script reads and no other site sends; only on this machine may it travel without HTTPS."""
    called = urlsplit(exchange.url(public))
    is_local = called.scheme == "http" and is_loopback_host(called.netloc)
    chosen = name or _COOKIES[is_local]
    secure = "" if chosen == _COOKIES[1] else "; Secure"
    return f"{chosen}={token}; Path=/; HttpOnly; SameSite=Strict{secure}"


def _demand_own_page(server: Server, exchange: Exchange) -> None:
    """Refuse a form that stands on another site, which could sign somebody in as somebody else."""
    origin, site = exchange.header("origin"), exchange.header("sec-fetch-site")
    own = {_origin(exchange.url(public)) for public in ("", server.public_url)}
    if (origin and origin not in own) or (site and site not in {"same-origin", "none"}):
        raise ProblemError(403, "The form must be one of this server's own pages; open its sign-in page.")


def _origin(url: str) -> str:
    scheme, host, *_ = urlsplit(url)
    return f"{scheme}://{host}"


def _next(fields: list[tuple[str, str]]) -> str:
    """Where to go after it: an address on this server."""
    found = next((value for name, value in fields if name == "next"), "/")
    return found if _LOCAL.fullmatch(found) else "/"
