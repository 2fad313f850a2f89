"""The views: queries in the usual form, typed tables, one row for each row of the source."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import polars as pl
import pytest

from jobgraph.analysis import Source
from jobgraph.errors import InputError
from jobgraph.resources import resource_path

FILES = sorted(resource_path("ontology", "views").glob("*.rq"))
# The tables whose rows the views list one by one.
ROWS = {
    "activities": "jtbd_workflow_activities",
    "activity_dependencies": "jtbd_workflow_activities WHERE depends_on_activity_id IS NOT NULL",
    "capabilities": "capabilities",
    "departments": "org_departments",
    "domains": "domains",
    "functions": "org_functions",
    "job_dependencies": "jtbd_dependencies WHERE source_jtbd_id IN (SELECT id FROM jobs_to_be_done)",
    "jobs": "jobs_to_be_done",
    "outcomes": "jtbd_outcomes",
    "persona_jobs": "jtbd_personas WHERE jtbd_id IN (SELECT id FROM jobs_to_be_done)",
    "personas": "personas",
    "role_jobs": "jtbd_roles WHERE jtbd_id IN (SELECT id FROM jobs_to_be_done)",
    "roles": "org_roles",
    "stakeholders": "persona_stakeholder_influence_map",
}

each_file = pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in FILES])


@each_file
def test_first_line_says_what_is_listed(path: Path) -> None:
    assert re.fullmatch(r"# [A-Z].+\.", path.read_text(encoding="utf-8").splitlines()[0])


@each_file
def test_prefixes_are_sorted_and_used(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    prefixes = re.findall(r"^PREFIX (\w+):", text, re.MULTILINE)
    body = text[text.index("SELECT") :]
    assert prefixes == sorted(prefixes)
    assert all(f"{prefix}:" in body for prefix in prefixes)


@each_file
def test_view_has_rows_in_order(sample: Source, path: Path) -> None:
    view = sample.views[path.stem]
    assert view.height > 0
    assert view.equals(view.sort(pl.all()))


@pytest.mark.parametrize("name", ROWS)
def test_view_has_a_row_for_each_row_of_its_table(sample: Source, tables: duckdb.DuckDBPyConnection, name: str) -> None:
    counted = tables.execute(f"SELECT count(*) FROM {ROWS[name]}").fetchone()
    assert counted == (sample.views[name].height,)


def test_unknown_view_is_missing(sample: Source) -> None:
    with pytest.raises(InputError, match="is missing"):
        sample.views["nothing"]
