"""What has to come first, what waits for it, and what holds up the most: answers over a graph of dependencies."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from itertools import pairwise

import numpy as np
import polars as pl

from jobgraph.analysis.answers import EVIDENCE, Answer, plural, share
from jobgraph.analysis.bottlenecks import Betweenness, articulation_points, betweenness
from jobgraph.analysis.cycles import cut_cycles, find_cycle, to_successors
from jobgraph.analysis.graph import DependencyGraph, Indices
from jobgraph.analysis.reach import Reach, count_reached, reach
from jobgraph.analysis.sequence import Chain, longest_chain, sequence
from jobgraph.analysis.views import DECIMAL
from jobgraph.errors import UsageError

MEASURES = ("count", "effort", "duration")  # by which a chain is long
_NAMED_CYCLES = 3  # in the note on an answer
_NAMED_MEMBERS = 6
_OPPORTUNITY = "highest opportunity of the outcomes, 0 to 20"
_HOURS = "working hours, 8 a day and 40 a week"


def order(graph: DependencyGraph) -> Answer:
    """Every node in an order in which it follows all that it waits for.

    `level` is the most steps from a node that waits for nothing. The members of a cycle cannot be ordered: they share
    a level and the number of their cycle, a note names them, and the rest is in order.
    """
    places = sequence(graph)
    facts = graph.nodes.select(_label(graph).alias("node"), "name", "iri").with_columns(
        pl.Series("level", graph.levels),
        pl.Series("cycle", cycle_numbers(graph)).replace(0, None),
        pl.Series("waits_for", np.diff(graph.earlier.starts)),
        pl.concat_list("iri").alias(EVIDENCE),
    )
    table = facts[places].drop("iri").with_row_index("position", offset=1)
    columns = ("position", "level", "node", "name", "waits_for", "cycle", EVIDENCE)
    units = {"level": "steps", "waits_for": "direct dependencies", "cycle": "number of the cycle, if any"}
    return Answer(table.select(columns), units, shape_notes(graph))


def chain(graph: DependencyGraph, *, by: str = "count") -> Answer:
    """The longest chain of nodes that wait for each other: by their count, their effort or their duration.

    What has no effort or duration counts as 0; a note says how many of the chain.

    Raises
    ------
    UsageError : it cannot be measured so.
    """
    minutes = _weights(graph, by)
    found = chain_by(graph, by)
    nodes = np.asarray(found.nodes, dtype=np.int64)
    table = graph.nodes.select(_label(graph).alias("node"), "name")[nodes].with_row_index("position", offset=1)
    before = [None, *found.nodes][: len(nodes)]
    evidence = [_step_evidence(graph, a, b) for a, b in zip(before, found.nodes, strict=True)]
    if by != "count":
        table = table.with_columns(_to_hours(minutes[nodes]).alias(by))
    table = table.with_columns(pl.Series(EVIDENCE, evidence, dtype=pl.List(pl.String)))
    total = f"{found.weight:,}" if by == "count" else f"{_hours(found.weight)} working hours"
    notes = [f"The chain has {plural(len(nodes), 'step')}" + ("." if by == "count" else f" and takes {total}.")]
    if missing := minutes[nodes].null_count():
        notes.append(f"No {by} is stated for {share(missing, len(nodes))} of its steps; they count as 0.")
    return Answer(table, {by: _HOURS} if by != "count" else {}, (*notes, *shape_notes(graph)))


def waits_for(graph: DependencyGraph, node: int, *, limit: int | None = None) -> Answer:
    """All that `node` waits for, directly or through others, the nearest first, with a shortest path to each."""
    found = reach(graph.earlier, node)
    return _reached(graph, found, limit, f"{_name(graph, node)} waits for")


def unlocks(graph: DependencyGraph, node: int, *, limit: int | None = None) -> Answer:
    """All that waits for `node`, directly or through others, the nearest first, with a shortest path to each."""
    found = reach(graph.later, node)
    return _reached(graph, found, limit, f"{_name(graph, node)} is waited for by")


def blast_radius(graph: DependencyGraph, *, limit: int | None = 20) -> Answer:
    """For each node how many others are held up with it, directly and in all; those that hold up most come first.

    For the first `limit` rows (all for None) also the opportunity that is held up, where nodes have one, the
    functions that they belong to, and what is directly behind it as evidence.
    """
    counts = count_reached(graph)
    direct = np.diff(graph.later.starts)
    places = np.lexsort((np.arange(graph.size), -direct, -counts))[:limit]
    table = graph.nodes.select(_label(graph).alias("node"), "name")[places].with_columns(
        pl.Series("held_up", counts[places]), pl.Series("directly", direct[places])
    )
    reached = [np.append(reach(graph.later, int(place)).nodes, place) for place in places]
    behind = [_held_up(graph, nodes) for nodes in reached]
    if "opportunity" in graph.nodes.columns:
        table = table.with_columns(pl.Series("opportunity", [total for total, _ in behind], dtype=DECIMAL))
    if "function" in graph.nodes.columns:
        table = table.with_columns(pl.Series("functions", [functions for _, functions in behind], dtype=pl.Int64))
    evidence = [_fan_evidence(graph, int(place)) for place in places]
    units = {"held_up": "others, directly or not", "opportunity": "sum over those held up and the node itself"}
    notes = (f"There are {graph.size:,} in all.", *shape_notes(graph))
    return Answer(table.with_columns(pl.Series(EVIDENCE, evidence, dtype=pl.List(pl.String))), units, notes)


def bottlenecks(graph: DependencyGraph, *, limit: int | None = 20) -> Answer:
    """The nodes on most shortest paths between others, and whether the graph falls apart without them."""
    found: Betweenness = betweenness(graph)
    places = np.lexsort((np.arange(graph.size), -found.values))[:limit]
    is_joint = np.isin(places, articulation_points(graph))
    table = graph.nodes.select(_label(graph).alias("node"), "name", pl.concat_list("iri").alias(EVIDENCE))[places]
    table = table.with_columns(
        pl.Series("betweenness", found.values[places]),
        pl.Series("is_only_link", is_joint),
        pl.Series("waits_for", np.diff(graph.earlier.starts)[places]),
        pl.Series("is_waited_for_by", np.diff(graph.later.starts)[places]),
    )
    units = {"betweenness": "share of the shortest paths between other nodes that run through it, 0 to 1"}
    return Answer(table.select(pl.exclude(EVIDENCE), EVIDENCE), units, (found.sentence, *shape_notes(graph)))


def cycles(graph: DependencyGraph) -> Answer:
    """The groups of nodes that wait for each other, a shortest cycle in each, and what to cut so that none is left."""
    cut = cut_cycles(graph)
    number = cycle_numbers(graph)
    labels = graph.nodes.select(_label(graph)).to_series()
    rows = []
    for place, members in enumerate(graph.cycles, start=1):
        example = _example(graph, members)
        pairs = [pair for pair in cut.pairs if number[pair[0]] == place]
        stated = [iri for pair in pairs for iri in graph.statements(*pair)]
        rows.append(
            {
                "cycle": place,
                "members": len(members),
                "example": [labels[node] for node in example],
                "cut": [f"{labels[first]} -> {labels[following]}" for first, following in pairs],
                EVIDENCE: [*stated, *(graph.nodes["iri"][node] for node in example)],
            }
        )
    texts = pl.List(pl.String)
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "cycle": pl.Int64,
        "members": pl.Int64,
        "example": texts,
        "cut": texts,
        EVIDENCE: texts,
    }
    units = {"cut": "pairs: what comes first -> what would no longer wait for it"}
    note = cut.sentence if rows else "There are no cycles."
    return Answer(pl.DataFrame(rows, schema=schema), units, (note,))


def chain_by(graph: DependencyGraph, by: str = "count") -> Chain:
    """The longest chain by count, effort or duration; what is not stated counts as 0.

    Raises
    ------
    UsageError : it cannot be measured so.
    """
    return longest_chain(graph, _weights(graph, by).fill_null(0).to_numpy())


def cycle_numbers(graph: DependencyGraph) -> Indices:
    """The number of each node's cycle, from 1; 0 for none."""
    numbers = np.zeros(graph.size, dtype=np.int64)
    for number, members in enumerate(graph.cycles, start=1):
        numbers[members] = number
    return numbers


