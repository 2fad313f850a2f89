"""Tenants of a few rows as views see them, built the usual way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.server.views.hostile import HOSTILE
from tests.small_source import Row, Tables, job, outcome, tenant, write_tables

from jobgraph.pipeline import Plan
from jobgraph.pipeline.build import run_build
from jobgraph.server.views.answers import Linked
from jobgraph.server.views.catalog import VIEWS
from jobgraph.server.views.tenant import Tenant
from jobgraph.settings import Settings
from jobgraph.store import Home

EMPTY, PLANNED, UNMAPPED, BARE, WIDE, ODD = "empty", "planned", "unmapped", "bare", "wide", "odd"
CAPABILITIES, FUNCTIONS, PERSONAS, JOBS_OF_ROLE = 200, 30, 45, 45
BAD_NAMES = [name for name in HOSTILE if "\x00" not in name]  # which no source can hold
_TENANTS = (EMPTY, PLANNED, UNMAPPED, BARE, WIDE, ODD)


def small_tenants() -> Tables:
    """A tenant without anything, one with a job and an idle persona, two with a capability, large and bad ones."""
    return {
        "tenants": [tenant(slug) for slug in _TENANTS],
        **_organization(),
        **_work(),
        **_links(),
    }


def _organization() -> Tables:
    return {
        "org_functions": [
            *(named(f"f{n}", WIDE, f"Function {n}") for n in range(FUNCTIONS)),
            *(named(f"odd-f{n}", ODD, name) for n, name in enumerate(BAD_NAMES)),
            named("odd-twin", ODD, BAD_NAMES[0]),
        ],
        "org_roles": [named("r", WIDE, "Role"), *(named(f"odd-r{n}", ODD, name) for n, name in enumerate(BAD_NAMES))],
        "personas": [
            named("idle-p", PLANNED, "Idle"),
            *(named(f"p{n}", WIDE, f"Persona {n:02}", role_id="r") for n in range(PERSONAS)),
            *(named(f"odd-p{n}", ODD, name, role_id=f"odd-r{n}") for n, name in enumerate(BAD_NAMES)),
            named("odd-twin", ODD, BAD_NAMES[0]),
        ],
    }


def _work() -> Tables:
    return {
        "jobs_to_be_done": [
            *(job(f"{slug}-j", slug) for slug in (PLANNED, UNMAPPED, BARE)),
            *(job(f"w{n}", WIDE, org_function_id=f"f{n % FUNCTIONS}") for n in range(CAPABILITIES)),
            *(job(f"odd-j{n}", ODD, name=name, org_function_id=f"odd-f{n}") for n, name in enumerate(BAD_NAMES)),
            job("odd-last", ODD, org_function_id="odd-twin"),
        ],
        "jtbd_outcomes": [
            outcome("bare-o", BARE, f"{BARE}-j"),
            *(outcome(f"w-o{n}", WIDE, f"w{n}") for n in range(CAPABILITIES)),
            *(outcome(f"odd-o{n}", ODD, f"odd-j{n}") for n, _ in enumerate(BAD_NAMES)),
        ],
        "capabilities": [
            named("unmapped-c", UNMAPPED, "Not needed"),
            named("bare-c", BARE, "Not assessed"),
            *(named(f"w-c{n}", WIDE, f"Capability {n:03}", maturity_level="foundational") for n in range(CAPABILITIES)),
            *(named(f"odd-c{n}", ODD, name, maturity_level="advanced") for n, name in enumerate(BAD_NAMES)),
            named("odd-twin", ODD, BAD_NAMES[0], maturity_level="expert"),
        ],
    }


def _links() -> Tables:
    half = {"relevance_score": "0.5"}
    needed = [("bare-c", f"{BARE}-j"), ("odd-twin", "odd-last")]
    needed += [(f"w-c{n}", f"w{n}") for n in range(CAPABILITIES)]
    needed += [(f"odd-c{n}", f"odd-j{n}") for n, _ in enumerate(BAD_NAMES)]
    done = [(f"w{n}", "r") for n in range(JOBS_OF_ROLE)]
    done += [(f"odd-j{n}", f"odd-r{n}") for n, _ in enumerate(BAD_NAMES)]
    return {
        "capability_jtbd_mapping": [
            {"id": f"n-{c}", "capability_id": c, "jtbd_id": j, "is_required": "false", **half} for c, j in needed
        ],
        "jtbd_roles": [{"id": f"r-{j}-{r}", "jtbd_id": j, "role_id": r, **half} for j, r in done],
        "jtbd_personas": [{"id": "twin", "jtbd_id": "odd-j0", "persona_id": "odd-twin", **half}],
    }


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with all of them."""
    folder = tmp_path_factory.mktemp("small_tenants")
    tables = {name: _filled(rows) for name, rows in small_tenants().items()}
    run_build(Plan(str(write_tables(folder / "source", tables))), Settings(home=folder / "home"))
    return folder / "home"


@contextmanager
def opened(home: Path, slug: str) -> Iterator[Tenant]:
    """The current generation of a tenant."""
    generation = Home(home).tenant(slug).current()
    assert generation is not None
    with generation.open() as store:
        yield Tenant(store, generation, generation.names)


def show(tenant: Tenant, view: str, arguments: Mapping[str, str] | None = None) -> str:
    """The page that a view makes."""
    made = VIEWS[view](tenant, arguments or {}, "text/html")
    return b"".join(made.parts if isinstance(made, Linked) else made).decode()


def named(key: str, slug: str, name: str, **cells: str) -> Row:
    """A row with a name and what most tables ask for."""
    return {"id": key, "tenant_id": f"key-of-{slug}", "name": name, "slug": key, "is_active": "true", **cells}


def _filled(rows: list[Row]) -> list[Row]:
    """The rows with the same columns, empty where they had none."""
    columns = dict.fromkeys(column for row in rows for column in row)
    return [{column: row.get(column, "") for column in columns} for row in rows]
