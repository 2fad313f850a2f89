"""Networks as files: GraphML, GEXF, and the node and edge CSV that `neo4j-admin database import` takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import networkx as nx
import polars as pl

from jobgraph.analysis.network import Network, to_networkx
from jobgraph.errors import UsageError
from jobgraph.store.durable import storage_errors

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_network(network: Network, path: Path) -> list[Path]:
    """Write a network in the format of the suffix of `path`: .graphml, .gexf or .csv; give the files.

    CSV makes two files, `<stem>_nodes.csv` and `<stem>_edges.csv`. Characters that XML cannot hold become U+FFFD.

    Raises
    ------
    UsageError : the suffix is none of these.
    StorageError : a file cannot be written.
    """
    if path.suffix not in _WRITERS:
        raise UsageError(f"{path.name} has no suffix of a network; use one of {', '.join(_WRITERS)}.")
    with storage_errors(path):
        return _WRITERS[path.suffix](network, path)


def _write_graphml(network: Network, path: Path) -> list[Path]:
    nx.write_graphml_xml(to_networkx(_fit_for_xml(network)), path, named_key_ids=True)
    return [path]


def _write_gexf(network: Network, path: Path) -> list[Path]:
    nx.write_gexf(to_networkx(_fit_for_xml(network)), path)
    return [path]


def _write_csv(network: Network, path: Path) -> list[Path]:
    nodes, edges = (path.with_name(f"{path.stem}_{part}.csv") for part in ("nodes", "edges"))
    network.nodes.select(pl.col("iri").alias("iri:ID"), "label", pl.col("kind").alias(":LABEL")).write_csv(nodes)
    network.edges.select(
        pl.col("source").alias(":START_ID"),
        pl.col("target").alias(":END_ID"),
        pl.col("relation").alias(":TYPE"),
        "iri",
        pl.col("weight").alias("weight:double"),
    ).write_csv(edges)
    return [nodes, edges]


def _fit_for_xml(network: Network) -> Network:
    labels = pl.col("label").map_elements(lambda text: _NOT_XML.sub("\ufffd", text), return_dtype=pl.String)
    return Network(network.name, network.nodes.with_columns(labels), network.edges)


_WRITERS: Mapping[str, Callable[[Network, Path], list[Path]]] = {
    ".graphml": _write_graphml,
    ".gexf": _write_gexf,
    ".csv": _write_csv,
}