def shape_notes(graph: DependencyGraph) -> tuple[str, ...]:
    """What is to be said of the graph: that it is empty, or how many cycles it has, the first by a path around each."""
    if not graph.edges.height:
        return ("Nothing waits for anything: there are no dependencies.",)
    if not graph.cycles:
        return ()
    count = sum(map(len, graph.cycles))
    lines = [f"{count:,} wait for each other in {plural(len(graph.cycles), 'cycle')}, which no order can keep."]
    for number, members in enumerate(graph.cycles[:_NAMED_CYCLES], start=1):
        around = [_name(graph, node) for node in _example(graph, members)]
        shown = [*around[:_NAMED_MEMBERS], *(["..."] if len(around) > _NAMED_MEMBERS else []), around[0]]
        lines.append(f"Cycle {number} ({plural(len(members), 'member')}): {' -> '.join(shown)}.")
    return tuple(lines)


def _weights(graph: DependencyGraph, by: str) -> pl.Series:
    """What each node adds to the length of a chain; none where it is not stated."""
    if by not in MEASURES or (by != "count" and by not in graph.nodes.columns):
        known = [name for name in MEASURES if name == "count" or name in graph.nodes.columns]
        raise UsageError(f"A chain cannot be measured by {by!r} here; choose one of {', '.join(known)}.")
    return pl.Series([1] * graph.size, dtype=pl.Int64) if by == "count" else graph.nodes[by]


