"""The analyses by name, with what each of them takes."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from jobgraph.analysis import coverage, dependencies, gap_answers, inheritance, network_answers, opportunities
from jobgraph.analysis.answers import Answer
from jobgraph.analysis.choices import Choices, Source
from jobgraph.analysis.closing import THRESHOLD
from jobgraph.analysis.crossings import crossings
from jobgraph.analysis.entities import find_entity
from jobgraph.analysis.gaps import Landscape
from jobgraph.analysis.graph import DependencyGraph
from jobgraph.analysis.groups import jobs_by
from jobgraph.analysis.job_map import JobMap
from jobgraph.analysis.landscape import places
from jobgraph.analysis.map_answers import map_links, map_nodes
from jobgraph.analysis.map_focus import Focus
from jobgraph.analysis.network import read_network
from jobgraph.analysis.schemes import DEFAULT_SCHEME, ScoreScheme
from jobgraph.analysis.selection import RANGES, SELECTS, select_outcomes, within
from jobgraph.analysis.work import GRAPHS, activity_graph
from jobgraph.errors import UsageError

_OTHER_SCHEME = "ulwick"
OPTIONS = {"levels": "set"}  # what the command line calls choices that it does not call by their name
_KINDS = {"jobs": "job", "activities": "activity", "steps": "step"}


@dataclass(frozen=True)
class Analysis:
    """An analysis: its name, a sentence on it, what it takes (`Choices`), and what answers it.

    `is_cut` tells that it works out no more rows than the limit; others answer the same whatever the limit is.
    """

    name: str
    sentence: str
    takes: tuple[str, ...]
    answer: Callable[[Source, Choices], Answer]
    is_cut: bool = False


def analyze(source: Source, name: str, choices: Choices) -> Answer:
    """The answer of the analysis of this name.

    Raises
    ------
    UsageError : there is no such analysis, it does not take a choice, or a choice does not fit the data.
    """
    analysis = find_analysis(name)
    unknown = sorted(choices.given - {*analysis.takes, "limit"})
    if unknown:
        raise UsageError(f"{name} does not take {_options(unknown)}; it takes {_options(analysis.takes) or 'none'}.")
    if choices.limit is not None and choices.limit < 1:
        raise UsageError(f"The limit {choices.limit} is below 1; name the number of rows, or leave it out for all.")
    return analysis.answer(source, choices).head(choices.limit)


def find_analysis(name: str) -> Analysis:
    """The analysis of this name.

    Raises
    ------
    UsageError : there is none; the sentence has near names.
    """
    if name in ANALYSES:
        return ANALYSES[name]
    near = difflib.get_close_matches(name, ANALYSES)
    hint = f"did you mean {', '.join(near)}?" if near else "leave the name out to list them all."
    raise UsageError(f"There is no analysis {name!r}; {hint}")


def _options(names: Iterable[str]) -> str:
    """Choices as the command line calls them."""
    return " ".join(f"--{OPTIONS.get(name, name)}" for name in names)


def _graph(source: Source, choices: Choices) -> DependencyGraph:
    kind = choices.of or "jobs"
    if kind not in GRAPHS:
        raise UsageError(f"There is no graph of {kind!r}; choose one of {', '.join(GRAPHS)}.")
    if choices.job is None:
        return GRAPHS[kind](source.views)
    if kind != "activities":
        raise UsageError("Only activities belong to a job; name --of activities, too.")
    return activity_graph(source.views, job=find_entity(source.views["jobs"], choices.job, kind="job"))


def _node(graph: DependencyGraph, choices: Choices) -> int:
    kind = _KINDS[choices.of or "jobs"]
    if choices.entity is None:
        raise UsageError(f"Which {kind}? Name it by IRI, code or name with --entity.")
    iri = find_entity(graph.nodes, choices.entity, kind=kind)
    return int(graph.nodes["iri"].index_of(iri) or 0)


def _persona(source: Source, choices: Choices) -> str | None:
    return None if choices.entity is None else find_entity(source.views["personas"], choices.entity, kind="persona")


def _scores(source: Source) -> tuple[pl.DataFrame, pl.DataFrame]:
    return source.views["outcomes"], source.views["jobs"]


def _capability_landscape(source: Source, choices: Choices) -> Landscape:
    known = source.views["capabilities"]
    levels = {find_entity(known, name, kind="capability"): level for name, level in choices.levels.items()}
    return Landscape.of(source.views).with_levels(levels)


def _scheme(source: Source, choices: Choices) -> ScoreScheme:
    return source.scheme(choices.scheme or DEFAULT_SCHEME)


def _waits_for(source: Source, choices: Choices) -> Answer:
    graph = _graph(source, choices)
    return dependencies.waits_for(graph, _node(graph, choices), limit=choices.limit)


def _unlocks(source: Source, choices: Choices) -> Answer:
    graph = _graph(source, choices)
    return dependencies.unlocks(graph, _node(graph, choices), limit=choices.limit)


def _map(source: Source, choices: Choices) -> tuple[JobMap, Focus]:
    also = tuple((choices.also or "").split())
    focus = Focus(choices.entity, choices.within, choices.depth or "1", also)
    return source.job_map(choices.by or "count"), focus


def _selected(source: Source, choices: Choices) -> tuple[pl.DataFrame, pl.DataFrame]:
    chosen = {name: str(getattr(choices, name)) for name in SELECTS if name in choices.given}
    return select_outcomes(source.views, chosen), source.views["jobs"]


def _landscape(source: Source, choices: Choices) -> Answer:
    margin = opportunities.ROUNDING if choices.margin is None else choices.margin
    return opportunities.landscape(*_selected(source, choices), _scheme(source, choices), margin=margin)


def _opportunities(source: Source, choices: Choices) -> Answer:
    ranges = {name: getattr(choices, name) for name in RANGES if name in choices.given}
    return within(_landscape(source, choices), ranges)


def _ranking(source: Source, choices: Choices) -> Answer:
    grouped = jobs_by(source.views, choices.by or "job")
    return opportunities.ranking(source.views["outcomes"], grouped, _scheme(source, choices))


def _tiers(source: Source, choices: Choices) -> Answer:
    second = source.scheme(choices.against or _OTHER_SCHEME)
    return opportunities.compare_schemes(*_scores(source), _scheme(source, choices), second)


def _closing_set(source: Source, choices: Choices) -> Answer:
    return gap_answers.smallest_closing(
        source.views, _capability_landscape(source, choices), threshold=_threshold(choices)
    )


def _threshold(choices: Choices) -> Fraction:
    return THRESHOLD if choices.threshold is None else Fraction(choices.threshold)


def _what_if(source: Source, choices: Choices) -> Answer:
    if not choices.levels:
        raise UsageError("What if which capability changed? Name it with --set CAPABILITY=advanced.")
    return gap_answers.compare(source.views, Landscape.of(source.views), _capability_landscape(source, choices))


_OF = ("of", "job")
_TIERED = ("scheme", "margin", *SELECTS)
_MAPPED = ("entity", "also", "within", "depth", "by")
_TOP = 20  # rows of what is measured row by row, if no limit is named
_ALL = (
    Analysis(
        "order",
        "an order in which each job follows all that it waits for",
        _OF,
        lambda s, c: dependencies.order(_graph(s, c)),
    ),
    Analysis(
        "chain",
        "the longest chain of dependencies, by count, effort or duration",
        (*_OF, "by"),
        lambda s, c: dependencies.chain(_graph(s, c), by=c.by or "count"),
    ),
    Analysis(
        "waits-for", "what a job waits for, directly or not, with the path", (*_OF, "entity"), _waits_for, is_cut=True
    ),
    Analysis(
        "unlocks",
        "what waits for a job, directly or not, with its opportunity",
        (*_OF, "entity"),
        _unlocks,
        is_cut=True,
    ),
    Analysis(
        "blast-radius",
        "how many jobs, functions and how much opportunity each job holds up",
        _OF,
        lambda s, c: dependencies.blast_radius(_graph(s, c), limit=c.limit or _TOP),
        is_cut=True,
    ),
    Analysis(
        "bottlenecks",
        "the jobs on most paths between others, and those that alone join parts",
        _OF,
        lambda s, c: dependencies.bottlenecks(_graph(s, c), limit=c.limit or _TOP),
        is_cut=True,
    ),
    Analysis(
        "cycles",
        "jobs that wait for each other, and the fewest dependencies to cut",
        _OF,
        lambda s, c: dependencies.cycles(_graph(s, c)),
    ),
    Analysis(
        "crossings",
        "dependencies between jobs of different functions or departments",
        ("by",),
        lambda s, c: crossings(s.views, GRAPHS["jobs"](s.views), by=c.by or "function", limit=c.limit),
        is_cut=True,
    ),
    Analysis(
        "map",
        "the map of jobs in levels: functions, the jobs of a function, or what is around a job",
        _MAPPED,
        lambda s, c: map_nodes(*_map(s, c)),
    ),
    Analysis(
        "map-links",
        "the dependencies on the map of jobs: in a cycle, to cut, on the longest chain, across functions",
        _MAPPED,
        lambda s, c: map_links(*_map(s, c)),
    ),
    Analysis(
        "inheritance",
        "which persona does which job: inherited, direct or both",
        (),
        lambda s, _: inheritance.matrix(s.views),
    ),
    Analysis("same-jobs", "personas that do exactly the same jobs", (), lambda s, _: inheritance.same_jobs(s.views)),
    Analysis(
        "disagreements",
        "jobs that only some personas of a role do",
        (),
        lambda s, _: inheritance.disagreements(s.views),
    ),
    Analysis("idle-jobs", "jobs that no persona does", (), lambda s, _: inheritance.idle_jobs(s.views)),
    Analysis(
        "attributes",
        "what personas have through their role",
        ("entity",),
        lambda s, c: inheritance.inherited_attributes(s.views, _persona(s, c)),
    ),
    Analysis(
        "opportunities",
        "outcomes by opportunity, with tier and firmness of rank",
        (*_TIERED, *RANGES),
        _opportunities,
    ),
    Analysis(
        "landscape",
        "the outcomes that have the same importance and satisfaction, by opportunity",
        _TIERED,
        lambda s, c: places(_landscape(s, c)),
    ),
    Analysis(
        "ranking", "jobs, roles, personas, departments, functions or domains by opportunity", ("by", "scheme"), _ranking
    ),
    Analysis(
        "over-served",
        "outcomes with more satisfaction than importance",
        (),
        lambda s, _: opportunities.over_served(*_scores(s)),
    ),
    Analysis(
        "unscored",
        "outcomes without opportunity, for want of a score",
        SELECTS,
        lambda s, c: opportunities.unscored(*_selected(s, c)),
    ),
    Analysis("tiers", "outcomes whose tier differs between two schemes", ("scheme", "against"), _tiers),
    Analysis(
        "distribution",
        "the number of outcomes in each tier",
        ("scheme", *SELECTS),
        lambda s, c: opportunities.distribution(_selected(s, c)[0], _scheme(s, c)),
    ),
    Analysis(
        "gaps",
        "demand, coverage and gap of every job",
        ("levels",),
        lambda s, c: gap_answers.job_gaps(s.views, _capability_landscape(s, c)),
    ),
    Analysis(
        "heat-map",
        "what closing a capability removes of the gaps of a function",
        ("levels",),
        lambda s, c: gap_answers.heat_map(s.views, _capability_landscape(s, c)),
    ),
    Analysis(
        "closing",
        "what closing each capability is worth",
        ("levels",),
        lambda s, c: gap_answers.closing(s.views, _capability_landscape(s, c)),
    ),
    Analysis("closing-set", "a small set of capabilities to close", ("levels", "threshold"), _closing_set),
    Analysis(
        "gap-totals",
        "the gaps of each function in sum, as they are and with other levels of maturity",
        ("levels", "threshold"),
        lambda s, c: gap_answers.totals(
            s.views, Landscape.of(s.views), _capability_landscape(s, c), threshold=_threshold(c)
        ),
    ),
    Analysis("what-if", "how gaps change with other levels of maturity", ("levels",), _what_if),
    Analysis(
        "progress",
        "the seven steps of the collection, by tenant, function, department or role",
        ("by",),
        lambda s, c: coverage.progress(s.views, c.by or "tenant"),
    ),
    Analysis(
        "next-to-collect",
        "what is missing, by the opportunity that it would inform",
        (),
        lambda s, _: coverage.next_to_collect(s.views),
    ),
    Analysis(
        "centrality",
        "the nodes of a network by PageRank",
        ("network",),
        lambda s, c: network_answers.centrality(read_network(s.views, c.network or "work")),
    ),
    Analysis(
        "communities",
        "the groups of a network whose nodes belong together",
        ("network",),
        lambda s, c: network_answers.communities(read_network(s.views, c.network or "work")),
    ),
    Analysis("similar-roles", "roles that share jobs", (), lambda s, _: network_answers.similar_roles(s.views)),
    Analysis(
        "influence",
        "the stakeholders of personas by influence",
        ("entity",),
        lambda s, c: network_answers.influence(s.views, _persona(s, c)),
    ),
)
ANALYSES: Mapping[str, Analysis] = {analysis.name: analysis for analysis in _ALL}
