"""How a graph is opened, and built where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jobgraph.api.graph import KnowledgeGraph
from jobgraph.errors import UsageError
from jobgraph.resources import resource_path
from jobgraph.settings import Settings
from jobgraph.store import Home
from jobgraph.vocabulary import Vocabulary

if TYPE_CHECKING:
    from jobgraph.pipeline import BuildReport


def open_graph(tenant: str, *, home: Path | str | None = None, generation: str | int | None = None) -> KnowledgeGraph:
    """The knowledge graph of a tenant, to read.

    Parameters
    ----------
    tenant : its short name.
    home : the folder of all tenants; that of the settings if none.
    generation : an older generation; the published one if none.

    Raises
    ------
    UsageError : there is no such tenant or generation.
    StorageError : the store is broken.

    >>> with open_graph("northwind-bio", home=home) as found:
    ...     found.generation
    '000001'
    """
    found = Home(_settings(home).home).tenant(tenant)
    chosen = found.current() if generation is None else found.generation(generation)
    if chosen is None:
        raise UsageError(f"{tenant} has no published generation; run jobgraph build SOURCE first.")
    return KnowledgeGraph(found, chosen, Vocabulary())


def open_sample(tenant: str = "northwind-bio", *, home: Path | str | None = None) -> KnowledgeGraph:
    """The graph of a tenant of the shipped sample, which is built first where the tenant is not there.

    Raises
    ------
    UsageError : the sample has no such tenant.
    StorageError : the disk is full or cannot be written.

    >>> open_sample(home=home).slug
    'northwind-bio'
    """
    if tenant not in Home(_settings(home).home).tenants():
        build(resource_path("data", "sample"), home=home)
    return open_graph(tenant, home=home)


def build(source: Path | str, *, home: Path | str | None = None, tenant: str = "") -> BuildReport:
    """Build a graph for each tenant of a source, as `jobgraph build` does, and say what became of its rows.

    Parameters
    ----------
    source : a folder of CSV, Parquet or JSON Lines files, or `postgresql://…`.
    home : the folder of all tenants; that of the settings if none.
    tenant : the name of the only tenant, where the source has no table of tenants; else the one to build.

    Raises
    ------
    UsageError, InputError, SourceGoneError, StorageError : as their names say; what was published stays.
    """
    from jobgraph.pipeline import Plan
    from jobgraph.pipeline.build import run_build

    return run_build(Plan(str(source), only_tenant=tenant), _settings(home))


def _settings(home: Path | str | None) -> Settings:
    return Settings() if home is None else Settings(home=Path(home))
