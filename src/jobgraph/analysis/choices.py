"""What an analysis is asked with, and what it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from jobgraph.analysis.job_map import JobMap
from jobgraph.analysis.schemes import ScoreScheme, pick_scheme, read_schemes
from jobgraph.analysis.views import Views


@dataclass(frozen=True)
class Choices:
    """What an analysis is asked with; None where the user left it open.

    `entity`, `job`, `function`, `department`, `role` and `persona` are IRIs, codes or names. `levels` are capabilities
    (as entities) with the level of maturity that they shall have. Not every analysis takes all.
    """

    of: str | None = None
    entity: str | None = None
    job: str | None = None
    by: str | None = None
    scheme: str | None = None
    against: str | None = None
    network: str | None = None
    threshold: Decimal | None = None
    margin: Decimal | None = None
    function: str | None = None
    department: str | None = None
    role: str | None = None
    persona: str | None = None
    outcome_type: str | None = None
    within: str | None = None
    depth: str | None = None
    also: str | None = None
    importance_from: Decimal | None = None
    importance_to: Decimal | None = None
    satisfaction_from: Decimal | None = None
    satisfaction_to: Decimal | None = None
    levels: Mapping[str, str] = field(default_factory=dict)
    limit: int | None = None

    @property
    def given(self) -> set[str]:
        """The names of those that are not left open."""
        return {name for name in self.__dataclass_fields__ if getattr(self, name) not in (None, {})}


@dataclass(frozen=True)
class Source:
    """What analyses read: the views of a generation, and the folder of score schemes."""

    views: Views
    schemes_path: Path
    _maps: dict[str, JobMap] = field(default_factory=dict, init=False, repr=False, compare=False)

    def job_map(self, by: str = "count") -> JobMap:
        """The map of jobs, its longest chain measured by count, effort or duration; it is made once."""
        return self._maps.setdefault(by, JobMap(self.views, by=by))

    def scheme(self, name: str) -> ScoreScheme:
        """The score scheme of this name."""
        return pick_scheme(read_schemes(self.schemes_path), name)
