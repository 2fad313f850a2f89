from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode
from tests.store.content import BASE, NAMES
from tests.writing.conftest import Apply

from jobgraph.provenance import VOID
from jobgraph.store import Tenant, bulk_load
from jobgraph.store.generations import FINDINGS, QUARANTINE, REPORT, WORK
from jobgraph.writing import SparqlUpdate

UPDATE = SparqlUpdate("INSERT DATA { <ex:n> <ex:p> 1 . GRAPH <ex:g> { <ex:n> <ex:p> 1 } }")
NAMED = SparqlUpdate("INSERT DATA { GRAPH <ex:g> { <ex:n> <ex:p> 1 } }")
GATED = SparqlUpdate(f"INSERT DATA {{ GRAPH <{NAMES.asserted}> {{ <ex:n> <ex:p> 1 }} }}")
DROPPED = SparqlUpdate("DROP GRAPH <ex:g>")
FILES = {QUARANTINE, FINDINGS, REPORT, WORK}
BUILT = {"source": "somewhere", "quarantined": 7, "findings": 3, "rows": 12}


def facts(tenant: Tenant) -> dict[str, set[str]]:
    """The objects in the metadata graph, by subject and property."""
    found: dict[str, set[str]] = {}
    generation = tenant.current()
    assert generation
    with generation.open() as store:
        for subject, predicate, object_, _ in store.quads_for_pattern(None, None, None, NamedNode(NAMES.metadata)):
            found.setdefault(f"{subject} {predicate}", set()).add(getattr(object_, "value", ""))
    return found


@pytest.fixture
def built(tenant: Tenant) -> Tenant:
    """The tenant with files and facts of a build."""
    with tenant.begin(copy=True) as draft:
        for name in FILES:
            draft.path.joinpath(name).write_text(name)
        draft.publish(BUILT)
    return tenant


@pytest.mark.parametrize(
    ("update", "names"),
    [
        pytest.param(NAMED, FILES, id="not_validated"),
        pytest.param(UPDATE, FILES - {WORK}, id="labels_changed"),
        pytest.param(GATED, FILES - {WORK, REPORT}, id="validated"),
    ],
)
def test_files_of_a_build_are_kept_but_for_a_new_report(
    update: SparqlUpdate, names: set[str], built: Tenant, apply: Apply
) -> None:
    apply(update)
    old, new = built.generations()[-2:]
    assert {path.name for path in new.path.iterdir() if path.is_file() and path.read_text() == path.name} == names
    assert old.path.joinpath(REPORT).read_text() == REPORT


def test_manifest_says_what_is_there_now(built: Tenant, apply: Apply) -> None:
    for update in (UPDATE, GATED, DROPPED):
        apply(update)
    generation = built.current()
    assert generation
    with generation.open() as store:
        counts = {g.value: sum(1 for _ in store.quads_for_pattern(None, None, None, g)) for g in store.named_graphs()}
    del counts[NAMES.metadata]
    manifest = generation.manifest
    assert (manifest["counts"], manifest["unnamed"], manifest["change"]) == (counts, 3, "update")
    assert {name: manifest[name] for name in BUILT} == {**BUILT, "findings": 0}
    assert (manifest["base"], manifest["parent"], manifest["inferred"]) == (BASE, "000005", {"01_is_described_by": 1})


def test_metadata_graph_says_what_is_there_now(built: Tenant, apply: Apply) -> None:
    for update in (UPDATE, DROPPED):
        apply(update)
    dataset, found = f"<{BASE}dataset/acme>", facts(built)
    assert found["<ex:run> <ex:of>"] == {"the build"}
    assert found[f"<{NAMES.asserted}> <{VOID}triples>"] == {"3"}
    assert not any("<ex:g>" in place for place in found)
    assert len(found[f"{dataset} <{VOID}triples>"]) == len(found[f"{dataset} <http://purl.org/dc/terms/modified>"]) == 1


def test_tenant_without_a_build_gets_metadata_when_it_asserts_something(bare: Tenant, apply_to_bare: Apply) -> None:
    apply_to_bare(UPDATE)
    assert facts(bare) == {}
    apply_to_bare(GATED)
    assert facts(bare)[f"<{NAMES.asserted}> <{VOID}triples>"] == {"1"}


def test_counts_are_made_where_there_were_none(bare: Tenant, tmp_path: Path, apply_to_bare: Apply) -> None:
    file = tmp_path / "quads.nq"
    file.write_text("<ex:a> <ex:p> <ex:b> <ex:g> .\n")
    with bare.begin() as draft:
        bulk_load(draft.store_path, [(file, None)])
        draft.publish({})
    apply_to_bare(SparqlUpdate("INSERT DATA { <ex:n> <ex:p> 1 }"))
    generation = bare.current()
    assert generation
    assert generation.manifest["counts"] == {"ex:g": 1}
