"""`jobgraph generations`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.commands import ask, one_line, run

from jobgraph.store import Home

NAME = "SELECT ?name { ?job a jg:Job ; skos:notation 'A1' ; rdfs:label ?name }"


@pytest.fixture
def home(built_home: Path, tmp_path: Path) -> Path:
    """A copy that may be changed."""
    return shutil.copytree(built_home, tmp_path / "home")


@pytest.mark.parametrize("words", [["generations"], ["generations", "list"]])
def test_generations_are_listed_with_the_published_one(built_home: Path, words: list[str]) -> None:
    out = run(*words, "--home", built_home, "-t", "acme").out
    assert all(text in out for text in ("000001", "000002", "published"))


def test_list_is_json_on_request(built_home: Path) -> None:
    found = run("generations", "-t", "acme", "list", "--home", built_home, "--json").json
    assert [(g["generation"], g["published"]) for g in found] == [("000001", False), ("000002", True)]


def test_diff_counts_by_graph(built_home: Path) -> None:
    counts = run("generations", "diff", "1", "2", "--home", built_home, "-t", "acme", "--json").json
    asserted = next(count for graph, count in counts.items() if graph.endswith("acme/asserted"))
    assert asserted == {"added": 1, "deleted": 3}


def test_diff_is_a_table_on_screen(built_home: Path) -> None:
    assert "acme/asserted" in run("generations", "diff", "1", "2", "--home", built_home, "-t", "acme").out


def test_diff_is_a_patch_on_request(built_home: Path) -> None:
    lines = run("generations", "diff", "1", "2", "--home", built_home, "-t", "acme", "--patch").out.splitlines()
    assert (lines[1], lines[-1]) == ("TX .", "TC .")
    assert any(line.startswith("A ") and '"Do a1 better"' in line for line in lines)


def test_rollback_publishes_the_older_one(home: Path) -> None:
    assert ask(home, "acme", NAME) == [["Do a1 better"]]
    assert run("generations", "rollback", "1", "--home", home, "-t", "acme").code == 0
    assert ask(home, "acme", NAME) == [["Do a1"]]


def listed(home: Path) -> list[str]:
    return [g["generation"] for g in run("generations", "--home", home, "-t", "acme", "--json").json]


def test_prune_keeps_the_newest(home: Path) -> None:
    assert run("generations", "prune", "--keep", "1", "--home", home, "-t", "acme").out.startswith("Removed 000001, ")
    assert listed(home) == ["000002"]


def test_prune_of_all_tenants_can_be_tried_first(home: Path) -> None:
    trial = run("generations", "prune", "--all", "--keep", "1", "--dry-run", "--json", "--home", home).json
    assert listed(home) == ["000001", "000002"]
    assert [(each["tenant"], each["generations"]) for each in trial] == [("acme", ["000001"]), ("bolt", ["000001"])]
    assert all(each["bytes"] > 100_000 for each in trial)
    assert run("generations", "prune", "--all", "--keep", "1", "--json", "--home", home).json == trial
    assert listed(home) == ["000002"]


def test_prune_of_all_tenants_leaves_out_one_that_is_held(home: Path) -> None:
    Home(home).tenant("acme").hold("acme moves to b; try again later.")
    outcome = run("generations", "prune", "--all", "--keep", "1", "--home", home)
    assert outcome.code == 0
    first, second = outcome.out.splitlines()
    assert first == "acme: Removed none; acme moves to b; try again later."
    assert second.startswith("bolt: Removed 000001, ")
    assert run("generations", "prune", "--keep", "1", "--home", home, "-t", "acme").code == 75


def test_settings_say_what_prune_keeps(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBGRAPH_KEEP_GENERATIONS", "1")
    monkeypatch.setenv("JOBGRAPH_KEEP_DAYS", "1")
    assert run("generations", "prune", "--home", home, "-t", "acme").out == "Removed none.\n"
    assert "000001" in run("generations", "prune", "--keep-days", "0", "--home", home, "-t", "acme").out


def test_pinned_generation_stays_and_goes_by_its_name(home: Path) -> None:
    on = ("--home", home, "-t", "acme")
    assert run("generations", "pin", "1", "first", *on).code == 0
    assert run("generations", "prune", "--keep", "1", *on).out == "Removed none.\n"
    assert run("generations", "--json", *on).json[0]["pins"] == ["first"]
    assert run("generations", "rollback", "first", *on).out == "acme is at generation 000001.\n"
    assert run("generations", "unpin", "first", *on).code == 0
    assert run("generations", "unpin", "first", *on).code == 2


def test_prune_with_nothing_to_remove_says_so(home: Path) -> None:
    assert run("generations", "prune", "--home", home, "-t", "acme").out == "Removed none.\n"


@pytest.mark.parametrize(
    "words", [["rollback", "9"], ["diff", "1", "x"], ["prune", "--keep", "0"], ["prune", "--all"], ["rollback"]]
)
def test_slip_is_one_sentence(built_home: Path, words: list[str]) -> None:
    outcome = run("generations", *words, "--home", built_home, "-t", "acme")
    assert (outcome.code, bool(one_line(outcome))) == (2, True)
