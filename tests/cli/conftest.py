"""What the tests of the commands share: a source without a flaw, and a home that one with flaws was built to."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.commands import run
from tests.postgres_server import postgres_server
from tests.small_source import small_tables, write_tables

__all__ = ["postgres_server"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_tables(tmp_path / "source", small_tables())


@pytest.fixture(scope="session")
def built_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tenants acme and bolt, built twice; acme has a bad score and a link to nothing, and an unknown table is there."""
    folder = tmp_path_factory.mktemp("commands")
    tables = small_tables()
    source, home = write_tables(folder / "source", tables), folder / "home"
    assert run("build", source, "--home", home).code == 0
    tables["jobs_to_be_done"][0]["name"] = "Do a1 better"
    tables["jtbd_outcomes"][0]["importance_score"] = "7,5"
    tables["jtbd_outcomes"][1]["jtbd_id"] = "nowhere"
    tables["mystery"] = [{"id": "1"}]
    write_tables(source, tables)
    assert run("build", source, "--home", home).code == 3
    return home
