from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from pyoxigraph import NamedNode
from tests.exports.fake_endpoint import FakeEndpoint, Plan, fake_endpoint

from jobgraph.errors import EndpointFailedError, JobgraphError, SourceGoneError, UsageError
from jobgraph.exports.endpoint import Addresses, Endpoint, Patience, _first_line, find_addresses
from jobgraph.exports.login import Credentials

GRAPH = NamedNode("https://example.org/graph")
PASSWORD = "tr0ub4dor & more"
ONCE = Patience(timeout_s=0.3, tries=1, wait_s=0.01)


@pytest.fixture
def endpoint() -> Iterator[FakeEndpoint]:
    with fake_endpoint(GRAPH) as started:
        yield started


@pytest.mark.parametrize(
    ("graphs", "update", "query"),
    [
        ("http://h:7878/store", "http://h:7878/update", "http://h:7878/query"),
        ("https://h/ds/data/", "https://h/ds/update", "https://h/ds/query"),
        ("http://h:8890/sparql-graph-crud-auth", "http://h:8890/sparql-auth", "http://h:8890/sparql-auth"),
    ],
)
def test_addresses_of_known_servers_are_found(graphs: str, update: str, query: str) -> None:
    assert find_addresses(graphs) == Addresses(graphs, update, query)


def test_addresses_that_are_given_count() -> None:
    assert find_addresses("http://h/graphs", update="http://h/u") == Addresses(
        "http://h/graphs", "http://h/u", "http://h/u"
    )
    assert find_addresses("http://h/store", query="http://h/q").query == "http://h/q"


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("http://h/graphs", "does not tell where updates go; name the address with --update."),
        ("ftp://h/store", "is not whole"),
        ("store", "is not whole"),
        ("http://h:port/store", "is not whole"),
        (f"http://me:{PASSWORD.replace(' ', '')}@h/store", "The address of h holds a user"),
    ],
)
def test_address_that_does_not_fit_is_refused(address: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem) as error:
        find_addresses(address)
    assert "tr0ub4dor" not in str(error.value)


def failure(endpoint: FakeEndpoint, credentials: Credentials | None = None) -> JobgraphError:
    """What a failed update says."""
    with (
        Endpoint(find_addresses(endpoint.address), credentials=credentials, patience=ONCE) as client,
        pytest.raises(JobgraphError) as error,
    ):
        client.update(f"CLEAR SILENT GRAPH {GRAPH}", repeats=True)
    return error.value


@pytest.mark.parametrize(
    ("fault", "kind", "problem"),
    [
        ("500", EndpointFailedError, "/update answers 500: no luck, None. Try again later."),
        ("503", SourceGoneError, "/update answers 503: no luck, None. Try again later."),
        ("hang", SourceGoneError, "/update did not answer in time. Try again later."),
        ("drip", SourceGoneError, "/update did not answer in time. Try again later."),
        ("lost", SourceGoneError, "/update broke the connection. Try again later."),
        ("half", SourceGoneError, "/update broke the connection. Try again later."),
    ],
)
def test_failure_is_said_in_a_line(endpoint: FakeEndpoint, fault: str, kind: type[JobgraphError], problem: str) -> None:
    endpoint.begin(Plan(fault, 1, is_lasting=True))
    error = failure(endpoint)
    assert type(error) is kind
    assert str(error) == endpoint.address.removesuffix("/store") + problem


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"plain\nmore", "plain"),
        (b"<!DOCTYPE html>\n<h1>500</h1>\n<p>No  way.</p>", "500 No way"),
        (b"< 5 rows", "< 5 rows"),
        (b"", ""),
    ],
)
def test_of_a_page_the_words_are_said(body: bytes, said: str) -> None:
    assert _first_line(body) == said


def test_endpoint_that_is_not_there_is_said_in_a_line(endpoint: FakeEndpoint) -> None:
    endpoint.port = 1
    assert str(failure(endpoint)) == "http://127.0.0.1:1/update cannot be reached. Try again later."


