"""A SPARQL 1.1 endpoint of somebody else: its graphs put and added to, updates, questions.

What may be done twice is tried again after a while. A redirect is never followed, and no text of an error holds the
password, even if the endpoint sends it back.
"""

from __future__ import annotations

import io
import re
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Self
from urllib.parse import urlsplit

import httpx
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolution, QuerySolutions, parse_query_results

from jobgraph.errors import EndpointFailedError, InputError, JobgraphError, RefusedError, SourceGoneError, UsageError
from jobgraph.exports.login import Credentials, Login, secret_texts, shown

# The last step of the address of the graph store, and of those for updates and queries beside it.
_SIBLINGS = {
    "store": ("update", "query"),  # Oxigraph
    "data": ("update", "query"),  # Apache Jena Fuseki
    "sparql-graph-crud": ("sparql", "sparql"),  # Virtuoso
    "sparql-graph-crud-auth": ("sparql-auth", "sparql-auth"),
}
_PASSING = {408, 425, 429, 500, 502, 503, 504}  # answers after which another try may work
_LONGEST_WAIT_S = 30.0
# SQL states of Virtuoso for what no other try would change: data exceptions, and what it cannot compile or forbids.
_FINAL = re.compile(r"^Virtuoso (?:(?:22|37|42)\w{3}|RDF02) Error")
_CONNECT_S = 10.0
_MOST_BYTES = 1 << 20  # of an answer that is no data: all that is asked for is short
_LARGEST_BYTES = 512 << 20  # of the rows of a query, which are held in memory
_RESULTS = "application/sparql-results+json"
_TRIPLES = "application/n-triples"
# Virtuoso answers 200 with these where it gave up in time, or leaves rows out.
_INCOMPLETE = ("x-sql-state", "x-sparql-maxrows")
# Virtuoso guesses from the first 64 kB what it gets, whatever the header says: a prefix tells that it is Turtle, even
# where a long text follows, and no text may look like a page.
_TURTLE = b"@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
_PAGE = re.compile(rb"<(?=x?html)", re.IGNORECASE)
_MARKUP = re.compile(r"<[^>]*>")
_NO_TRUST = "CERTIFICATE_VERIFY_FAILED"
_LOGIN_ADVICE = "name a --user with the right to write, and the password"


