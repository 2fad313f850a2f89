"""The views: queries in the usual form, typed tables, one row for each row of the source."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import polars as pl
import pytest
from pyoxigraph import Store

from jobgraph.analysis import Source, Views
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


NOWHERE = Store()  # has no rows, so that what has some comes from a file


def kept_views(store: Store, sample: Source, kept: Path) -> Views:
    return Views(store, sample.views.names, resource_path("ontology", "views"), kept)


@each_file
def test_kept_view_is_the_same(sample: Source, sample_store: Store, tmp_path: Path, path: Path) -> None:
    kept_views(sample_store, sample, tmp_path)[path.stem]
    view, expected = kept_views(NOWHERE, sample, tmp_path)[path.stem], sample.views[path.stem]
    assert view.equals(expected)
    assert view.schema == expected.schema


@pytest.mark.parametrize("content", [b"", b"PAR1 and no more"])
def test_kept_view_that_is_broken_is_read_again(
    sample: Source, sample_store: Store, tmp_path: Path, content: bytes
) -> None:
    kept_views(sample_store, sample, tmp_path)["jobs"]
    (file,) = tmp_path.rglob("*.parquet")
    file.write_bytes(content)
    for store in (sample_store, NOWHERE):
        assert kept_views(store, sample, tmp_path)["jobs"].equals(sample.views["jobs"])


def test_view_that_cannot_be_kept_is_still_read(sample: Source, sample_store: Store, tmp_path: Path) -> None:
    (tmp_path / "views").write_text("in the way", encoding="utf-8")
    assert kept_views(sample_store, sample, tmp_path)["jobs"].equals(sample.views["jobs"])
