"""Builds whose generations go to a real Oxigraph server, and what commands make of them."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from tests.commands import Outcome, one_line, run
from tests.exports.endpoint_servers import RealEndpoint, oxigraph_endpoint
from tests.remote.places import place_at
from tests.small_source import small_tables, write_tables

from jobgraph.remote import Place, Pointer, ask_endpoint

__all__ = ["oxigraph_endpoint"]

BASE = "https://jobgraph.example/id/"
NAMES = "SELECT ?name { ?job a jg:Job ; rdfs:label ?name } ORDER BY ?name"


@pytest.fixture(scope="module")
def built(oxigraph_endpoint: RealEndpoint, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Tenants acme and bolt, built twice; the job of acme has another name the second time."""
    folder = tmp_path_factory.mktemp("building")
    place = place_at(oxigraph_endpoint.addresses.graphs, folder / "home", base=BASE, store_timeout_s=60)
    tables = small_tables()
    for name in ("Do a1", "Do a1 better"):
        tables["jobs_to_be_done"][0]["name"] = name
        assert build(place, write_tables(folder / "source", tables)).code == 0
    return place


def build(place: Place, source: Path, *options: object) -> Outcome:
    return run("build", source, *where(place), "--quiet", *options)


def where(place: Place) -> tuple[object, ...]:
    return "--store", place.settings.store, "--home", place.settings.home


def names(place: Place, *options: object) -> list[str]:
    outcome = run("query", NAMES, "--format", "csv", "--tenant", "acme", *where(place), *options)
    assert outcome.code == 0, outcome.err
    return outcome.out.splitlines()[1:]


def test_last_build_is_published_and_the_others_stay(built: Place) -> None:
    assert "Do a1 better" in names(built)
    assert "Do a1" in names(built, "--generation", "1")
    assert names(built) == names(built, "--at-endpoint")
    listed = run("generations", "--json", "--tenant", "acme", *where(built)).json
    assert [(each["generation"], each["published"]) for each in listed] == [("000001", False), ("000002", True)]


def test_home_of_the_build_holds_no_tenant(built: Place) -> None:
    assert not built.settings.home.joinpath("tenants").exists()


def test_strict_build_with_a_flaw_switches_nothing(built: Place, tmp_path: Path) -> None:
    tables = small_tables()
    tables["jtbd_outcomes"][0]["importance_score"] = "7,5"
    outcome = build(built, write_tables(tmp_path / "source", tables), "--strict")
    assert outcome.code == 1
    assert "nothing is published" in one_line(outcome)
    assert "Do a1 better" in names(built)


def test_readers_see_one_generation_or_the_other(built: Place) -> None:
    is_done = threading.Event()

    def switch() -> None:
        for which in ["1", "2"] * 10:
            run("generations", "rollback", which, "--tenant", "acme", *where(built))
        is_done.set()

    switching = threading.Thread(target=switch)
    switching.start()
    seen = set()
    with built.open("acme") as endpoint:
        pointer = Pointer(endpoint, built.names("acme"))
        while not is_done.is_set():
            current = pointer.current()
            assert current is not None
            answer = ask_endpoint(endpoint, built.names("acme"), current, NAMES)
            seen.add((current.name, *(str(row[0]) for row in answer.rows())))
    switching.join()
    assert {name for name, *_ in seen} <= {"000001", "000002"}
    assert len(seen) == len({name for name, *_ in seen})


def test_prune_waits_for_readers(built: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    prune = ("generations", "prune", "--keep", "1", "--tenant", "bolt", *where(built))
    monkeypatch.setenv("JOBGRAPH_STORE_GRACE_S", "3600")
    assert run(*prune).out == "Removed none.\n"
    monkeypatch.setenv("JOBGRAPH_STORE_GRACE_S", "0")
    assert run(*prune).out == "Removed 000001.\n"
    outcome = run("generations", "rollback", "1", "--tenant", "bolt", *where(built))
    assert (outcome.code, "choose one of 000002" in one_line(outcome)) == (2, True)


def test_what_is_at_an_endpoint_is_changed_by_builds_alone(built: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBGRAPH_STORE", str(built.settings.store))
    outcome = run("update", "CLEAR ALL", "--home", built.settings.home, "--tenant", "acme")
    assert (outcome.code, one_line(outcome)[:40]) == (2, "What is at an endpoint changes by a buil")