@pytest.mark.parametrize("host", ["other", "same"])
def test_redirect_is_not_followed(endpoint: FakeEndpoint, host: str) -> None:
    with fake_endpoint(GRAPH) as other:
        endpoint.leads_to = f"http://127.0.0.1:{(other if host == 'other' else endpoint).port}/update"
        error = failure(endpoint, Credentials("partner", PASSWORD))
        assert other.requests == []
    assert "leads on to 127.0.0.1, which is not followed; name the final address." in str(error)
    assert endpoint.requests == ["/update"]


def test_password_is_sent_only_once_it_is_asked_for(endpoint: FakeEndpoint) -> None:
    endpoint.password = PASSWORD
    with Endpoint(
        find_addresses(endpoint.address), credentials=Credentials("partner", PASSWORD), patience=ONCE
    ) as client:
        assert client.count(GRAPH) == 0
        client.put_graph(GRAPH, b"<urn:a> <urn:b> <urn:c> .")
        assert client.count(GRAPH) == 1
    # The first query of all, and nothing after it, was asked twice.
    assert endpoint.requests[:2] == ["/query", "/query"]
    assert len(endpoint.requests) == 4


@pytest.mark.parametrize("given", [None, Credentials("partner", "wrong")], ids=["none", "wrong"])
def test_who_may_not_write_is_told_so(endpoint: FakeEndpoint, given: Credentials | None) -> None:
    endpoint.password = PASSWORD
    error = failure(endpoint, given)
    assert "answers 401: name a --user with the right to write, and the password." in str(error)


def test_password_never_shows(endpoint: FakeEndpoint, caplog: pytest.LogCaptureFixture) -> None:
    """Not even where the endpoint sends it back, in both forms."""
    caplog.set_level(logging.DEBUG)
    credentials = Credentials("partner", PASSWORD)
    endpoint.password = PASSWORD
    endpoint.begin(Plan("500", 2, is_lasting=True))
    error = failure(endpoint, credentials)
    assert str(error).endswith("/update answers 500: no luck, Basic … …. Try again later.")
    shown = f"{error!r} {credentials!r} {caplog.text}"
    assert "tr0ub4dor" not in shown
    assert "cGFydG5lcj" not in shown  # the start of the pair in base64


def test_password_for_everybody_to_read_is_not_sent() -> None:
    endpoint = Endpoint(Addresses(*("http://192.0.2.1/x",) * 3), credentials=Credentials("partner", PASSWORD))
    import httpx

    request = httpx.Request("POST", "http://192.0.2.1/x")
    assert endpoint._client.auth is not None
    flow = endpoint._client.auth.sync_auth_flow(request)
    next(flow)
    with pytest.raises(UsageError, match="asks for a password that anybody could read; use https"):
        flow.send(httpx.Response(401, headers={"WWW-Authenticate": 'Basic realm="x"'}, request=request))
    assert "authorization" not in request.headers


@pytest.mark.parametrize("asked", ["0", "1"])
def test_wait_that_an_endpoint_asks_for_is_kept(
    endpoint: FakeEndpoint, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("jobgraph.exports.endpoint.time.sleep", waits.append)
    endpoint.retry_after = asked
    endpoint.begin(Plan("503", 1, is_lasting=True))
    with (
        Endpoint(find_addresses(endpoint.address), patience=Patience(timeout_s=5, tries=4, wait_s=0.5)) as client,
        pytest.raises(SourceGoneError),
    ):
        client.count(GRAPH)
    assert waits == ([0.5, 1.0, 2.0] if asked == "0" else [1.0, 1.0, 2.0])


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ("nothing", "answers 404: [31m there is nothing here. Check the address, and what the endpoint takes."),
        ("page", "answers a question with no results in JSON; name --query."),
    ],
)
def test_address_that_answers_no_query_is_said(endpoint: FakeEndpoint, step: str, problem: str) -> None:
    address = f"{endpoint.address.removesuffix('store')}{step}"
    with (
        Endpoint(find_addresses(endpoint.address, query=address), patience=ONCE) as client,
        pytest.raises(UsageError) as error,
    ):
        client.count(GRAPH)
    assert str(error.value) == f"{address} {problem}"
