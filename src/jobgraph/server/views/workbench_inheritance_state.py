"""Which pairs of a persona and a job the page of inheritance shows, and in which rows and columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from jobgraph.analysis import EVIDENCE, Source
from jobgraph.analysis.entities import find_entity
from jobgraph.analysis.inheritance import matrix
from jobgraph.errors import UsageError
from jobgraph.server.views.analysis import source_of
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.views.workbench_names import Names

WAYS: Mapping[str, str] = {"inherited": "I", "direct": "D", "both": "B"}
CONFLICT = "conflict"
ROWS, COLUMNS = 40, 40  # personas and jobs of a page at most
_FACTS = ("how", "inherited_relevance", "direct_relevance", "is_primary", "conflict", EVIDENCE)


@dataclass(frozen=True)
class Pair:
    """A persona and a job that it does, as IRIs: how it came to that, and what both ways say of it."""

    persona: str
    job: str
    how: str
    by_role: Decimal | None
    directly: Decimal | None
    is_primary: bool
    is_conflict: bool

    @property
    def words(self) -> str:
        """How, with what is said of the pair."""
        parts = [self.how]
        if self.by_role is not None:
            parts.append(f"relevance {self.by_role.normalize():f} through the role")
        if self.directly is not None:
            parts.append(f"relevance {self.directly.normalize():f} directly")
        if self.is_primary:
            parts.append("primary")
        if self.is_conflict:
            parts.append("conflict: " + ("the relevances differ" if self._differs else "only one of them is primary"))
        return ", ".join(parts)

    @property
    def _differs(self) -> bool:
        return self.by_role != self.directly


@dataclass(frozen=True)
class People:
    """The pairs of a tenant, what their ends are called, and where these belong, as IRIs; '' for nowhere."""

    source: Source
    base: str
    pairs: tuple[Pair, ...]
    personas: Names
    roles: Names
    jobs: Names
    functions: Names
    role_of: Mapping[str, str]
    function_of: Mapping[str, str]
    code_of: Mapping[str, str]

    def role_name(self, persona: str) -> str:
        """The name of the role of a persona."""
        role = self.role_of.get(persona, "")
        return self.roles.plain(role) if role else ""


@dataclass(frozen=True)
class Wanted:
    """The function of the jobs as IRI, parts of the names of role and persona, and a way or `conflict`; '' for all."""

    function: str = ""
    role: str = ""
    persona: str = ""
    show: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """Those that are not left open, by the names of their fields."""
        return {name: value for name, value in vars(self).items() if value}

    def with_show(self, show: str) -> Wanted:
        """The same with another way."""
        return replace(self, show=show)

    @property
    def is_open(self) -> bool:
        """Whether nothing is chosen."""
        return not self.fields


@dataclass(frozen=True)
class Window:
    """One page of a matrix: its personas, jobs and pairs, and which page of how many it is by rows and by columns."""

    personas: Sequence[str]
    jobs: Sequence[str]
    pairs: Sequence[Pair]
    row_page: tuple[int, int]
    column_page: tuple[int, int]

    @classmethod
    def of(cls, people: People, pairs: Sequence[Pair], row_page: int, column_page: int) -> Window:
        """The page of some pairs with these numbers, which may lie behind the last."""
        pages = _row_pages(order_personas(people, pairs), pairs)
        personas = pages[row_page - 1] if 0 < row_page <= len(pages) else []
        here = set(personas)
        among = [pair for pair in pairs if pair.persona in here]
        jobs = order_jobs(people, among)
        last_column = max(1, -(-len(jobs) // COLUMNS))
        jobs = jobs[(column_page - 1) * COLUMNS : column_page * COLUMNS]
        there = set(jobs)
        shown = [pair for pair in among if pair.job in there]
        return cls(personas, jobs, shown, (row_page, max(1, len(pages))), (column_page, last_column))

    @property
    def is_there(self) -> bool:
        """Whether there is such a page."""
        return all(0 < number <= last for number, last in (self.row_page, self.column_page))


def _row_pages(personas: Sequence[str], pairs: Iterable[Pair]) -> list[list[str]]:
    """The personas page by page, as many as have few enough jobs together: most cells of a larger page are empty."""
    jobs_of: dict[str, set[str]] = {}
    for pair in pairs:
        jobs_of.setdefault(pair.persona, set()).add(pair.job)
    pages: list[list[str]] = []
    jobs: set[str] = set()
    for persona in personas:
        together = jobs | jobs_of[persona]
        is_fitting = len(together) <= COLUMNS or together == jobs
        if not pages or len(pages[-1]) == ROWS or not is_fitting:
            pages.append([])
            together = jobs_of[persona]
        pages[-1].append(persona)
        jobs = together
    return pages


def read_people(tenant: Tenant) -> People:
    """What there is to know, read once a generation."""
    source = source_of(tenant)
    views = source.views
    rows = matrix(views).table.select(_FACTS).iter_rows()
    pairs = [
        Pair(evidence[0], evidence[1], how, by_role, directly, bool(primary), bool(conflict))
        for how, by_role, directly, primary, conflict, evidence in rows
    ]
    personas, jobs = views["personas"], views["jobs"]
    return People(
        source,
        tenant.names.base,
        tuple(pairs),
        personas=Names.of(personas),
        roles=Names.of(views["roles"]),
        jobs=Names.of(jobs),
        functions=Names.of(views["functions"]),
        role_of=_ends(personas, "role"),
        function_of={**_ends(personas, "function"), **_ends(jobs, "function")},
        code_of=_ends(jobs, "code"),
    )


def _ends(view: pl.DataFrame, column: str) -> dict[str, str]:
    """What stands in a column, by the thing that it is of."""
    return dict(view.select("iri", column).drop_nulls().iter_rows())


def read_wanted(people: People, arguments: Mapping[str, str]) -> Wanted:
    """What a request asks to see.

    Raises
    ------
    UsageError : there is no such function or way.
    """
    given = {name: arguments.get(name, "").strip() for name in ("function", "role", "persona", "show")}
    if given["function"]:
        given["function"] = find_entity(people.source.views["functions"], given["function"], kind="function")
    if given["show"] and given["show"] not in {*WAYS, CONFLICT}:
        raise UsageError(f"There is no way {given['show'][:20]!r}; choose one of {', '.join([*WAYS, CONFLICT])}.")
    return Wanted(**given)


def select_pairs(people: People, wanted: Wanted) -> list[Pair]:
    """The pairs that a request asks to see."""
    role, persona = wanted.role.casefold(), wanted.persona.casefold()
    return [
        pair
        for pair in people.pairs
        if wanted.show in ("", pair.how, CONFLICT if pair.is_conflict else "")
        and wanted.function in ("", people.function_of.get(pair.job))
        and role in people.role_name(pair.persona).casefold()
        and persona in people.personas.plain(pair.persona).casefold()
    ]


def order_personas(people: People, pairs: Sequence[Pair]) -> list[str]:
    """The personas of some pairs: by function, then by role, so that a role's stand together."""

    def key(persona: str) -> tuple[str, ...]:
        function = people.function_of.get(persona, "")
        role = people.role_of.get(persona, "")
        name = people.personas.plain(persona).casefold()
        return people.functions.plain(function), people.role_name(persona), role, name, persona

    return sorted({pair.persona for pair in pairs}, key=key)


def order_jobs(people: People, pairs: Sequence[Pair]) -> list[str]:
    """The jobs of some pairs: by function, then by code."""

    def key(job: str) -> tuple[str, ...]:
        function = people.function_of.get(job, "")
        return people.functions.plain(function), function, people.code_of.get(job) or people.jobs.plain(job), job

    return sorted({pair.job for pair in pairs}, key=key)
