"""Builds of changes that trust the moments of rows: where each change moved one, they equal builds of everything."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from tests.pipeline.edits import content, edited, read_folder
from tests.pipeline.test_changed_rows import EDITS, Edit, all_of, base_tables, change, delete
from tests.postgres_server import PostgresServer
from tests.small_source import Tables, job, outcome, write_tables

from jobgraph.pipeline import BuildReport, Plan
from jobgraph.pipeline.build import run_build
from jobgraph.resources import resource_path
from jobgraph.settings import Settings
from jobgraph.sources.postgres import PostgresSource

pytestmark = pytest.mark.usefixtures("no_table_is_small")

NAME = "jobgraph_moments"
MOMENT = "updated_at"
OLD, MARK, NEW = ("2025-01-01 00:00:00+00", "2025-06-01 00:00:00+00", "2025-06-02 00:00:00+00")

Cells = list[list[str]]  # a header and rows
Write = Callable[[dict[str, Cells]], str]


def cells_of(tables: Tables) -> dict[str, Cells]:
    return {
        name: [list(rows[0]), *([row.get(c, "") for c in rows[0]] for row in rows)] for name, rows in tables.items()
    }


def many_rows() -> Tables:
    """The tables of `base_tables` with more jobs and outcomes, so that few changes are a small share."""
    tables = base_tables()
    tables["jobs_to_be_done"] += [job(f"j{n}", "acme") for n in range(9)]
    tables["jtbd_outcomes"] += [outcome(f"outcome-j{n}", "acme", f"j{n}") for n in range(9)]
    for rows in tables.values():
        for row in rows:
            row[MOMENT] = OLD
    tables["tenants"][0][MOMENT] = MARK
    return tables


def moved(old: dict[str, Cells], new: dict[str, Cells]) -> dict[str, Cells]:
    """The new tables, each row that is not among the old ones with a new moment."""
    found: dict[str, Cells] = {}
    for name, (header, *rows) in new.items():
        before = Counter(map(tuple, old[name][1:] if old[name][0] == header else ()))
        found[name] = [header]
        for row in rows:
            before[tuple(row)] -= 1
            is_old = before[tuple(row)] >= 0
            moved_row = [NEW if column == MOMENT else cell for column, cell in zip(header, row, strict=True)]
            found[name].append(row if is_old else moved_row)
    return found


@pytest.fixture(scope="module")
def write(postgres_server: PostgresServer) -> Write:
    """Write tables to a database in place of what was there; outcomes are in three partitions."""

    def write_database(tables: dict[str, Cells]) -> str:
        url = postgres_server.make_database(NAME)
        with postgres_server.connect(NAME) as connection:
            for name, (header, *rows) in tables.items():
                _write_table(connection, name, header, rows)
        return url

    return write_database


def _write_table(connection: psycopg.Connection, name: str, header: list[str], rows: Cells) -> None:
    table = sql.Identifier(name)
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(column)) for column in header)
    is_split = name == "jtbd_outcomes"
    end = sql.SQL(" PARTITION BY HASH (id)" if is_split else "")
    connection.execute(sql.SQL("CREATE TABLE {} ({}){}").format(table, columns, end))
    for number in range(3 if is_split else 0):
        part = sql.SQL("CREATE TABLE {} PARTITION OF {} FOR VALUES WITH (MODULUS 3, REMAINDER {})")
        connection.execute(part.format(sql.Identifier(f"{name}_{number}"), table, number))
    with connection.cursor() as cursor, cursor.copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
        for row in rows:
            copy.write_row(row)


def build(source: str, home: Path, *, trusting: bool = True) -> BuildReport:
    return run_build(Plan(source, trust_updated=trusting), Settings(home=home), changes=True)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, write: Write) -> Path:
    folder = tmp_path_factory.mktemp("built")
    build(write(cells_of(many_rows())), folder / "home")
    return folder / "home"


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "home"))


@pytest.fixture
def read_whole(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The tables of databases that are read whole in the test."""
    seen, load = set(), PostgresSource.load

    def noted(source: PostgresSource, connection: object, table: str) -> str:
        seen.add(table)
        return load(source, connection, table)  # type: ignore[arg-type]

    monkeypatch.setattr(PostgresSource, "load", noted)
    return seen


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_changes_that_moved_a_moment_equal_a_build_of_everything(
    edit: Edit, home: Path, tmp_path: Path, write: Write, read_whole: set[str]
) -> None:
    tables = many_rows()
    edit(tables)
    source = write(moved(cells_of(many_rows()), cells_of(tables)))
    assert build(source, home).reason == ""
    columns_went = "status" not in tables["jobs_to_be_done"][0]
    assert ("jobs_to_be_done" in read_whole) is columns_went
    assert "jtbd_outcomes" not in read_whole
    build(source, tmp_path / "all")
    assert content(home) == content(tmp_path / "all")


