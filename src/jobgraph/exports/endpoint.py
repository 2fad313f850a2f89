"""A SPARQL 1.1 endpoint of somebody else: its graphs put and added to, updates, questions.

What may be done twice is tried again after a while. A redirect is never followed, and no text of an error holds the
password, even if the endpoint sends it back.
"""

from __future__ import annotations

import base64
import ssl
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Self
from urllib.parse import urlsplit

import httpx
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolution, QuerySolutions, parse_query_results

from jobgraph.errors import EndpointFailedError, JobgraphError, SourceGoneError, UsageError

# The last step of the address of the graph store, and of those for updates and queries beside it.
_SIBLINGS = {
    "store": ("update", "query"),  # Oxigraph
    "data": ("update", "query"),  # Apache Jena Fuseki
    "sparql-graph-crud": ("sparql", "sparql"),  # Virtuoso
    "sparql-graph-crud-auth": ("sparql-auth", "sparql-auth"),
}
_PASSING = {408, 425, 429, 500, 502, 503, 504}  # answers after which another try may work
_LONGEST_WAIT_S = 30.0
_CONNECT_S = 10.0
_MOST_BYTES = 1 << 20  # of an answer: all that is asked for is short
_RESULTS = "application/sparql-results+json"
_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Addresses:
    """Where an endpoint takes graphs, updates and queries."""

    graphs: str
    update: str
    query: str


