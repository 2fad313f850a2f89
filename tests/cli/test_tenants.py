"""`jobgraph tenants`."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.commands import ask, one_line, run


@pytest.mark.parametrize("words", [["tenants"], ["tenants", "list"]])
def test_tenants_are_listed(built_home: Path, words: list[str]) -> None:
    out = run(*words, "--home", built_home).out
    assert all(text in out for text in ("acme", "bolt", "000002"))


@pytest.mark.parametrize("place", ["group", "command"])
def test_list_is_json_on_request(built_home: Path, place: str) -> None:
    options = ["--home", built_home]
    found = run(
        "tenants", *(options if place == "group" else []), "list", *(options if place != "group" else []), "--json"
    )
    assert [(tenant["tenant"], tenant["generation"]) for tenant in found.json] == [
        ("acme", "000002"),
        ("bolt", "000002"),
    ]


def test_new_tenant_has_an_empty_graph(tmp_path: Path) -> None:
    outcome = run("tenants", "create", "acme", "--home", tmp_path)
    assert (outcome.code, outcome.out) == (0, "acme is there, with an empty graph.\n")
    assert ask(tmp_path, "acme", "SELECT * { ?s ?p ?o }") == []


def test_tenant_is_created_once(tmp_path: Path) -> None:
    run("tenants", "create", "acme", "--home", tmp_path)
    outcome = run("tenants", "create", "acme", "--home", tmp_path)
    assert (outcome.code, "There is a tenant acme already" in one_line(outcome)) == (2, True)


def test_name_of_a_tenant_must_name_a_folder(tmp_path: Path) -> None:
    outcome = run("tenants", "create", "../acme", "--home", tmp_path)
    assert (outcome.code, "cannot name a tenant" in one_line(outcome)) == (2, True)
