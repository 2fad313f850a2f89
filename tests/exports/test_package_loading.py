from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.commands import ask, one_line, run
from tests.exports.packages import (
    NQUADS,
    TODAY,
    VOCABULARY,
    copied,
    make_package,
    manifest_of,
    resealed,
)
from tests.small_source import small_tables, write_tables

from jobgraph.errors import JobgraphError, PackageError, RefusedError
from jobgraph.exports.package_loading import Loaded, load_package
from jobgraph.exports.profile import Profile
from jobgraph.exports.signing import create_key
from jobgraph.exports.verification import Expectations
from jobgraph.shacl import read_report
from jobgraph.store import Home
from jobgraph.store.oxigraph import count_by_graph


@pytest.fixture(scope="module")
def package(folder: Path, sample_home: Path, profile: Profile) -> Path:
    make_package(sample_home, profile, folder / "package.zip")
    make_package(sample_home, profile, folder / "package")
    return folder / "package"


@pytest.fixture(scope="module")
def home(package: Path, folder: Path) -> Path:
    """A home with a package and with a tenant of our own."""
    home = folder / "home"
    assert run("build", write_tables(folder / "source", small_tables()), "--home", home).code == 0
    load(package, home)
    return home


def load(path: Path, home: Path, slug: str = "partner", **options: Any) -> Loaded:
    tenant = Home(home).tenant(slug, missing_ok=True)
    return load_package(path, tenant, Expectations(VOCABULARY, TODAY, **options))


def test_loaded_package_answers_queries(home: Path) -> None:
    assert ask(home, "partner", "SELECT (COUNT(?job) AS ?jobs) { ?job a jg:Job }") == [["40"]]
    tables = "SELECT (COUNT(?score) AS ?scores) { ?outcome jg:computedOpportunityScore ?score }"
    assert int(ask(home, "partner", tables)[0][0]) > 100


def test_codes_are_explained_in_the_loaded_graph(home: Path) -> None:
    labels = "SELECT DISTINCT ?label { ?job jg:hasStatus ?status . GRAPH jg: { ?status rdfs:label ?label } }"
    assert ["active"] in ask(home, "partner", labels)


def test_each_graph_has_what_it_had(home: Path, package: Path) -> None:
    generation = Home(home).tenant("partner").current()
    assert generation
    with generation.open() as store:
        counts = count_by_graph(store)
    manifest, names = manifest_of(package), generation.names
    local = {"asserted": names.asserted, "inferred": names.inferred, "reference": names.shared}
    for kind, graph in local.items():
        assert counts.get(graph, 0) == manifest.counts.graphs.get(manifest.graphs[kind], 0)
    assert counts[names.metadata]


def test_loaded_generation_says_where_it_is_from(home: Path, package: Path) -> None:
    generation = Home(home).tenant("partner").current()
    assert generation
    stated, manifest = generation.manifest["package"], manifest_of(package)
    assert isinstance(stated, dict)
    assert (stated["dataset"], stated["tenant"]) == (manifest.hashes.dataset, manifest.tenant)
    assert read_report(generation.path / "report.ttl") == []


def test_zip_and_folder_load_alike(home: Path, package: Path) -> None:
    zipped = load(package.with_suffix(".zip"), home, "zipped").generation
    partner = Home(home).tenant("partner").current()
    assert partner
    assert zipped.manifest["package"] == partner.manifest["package"]


def test_later_package_follows(home: Path, package: Path) -> None:
    load(package, home, "twice")
    assert load(package, home, "twice").generation.number == 2


def test_loaded_graph_cannot_be_changed(home: Path, folder: Path) -> None:
    update = "INSERT DATA { <urn:a> <urn:b> <urn:c> }"
    outcome = run("update", update, "--home", home, "--tenant", "partner")
    assert outcome.code == 1
    assert "holds a partner's package and is read-only" in one_line(outcome)
    tables = small_tables()
    tables["tenants"][0]["slug"] = "partner"
    outcome = run("build", write_tables(folder / "again", tables), "--home", home)
    assert outcome.code == 1
    assert ask(home, "partner", "SELECT (COUNT(?job) AS ?jobs) { ?job a jg:Job }") == [["40"]]


def test_tenant_of_our_own_is_never_replaced(home: Path, package: Path) -> None:
    with pytest.raises(RefusedError, match="with data of its own"):
        load(package, home, "acme")
    assert ask(home, "acme", "SELECT (COUNT(?job) AS ?jobs) { ?job a jg:Job }") == [["2"]]


def test_package_that_does_not_hold_loads_nothing(home: Path, package: Path, tmp_path: Path) -> None:
    spoiled = copied(package, tmp_path / "package")
    content = (spoiled / NQUADS).read_bytes()
    (spoiled / NQUADS).write_bytes(content[: content.index(b"\n") + 1])
    resealed(spoiled)
    with pytest.raises(PackageError, match="another canonical hash"):
        load(spoiled, home, "spoiled")
    with pytest.raises(PackageError, match="is not signed"):
        load(package, home, "spoiled", key=create_key(tmp_path / "key"))
    assert "spoiled" not in Home(home).tenants()


@pytest.mark.parametrize("formats", [("csv",), ("jsonld-compact",)])
def test_package_that_cannot_be_read_back_is_refused(
    sample_home: Path, profile: Profile, home: Path, tmp_path: Path, formats: tuple[str, ...]
) -> None:
    make_package(sample_home, profile, tmp_path / "package", formats=formats)
    with pytest.raises(PackageError, match="no data in a format that can be loaded"):
        load(tmp_path / "package", home, "tables")


def test_triples_without_graphs_are_asserted(sample_home: Path, profile: Profile, home: Path, tmp_path: Path) -> None:
    make_package(sample_home, profile, tmp_path / "package", formats=("turtle",))
    generation = load(tmp_path / "package", home, "turtle").generation
    counts = generation.manifest["counts"]
    assert isinstance(counts, dict)
    assert counts[generation.names.asserted] == manifest_of(tmp_path / "package").counts.triples


def test_errors_are_ours(home: Path, tmp_path: Path) -> None:
    with pytest.raises(JobgraphError, match="cannot be read"):
        load(tmp_path / "nowhere", home)
