"""The plots by name: what each shows, and how it is drawn from a tenant's views."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from jobgraph.analysis.choices import Source
from jobgraph.analysis.coverage import progress
from jobgraph.analysis.gap_answers import heat_map
from jobgraph.analysis.gaps import Landscape
from jobgraph.analysis.groups import jobs_by
from jobgraph.analysis.inheritance import matrix
from jobgraph.analysis.opportunities import landscape, ranking
from jobgraph.analysis.schemes import DEFAULT_SCHEME, ScoreScheme
from jobgraph.analysis.selection import select_outcomes
from jobgraph.analysis.views import Views
from jobgraph.analysis.work import job_graph
from jobgraph.errors import UsageError
from jobgraph.plots.coverage import plot_coverage
from jobgraph.plots.dependencies import plot_dependencies
from jobgraph.plots.files import Chart, Plot
from jobgraph.plots.gaps import plot_gaps
from jobgraph.plots.inheritance import plot_inheritance
from jobgraph.plots.landscape import plot_landscape
from jobgraph.plots.ranking import plot_ranking


@dataclass(frozen=True)
class Subject:
    """What a plot is drawn from, and how: a score scheme by name, groups by their kind, how many things are shown.

    None stands for what is usual.
    """

    source: Source
    scheme_name: str | None = None
    by: str | None = None
    top: int | None = None

    def __post_init__(self) -> None:
        if self.top is not None and self.top < 1:
            raise UsageError(f"A plot shows at least 1 thing, not {self.top}.")

    @cached_property
    def scheme(self) -> ScoreScheme:
        """The score scheme."""
        return self.source.scheme(self.scheme_name or DEFAULT_SCHEME)

    @property
    def views(self) -> Views:
        """The views of the tenant."""
        return self.source.views

    @cached_property
    def job_names(self) -> dict[str, str]:
        """The names of the jobs by their codes."""
        return dict(self.views["jobs"].select("code", "name").drop_nulls().iter_rows())

    @property
    def given(self) -> list[str]:
        """What is not left to the usual."""
        choices = {"scheme": self.scheme_name, "by": self.by, "top": self.top}
        return [name for name, value in choices.items() if value is not None]

    @property
    def limit(self) -> dict[str, int]:
        """How many things are shown, where that is said."""
        return {} if self.top is None else {"top": self.top}


@dataclass(frozen=True)
class PlotKind:
    """A plot: what it shows, which choices it takes, and how it is drawn."""

    sentence: str
    takes: tuple[str, ...]
    draw: Callable[[Subject], Chart]


def draw_plot(name: str, subject: Subject) -> Plot:
    """The plot of this name.

    Raises
    ------
    UsageError : there is none, an option does not fit, or there is nothing to draw.
    """
    kind = find_plot(name)
    if unknown := [choice for choice in subject.given if choice not in kind.takes]:
        raise UsageError(f"The plot {name} does not take {', '.join(unknown)}; it takes {', '.join(kind.takes)}.")
    return Plot(kind.draw(subject))


def find_plot(name: str) -> PlotKind:
    """The plot of this name.

    Raises
    ------
    UsageError : there is none; the sentence has near names.
    """
    if name in PLOTS:
        return PLOTS[name]
    near = get_close_matches(name, PLOTS, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"choose one of {', '.join(PLOTS)}."
    raise UsageError(f"There is no plot {name!r}; {hint}")


def _landscape(subject: Subject) -> Chart:
    answer = landscape(select_outcomes(subject.views, {}), subject.views["jobs"], subject.scheme)
    return plot_landscape(answer, subject.scheme, subject.job_names, **subject.limit)


def _ranking(subject: Subject) -> Chart:
    kind = subject.by or "role"
    answer = ranking(subject.views["outcomes"], jobs_by(subject.views, kind), subject.scheme)
    return plot_ranking(answer, subject.scheme, kind=kind, **subject.limit)


def _dependencies(subject: Subject) -> Chart:
    return plot_dependencies(job_graph(subject.views), **subject.limit)


def _gaps(subject: Subject) -> Chart:
    return plot_gaps(heat_map(subject.views, Landscape.of(subject.views)), **subject.limit)


def _inheritance(subject: Subject) -> Chart:
    return plot_inheritance(matrix(subject.views), subject.job_names, **subject.limit)


def _coverage(subject: Subject) -> Chart:
    kind = subject.by or "function"
    return plot_coverage(progress(subject.views, kind), kind=kind, **subject.limit)


PLOTS: Mapping[str, PlotKind] = {
    "landscape": PlotKind(
        "How much outcomes matter against how well they are served, with the tiers.", ("scheme", "top"), _landscape
    ),
    "ranking": PlotKind("The roles, or other groups, with the highest opportunity.", ("scheme", "by", "top"), _ranking),
    "dependencies": PlotKind(
        "What comes first and what waits for it, with the longest chain.", ("top",), _dependencies
    ),
    "gaps": PlotKind("Where closing a capability removes most gap, by function.", ("top",), _gaps),
    "inheritance": PlotKind("Which persona does which job, and how it came to it.", ("top",), _inheritance),
    "coverage": PlotKind("How far the seven steps of collection are, by groups.", ("by", "top"), _coverage),
}
