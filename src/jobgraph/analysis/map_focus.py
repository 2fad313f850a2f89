"""What a map of jobs shows one by one, what as a whole, and what not at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jobgraph.analysis.answers import plural
from jobgraph.analysis.graph import Indices, Neighbours
from jobgraph.analysis.job_map import JobMap
from jobgraph.analysis.reach import reach
from jobgraph.errors import UsageError

MOST = 120  # jobs that are shown one by one; the lines between more of them hide each other
DEPTHS = ("1", "2", "3", "all")  # dependencies from the job in focus
ALL, NONE = "all", "none"

_Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Focus:
    """What a map is of.

    With `job` that job and what is up to `depth` dependencies before and after it; with `within` the jobs of a
    function, of `all` functions, or of `none`; else the functions as a whole. Both name an IRI, a code or a name.
    `also` are more jobs to show with what they wait for and what waits for them directly.
    """

    job: str | None = None
    within: str | None = None
    depth: str = "1"
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_depth(self.depth)
        if self.also and self.job is None:
            raise UsageError("More jobs stand around a job; name that one, too.")
        if self.job is not None and self.within is not None:
            raise UsageError("A map is around a job or within a function; name only one of both.")


@dataclass(frozen=True)
class Shown:
    """What stands for each job on a map.

    `marks` has a row a job, in the order of the nodes: `id` of what stands for it, `kind` of that (job, function, or
    rest for the jobs of a function that do not stand alone), both None where nothing does; and `steps_before` and
    `steps_after`, the dependencies on the way to a job in focus and from it, None where there is no way.
    """

    marks: pl.DataFrame
    notes: tuple[str, ...]


def check_depth(depth: str) -> None:
    """Let pass what is a depth.

    Raises
    ------
    UsageError : it is none.
    """
    if depth not in DEPTHS:
        raise UsageError(f"There is no depth {depth!r}; choose one of {', '.join(DEPTHS)}.")


def show(found: JobMap, focus: Focus) -> Shown:
    """What a map with this focus shows.

    Raises
    ------
    UsageError : there is no such job or function.
    """
    if focus.job is not None:
        return _around(found, found.find(focus.job), focus.depth, [found.find(job) for job in focus.also])
    return _within(found, _opened(found, focus.within), is_open=focus.within not in {None, ALL})


def _around(found: JobMap, node: int, depth: str, also: list[int]) -> Shown:
    graph = found.graph
    before, after = (_steps(graph.size, node, neighbours) for neighbours in (graph.earlier, graph.later))
    nearest = np.minimum(np.where(before < 0, graph.size, before), np.where(after < 0, graph.size, after))
    is_near = nearest < (graph.size if depth == "all" else min(graph.size, int(depth) + 1))
    for other in also:
        is_near[[other, *graph.earlier[other], *graph.later[other]]] = True
    near = np.flatnonzero(is_near)
    order = near[np.lexsort((near, -found.held_up[near], nearest[near]))]
    nothing = np.zeros(graph.size, dtype=np.bool_)
    first, following = (plural(int((steps > 0).sum()), "job") for steps in (before, after))
    notes = [f"It comes after {first} and before {following}, directly or not."]
    if order.size > MOST:
        notes.append(f"The nearest {MOST:,} of {order.size:,} jobs are shown.")
    marks = _marks(found, chosen=_mask(graph.size, order[:MOST]), opened=nothing, touched=nothing)
    steps = {"steps_before": before, "steps_after": after}
    columns = [pl.Series(name, values).replace(-1, None) for name, values in steps.items()]
    return Shown(marks.with_columns(columns), tuple(notes))


def _within(found: JobMap, opened: _Mask, *, is_open: bool) -> Shown:
    """Functions, and in place of those that are opened their jobs that say most, with what is left of them."""
    size = found.graph.size
    joined = found.jobs["waits_for"].to_numpy() + found.jobs["is_waited_for_by"].to_numpy() > 0
    telling = np.flatnonzero(opened & joined)
    facts = found.jobs[telling].select(-pl.col("cycle").is_not_null().cast(pl.Int8), -pl.col("on_chain").cast(pl.Int8))
    keys = [-joined_with for joined_with in (found.jobs["waits_for"].to_numpy()[telling], found.held_up[telling])]
    order = np.lexsort((telling, *keys, facts["on_chain"].to_numpy(), facts["cycle"].to_numpy()))
    chosen = _mask(size, telling[order][:MOST])
    touched = _touched(found, opened) if is_open else np.ones(size, dtype=np.bool_)
    left, lonely = int((opened & ~chosen).sum()), int((opened & ~joined).sum())
    notes = []
    if telling.size > MOST:
        notes.append(
            f"Of {telling.size:,} jobs with dependencies the {MOST} that are in cycles, on the longest chain "
            "or hold up most stand alone."
        )
    if left:
        notes.append(f"{plural(left, 'job')} stand together by function, {lonely:,} of them without dependencies.")
    marks = _marks(found, chosen=chosen, opened=opened, touched=touched)
    none = pl.lit(None, pl.Int64)
    return Shown(marks.with_columns(none.alias("steps_before"), none.alias("steps_after")), tuple(notes))


def _opened(found: JobMap, within: str | None) -> _Mask:
    """The jobs of the functions that are opened."""
    functions = found.graph.nodes["function"]
    if within in {None, ALL}:
        return np.full(found.graph.size, within == ALL)
    if within == NONE:
        return functions.is_null().to_numpy()
    return (functions == found.find_function(str(within))).fill_null(value=False).to_numpy()


def _touched(found: JobMap, opened: _Mask) -> _Mask:
    """The jobs of the functions that have a dependency on an opened job, or the other way round."""
    first, following = found.graph.pairs
    ends = np.concatenate([first[opened[following]], following[opened[first]]])
    functions = found.jobs.select(pl.col("function").fill_null(NONE)).to_series()
    return functions.is_in(functions[ends].unique().to_list()).to_numpy()


def _steps(size: int, node: int, neighbours: Neighbours) -> Indices:
    """The fewest steps to each node, 0 to the first, -1 where there is no way."""
    steps = np.full(size, -1, dtype=np.int64)
    found = reach(neighbours, node)
    steps[found.nodes] = found.steps
    steps[node] = 0
    return steps


def _marks(found: JobMap, *, chosen: _Mask, opened: _Mask, touched: _Mask) -> pl.DataFrame:
    masks = [pl.Series(name, mask) for name, mask in (("c", chosen), ("o", opened), ("t", touched))]
    kind = pl.when("c").then(pl.lit("job")).when("o").then(pl.lit("rest")).when("t").then(pl.lit("function"))
    function = pl.col("function").fill_null(NONE)
    marked = found.jobs.select("iri", "function").with_columns(masks).with_columns(kind.alias("kind"))
    names = {"job": pl.col("iri"), "function": function, "rest": function + "#rest"}
    ids = pl.coalesce(pl.when(pl.col("kind") == kind).then(name) for kind, name in names.items())
    return marked.select(ids.alias("id"), "kind")


def _mask(size: int, nodes: Indices) -> _Mask:
    mask = np.zeros(size, dtype=np.bool_)
    mask[nodes] = True
    return mask
