"""Our server beside two others on the same data, each with 50 clients in one run: answers a second, and how late."""

from __future__ import annotations

import http.client
import json
import os
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode, Store
from tests.benchmarks.load import HOST, Ask, Figures, Load, request_bytes, run_load
from tests.benchmarks.servers import Endpoint, our_server, oxigraph_server, rdflib_server, write_merged

from jobgraph.pipeline import Plan
from jobgraph.pipeline.build import run_build
from jobgraph.sample import SampleSize, write_sample
from jobgraph.settings import Settings
from jobgraph.store import Generation, Home, run_query
from jobgraph.vocabulary import Vocabulary

pytestmark = pytest.mark.benchmark

SECONDS = 15.0
CLIENTS = 50
KEPT = 200  # requests that come again and again, for the cache
COMPARED = 25  # requests of each kind whose answers are compared first
PREFIXES = """PREFIX jg: <https://w3id.org/jobgraph/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
# The random numbers are no less than the rows; they make each text another.
ASKS = [
    Ask(name, f"{PREFIXES}{query} LIMIT 999{{{{number}}}}", weight)
    for name, weight, query in (
        ("facts", 10, "SELECT ?property ?value { <{{thing}}> ?property ?value }"),
        ("label", 10, "SELECT ?label { <{{thing}}> rdfs:label ?label }"),
        (
            "outcomes",
            8,
            "SELECT ?outcome ?label ?score "
            "{ <{{job}}> jg:hasOutcome ?outcome . ?outcome rdfs:label ?label . ?outcome jg:importanceScore ?score }",
        ),
        (
            "jobs",
            4,
            "SELECT ?job ?label ?outcome ?score "
            "{ <{{persona}}> jg:doesJob ?job . ?job rdfs:label ?label . ?job jg:hasOutcome ?outcome . "
            "?outcome jg:importanceScore ?score }",
        ),
        (
            "count",
            4,
            "SELECT ?job (COUNT(?outcome) AS ?outcomes) (MAX(?score) AS ?most) "
            "{ <{{persona}}> jg:doesJob ?job . ?job jg:hasOutcome ?outcome . ?outcome jg:importanceScore ?score } "
            "GROUP BY ?job",
        ),
        (
            "all",
            1,
            "SELECT ?job (COUNT(?outcome) AS ?outcomes) "
            "{ ?job a jg:Job . ?job jg:hasOutcome ?outcome . ?outcome jg:importanceScore ?score "
            "FILTER (?score > 4.{{number}}) } GROUP BY ?job",
        ),
    )
]
VALUES = {
    "thing": "SELECT DISTINCT ?thing { ?thing rdfs:label ?label FILTER (isIRI(?thing)) } ORDER BY ?thing",
    "job": "SELECT DISTINCT ?job { ?job a jg:Job } ORDER BY ?job",
    "persona": "SELECT DISTINCT ?persona { ?persona a jg:Persona } ORDER BY ?persona",
}
Rows = Counter[frozenset[tuple[str, str]]]
Start = Callable[[], AbstractContextManager[Endpoint]]


@pytest.mark.parametrize("size", [pytest.param(0, id="sample"), pytest.param(900, id="million")])
def test_server_beside_others(size: int, tmp_path: Path) -> None:
    generation = built(tmp_path, size)
    triples = tmp_path / "graph.nt"
    count = write_merged(generation, triples)
    values = values_of(generation)
    queries = compared_queries(values)
    starts: dict[str, Start] = {
        "ours": lambda: our_server(tmp_path / "home", generation.slug, {}),
        "ours, no cache": lambda: our_server(tmp_path / "home", generation.slug, {"JOBGRAPH_CACHE_MB": "0"}),
        "oxigraph serve": lambda: oxigraph_server(triples, tmp_path / "oxigraph"),
        "rdflib-endpoint": lambda: rdflib_server(triples),
    }
    print(f"\n{count:,} triples, {CLIENTS} clients, {SECONDS:g} s each, load average {os.getloadavg()[0]:.1f} before")
    answers: dict[str, list[Rows]] = {}
    mixed: dict[str, Figures] = {}
    kept: dict[str, Figures] = {}
    for name, start in starts.items():
        with start() as endpoint:
            answers[name] = [answer_to(endpoint, query) for query in queries]
            compare(name, queries, answers[name], answers["ours"])
            mixed[name] = measured(endpoint, values, 0)
            print(f"  {name:16} all different  {mixed[name]}  load {os.getloadavg()[0]:.1f}")
            kept[name] = measured(endpoint, values, KEPT)
            print(f"  {name:16} {KEPT} repeated   {kept[name]}")
    ours, oxigraph, rdflib = (mixed[name] for name in ("ours", "oxigraph serve", "rdflib-endpoint"))
    say_ratios(ours, oxigraph, rdflib)
    print(f"  repeated: {kept['ours'].per_second / kept['oxigraph serve'].per_second:.2f} of oxigraph serve's")
    assert not ours.errors
    assert not kept["ours"].errors
    assert ours.per_second >= 10 * rdflib.per_second
    assert ours.percentile(0.99) <= rdflib.percentile(0.99) / 5
    assert ours.per_second >= oxigraph.per_second / 3


def compare(name: str, queries: list[str], answers: list[Rows], ours: list[Rows]) -> None:
    for query, rows, expected in zip(queries, answers, ours, strict=True):
        assert rows == expected, f"{name}: {query}: {rows - expected} {expected - rows}"


def say_ratios(ours: Figures, oxigraph: Figures, rdflib: Figures) -> None:
    print(f"  all different: {ours.per_second / rdflib.per_second:.1f} times rdflib-endpoint's throughput,")
    print(f"    {ours.percentile(0.99) / rdflib.percentile(0.99):.3f} of its p99,")
    print(f"    {ours.per_second / oxigraph.per_second:.2f} of oxigraph serve's throughput")


def built(folder: Path, jobs: int) -> Generation:
    """A generation of the shipped sample, or of one tenant with that many jobs."""
    source = Path(__file__).resolve().parents[2] / "data" / "sample"
    if jobs:
        source = folder / "source"
        write_sample(source, SampleSize(jobs=jobs, tenants=1), vocabulary=Vocabulary())
    report = run_build(Plan(str(source)), Settings(home=folder / "home"))
    generation = Home(folder / "home").tenant(report.tenants[0].slug).current()
    assert generation is not None
    return generation


def values_of(generation: Generation) -> dict[str, Sequence[str]]:
    """What stands in the places of the queries."""
    with generation.open() as store:
        return {name: iris_of(store, generation, query) for name, query in VALUES.items()}


def iris_of(store: Store, generation: Generation, query: str) -> list[str]:
    answer = run_query(store, PREFIXES + query, graphs=generation.names)
    return [term.value for (term,) in answer.rows() if isinstance(term, NamedNode)]


def compared_queries(values: dict[str, Sequence[str]]) -> list[str]:
    chance = random.Random(7)
    return [ask.filled(values, chance) for ask in ASKS for _ in range(COMPARED if ask.weight > 1 else 2)]


def measured(endpoint: Endpoint, values: dict[str, Sequence[str]], kept: int) -> Figures:
    return run_load(Load(endpoint.port, endpoint.path, ASKS, values, clients=CLIENTS, seconds=SECONDS, kept=kept))


def answer_to(endpoint: Endpoint, query: str) -> Rows:
    """The rows of an answer in no order, each value with its kind; numbers by what they are worth.

    A row without any value is left out: rdflib gives one where there is nothing to group.
    """
    connection = http.client.HTTPConnection(HOST, endpoint.port, timeout=300)
    head, _, body = request_bytes(endpoint.port, endpoint.path, query).partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    connection.request("POST", endpoint.path, body, headers)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    assert response.status == 200, (endpoint.name, query, content[:300])
    rows = json.loads(content)["results"]["bindings"]
    return Counter(frozenset((name, term_text(term)) for name, term in row.items()) for row in rows if row)


def term_text(term: dict[str, Any]) -> str:
    """A value of SPARQL JSON as text that equal values share."""
    datatype = str(term.get("datatype", "")).rpartition("#")[2]
    if datatype in {"integer", "decimal", "double"}:
        return f"number {float(term['value']):.6f}"
    kind, value = "" if datatype == "string" else datatype, term["value"]
    if datatype == "dateTime":
        value = value.replace("+00:00", "Z")
    return f"{term['type'].removeprefix('typed-')} {kind} {term.get('xml:lang', '').lower()} {value}"
