"""What a map of jobs says of each job and of each dependency."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

import numpy as np
import polars as pl

from jobgraph.analysis.crossings import CROSSED, crossing_edges
from jobgraph.analysis.cycles import Cut, cut_cycles
from jobgraph.analysis.dependencies import MEASURES, chain_by, cycle_numbers
from jobgraph.analysis.entities import find_entity
from jobgraph.analysis.graph import DependencyGraph, Indices
from jobgraph.analysis.groups import jobs_by
from jobgraph.analysis.reach import count_reached
from jobgraph.analysis.sequence import Chain
from jobgraph.analysis.views import Views
from jobgraph.analysis.work import job_graph
from jobgraph.errors import UsageError


class JobMap:
    """The graph of all jobs, and what is known of its nodes and edges; each fact is found when asked for.

    Parameters
    ----------
    by : what its longest chain is measured by: count, effort or duration.

    Raises
    ------
    UsageError : it cannot be measured so.
    """

    def __init__(self, views: Views, *, by: str = "count") -> None:
        if by not in MEASURES:
            raise UsageError(f"A chain cannot be measured by {by!r}; choose one of {', '.join(MEASURES)}.")
        self._views, self._by = views, by

    @cached_property
    def graph(self) -> DependencyGraph:
        """The jobs and what waits for what."""
        return job_graph(self._views)

    @cached_property
    def chain(self) -> Chain:
        """The longest chain."""
        return chain_by(self.graph, self._by)

    @cached_property
    def cut(self) -> Cut:
        """The dependencies to cut so that no cycle is left."""
        return cut_cycles(self.graph)

    @cached_property
    def held_up(self) -> Indices:
        """How many others wait for each job, directly or not."""
        return count_reached(self.graph)

    @cached_property
    def jobs(self) -> pl.DataFrame:
        """A row a job in the order of the nodes: what it is called, whose it is, and its place among the others.

        `function` is an IRI, `function_name` its name; `department` has the names of all, joined.
        """
        graph, names = self.graph, self._views["functions"].select("iri", pl.coalesce("name", "iri").alias("name"))
        departments = jobs_by(self._views, "department").group_by("job").agg(pl.col("name").unique().sort())
        rows = graph.nodes.select(
            "iri", "name", "opportunity", "function", pl.coalesce("code", "name", "iri").alias("node")
        )
        functions = names.unique("iri").rename({"iri": "function", "name": "function_name"})
        rows = rows.join(functions, on="function", how="left", maintain_order="left")
        joined = departments.select(pl.col("job").alias("iri"), pl.col("name").list.join(", ").alias("department"))
        return rows.join(joined, on="iri", how="left", maintain_order="left").with_columns(
            pl.Series("level", graph.levels),
            pl.Series("cycle", cycle_numbers(graph)).replace(0, None),
            pl.Series("on_chain", np.isin(np.arange(graph.size), self.chain.nodes)),
            pl.Series("held_up", self.held_up),
            pl.Series("waits_for", np.diff(graph.earlier.starts)),
            pl.Series("is_waited_for_by", np.diff(graph.later.starts)),
        )

    @cached_property
    def dependencies(self) -> pl.DataFrame:
        """Each dependency once: `iri`, `first` and `next` (numbers), `type`, `strength`, and what is said of it.

        That is: `in_cycles`, `on_chain`, `to_cut`, `crosses_function` and `crosses_department`.
        """
        graph = self.graph
        edges = graph.edges.unique("iri", keep="first", maintain_order=True)
        keys = edges["first"].to_numpy() * graph.size + edges["next"].to_numpy()
        marked = {"on_chain": pairwise(self.chain.nodes), "to_cut": self.cut.pairs}
        found = {name: [a * graph.size + b for a, b in pairs] for name, pairs in marked.items()}
        numbers = cycle_numbers(graph)
        first, following = (numbers[edges[end].to_numpy()] for end in ("first", "next"))
        crossing = {by: crossing_edges(self._views, graph, by).crossing["iri"].to_list() for by in CROSSED}
        return edges.with_columns(
            pl.Series("in_cycles", (first > 0) & (first == following)),
            *(pl.Series(name, np.isin(keys, wanted)) for name, wanted in found.items()),
            *(pl.col("iri").is_in(iris).alias(f"crosses_{by}") for by, iris in crossing.items()),
        )

    def find(self, job: str) -> int:
        """The number of the job of this IRI, code or name.

        Raises
        ------
        UsageError : none fits, or several do.
        """
        iri = find_entity(self.graph.nodes, job, kind="job")
        return int(self.graph.nodes["iri"].index_of(iri) or 0)

    def find_function(self, named: str) -> str:
        """The IRI of the function of this IRI, code or name.

        Raises
        ------
        UsageError : none fits, or several do.
        """
        return find_entity(self._views["functions"], named, kind="function")
