"""Reports on rows that could not be stated: each tenant sees its own, and what has no tenant nobody."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jobgraph.pipeline import Plan
from jobgraph.pipeline.build import run_build
from jobgraph.pipeline.report import read_coverage, read_quarantine
from jobgraph.resources import resource_path
from jobgraph.server.views.answers import Linked
from jobgraph.server.views.catalog import VIEWS
from jobgraph.server.views.tenant import Tenant
from jobgraph.settings import Settings
from jobgraph.store import Home
from jobgraph.store.generations import QUARANTINE

SLUGS = ("alpha", "beta")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("defects") / "home"
    run_build(Plan(str(resource_path("data", "defects"))), Settings(home=folder))
    return folder


@pytest.fixture(scope="module")
def tenants(home: Path) -> Iterator[Mapping[str, Tenant]]:
    with ExitStack() as stack:
        current = {slug: Home(home).tenant(slug).current() for slug in SLUGS}
        yield {
            slug: Tenant(stack.enter_context(generation.open()), generation, generation.names)
            for slug, generation in current.items()
            if generation
        }


def page(tenant: Tenant, view: str, **arguments: str) -> Any:
    parts = VIEWS[view](tenant, {"limit": "1000", **arguments}, "application/json")
    return json.loads(b"".join(parts.parts if isinstance(parts, Linked) else parts))


@pytest.mark.parametrize("slug", SLUGS)
def test_quarantine_is_what_the_build_kept_of_the_tenant(home: Path, tenants: Mapping[str, Tenant], slug: str) -> None:
    columns, expected = read_quarantine(home, tenant=slug, table=None)
    found = page(tenants[slug], "quarantine")
    assert found["columns"] == list(columns)
    rows = [list(row.values()) for row in found["rows"]]
    assert sorted(map(repr, rows)) == sorted(map(repr, expected))
    assert rows


@pytest.mark.parametrize("name", ["table", "rule"])
def test_quarantine_is_filtered(tenants: Mapping[str, Tenant], name: str) -> None:
    counts = Counter(row[name] for row in page(tenants["alpha"], "quarantine")["rows"])
    assert {value: page(tenants["alpha"], "quarantine", **{name: value})["total"] for value in counts} == counts


def test_keys_in_the_quarantine_of_others_are_not_shown(home: Path, tenants: Mapping[str, Tenant]) -> None:
    kept = {slug: pl.read_parquet(tenants[slug].generation.path / QUARANTINE) for slug in SLUGS}
    unplaced = pl.read_parquet(home / "unplaced.parquet")
    foreign = (set(kept["beta"]["key"]) | set(unplaced["key"])) - set(kept["alpha"]["key"]) - {None}
    shown = {row["key"] for row in page(tenants["alpha"], "quarantine")["rows"]}
    assert foreign
    assert not shown & foreign


@pytest.mark.parametrize("slug", SLUGS)
def test_coverage_counts_what_is_stated_and_what_is_not(home: Path, tenants: Mapping[str, Tenant], slug: str) -> None:
    found = page(tenants[slug], "coverage")
    stated = {row["table"]: row["stated"] for row in found["rows"] if row["stated"]}
    assert stated == read_coverage(home)["stated_by_tenant"][slug]
    entries = Counter(row["table"] for row in page(tenants[slug], "quarantine")["rows"])
    assert {row["table"]: row["quarantinedEntries"] for row in found["rows"] if row["quarantinedEntries"]} == entries
    assert found["quarantined"] == entries.total()


def test_columns_are_in_the_state_that_the_build_found(home: Path, tenants: Mapping[str, Tenant]) -> None:
    stated = tenants["alpha"].generation.manifest["rows"]
    assert isinstance(stated, dict)
    built = {name: known for name, known in read_coverage(home)["columns"].items() if name in stated}
    assert any(state in {"unknown", "absent"} for known in built.values() for state in known.values())
    for name, known in built.items():
        rows = page(tenants["alpha"], "coverage_of_table", **{":name": name})["rows"]
        assert {row["column"]: row["state"] for row in rows} == {
            column: state.partition(":")[0] for column, state in known.items()
        }


def test_a_build_of_others_says_nothing_of_a_tenant(home: Path, tenants: Mapping[str, Tenant]) -> None:
    """The home keeps the report on the last build only; where it does not fit, the ontology alone speaks."""
    path = home / "build.json"
    kept = path.read_text(encoding="utf-8")
    report = json.loads(kept)
    del report["coverage"]["stated_by_tenant"]["alpha"]
    path.write_text(json.dumps(report), encoding="utf-8")
    try:
        states = {
            row["state"]
            for name in report["coverage"]["columns"]
            for row in page(tenants["alpha"], "coverage_of_table", **{":name": name})["rows"]
        }
    finally:
        path.write_text(kept, encoding="utf-8")
    assert states <= {"key", "mapped", "waived"}
