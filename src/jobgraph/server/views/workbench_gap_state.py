"""What the page of capability gaps knows of a tenant, and what a request chooses on it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import polars as pl

from jobgraph.analysis import ANALYSES, Source
from jobgraph.analysis.closing import THRESHOLD
from jobgraph.analysis.entities import find_entity
from jobgraph.analysis.gap_answers import closing, heat_map
from jobgraph.analysis.gaps import Landscape
from jobgraph.server.rest.analysis_parameters import LEVELS, read_choices
from jobgraph.server.views.analysis import source_of
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.views.workbench_names import Names

_LEVEL = re.compile(rf"{LEVELS}\[.+\]", re.DOTALL)
_LONGEST = 100  # characters of a code that may stand in the name of a field


@dataclass(frozen=True)
class Level:
    """A level of maturity: its code, its name, and how much of a capability is there, from 0 to 1."""

    code: str
    name: str
    value: Decimal

    @property
    def words(self) -> str:
        """The name with the number."""
        return f"{self.name}, {self.value.normalize():f}"


@dataclass(frozen=True, eq=False)
class Known:
    """The landscape of a tenant as it is stated, what closing helps in it, and what its parts are called."""

    source: Source
    base: str
    landscape: Landscape
    capabilities: Names
    functions: Names
    jobs: Names
    codes: Mapping[str, str]
    levels: tuple[Level, ...]

    @cached_property
    def heat(self) -> pl.DataFrame:
        """What closing each capability removes of the gaps of each function."""
        return heat_map(self.source.views, self.landscape).table

    @cached_property
    def closings(self) -> pl.DataFrame:
        """What closing each capability is worth."""
        return closing(self.source.views, self.landscape).table

    @cached_property
    def function_of(self) -> Mapping[str, str | None]:
        """The function of each job."""
        return dict(self.source.views["jobs"].select("iri", "function").iter_rows())

    def field(self, capability: str) -> str:
        """The name of the field that sets the level of a capability, as the analyses take it, too."""
        return f"{LEVELS}[{self.codes.get(capability, capability)}]"

    def level_words(self, capability: str) -> str:
        """The stated level in words."""
        code = self.landscape.levels[capability]
        found = next((level.words for level in self.levels if level.code == code), None)
        return found or (f"{code}, which counts with 0" if code else "not assessed, 0")


@dataclass(frozen=True)
class Asked:
    """The levels to assume by capability, and by the name of their field; a function, a part of a name, a threshold."""

    levels: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    function: str = ""
    find: str = ""
    threshold: Fraction = THRESHOLD


def read_known(tenant: Tenant) -> Known:
    """What there is to know, read once a generation."""
    source = source_of(tenant)
    views = source.views
    rows = views["maturity_levels"].select("maturity", "name", "score").sort("score", "maturity").iter_rows()
    levels = {code: Level(code, name or code, score) for code, name, score in rows if score is not None}
    known = views["capabilities"].select("iri", "code", "name")
    texts = [text for row in known.select("code", "name").iter_rows() for text in row if text]
    codes = {iri: code for iri, code, _ in known.iter_rows() if code and len(code) <= _LONGEST and "/" not in code}
    return Known(
        source,
        tenant.names.base,
        Landscape.of(views),
        Names.of(views["capabilities"]),
        Names.of(views["functions"]),
        Names.of(views["jobs"]),
        {iri: code for iri, code in codes.items() if texts.count(code) == 1},
        tuple(levels.values()),
    )


def read_asked(known: Known, arguments: Mapping[str, str]) -> Asked:
    """What a request chooses; levels that are stated anyway are no choice.

    Raises
    ------
    UsageError : a capability, level, function or threshold does not fit.
    """
    given = {name: text for name, text in arguments.items() if text and _LEVEL.fullmatch(name)}
    numbers = {name: arguments[name] for name in ("threshold",) if arguments.get(name)}
    choices = read_choices(ANALYSES["closing-set"], {**given, **numbers}, limit=1)
    views = known.source.views
    found = {find_entity(views["capabilities"], name, kind="capability"): text for name, text in choices.levels.items()}
    levels = {iri: text for iri, text in found.items() if text != known.landscape.levels[iri]}
    known.landscape.with_levels(levels)
    function = arguments.get("function", "")
    if function:
        function = find_entity(views["functions"], function, kind="function")
    threshold = THRESHOLD if choices.threshold is None else Fraction(choices.threshold)
    fields = {known.field(iri): text for iri, text in levels.items()}
    return Asked(levels, fields, function, arguments.get("find", "").strip(), threshold)
