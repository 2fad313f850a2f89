"""The map of dependencies: cycles are drawn, and a large graph is cut to what matters."""

from __future__ import annotations

import polars as pl
import pytest
from tests.plots.texts import drawn_texts

from jobgraph.analysis.graph import DependencyGraph
from jobgraph.errors import UsageError
from jobgraph.plots import plot_dependencies


def graph_of(size: int, pairs: list[tuple[int, int]]) -> DependencyGraph:
    nodes = pl.DataFrame({"iri": [f"urn:{n}" for n in range(size)], "name": [f"job {n}" for n in range(size)]})
    rows = [(f"urn:e{number}", f"urn:{first}", f"urn:{after}") for number, (first, after) in enumerate(pairs)]
    schema = {"iri": pl.String, "first": pl.String, "next": pl.String}
    return DependencyGraph.of(nodes, pl.DataFrame(rows, schema=schema, orient="row"))


def test_cycle_is_drawn_and_said() -> None:
    chart = plot_dependencies(graph_of(4, [(0, 1), (1, 2), (2, 1), (2, 3)]))
    texts = [text.text for text in drawn_texts(chart)]
    assert {f"job {n}" for n in range(4)} <= set(texts)
    assert "2 dashed lines belong to cycles" in " ".join(texts)


def test_large_graph_keeps_its_longest_chain() -> None:
    chain = [(n, n + 1) for n in range(5)]
    star = [(10, n) for n in range(11, 40)]
    texts = {text.text for text in drawn_texts(plot_dependencies(graph_of(40, chain + star), top=8))}
    assert {f"job {n}" for n in range(6)} <= texts
    assert len([text for text in texts if text.startswith("job ")]) == 8


def test_graph_without_dependencies_is_refused() -> None:
    with pytest.raises(UsageError, match="Nothing depends on anything"):
        plot_dependencies(graph_of(3, []))
