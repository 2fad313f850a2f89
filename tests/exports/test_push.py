"""Pushes to an endpoint that fails, to one that is slow, and to real servers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, DefaultGraph, Literal, NamedNode, Quad, Triple
from tests.exports.endpoint_servers import RealEndpoint, oxigraph_endpoint, virtuoso_endpoint
from tests.exports.fake_endpoint import DONE, NOT_DONE, FakeEndpoint, Plan, fake_endpoint

from jobgraph.errors import JobgraphError, RefusedError, SourceGoneError, UsageError
from jobgraph.exports.endpoint import Endpoint, Patience, find_addresses
from jobgraph.exports.push import push_graph, push_selection
from jobgraph.vocabulary import XSD

__all__ = ["oxigraph_endpoint", "virtuoso_endpoint"]

EX = "https://example.org/"
TARGET, OTHER = NamedNode(f"{EX}graph"), NamedNode(f"{EX}other")
HASTY = Patience(timeout_s=0.15, tries=2, wait_s=0.01)
CALM = Patience(timeout_s=0.6, tries=4, wait_s=0.01)
STEPS = 12  # requests of a push in three pieces


def triples(name: str, count: int) -> list[Triple]:
    return [Triple(NamedNode(f"{EX}{name}/{n}"), NamedNode(f"{EX}p"), Literal(f"{name} {n}")) for n in range(count)]


OLD, NEW = triples("old", 5), triples("new", 12)


def to_quad(triple: Triple, graph: NamedNode | DefaultGraph) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, graph)


def as_text(found: Iterable[Triple]) -> frozenset[str]:
    return frozenset(map(str, found))


def push(endpoint: FakeEndpoint, content: Iterable[Triple], *, patience: Patience = CALM, piece: int = 4) -> None:
    with Endpoint(find_addresses(endpoint.address), patience=patience) as client:
        push_graph(client, TARGET, content, piece=piece)


@pytest.fixture
def endpoint() -> Iterator[FakeEndpoint]:
    """It holds the old graph, another, and one of which somebody says that it replaces the target."""
    with fake_endpoint(TARGET) as started:
        theirs = NamedNode(f"{EX}theirs")
        started.store.extend(to_quad(triple, TARGET) for triple in OLD)
        started.store.add(Quad(theirs, NamedNode("http://purl.org/dc/terms/replaces"), TARGET, theirs))
        started.store.extend(to_quad(triple, OTHER) for triple in OLD)
        yield started


def graphs(endpoint: FakeEndpoint) -> set[str]:
    return {str(graph) for graph in endpoint.store.named_graphs()}


def test_push_replaces_the_graph_and_leaves_nothing_else(endpoint: FakeEndpoint) -> None:
    before = graphs(endpoint)
    endpoint.begin(Plan())
    push(endpoint, NEW)
    assert endpoint.content(TARGET) == as_text(NEW)
    assert endpoint.seen == {as_text(OLD), as_text(NEW)}
    assert (graphs(endpoint), endpoint.content(OTHER), len(endpoint.requests)) == (before, as_text(OLD), STEPS)


def problem_of(endpoint: FakeEndpoint) -> str:
    """What a push complains of, '' if it does not."""
    try:
        push(endpoint, NEW, patience=HASTY)
    except JobgraphError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("is_lasting", [False, True], ids=["once", "for_ever"])
@pytest.mark.parametrize("fault", [*NOT_DONE, *DONE])
def test_target_is_old_or_new_whatever_fails_and_the_next_push_cleans_up(
    endpoint: FakeEndpoint, fault: str, *, is_lasting: bool
) -> None:
    before = graphs(endpoint)
    for step in range(1, STEPS + 1):
        with endpoint.lock:
            endpoint.store.update(f"CLEAR GRAPH {TARGET}")
            endpoint.store.extend(to_quad(triple, TARGET) for triple in OLD)
        endpoint.begin(Plan(fault, step, is_lasting))
        problem = problem_of(endpoint)
        assert len(problem.splitlines()) <= 1
        assert problem or endpoint.content(TARGET) == as_text(NEW)
        assert "unchanged" not in problem or endpoint.content(TARGET) == as_text(OLD)
        assert endpoint.seen <= {as_text(OLD), as_text(NEW)}
        endpoint.begin(Plan())
        push(endpoint, NEW)
        assert (endpoint.content(TARGET), graphs(endpoint)) == (as_text(NEW), before)


@pytest.mark.parametrize("fault", ["500", "503", "lost", "cut"])
@pytest.mark.parametrize("step", [1, 3, 5, 7, 9])
def test_what_fails_once_and_may_be_repeated_is_repeated(endpoint: FakeEndpoint, fault: str, step: int) -> None:
    endpoint.begin(Plan(fault, step))
    push(endpoint, NEW)
    assert len(endpoint.requests) == STEPS + 1


def test_slow_endpoint_is_waited_for(endpoint: FakeEndpoint) -> None:
    endpoint.slow_s = 0.05
    push(endpoint, NEW)
    assert endpoint.content(TARGET) == as_text(NEW)


@pytest.mark.parametrize("is_lenient", [False, True], ids=["strict", "lenient"])
def test_pushes_at_the_same_time_leave_the_graph_of_one(endpoint: FakeEndpoint, *, is_lenient: bool) -> None:
    endpoint.is_lenient = is_lenient
    endpoint.begin(Plan())
    contents = [triples(f"push{number}", 9) for number in range(4)]
    outcomes: list[str] = []

    def run(content: list[Triple]) -> None:
        for _ in range(5):
            try:
                push(endpoint, content, patience=Patience(timeout_s=5, tries=2, wait_s=0.01), piece=3)
            except (RefusedError, SourceGoneError) as error:
                outcomes.append(str(error))

    threads = [threading.Thread(target=run, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert endpoint.seen <= {as_text(OLD), *map(as_text, contents)}
    push(endpoint, NEW, patience=Patience(timeout_s=5))
    assert endpoint.content(TARGET) == as_text(NEW)
    assert all("push/" not in graph for graph in graphs(endpoint))


def test_nothing_selected_changes_nothing(endpoint: FakeEndpoint) -> None:
    with pytest.raises(UsageError, match=r"Nothing is selected for .*graph; it is unchanged"):
        push(endpoint, [])
    assert endpoint.content(TARGET) == as_text(OLD)


def test_values_that_an_endpoint_merges_are_noticed(endpoint: FakeEndpoint) -> None:
    twice = [*NEW, NEW[0]]
    with pytest.raises(RefusedError, match="made 12 triples of the 13 that were sent"):
        push(endpoint, twice)
    assert endpoint.content(TARGET) == as_text(OLD)


@dataclass
class Selected:
    """A selection of two graphs that share a triple."""

    def quads(self) -> Iterator[Quad]:
        yield from (to_quad(triple, TARGET) for triple in NEW)
        yield from (to_quad(triple, OTHER) for triple in [*OLD, NEW[0]])

    def triples(self) -> Iterator[Triple]:
        yield from [*NEW, *OLD]


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        pytest.param("", {TARGET: NEW, OTHER: [*OLD, NEW[0]]}, id="each_its_own"),
        pytest.param(TARGET.value, {TARGET: [*NEW, *OLD], OTHER: OLD}, id="one_for_all"),
    ],
)
def test_selection_goes_to_its_graphs_or_to_one(
    endpoint: FakeEndpoint, graph: str, expected: dict[NamedNode, list[Triple]]
) -> None:
    with Endpoint(find_addresses(endpoint.address), patience=CALM) as client:
        pushed = list(push_selection(client, Selected(), graph=graph, piece=5))
    assert {name: endpoint.content(name) for name in expected} == {n: as_text(ts) for n, ts in expected.items()}
    assert sum(each.triples for each in pushed) == (17 if graph else 18)
    assert pushed[0].before == len(OLD)


def test_name_that_names_no_graph_is_refused(endpoint: FakeEndpoint) -> None:
    with (
        Endpoint(find_addresses(endpoint.address), patience=CALM) as client,
        pytest.raises(UsageError, match="'no graph' names no graph"),
    ):
        list(push_selection(client, Selected(), graph="no graph"))


nodes = st.sampled_from([NamedNode(f"{EX}{n}") for n in range(4)] + [BlankNode(f"b{n}") for n in range(4)])
values = nodes | st.text(st.characters(exclude_categories=["Cs"])).map(Literal)
statements = st.builds(Triple, nodes, st.sampled_from([NamedNode(f"{EX}p{n}") for n in range(2)]), values)


@settings(max_examples=40)
@given(st.sets(statements, min_size=1, max_size=20), st.integers(1, 6))
def test_what_arrives_is_what_was_sent(shared_endpoint: FakeEndpoint, sent: set[Triple], piece: int) -> None:
    push(shared_endpoint, sent, piece=piece, patience=Patience(timeout_s=5))
    assert canonical(sent) == canonical(
        q.triple for q in shared_endpoint.store.quads_for_pattern(None, None, None, TARGET)
    )


@pytest.fixture(scope="module")
def shared_endpoint() -> Iterator[FakeEndpoint]:
    with fake_endpoint(TARGET) as started:
        yield started


def canonical(found: Iterable[Triple]) -> set[str]:
    dataset = Dataset(to_quad(triple, DefaultGraph()) for triple in found)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


# Real servers.

VALUES = [
    Literal("x"),
    Literal('ü€😀 "q" \\ \n\t'),
    Literal(""),
    Literal("x" * 100_000),  # Virtuoso guesses what it gets from its start
    Literal('<HTML lang="en"><xhtml>'),
    Literal("a", language="en-GB"),
    Literal("1.5", datatype=NamedNode(f"{XSD}decimal")),
    Literal("7", datatype=NamedNode(f"{XSD}integer")),
    Literal("true", datatype=NamedNode(f"{XSD}boolean")),
    Literal("2024-01-02", datatype=NamedNode(f"{XSD}date")),
    Literal("2024-01-02T03:04:05.25Z", datatype=NamedNode(f"{XSD}dateTime")),
    Literal("https://example.org/x", datatype=NamedNode(f"{XSD}anyURI")),
    Literal('{"a": [1, "ü"]}', datatype=NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON")),
    NamedNode(f"{EX}ü/%C3%BC(x)"),
]
LONG_DECIMAL = Literal("0.1234567890123456789", datatype=NamedNode(f"{XSD}decimal"))


@pytest.fixture(params=["oxigraph", "virtuoso"])
def real(request: pytest.FixtureRequest) -> RealEndpoint:
    server: RealEndpoint = request.getfixturevalue(f"{request.param}_endpoint")
    return server


def in_order(found: Iterable[object]) -> list[Triple]:
    return [Triple(NamedNode(f"{EX}{n:03}"), NamedNode(f"{EX}p"), value) for n, value in enumerate(found)]  # type: ignore[arg-type]


def as_value(term: object) -> object:
    """A term as its value: what a server may write in another way without a loss."""
    if isinstance(term, Literal) and term.datatype.value == f"{XSD}decimal":
        return Decimal(term.value)
    if isinstance(term, Literal) and term.datatype.value == f"{XSD}boolean":
        return term.value in {"true", "1"}
    if isinstance(term, Literal) and term.datatype.value == f"{XSD}dateTime":
        return datetime.fromisoformat(term.value)
    return (term.value, (term.language or "").lower()) if isinstance(term, Literal) else term


def test_real_server_holds_what_was_sent(real: RealEndpoint) -> None:
    with real.open() as client:
        for content in (OLD, NEW, in_order(VALUES)):
            push_graph(client, TARGET, content, piece=3)
        rows = client.select(f"SELECT ?s ?o WHERE {{ GRAPH {TARGET} {{ ?s ?p ?o }} }} ORDER BY ?s")
        left = client.select("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } FILTER(CONTAINS(STR(?g), '/push/')) }")
    assert [as_value(row["o"]) for row in rows] == [as_value(value) for value in VALUES]
    assert left == []


def test_blank_nodes_stay_joined_on_a_real_server(real: RealEndpoint) -> None:
    chain = [Triple(BlankNode(f"n{n}"), NamedNode(f"{EX}next"), BlankNode(f"n{n + 1}")) for n in range(4)]
    with real.open() as client:
        push_graph(client, TARGET, [*chain, *NEW], piece=2)
        rows = client.select(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH {TARGET} {{ ?a <{EX}next>/<{EX}next> ?b }} }}")
    assert [str(row["n"]).partition("^")[0] for row in rows] == ['"3"']


def test_virtuoso_loses_what_the_docs_say(virtuoso_endpoint: RealEndpoint) -> None:
    """Digits of a decimal past the fifteenth, the case of a language tag, integers past 64 bits, forms of durations."""
    given_ = [
        LONG_DECIMAL,
        Literal("a", language="en-GB"),
        Literal("12345678901234567890", datatype=NamedNode(f"{XSD}integer")),
        Literal("PT1H", datatype=NamedNode(f"{XSD}duration")),
    ]
    with virtuoso_endpoint.open() as client:
        push_graph(client, TARGET, in_order(given_))
        rows = client.select(f"SELECT ?s ?o WHERE {{ GRAPH {TARGET} {{ ?s ?p ?o }} }} ORDER BY ?s")
    assert [str(row["o"]).replace(XSD, "xsd:") for row in rows] == [
        '"0.123456789012346"^^<xsd:decimal>',
        '"a"@en-gb',
        '"12345678901234567890"^^<xsd:decimal>',
        '"3600.0"^^<xsd:duration>',
    ]


def test_push_that_dies_leaves_the_old_graph_on_a_real_server(real: RealEndpoint) -> None:
    def dying() -> Iterator[Triple]:
        yield from NEW
        raise KeyboardInterrupt

    with real.open() as client:
        push_graph(client, TARGET, OLD)
        with pytest.raises(KeyboardInterrupt):
            push_graph(client, TARGET, dying(), piece=3)
        assert client.count(TARGET) == len(OLD)
        leftover = NamedNode(f"{real.names_start(TARGET)}dead")
        mark = f"{leftover} <http://purl.org/dc/terms/replaces> {TARGET}"
        client.update(f"INSERT DATA {{ GRAPH {leftover} {{ {mark} . <{EX}a> <{EX}b> <{EX}c> }} }}", repeats=False)
        assert push_graph(client, TARGET, NEW).removed == 1
        assert client.count(leftover) == 0


def test_reader_of_a_real_server_sees_the_old_graph_or_the_new_one(real: RealEndpoint) -> None:
    counts: set[int] = set()
    is_over = threading.Event()

    def read() -> None:
        with real.open(timeout_s=15) as client:
            while not is_over.is_set():
                counts.add(client.count(TARGET))
                time.sleep(0.005)

    def push_size(number: int, size: int) -> None:
        """Again where it failed: among readers that lock rows, Virtuoso may choose a push to end a deadlock."""
        for _ in range(5):
            with real.open(timeout_s=15) as client, suppress(SourceGoneError, RefusedError):
                push_graph(client, TARGET, triples(f"size{number}", size), piece=1000)
                return

    sizes = (1500, 2500)
    push_size(0, sizes[0])
    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(1, 4):
            push_size(number, sizes[number % 2])
    finally:
        is_over.set()
        reader.join()
    assert counts == set(sizes)