@dataclass(frozen=True)
class Addresses:
    """Where an endpoint takes graphs, updates and queries."""

    graphs: str
    update: str
    query: str


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
        self,
        addresses: Addresses,
        *,
        credentials: Credentials | None = None,
        patience: Patience | None = None,
        ca_file: Path | None = None,
        login_advice: str = _LOGIN_ADVICE,
    ) -> None:
        self.addresses = addresses
        self.patience = patience or Patience()
        self._login_advice = login_advice
        self._secrets = secret_texts(credentials)
        self._client = httpx.Client(
            auth=Login(credentials) if credentials else None,
            follow_redirects=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "jobgraph"},
            verify=_certificates(ca_file),
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
            raise UsageError(f"{shown(address)} answers a question with no results in JSON; name --query.") from None

    def query(self, sparql: str, *, default: Sequence[str] = (), named: Sequence[str] = ()) -> bytes:
        """The whole answer to a SELECT or ASK over these graphs as JSON, which is held in memory.

        Raises
        ------
        RefusedError : the endpoint says that rows are missing, or the answer is larger than 512 MB.
        SourceGoneError, UsageError : as for `put_graph`.
        """
        data = {"query": sparql, "default-graph-uri": list(default), "named-graph-uri": list(named)}
        request = self._client.build_request("POST", self.addresses.query, data=data, headers={"Accept": _RESULTS})
        body = io.BytesIO()
        self._send(request, tries=self.patience.tries, output=body)
        return body.getvalue()

    def copy_graph(self, graph: NamedNode, output: IO[bytes]) -> None:
        """Write what the graph store says is in a graph as N-Triples; it may leave out any part and not say so.

        Raises
        ------
        SourceGoneError, UsageError : as for `put_graph`.
        """
        address = httpx.URL(self.addresses.graphs).copy_merge_params({"graph": graph.value})
        request = self._client.build_request("GET", address, headers={"Accept": _TRIPLES})
        self._send(request, tries=self.patience.tries, output=output)

    def copy_triples(self, sparql: str, output: IO[bytes]) -> None:
        """Write the answer to a CONSTRUCT query as N-Triples; as whole as that of `copy_graph`.

        Raises
        ------
        SourceGoneError, UsageError : as for `put_graph`.
        """
        headers = {"Accept": _TRIPLES}
        request = self._client.build_request("POST", self.addresses.query, data={"query": sparql}, headers=headers)
        self._send(request, tries=self.patience.tries, output=output)

    def count(self, graph: NamedNode) -> int:
        """The number of triples in a graph.

        Raises
        ------
        SourceGoneError, UsageError : as for `put_graph`.
        """
        rows = self.select(f"SELECT (COUNT(*) AS ?count) WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}")
        count = rows[0]["count"] if rows else None
        if not isinstance(count, Literal) or not count.value.isdecimal():
            raise UsageError(f"{shown(self.addresses.query)} does not count; check that --query is its address.")
        return int(count.value)

    def _send_triples(self, method: str, graph: NamedNode, turtle: bytes, *, tries: int) -> None:
        address = httpx.URL(self.addresses.graphs).copy_merge_params({"graph": graph.value})
        headers = {"Content-Type": "text/turtle; charset=utf-8"}
        content = _TURTLE + _PAGE.sub(rb"\\u003C", turtle)
        self._send(self._client.build_request(method, address, content=content, headers=headers), tries=tries)

    def _send(self, request: httpx.Request, *, tries: int, output: IO[bytes] | None = None) -> bytes:
        """The body of the answer to a request, which is tried again after a while; data go to `output` instead."""
        for wait_s in self.patience.waits(tries):
            try:
                status, headers, body = self._exchange(request, output)
            except httpx.TransportError as error:
                failure, more_s = _transport_failure(request, error), 0.0
            else:
                if httpx.codes.is_success(status):
                    return body
                failure, more_s = self._failure(request, status, headers, body), _retry_after(headers)
            if wait_s is None or not isinstance(failure, SourceGoneError):
                raise failure from None
            time.sleep(min(max(wait_s, more_s), _LONGEST_WAIT_S))
        raise AssertionError("the last try ends in an answer or an error")

    def _exchange(self, request: httpx.Request, output: IO[bytes] | None) -> tuple[int, httpx.Headers, bytes]:
        """Status, headers and body of one try; an answer that does not end is cut off in time."""
        response = self._client.send(request, stream=True)
        try:
            if output is None or not response.is_success:
                return response.status_code, response.headers, self._short_body(request, response)
            _check_whole(request, response.headers)
            output.seek(0)
            output.truncate()
            for part in response.iter_raw():
                output.write(part)
                if isinstance(output, io.BytesIO) and output.tell() > _LARGEST_BYTES:
                    raise RefusedError(f"{shown(request.url)} answers with more than 512 MB; ask for less.")
            return response.status_code, response.headers, b""
        finally:
            response.close()

    def _short_body(self, request: httpx.Request, response: httpx.Response) -> bytes:
        end = time.monotonic() + self.patience.timeout_s
        body = b""
        for part in response.iter_raw():
            body += part
            if len(body) > _MOST_BYTES or time.monotonic() > end:
                raise httpx.ReadTimeout("the answer does not end", request=request)
        return body

    def _failure(self, request: httpx.Request, status: int, headers: httpx.Headers, body: bytes) -> JobgraphError:
        """What an answer means that is not as it should be."""
        place = shown(request.url)
        if httpx.codes.is_redirect(status):
            host = urlsplit(headers.get("location", "")).hostname or "another address"
            return UsageError(f"{place} leads on to {host}, which is not followed; name the final address.")
        reason = self._without_secrets(_first_line(body))
        if status in {401, 403}:
            why = f" ({reason})" if reason else ""
            return UsageError(f"{place} answers {status}{why}: {self._login_advice}.")
        said = f"{place} answers {status}{f': {reason}' if reason else ''}"
        if status in _PASSING and not _FINAL.search(reason):
            kind = EndpointFailedError if status == httpx.codes.INTERNAL_SERVER_ERROR else SourceGoneError
            return kind(f"{said}. Try again later.")
        return UsageError(f"{said}. Check the address, and what the endpoint takes.")

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return text


@cache
def _certificates(ca_file: Path | None = None) -> ssl.SSLContext:
    """The certificates that are trusted, with those of a file; reading them takes 50 ms."""
    context = httpx.create_ssl_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError):
            raise InputError(f"{ca_file} holds no certificates that can be read; name a PEM file.") from None
    return context


def _transport_failure(request: httpx.Request, error: httpx.TransportError) -> JobgraphError:
    place = shown(request.url)
    if isinstance(error, httpx.TimeoutException):
        return SourceGoneError(f"{place} did not answer in time. Try again later.")
    if not isinstance(error, httpx.ConnectError):
        return SourceGoneError(f"{place} broke the connection. Try again later.")
    if _NO_TRUST in str(error):
        reason = str(error).partition(_NO_TRUST)[2].partition(" (_ssl")[0].strip(" :]")
        return UsageError(f"The certificate of {place} does not verify: {reason}; name a file with its authority.")
    return SourceGoneError(f"{place} cannot be reached. Try again later.")


def _check_whole(request: httpx.Request, headers: httpx.Headers) -> None:
    """Raise if the endpoint says that its answer is not all."""
    for name in _INCOMPLETE:
        if name in headers:
            reason = " ".join(headers.get("x-sql-message", f"at most {headers[name]} rows").split())
            raise RefusedError(
                f"{shown(request.url)} answers with a part only ({reason.partition('. ')[0]}); ask for less, or raise "
                "the limits of the endpoint."
            )


def _first_line(body: bytes) -> str:
    """The start of what an endpoint says; of a page, its words."""
    text = body.decode("utf-8", errors="replace").strip()
    text = " ".join(_MARKUP.sub(" ", text).split()) if text.startswith("<") else text
    line = next(iter(text.splitlines()), "")
    return "".join(letter for letter in line if letter.isprintable())[:200].rstrip(" .")


def _retry_after(headers: Mapping[str, str]) -> float:
    """The seconds that an endpoint asks to wait; 0 where it does not say."""
    text = headers.get("retry-after", "")
    return float(text) if text.isdecimal() and len(text) < 9 else 0.0
