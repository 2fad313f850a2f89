"""A tenant whose every graph holds something, and a gate with few shapes and one rule, so that it is quick."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from pyoxigraph import Quad, RdfFormat, Store
from tests.admission import SMALL
from tests.store.content import BASE, NAMES, filled, publish

from jobgraph.settings import Settings
from jobgraph.store import Home, Tenant
from jobgraph.vocabulary import JG, Vocabulary
from jobgraph.writing import Change, Written, apply_change, gate

CONTENT = (
    """
    <ex:f> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/jobgraph/Country> {asserted} .
    <ex:p> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/jobgraph/CountryProfile> {asserted} .
    <ex:p> <https://w3id.org/jobgraph/describesCountry> <ex:f> {asserted} .
    <ex:f> <ex:isDescribedBy> <ex:p> {inferred} .
    <ex:high> <ex:label> "hoch"@de {shared} .
    <ex:run> <ex:of> "the build" {metadata} .
    <ex:a> <ex:p> 1 .
    <ex:a> <ex:p> <ex:b> .
    <ex:b> <ex:q> _:blank <ex:g> .
    <ex:b> <ex:p> 2 <ex:g> .
    <ex:c> <ex:p> 3 <ex:h> .
""".replace(" 1 .", ' "1" .')
    .replace(" 2 <", ' "2" <')
    .replace(" 3 <", ' "3" <')
)
ONTOLOGY = f"<{JG}Country> <http://www.w3.org/2000/01/rdf-schema#label> 'country' <{JG}> .".replace("'", '"')
RULE = f"""# A country is described by its profile.
PREFIX jg: <{JG}>
CONSTRUCT {{
    ?country <ex:isDescribedBy> ?profile .
}}
WHERE {{
    ?profile jg:describesCountry ?country .
}}
"""
RESERVED = frozenset((NAMES.inferred, NAMES.shared, NAMES.metadata, NAMES.ontology))
Apply = Callable[..., Written]


def content() -> Store:
    """A store in memory with all that the tenant has."""
    store = Store()
    store.load((filled(CONTENT) + ONTOLOGY).encode(), RdfFormat.N_QUADS)
    return store


def graph_of(quad: Quad) -> str:
    """The IRI of the graph of a quad; '' for the unnamed one."""
    return getattr(quad.graph_name, "value", "")


def files_of(folder: Path) -> dict[str, bytes]:
    """The content of all files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def bare(home: Home) -> Tenant:
    """A tenant with an empty graph."""
    return home.create_tenant("acme", base=BASE)


@pytest.fixture
def tenant(bare: Tenant, tmp_path: Path) -> Tenant:
    """A tenant with something in every graph."""
    publish(bare, CONTENT + ONTOLOGY, tmp_path)
    return bare


@pytest.fixture(scope="session")
def small_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = shutil.copytree(SMALL, tmp_path_factory.mktemp("small") / "root")
    (root / "ontology" / "rules").mkdir()
    (root / "ontology" / "rules" / "01_is_described_by.rq").write_text(RULE)
    return root


@pytest.fixture(autouse=True)
def _small_gate(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = gate.Standards.of(Vocabulary(root=small_root))
    monkeypatch.setattr(gate, "standards", lambda: found)


@pytest.fixture
def apply(tenant: Tenant, home: Home) -> Apply:
    """Applies a change to the tenant with something in every graph."""
    return partial(_apply, tenant, home)


@pytest.fixture
def apply_to_bare(bare: Tenant, home: Home) -> Apply:
    """Applies a change to the tenant with an empty graph."""
    return partial(_apply, bare, home)


def _apply(tenant: Tenant, home: Home, change: Change, *, expected: str | None = None) -> Written:
    return apply_change(tenant, change, Settings(home=home.path), expected=expected)