@dataclass(frozen=True)
class Credentials:
    """A user and a password that never shows."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Patience:
    """How long one answer may take, how often what may be repeated is tried, and the wait before the second try."""

    timeout_s: float = 120.0
    tries: int = 4
    wait_s: float = 1.0

    def waits(self, tries: int | None = None) -> Iterator[float | None]:
        """The wait after each try that fails, each twice that before; None after the last."""
        yield from (self.wait_s * 2**number for number in range((tries or self.tries) - 1))
        yield None


def find_addresses(graphs: str, *, update: str = "", query: str = "") -> Addresses:
    """The addresses of an endpoint: those that are given, the others by the habits of well-known servers.

    >>> find_addresses("http://127.0.0.1:7878/store").update
    'http://127.0.0.1:7878/update'

    Raises
    ------
    UsageError : one is no address, or must be named.
    """
    for address in filter(None, (graphs, update, query)):
        _check_address(address)
    parts = urlsplit(graphs)
    place, _, last = parts.path.rstrip("/").rpartition("/")
    siblings = [parts._replace(path=f"{place}/{step}", query="").geturl() for step in _SIBLINGS.get(last, ())]
    update = update or (siblings[0] if siblings else "")
    if not update:
        raise UsageError(f"{graphs} does not tell where updates go; name the address with --update.")
    return Addresses(graphs, update, query or (siblings[1] if siblings else update))


def _check_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_whole = False
    if not is_whole:
        raise UsageError("An address is not whole; write it like https://example.org/store.")
    if "@" in parts.netloc:
        raise UsageError(f"The address of {parts.hostname} holds a user; leave it out and name --user.")


class Endpoint:
    """An endpoint, to be used in a `with` block."""

    def __init__(
        self, addresses: Addresses, *, credentials: Credentials | None = None, patience: Patience | None = None
    ) -> None:
        self.addresses = addresses
        self.patience = patience or Patience()
        self._secrets = _secrets(credentials)
        self._client = httpx.Client(
            auth=_Login(credentials) if credentials else None,
            follow_redirects=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "jobgraph"},
            verify=_certificates(),
            timeout=httpx.Timeout(self.patience.timeout_s, connect=min(_CONNECT_S, self.patience.timeout_s)),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.close()

    def put_graph(self, graph: NamedNode, turtle: bytes) -> None:
        """Make these triples all that a graph holds.

        Raises
        ------
        SourceGoneError : the endpoint failed, or did not answer in time, each time.
        UsageError : it refuses.
        """
        self._send_triples("PUT", graph, turtle, tries=self.patience.tries)

    def add_triples(self, graph: NamedNode, turtle: bytes, *, repeats: bool) -> None:
        """Add triples to a graph.

        Parameters
        ----------
        repeats : try again where it failed; only for triples without blank nodes, which would be there twice.

        Raises
        ------
        SourceGoneError, UsageError : as for `put_graph`.
        """
        self._send_triples("POST", graph, turtle, tries=self.patience.tries if repeats else 1)

    def update(self, sparql: str, *, repeats: bool, timeout_s: float | None = None) -> None:
        """Carry out an update.

        Raises
        ------
        SourceGoneError, UsageError : as for `put_graph`; whether it was carried out is not known then.
        """
        request = self._client.build_request("POST", self.addresses.update, data={"update": sparql})
        if timeout_s is not None:
            request.extensions["timeout"] = httpx.Timeout(timeout_s).as_dict()
        self._send(request, tries=self.patience.tries if repeats else 1)

    def select(self, sparql: str) -> list[QuerySolution]:
        """The rows of a question that has few.

        Raises
        ------
        SourceGoneError, UsageError : as for `put_graph`.
        """
        address = self.addresses.query
        request = self._client.build_request("POST", address, data={"query": sparql}, headers={"Accept": _RESULTS})
        answer = self._send(request, tries=self.patience.tries)
        try:
            rows = parse_query_results(answer, format=QueryResultsFormat.JSON)
            return list(rows) if isinstance(rows, QuerySolutions) else []
        except (SyntaxError, ValueError):
            raise UsageError(f"{_shown(address)} answers a question with no results in JSON; name --query.") from None

    def count(self, graph: NamedNode) -> int:
        """The number of triples in a graph.

        Raises
        ------
        SourceGoneError, UsageError : as for `put_graph`.
        """
        rows = self.select(f"SELECT (COUNT(*) AS ?count) WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}")
        count = rows[0]["count"] if rows else None
        if not isinstance(count, Literal) or not count.value.isdecimal():
            raise UsageError(f"{_shown(self.addresses.query)} does not count; check that --query is its address.")
        return int(count.value)

    def _send_triples(self, method: str, graph: NamedNode, turtle: bytes, *, tries: int) -> None:
        address = httpx.URL(self.addresses.graphs).copy_merge_params({"graph": graph.value})
        headers = {"Content-Type": "text/turtle; charset=utf-8"}
        self._send(self._client.build_request(method, address, content=turtle, headers=headers), tries=tries)

    def _send(self, request: httpx.Request, *, tries: int) -> bytes:
        """The body of the answer to a request, which is tried again after a while."""
        for wait_s in self.patience.waits(tries):
            try:
                status, headers, body = self._exchange(request)
            except httpx.TransportError as error:
                failure: JobgraphError = SourceGoneError(f"{_shown(request.url)} {_problem(error)} Try again later.")
                more_s = 0.0
            else:
                if httpx.codes.is_success(status):
                    return body
                failure, more_s = self._failure(request, status, headers, body), _retry_after(headers)
            if wait_s is None or not isinstance(failure, SourceGoneError):
                raise failure from None
            time.sleep(min(max(wait_s, more_s), _LONGEST_WAIT_S))
        raise AssertionError("the last try ends in an answer or an error")

    def _exchange(self, request: httpx.Request) -> tuple[int, httpx.Headers, bytes]:
        """Status, headers and body of one try; an answer that does not end is cut off in time."""
        response = self._client.send(request, stream=True)
        end = time.monotonic() + self.patience.timeout_s
        body = b""
        try:
            for part in response.iter_raw():
                body += part
                if len(body) > _MOST_BYTES or time.monotonic() > end:
                    raise httpx.ReadTimeout("the answer does not end", request=request)
        finally:
            response.close()
        return response.status_code, response.headers, body

    def _failure(self, request: httpx.Request, status: int, headers: httpx.Headers, body: bytes) -> JobgraphError:
        """What an answer means that is not as it should be."""
        place = _shown(request.url)
        if httpx.codes.is_redirect(status):
            host = urlsplit(headers.get("location", "")).hostname or "another address"
            return UsageError(f"{place} leads on to {host}, which is not followed; name the final address.")
        if status in {401, 403}:
            return UsageError(f"{place} answers {status}: name a --user with the right to write, and the password.")
        reason = self._without_secrets(_first_line(body))
        said = f"{place} answers {status}{f': {reason}' if reason else ''}"
        if status in _PASSING:
            kind = EndpointFailedError if status == httpx.codes.INTERNAL_SERVER_ERROR else SourceGoneError
            return kind(f"{said}. Try again later.")
        return UsageError(f"{said}. Check the address, and what the endpoint takes.")

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return text


class _Login(httpx.Auth):
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
            raise UsageError(f"{_shown(request.url)} asks for a password that anybody could read; use https.")
        return self._ways["basic"]


@cache
def _certificates() -> ssl.SSLContext:
    """The certificates that are trusted; reading them takes 50 ms."""
    return httpx.create_ssl_context()


def _secrets(credentials: Credentials | None) -> list[str]:
    """The texts that may not be shown."""
    if credentials is None or not credentials.password:
        return []
    pair = base64.b64encode(f"{credentials.user}:{credentials.password}".encode()).decode()
    return [pair, credentials.password]


def _shown(address: str | httpx.URL) -> str:
    """An address without what stands behind `?`."""
    return str(address).partition("?")[0]


def _problem(error: httpx.TransportError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "did not answer in time."
    if isinstance(error, httpx.ConnectError):
        return "cannot be reached."
    return "broke the connection."


def _first_line(body: bytes) -> str:
    line = next(iter(body.decode("utf-8", errors="replace").strip().splitlines()), "")
    return "".join(letter for letter in line if letter.isprintable())[:200].rstrip(" .")


def _retry_after(headers: Mapping[str, str]) -> float:
    """The seconds that an endpoint asks to wait; 0 where it does not say."""
    text = headers.get("retry-after", "")
    return float(text) if text.isdecimal() and len(text) < 9 else 0.0
