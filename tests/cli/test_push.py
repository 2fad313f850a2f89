"""`jobgraph push`, against an endpoint of this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import NamedNode
from tests.commands import Outcome, one_line, run
from tests.exports.fake_endpoint import FakeEndpoint, Plan, fake_endpoint

from jobgraph.cli.push import PASSWORD

GRAPH = NamedNode("https://partner.example/graph")


@pytest.fixture
def endpoint() -> Iterator[FakeEndpoint]:
    with fake_endpoint(GRAPH) as started:
        yield started


def push(home: Path, endpoint: FakeEndpoint, *options: object, profile: str = "full") -> Outcome:
    return run("push", "--home", home, "-t", "acme", "--profile", profile, endpoint.address, *options)


def test_push_says_what_it_replaced(built_home: Path, endpoint: FakeEndpoint) -> None:
    outcome = push(built_home, endpoint)
    assert (outcome.code, outcome.err) == (0, "")
    counts = {str(graph): len(endpoint.content(NamedNode(graph.value))) for graph in endpoint.store.named_graphs()}
    said = [line.split(": ") for line in outcome.out.splitlines()]
    assert {f"<{graph}>": f"{words}" for graph, words in said} == {
        graph: f"{count:,} triples in place of 0" for graph, count in counts.items()
    }
    assert len(counts) > 1


def test_all_graphs_go_to_the_one_that_is_named(built_home: Path, endpoint: FakeEndpoint) -> None:
    assert push(built_home, endpoint, "--graph", GRAPH.value).code == 0
    outcome = push(built_home, endpoint, "--graph", GRAPH.value, "--json")
    count = len(endpoint.content(GRAPH))
    assert outcome.json == [{"graph": GRAPH.value, "before": count, "triples": count, "removed": 0}]
    assert count > 100


def test_password_comes_from_the_environment_or_a_file(
    built_home: Path, endpoint: FakeEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.password = "s3cret word"
    monkeypatch.setenv(PASSWORD, "s3cret word")
    assert push(built_home, endpoint, "--user", "partner", "--graph", GRAPH.value).code == 0
    monkeypatch.delenv(PASSWORD)
    file = tmp_path / "password"
    file.write_text("s3cret word\n", encoding="utf-8")
    options = ("--user", "partner", "--password-file", file, "--graph", GRAPH.value)
    assert push(built_home, endpoint, *options).code == 0


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        pytest.param(["--user", "me"], f"There is no password for me; set {PASSWORD}", id="no_password"),
        pytest.param(["--password-file", "x"], "--password-file needs --user", id="no_user"),
        pytest.param(["--graph", "a b"], "'a b' names no graph", id="no_graph"),
        pytest.param(["--update", "here"], "An address is not whole", id="no_address"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    built_home: Path, endpoint: FakeEndpoint, options: list[str], problem: str
) -> None:
    outcome = push(built_home, endpoint, *options)
    assert (outcome.code, problem in one_line(outcome)) == (2, True)
    assert endpoint.requests == []


def test_gate_keeps_what_the_profile_forbids(built_home: Path, endpoint: FakeEndpoint) -> None:
    """The partner's profile allows no violation, and the tenant has one."""
    outcome = push(built_home, endpoint, profile="partner")
    assert (outcome.code, "partner forbids this push: " in one_line(outcome)) == (8, True)
    assert endpoint.requests == []


def test_endpoint_that_fails_ends_with_75(built_home: Path, endpoint: FakeEndpoint) -> None:
    endpoint.begin(Plan("hang", 5, is_lasting=True))
    outcome = push(built_home, endpoint, "--graph", GRAPH.value, "--timeout", "0.2")
    assert (outcome.code, "did not answer in time. Try again later." in one_line(outcome)) == (75, True)
    assert endpoint.content(GRAPH) == frozenset()