@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_random_changes_that_moved_a_moment_equal_builds_of_everything(
    defective: Path, tmp_path: Path, write: Write, seed: int
) -> None:
    chance, folder = random.Random(seed), Path(mkdtemp(dir=tmp_path))
    tables = edited(defects(), chance, times=chance.randrange(1, 9))
    source = write(moved(defects(), sayable(tables)))
    shutil.copytree(defective, folder / "home")
    build(source, folder / "home")
    build(source, folder / "all")
    expected, found = content(folder / "all"), content(folder / "home")
    assert {name: found[name] for name in expected} == expected  # a tenant that went keeps its graph


@pytest.fixture(scope="module")
def defective(tmp_path_factory: pytest.TempPathFactory, write: Write) -> Path:
    folder = tmp_path_factory.mktemp("defective")
    build(write(defects()), folder / "home")
    return folder / "home"


def defects() -> dict[str, Cells]:
    return sayable(read_folder(resource_path("data", "defects")))


def sayable(tables: dict[str, Cells]) -> dict[str, Cells]:
    """The tables as a database can hold them: rows as long as the header, of characters, without the mark of a file."""
    return {
        name: [
            [
                cell.encode(errors="replace").decode().translate({0: "?", 0xFEFF: ""})
                for cell in (row + [""] * len(rows[0]))
            ][: len(rows[0])]
            for row in rows
        ]
        for name, rows in tables.items()
    }


def test_change_without_a_new_moment_waits_for_a_comparison(home: Path, tmp_path: Path, write: Write) -> None:
    before = content(home)["acme"]["graphs"]
    tables = many_rows()
    change("jobs_to_be_done", "a2", name="Not seen")(tables)
    source = write(cells_of(tables))
    build(source, home)
    assert content(home)["acme"]["graphs"] == before
    build(source, home, trusting=False)
    build(source, tmp_path / "all")
    assert content(home) == content(tmp_path / "all")


def test_row_that_was_read_meanwhile_is_compared_as_it_was_read(home: Path, tmp_path: Path, write: Write) -> None:
    went, back = many_rows(), many_rows()
    delete("jobs_to_be_done", "a1")(went)
    change("jtbd_outcomes", "outcome-a1", outcome_statement="Read, for its job went")(went)
    delete("jobs_to_be_done", "a1")(back)
    build(write(cells_of(went)), home)
    assert any("Read, for its job went" in triple for triple in set().union(*content(home)["acme"]["graphs"].values()))
    source = write(cells_of(back))
    build(source, home, trusting=False)
    build(source, tmp_path / "all")
    assert content(home) == content(tmp_path / "all")


@pytest.mark.parametrize("kind", ["postgres", "csv"])
def test_rows_without_a_settled_moment_are_compared(
    kind: str, tmp_path: Path, write: Write, read_whole: set[str]
) -> None:
    tables, is_folder = many_rows(), kind == "csv"
    all_of(
        change("jobs_to_be_done", "j0", updated_at=""),
        change("jobs_to_be_done", "j1", updated_at=MARK),
        change("jobs_to_be_done", "j2", updated_at="2999-01-01 00:00:00+00"),
    )(tables)

    def written() -> str:
        return str(write_tables(tmp_path / "source", tables)) if is_folder else write(cells_of(tables))

    build(written(), tmp_path / "home")
    read_whole.clear()
    for key in ("j0", "j1", "j2", *(["j3"] if is_folder else [])):  # files are compared whole
        change("jobs_to_be_done", key, name="Changed")(tables)
    source = written()
    build(source, tmp_path / "home")
    assert read_whole == set() if is_folder else "jobs_to_be_done" not in read_whole
    build(source, tmp_path / "all")
    assert content(tmp_path / "home") == content(tmp_path / "all")


def test_moments_of_another_database_are_not_trusted(
    home: Path, postgres_server: PostgresServer, write: Write, read_whole: set[str]
) -> None:
    write(cells_of(many_rows()))
    with postgres_server.connect() as connection:
        connection.execute("DROP DATABASE IF EXISTS jobgraph_other")
        connection.execute(f"CREATE DATABASE jobgraph_other TEMPLATE {NAME}")
    build(postgres_server.url("jobgraph_other"), home)
    assert "jobs_to_be_done" in read_whole
