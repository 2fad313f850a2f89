"""The sample makes one graph, byte for byte in canonical form, whatever kind of source it is read from."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode
from tests.postgres_server import PostgresServer, postgres_server
from tests.sample_database import load_sample

from jobgraph.contract.nested import register_functions
from jobgraph.contract.sql import name, text
from jobgraph.pipeline import Plan
from jobgraph.pipeline.build import run_build
from jobgraph.resources import resource_path
from jobgraph.settings import Settings
from jobgraph.store import Home
from jobgraph.vocabulary import XSD, Column, Vocabulary

__all__ = ["postgres_server"]

SAMPLE = resource_path("data", "sample")
# JSON stays text, and so do moments: DuckDB has no time zones without an extension.
TYPES = {
    XSD + "integer": "BIGINT",
    XSD + "decimal": "DECIMAL(38, 8)",
    XSD + "boolean": "BOOLEAN",
    XSD + "date": "DATE",
    XSD + "time": "TIME",
}


def canonical_graphs(location: object, home: Path) -> dict[str, str]:
    """The canonical N-Quads of each tenant of a source, without the ontology and what tells one build from another."""
    report = run_build(Plan(str(location)), Settings(home=home))
    assert report.quarantined == 0
    return {tenant.slug: canonical_graph(home, tenant.slug) for tenant in report.tenants}


def canonical_graph(home: Path, slug: str) -> str:
    generation = Home(home).tenant(slug).current()
    assert generation
    with generation.open() as store:
        graphs = [NamedNode(iri) for iri in generation.names.merged]
        quads = Dataset(quad for graph in graphs for quad in store.quads_for_pattern(None, None, None, graph))
    quads.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return "".join(sorted(f"{quad} .\n" for quad in quads))


@pytest.fixture(scope="module")
def graphs_of_the_folder(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return canonical_graphs(SAMPLE, tmp_path_factory.mktemp("folder"))


def converted(folder: Path, options: str) -> Path:
    """The sample as files of another kind, each cell of the type that its column has."""
    columns = {table.name: {c.name: c for c in table.columns} for table in Vocabulary().tables.values()}
    with duckdb.connect() as connection:
        register_functions(connection)
        for path in SAMPLE.glob("*.csv"):
            with path.open(encoding="utf-8", newline="") as stream:
                header = next(csv.reader(stream))
            cells = typed_cells(header, columns[path.stem])
            rows = f"read_csv({text(str(path))}, all_varchar = true, header = true, nullstr = '')"
            target = folder / f"{path.stem}.{'parquet' if 'parquet' in options else 'jsonl'}"
            connection.execute(f"COPY (SELECT {cells} FROM {rows}) TO {text(str(target))} ({options})")
    return folder


def typed_cells(header: Iterable[str], columns: dict[str, Column]) -> str:
    return ", ".join(f"{typed(name(column), columns.get(column))} AS {name(column)}" for column in header)


def typed(cell: str, column: Column | None) -> str:
    if column and column.repeated:
        return f"array_elements({cell})"
    return f"{cell}::{TYPES[column.datatype]}" if column and column.datatype in TYPES else cell


def write_parquet(folder: Path, _request: pytest.FixtureRequest) -> object:
    return converted(folder, "FORMAT parquet")


def write_json_lines(folder: Path, _request: pytest.FixtureRequest) -> object:
    return converted(folder, "FORMAT json")


def write_database(_folder: Path, request: pytest.FixtureRequest) -> object:
    server: PostgresServer = request.getfixturevalue("postgres_server")
    location = server.make_database("sample")
    with server.connect("sample") as connection:
        load_sample(connection, SAMPLE)
    return location


@pytest.mark.parametrize("write", [write_parquet, write_json_lines, write_database])
def test_kind_of_source_makes_no_difference(
    write: Callable[[Path, pytest.FixtureRequest], object],
    tmp_path: Path,
    request: pytest.FixtureRequest,
    graphs_of_the_folder: dict[str, str],
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    graphs = canonical_graphs(write(source, request), tmp_path / "home")
    assert graphs.keys() == graphs_of_the_folder.keys()
    for slug, expected in graphs_of_the_folder.items():
        assert set(graphs[slug].splitlines()) ^ set(expected.splitlines()) == set()
        assert graphs[slug] == expected
        assert len(expected.splitlines()) > 20_000
