"""The dependencies between jobs: the map, and what it shows as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property

import numpy as np
import polars as pl

from jobgraph.analysis import dependencies
from jobgraph.analysis.graph import Neighbours
from jobgraph.analysis.map_focus import ALL, NONE, check_depth
from jobgraph.analysis.reach import reach
from jobgraph.errors import UsageError
from jobgraph.exports.markup import Child, Markup, join, said, tag
from jobgraph.server.html import dependencies as parts
from jobgraph.server.html.dependencies import Asked, Job, Linked
from jobgraph.server.html.workbench import empty_state, workbench_page
from jobgraph.server.views.analysis import source_of
from jobgraph.server.views.pages import frame
from jobgraph.server.views.tenant import Tenant

_FEW_JOBS = 60  # up to so many the map opens with the jobs of all functions
_TOP, _SHOWN = 10, 50  # rows of tables
_IN_LEVELS = 240  # jobs in the table of levels
_FUNCTIONS = "functions"


def dependencies_page(tenant: Tenant, arguments: Mapping[str, str], _media_type: str) -> Iterable[bytes]:
    """The dependencies between the jobs of a tenant, or those of one job."""
    asked, problem = Asked(*(arguments.get(name, "").strip() for name in ("job", "within", "depth", "by"))), None
    try:
        page = _Page(tenant, asked)
        content = page.content()
    except UsageError as error:
        problem = tag("p", str(error), class_="problem", role="alert")
        page = _Page(tenant, Asked())
        content = page.content()
    script = "dependencies" if page.has_map else ""
    shown = (tag("h1", "Dependencies"), problem, content)
    around = frame(tenant, arguments)
    return [workbench_page("Dependencies", *shown, frame=around, here=parts.ADDRESS, script=script, data=page.data)]


class _Page:
    """What is shown for the choices of an address.

    Raises
    ------
    UsageError : a choice does not fit; its content cannot be made.
    """

    def __init__(self, tenant: Tenant, asked: Asked) -> None:
        self._tenant, self._asked = tenant, asked
        self._map = source_of(tenant).job_map(asked.by or "count")
        self._graph, self._jobs = self._map.graph, self._map.jobs
        self._linked = Linked(asked, self._key)

    @property
    def has_map(self) -> bool:
        """Whether there is anything to draw."""
        return self._graph.edges.height > 0

    @property
    def data(self) -> Mapping[str, object] | None:
        """What the script needs to know."""
        if not self.has_map:
            return None
        return {"base": self._tenant.names.base, "within": self._default, "unclear": self._unclear}

    def content(self) -> Markup:
        """All that stands below the heading."""
        check_depth(self._asked.depth or "1")
        if not self._graph.size:
            return empty_state("There are no jobs yet.", "Load jobs and what they wait for, and build the graph again.")
        if not self.has_map:
            todo = "State which job must come before which in the source, and build the graph again."
            several = f"There are {self._graph.size:,} jobs, and none of them waits for another."
            sentence = several if self._graph.size > 1 else "There is one job, and no other that it could wait for."
            return join(self._tiles(), empty_state(sentence, todo), self._levels())
        functions = self._jobs.select("function", "function_name").unique().drop_nulls("function")
        names = sorted(functions.rows(), key=lambda row: (str(row[1]).lower(), row[0]))
        nobodys = [(NONE, "Jobs without a function")] if self._jobs["function"].null_count() else []
        within = self._asked.within or self._default
        is_one = within not in {ALL, NONE, _FUNCTIONS}
        chosen = self._map.find_function(within) if is_one else within
        form = parts.choices(self._asked, [*names, *nobodys], within=chosen)
        details = tag("div", self._about_job() if self._asked.job else self._about_all(), id="details")
        return join(self._tiles(), form, parts.map_place(), details)

    @property
    def _default(self) -> str:
        return ALL if self._graph.size <= _FEW_JOBS else _FUNCTIONS

    @cached_property
    def _unclear(self) -> list[str]:
        """The codes and names that stand for several jobs."""
        codes = self._jobs["node"]
        return codes.filter(codes.is_duplicated()).unique().sort().to_list()

    def _key(self, job: Job) -> str:
        """What a job is asked for by: its code, or the end of its IRI where others have the same."""
        is_clear = str(job["node"]) not in self._unclear
        return str(job["node"]) if is_clear else str(job["iri"]).removeprefix(self._tenant.names.base)

    def _row(self, node: int) -> Job:
        return self._jobs.row(node, named=True)

    def _rows(self, nodes: Iterable[int]) -> list[Job]:
        return [self._row(int(node)) for node in nodes]

    def _tiles(self) -> Markup:
        edges, cycles = self._map.dependencies, len(self._graph.cycles)
        levels = int(self._graph.levels.max(initial=-1)) + 1
        shown = (
            (self._graph.size, "jobs", "#levels"),
            (edges.height, "dependencies", "#map-title"),
            (levels, "levels", "#levels"),
            (cycles, "cycles", "#cycles"),
            (int(edges["crosses_function"].sum()), "between functions", "#across-functions"),
        )
        address = self._asked.address(job="") if self._asked.job else ""
        tiles = [
            tag("li", tag("a", tag("b", f"{count:,}"), f" {words}", href=f"{address}{anchor}"))
            for count, words, anchor in shown
        ]
        return tag("ul", tiles, class_="tiles")

    def _about_all(self) -> Markup:
        top = np.argsort(-self._map.held_up, kind="stable")[:_TOP]
        holding = parts.holding_section(self._linked, self._rows(top))
        return join(self._chain(), self._cycles(), holding, self._crossings(), self._levels())

    def _chain(self) -> Markup:
        by, nodes = self._asked.by or "count", self._map.chain.nodes
        answer = dependencies.chain(self._graph, by=by)
        hours = [None if h is None else Decimal(h) for h in answer.table[by]] if by != "count" else None
        return parts.chain_section(self._linked, self._rows(nodes), hours, answer.notes[0])

    def _cycles(self) -> Markup:
        cuts = self._map.dependencies.filter("to_cut")
        cycles = self._graph.cycles
        found = []
        for members in cycles[:_TOP]:
            inside = cuts.filter(pl.col("first").is_in(members)).head(_SHOWN).rows(named=True)
            jobs = self._rows(members[: parts.FEW])
            found.append((len(members), jobs, [self._cut(edge) for edge in inside]))
        note = self._map.cut.sentence if cycles else "No job waits for itself: there are no cycles."
        return parts.cycle_section(self._linked, found, note, total=len(cycles))

    def _cut(self, edge: Mapping[str, object]) -> list[Child]:
        first, following = (self._linked.job(self._row(int(str(edge[end])))) for end in ("first", "next"))
        return [following, first, *(said(str(edge[name] or "not stated")) for name in ("type", "strength"))]

    def _crossings(self) -> Markup:
        edges = self._map.dependencies
        crossing = edges.filter("crosses_function").head(_SHOWN).rows(named=True)
        pairs = [(edge, self._row(edge["first"]), self._row(edge["next"])) for edge in crossing]
        functions, departments = (int(edges[f"crosses_{by}"].sum()) for by in ("function", "department"))
        return parts.crossing_section(self._linked, pairs, (functions, departments, edges.height))

    def _levels(self) -> Markup:
        each = max(3, min(12, _IN_LEVELS // (1 + int(self._graph.levels.max(initial=0)))))
        numbered = self._jobs.with_row_index("number").group_by("level").agg(pl.len(), pl.col("number").head(each))
        levels = [(level, total, self._rows(nodes)) for level, total, nodes in numbered.sort("level").iter_rows()]
        return parts.level_section(self._linked, levels)

    def _about_job(self) -> Markup:
        node = self._map.find(self._asked.job)
        before = self._reached("What it waits for", node, self._graph.earlier)
        after = self._reached("What waits for it", node, self._graph.later)
        about = parts.job_section(self._row(node), self._tenant.names.base, back=self._asked.address(job=""))
        return join(about, after, before)

    def _reached(self, title: str, node: int, neighbours: Neighbours) -> Markup:
        found = reach(neighbours, node)
        answer = dependencies.unlocks if neighbours is self._graph.later else dependencies.waits_for
        notes = answer(self._graph, node, limit=0).notes
        rows = [
            (self._row(int(other)), int(steps), self._rows(found.path(int(other))))
            for other, steps in zip(found.nodes[:_SHOWN], found.steps[:_SHOWN], strict=True)
        ]
        return parts.reached_section(self._linked, title, rows, int(found.nodes.size), notes)
