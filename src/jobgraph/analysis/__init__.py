"""Analyses of a tenant's graph: dependencies, inheritance, opportunities, capability gaps, collection, networks.

Each is a function over tables or graphs that gives an `Answer`; `analyze` runs one by its name.

    with generation.open() as store:
        source = open_source(store, generation.names)
        answer = analyze(source, "gaps", Choices())
"""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import Store

from jobgraph.analysis.answers import EVIDENCE, Answer, SourceRow, to_plain
from jobgraph.analysis.catalog import ANALYSES, Analysis, analyze, find_analysis
from jobgraph.analysis.choices import Choices, Source
from jobgraph.analysis.network import NETWORKS, Network, read_network, to_networkx, to_rustworkx
from jobgraph.analysis.network_files import write_network
from jobgraph.analysis.views import Views
from jobgraph.resources import resource_path
from jobgraph.store import GraphNames

__all__ = [
    "ANALYSES",
    "EVIDENCE",
    "NETWORKS",
    "Analysis",
    "Answer",
    "Choices",
    "Network",
    "Source",
    "SourceRow",
    "Views",
    "analyze",
    "find_analysis",
    "open_source",
    "read_network",
    "to_networkx",
    "to_plain",
    "to_rustworkx",
    "write_network",
]


def open_source(store: Store, names: GraphNames, kept: Path | None = None) -> Source:
    """What analyses read from an open store; the views are read when an analysis asks for them.

    Parameters
    ----------
    kept : a folder of the generation for what can be made again, where views stay for those who come later.
    """
    views = Views(store, names, resource_path("ontology", "views"), kept)
    return Source(views, resource_path("ontology", "schemes"))
