"""What the tests of the questions share: the shipped sample and a generated, spoiled one, as graphs and as tables."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from pyoxigraph import Store
from tests.questions.database import keep_tenant, read_tables

from jobgraph.pipeline import Plan
from jobgraph.pipeline.build import run_build
from jobgraph.questions import Question, read_questions
from jobgraph.resources import resource_path
from jobgraph.sample import SampleSize, write_sample
from jobgraph.settings import Settings
from jobgraph.store import GraphNames, Home
from jobgraph.vocabulary import Vocabulary

Row = dict[str, str]

MOMENT = "2025-12-01T00:00:00Z"
# What is done to every so many-th row, so that no question is answered by nothing and links lead nowhere:
# rows deleted softly, cells set to another value, and entities from which all rows with their key are taken away.
DELETED = {
    "jobs_to_be_done": 23,
    "org_roles": 17,
    "personas": 13,
    "capabilities": 11,
    "agents": 9,
    "org_departments": 19,
    "domains": 7,
    "strategic_priorities": 8,
    "expert_consultations": 6,
    "tools": 7,
}
CHANGED = {
    ("personas", "role_id"): (7, ""),
    ("personas", "department_id"): (5, ""),
    ("personas", "function_id"): (9, ""),
    ("jobs_to_be_done", "domain_id"): (6, ""),
    ("jobs_to_be_done", "org_function_id"): (8, ""),
    ("jobs_to_be_done", "strategic_priority_id"): (5, ""),
    ("jtbd_obstacles", "severity"): (6, ""),
    ("jtbd_outcomes", "satisfaction_score"): (9, ""),
    ("jtbd_outcomes", "importance_score"): (31, "10.5"),
    ("jtbd_outcomes", "opportunity_score"): (11, "1.5"),
    ("jtbd_outcomes", "evidence_source"): (4, ""),
    ("jtbd_dependencies", "strength"): (5, ""),
    ("jtbd_roles", "is_primary"): (6, ""),
    ("capability_jtbd_mapping", "is_required"): (7, ""),
    ("org_roles", "department_id"): (6, ""),
}
BARED = {
    ("jobs_to_be_done", 10): {
        "jtbd_outcomes": "jtbd_id",
        "jtbd_obstacles": "jtbd_id",
        "jtbd_kpis": "jtbd_id",
        "jtbd_success_criteria": "jtbd_id",
        "jtbd_workflow_stages": "jtbd_id",
        "jtbd_roles": "jtbd_id",
        "jtbd_personas": "jtbd_id",
        "jtbd_gen_ai_opportunities": "jtbd_id",
        "expert_consultations": "jtbd_id",
    },
    ("org_departments", 7): {"department_roles": "department_id", "org_roles": "department_id"},
    ("strategic_priorities", 5): {"jobs_to_be_done": "strategic_priority_id"},
    ("capabilities", 6): {"capability_jtbd_mapping": "capability_id"},
    ("org_roles", 9): {"jtbd_roles": "role_id"},
}
KEPT = ("org_roles", "jobs_to_be_done")  # bared by an empty cell


@dataclass(frozen=True)
class Tenant:
    """One tenant as a graph and as tables."""

    store: Store
    names: GraphNames
    tables: duckdb.DuckDBPyConnection


@pytest.fixture(scope="session")
def questions(shipped_vocabulary: Vocabulary) -> Mapping[str, Question]:
    return read_questions(shipped_vocabulary)


@pytest.fixture(scope="session")
def tenants(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Tenant]]:
    """Two tenants of the sample and two of generated data, by `sample/SLUG` and `generated/SLUG`."""
    folder = tmp_path_factory.mktemp("generated")
    write_sample(folder / "tables", SampleSize(jobs=200, tenants=2, seed=7), vocabulary=Vocabulary())
    spoil(folder / "tables")
    run_build(Plan(str(folder / "tables")), Settings(home=folder / "home"))
    homes = {
        "sample": (sample_home, resource_path("data", "sample")),
        "generated": (folder / "home", folder / "tables"),
    }
    with ExitStack() as stack:
        found: dict[str, Tenant] = {}
        for kind, (home, tables) in homes.items():
            for slug in Home(home).tenants():
                generation = Home(home).tenant(slug).current()
                assert generation
                connection = stack.enter_context(read_tables(tables))
                keep_tenant(connection, slug)
                found[f"{kind}/{slug}"] = Tenant(stack.enter_context(generation.open()), generation.names, connection)
        yield found


def spoil(folder: Path) -> None:
    """Delete rows softly, change cells, take rows away and close a cycle of dependencies in CSV files."""
    tables = {path.stem: read_rows(path) for path in folder.glob("*.csv")}
    for (parent, every), children in BARED.items():
        keys = {row["id"] for row in tables[parent][::every]}
        for table, column in children.items():
            bare(tables, table, column, keys)
    deleted = {(table, "deleted_at"): (every, MOMENT) for table, every in DELETED.items()}
    for (table, column), (every, value) in {**CHANGED, **deleted}.items():
        for row in tables[table][::every]:
            row[column] = value
    edges = tables["jtbd_dependencies"]
    for index, row in enumerate(edges[::40]):
        ends = {"source_jtbd_id": row["dependent_jtbd_id"], "dependent_jtbd_id": row["source_jtbd_id"]}
        edges.append({**row, **ends, "id": f"back-{index}"})
    for table, rows in tables.items():
        write_rows(folder / f"{table}.csv", rows)


def bare(tables: dict[str, list[Row]], table: str, column: str, keys: set[str]) -> None:
    if table in KEPT:
        for row in tables[table]:
            row[column] = "" if row[column] in keys else row[column]
    else:
        tables[table] = [row for row in tables[table] if row[column] not in keys]


def read_rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write_rows(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