def _reached(graph: DependencyGraph, found: Reach, limit: int | None, words: str) -> Answer:
    nodes, steps = found.nodes[:limit], found.steps[:limit]
    labels = graph.nodes.select(_label(graph)).to_series()
    paths = [found.path(int(node)) for node in nodes]
    columns = ["name", *(name for name in ("opportunity",) if name in graph.nodes.columns)]
    table = graph.nodes.select(_label(graph).alias("node"), *columns)[nodes].with_columns(
        pl.Series("steps", steps),
        pl.Series("path", [[labels[node] for node in path] for path in paths], dtype=pl.List(pl.String)),
        pl.Series(EVIDENCE, _path_evidence(graph, paths), dtype=pl.List(pl.String)),
    )
    notes = [f"{words} {found.nodes.size:,} of {graph.size - 1:,} others."]
    if "opportunity" in columns:
        known = graph.nodes["opportunity"][found.nodes].drop_nulls()
        missing = found.nodes.size - known.len()
        notes.append(f"Their opportunities add up to {_sum(known)}; unscored: {share(missing, found.nodes.size)}.")
    if found.returns:
        notes.append(f"It waits for itself: it is on a cycle with {_members(graph, found.start)}.")
    return Answer(table, {"steps": "dependencies on the path", "opportunity": _OPPORTUNITY}, tuple(notes))


def _held_up(graph: DependencyGraph, nodes: Indices) -> tuple[Decimal, int]:
    """The sum of opportunities and the number of functions of nodes."""
    columns = graph.nodes.columns
    total = _sum(graph.nodes["opportunity"][nodes].drop_nulls()) if "opportunity" in columns else Decimal(0)
    functions = graph.nodes["function"][nodes].drop_nulls().n_unique() if "function" in columns else 0
    return total, functions


def _sum(decimals: pl.Series) -> Decimal:
    total = decimals.sum() if decimals.len() else None
    return Decimal(total or 0).normalize() + 0


def _step_evidence(graph: DependencyGraph, before: int | None, node: int) -> list[str]:
    stated = [] if before is None else graph.statements(before, node)
    return [*stated, graph.nodes["iri"][node]]


def _path_evidence(graph: DependencyGraph, paths: list[list[int]]) -> list[list[str]]:
    """For each path its nodes and what joins them, whichever way it runs; steps that paths share are looked up once."""
    iris = graph.nodes["iri"]

    @cache
    def step(a: int, b: int) -> list[str]:
        return [iris[b], *(graph.statements(a, b) or graph.statements(b, a))]

    return [[iris[path[0]], *(iri for a, b in pairwise(path) for iri in step(a, b))] for path in paths]


def _fan_evidence(graph: DependencyGraph, node: int) -> list[str]:
    stated = [iri for other in graph.later[node].tolist() for iri in graph.statements(node, other)]
    return [graph.nodes["iri"][node], *stated]


def _label(graph: DependencyGraph) -> pl.Expr:
    """What a node is called in short: its code, else its name, else its IRI."""
    known = [name for name in ("code", "name", "iri") if name in graph.nodes.columns]
    return pl.coalesce(known)


def _name(graph: DependencyGraph, node: int) -> str:
    return str(graph.nodes[node].select(_label(graph)).item())


def _members(graph: DependencyGraph, node: int) -> str:
    group = next((members for members in graph.cycles if node in members), [])
    others = [_name(graph, member) for member in group if member != node][:_NAMED_MEMBERS]
    return ", ".join(others) + (f" and {len(group) - 1 - len(others):,} more" if len(group) - 1 > len(others) else "")


def _example(graph: DependencyGraph, members: list[int]) -> list[int]:
    """A short cycle among the members of a group."""
    if len(members) > 500:
        found = reach(graph.later, members[0])
        last = next(int(n) for n in found.nodes if members[0] in graph.later[int(n)])
        return found.path(last)
    inside = set(members)
    return find_cycle(to_successors((a, b) for a in members for b in graph.later[a].tolist() if b in inside))


def _hours(minutes: int) -> str:
    return f"{Decimal(minutes) / 60:,.2f}".removesuffix(".00")


def _to_hours(minutes: pl.Series) -> pl.Series:
    return pl.Series([None if value is None else round(Decimal(value) / 60, 2) for value in minutes])
