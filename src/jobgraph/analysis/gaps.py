"""Capability gaps: what jobs demand, what capabilities cover, what is left, and what closing it is worth.

For a job: demand d = its highest opportunity / 20; coverage c = 1 - the product over its capabilities of
(1 - relevance x maturity); gap g = d x (1 - c). All are exact fractions; tables round them to six places.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import prod

from jobgraph.analysis.views import Views
from jobgraph.errors import UsageError

_HIGHEST = 20  # opportunity
_PLACES = Decimal("0.000001")


@dataclass(frozen=True)
class Need:
    """A job's need of a capability: the link's IRI, a relevance from 0 to 1, and whether the job cannot do without."""

    iri: str
    job: str
    capability: str
    relevance: Fraction
    is_required: bool


@dataclass(frozen=True)
class JobGap:
    """What a job demands, what its capabilities cover and what is left, each from 0 to 1.

    `demand` and `gap` are None where no outcome of the job is scored. `lacking` are the capabilities that it requires
    and that have no maturity: with one of them the job has a gap whatever the rest.
    """

    job: str
    demand: Fraction | None
    coverage: Fraction
    lacking: tuple[str, ...] = ()

    @property
    def gap(self) -> Fraction | None:
        """Demand that is not covered."""
        return None if self.demand is None else self.demand * (1 - self.coverage)

    @property
    def is_open(self) -> bool:
        """Whether there is a gap: one above 0, or a required capability without maturity."""
        return bool(self.lacking) or bool(self.gap)


@dataclass(frozen=True)
class Landscape:
    """The jobs' demands, the capabilities' maturities and the needs that join them.

    `demands` and `levels` name every job and every capability, with None where nothing is stated. `scale` says how
    much of a capability is there at each level, from 0 to 1.
    """

    demands: Mapping[str, Fraction | None]
    levels: Mapping[str, str | None]
    scale: Mapping[str, Fraction]
    needs: tuple[Need, ...] = field(default=())

    @classmethod
    def of(cls, views: Views) -> Landscape:
        """The landscape of a tenant; a need without relevance, or with one that is not from 0 to 1, counts with 0."""
        best: dict[str, Decimal] = {}
        for job, score in views["outcomes"].select("job", "opportunity").drop_nulls().iter_rows():
            best[job] = max(score, best.get(job, score))
        demands = {job: Fraction(best[job]) / _HIGHEST if job in best else None for job in views["jobs"]["iri"]}
        levels = dict(views["capabilities"].select("iri", "maturity").iter_rows())
        known = views["maturity_levels"].select("maturity", "score")
        scale = {level: Fraction(score) for level, score in known.iter_rows()}
        columns = ("iri", "job", "capability", "relevance", "is_required")
        needs = (
            Need(iri, job, capability, _to_share(relevance), required)
            for iri, job, capability, relevance, required in views["job_capabilities"].select(columns).iter_rows()
        )
        return cls(demands, levels, scale, tuple(n for n in needs if n.job in demands and n.capability in levels))

    def maturity(self, capability: str) -> Fraction:
        """The maturity of a capability, 0 to 1; 0 where none is stated, or an unknown one."""
        return self.scale.get(self.levels[capability] or "", Fraction(0))

    @cached_property
    def needs_of(self) -> Mapping[str, list[Need]]:
        """The needs of each job that has any."""
        return _grouped(self.needs, "job")

    @cached_property
    def needs_for(self) -> Mapping[str, list[Need]]:
        """The needs of each capability that is needed."""
        return _grouped(self.needs, "capability")

    @cached_property
    def gaps(self) -> Mapping[str, JobGap]:
        """The gap of every job."""
        return {job: self.gap_of(job) for job in self.demands}

    def gap_of(self, job: str, *, closed: Iterable[str] = ()) -> JobGap:
        """The gap of a job once the capabilities `closed` have full maturity."""
        full, needs = set(closed), self.needs_of.get(job, [])
        levels = [Fraction(1) if need.capability in full else self.maturity(need.capability) for need in needs]
        left = (1 - need.relevance * level for need, level in zip(needs, levels, strict=True))
        lacking = {n.capability for n, level in zip(needs, levels, strict=True) if n.is_required and not level}
        return JobGap(job, self.demands[job], 1 - prod(left, start=Fraction(1)), tuple(sorted(lacking)))

    def with_levels(self, levels: Mapping[str, str]) -> Landscape:
        """The landscape as it would be if these capabilities had these levels of maturity.

        Raises
        ------
        UsageError : there is no such level; the sentence names those that there are.
        """
        for level in levels.values():
            if level not in self.scale:
                near = difflib.get_close_matches(level, self.scale) or self.scale
                raise UsageError(f"There is no level of maturity {level!r}; did you mean {', '.join(near)}?")
        return replace(self, levels={**self.levels, **levels})


def rounded(value: Fraction | None) -> Decimal | None:
    """A fraction with six decimal places, half to even; None for None.

    >>> rounded(Fraction(1, 3))
    Decimal('0.333333')
    """
    if value is None:
        return None
    return Decimal(round(value / Fraction(_PLACES))) * _PLACES


def _to_share(relevance: Decimal | None) -> Fraction:
    return Fraction(relevance) if relevance is not None and 0 <= relevance <= 1 else Fraction(0)


def _grouped(needs: Iterable[Need], end: str) -> dict[str, list[Need]]:
    groups: dict[str, list[Need]] = {}
    for need in needs:
        groups.setdefault(getattr(need, end), []).append(need)
    return groups
