"""The parts of the page of dependencies: the choices, the place of the map, and what it shows as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from jobgraph.exports.markup import Child, Markup, join, said, tag
from jobgraph.server.html.links import link
from jobgraph.server.html.workbench import Choice, Column, choice_form, data_table, number

ADDRESS = "/dependencies"
_LONG = 60  # letters of a name; more of it is cut off where it is shown
_SHOWN = 50  # rows of a table
FEW = 12  # jobs in a cell
_OPPORTUNITY = Column("Opportunity", "0 to 20", is_number=True)
_KINDS = (
    ("chain", "on the longest chain"),
    ("cycle", "in a cycle"),
    ("cut", "to cut, so that no cycle is left"),
    ("crosses", "between functions or departments"),
    ("before", "the chosen one waits for it"),
    ("after", "waits for the chosen one"),
)

Job = Mapping[str, object]


@dataclass(frozen=True)
class Asked:
    """The choices of the page as the address has them: '' for one that is not made."""

    job: str = ""
    within: str = ""
    depth: str = ""
    by: str = ""

    def address(self, **changed: str) -> str:
        """The address of the page with other choices."""
        fields = {name: value for name, value in {**self.__dict__, **changed}.items() if value}
        return f"{ADDRESS}{'?' if fields else ''}{urlencode(fields)}"


@dataclass(frozen=True)
class Linked:
    """Writes jobs as links to the map around them; `key` gives what a job is asked for by."""

    asked: Asked
    key: Callable[[Job], str]

    def job(self, job: Job) -> Markup:
        """A job by its name, with its code."""
        name, code = str(job["name"] or job["node"]), str(job["node"])
        address = self.asked.address(job=self.key(job), within="")
        shown = tag("a", said(name), href=address, title=name, class_="short" if len(name) > _LONG else None)
        return join(shown, " ", tag("small", said(code))) if code not in {name, job["iri"]} else shown

    def several(self, jobs: Sequence[Job], total: int | None = None) -> Markup:
        """The first few jobs of a list, and how many there are more."""
        shown = tag("ul", [tag("li", self.job(job)) for job in jobs[:FEW]], class_="row")
        left = (len(jobs) if total is None else total) - len(jobs[:FEW])
        return join(shown, tag("small", f"and {left:,} more") if left else None)


def choices(asked: Asked, functions: Iterable[tuple[str, str]], *, within: str) -> Markup:
    """The form of the page.

    Parameters
    ----------
    functions : their IRIs and names.
    within : what stands on the map; the IRI of a function.
    """
    field = tag(
        "input",
        name="job",
        value=asked.job or None,
        maxlength=200,
        placeholder="Code or name",
        autocomplete="off",
        list="jobs",
    )
    job = tag("label", tag("span", "Or what is around the job"), field, tag("datalist", id="jobs"))
    wholes = (("functions", "Functions as a whole"), ("all", "The jobs of all functions"))
    depths = (("1", "1 dependency"), ("2", "2 dependencies"), ("3", "3 dependencies"), ("all", "any distance"))
    measures = (("count", "number of jobs"), ("effort", "effort"), ("duration", "duration"))
    selects = (
        Choice("within", "Show", (*wholes, *functions), within),
        Choice("depth", "Around a job up to", depths, asked.depth or "1"),
        Choice("by", "Longest chain by", measures, asked.by or "count"),
    )
    return choice_form(ADDRESS, selects, more=job)


def map_place() -> Markup:
    """Where the script draws; without a script nothing of it is seen."""
    keys = "Arrow keys go from one to the next, Enter opens, plus and minus zoom, 0 shows all."
    drawn = tag(
        "div",
        id="map",
        tabindex=0,
        role="application",
        aria_label="Map of dependencies",
        aria_describedby="map-keys",
    )
    legend = tag(
        "ul", [tag("li", tag("i", class_=f"line-{kind}"), " ", text) for kind, text in _KINDS], class_="legend"
    )
    tools = tag("div", id="map-tools", class_="tools")
    side = tag("aside", id="map-side", aria_label="What the map shows")
    area = tag("div", tools, drawn, legend, tag("p", tag("small", keys), id="map-keys"), class_="map-area")
    heading = tag("h2", "Map", id="map-title")
    message = tag("p", id="map-message", role="status")
    return tag("section", heading, message, tag("div", area, side, class_="map"), class_="scripted")


def chain_section(linked: Linked, chain: Sequence[Job], hours: Sequence[Decimal | None] | None, note: str) -> Markup:
    """The longest chain, step by step; with hours where it is not measured by count."""
    more = (Column("Working hours", is_number=True),) if hours else ()
    columns = (Column("Step", is_number=True), "Job", "Function", *more)
    rows = [
        (number(place), linked.job(job), _function(job), *((number(hours[place - 1]),) if hours else ()))
        for place, job in enumerate(chain, start=1)
    ]
    return _section(
        "The longest chain",
        note,
        data_table(columns, rows[:_SHOWN], _caption("Steps", min(len(rows), _SHOWN), len(rows))),
    )


def cycle_section(
    linked: Linked, cycles: Sequence[tuple[int, Sequence[Job], Sequence[Sequence[Child]]]], note: str, *, total: int
) -> Markup:
    """The first cycles: how many jobs each has, the first of them, and pairs of jobs to cut with type and strength."""
    tables = [
        join(
            tag("h3", f"Cycle {place} of {count:,} jobs"),
            linked.several(jobs, count),
            data_table(("Waits for", "Job", "Type", "Strength"), cuts, f"To cut in cycle {place}"),
        )
        for place, (count, jobs, cuts) in enumerate(cycles, start=1)
    ]
    more = tag("p", f"And {total - len(cycles):,} more cycles.") if total > len(cycles) else None
    return _section("Cycles", note, join(tables, more))


def crossing_section(linked: Linked, pairs: Sequence[tuple[Job, Job, Job]], totals: tuple[int, int, int]) -> Markup:
    """The dependencies between functions; `totals` are those between functions, departments, and all."""
    functions, departments, total = totals
    note = (
        f"{functions:,} of {total:,} dependencies are between jobs of different functions, {departments:,} between "
        "jobs without a department in common."
    )
    rows = [
        (linked.job(first), _function(first), linked.job(following), _function(following), _how(edge))
        for edge, first, following in pairs[:_SHOWN]
    ]
    columns = ("First", "Its function", "Then", "Its function", "Type, strength")
    return _section("Across functions", note, data_table(columns, rows, _caption("Dependencies", len(rows), functions)))


def holding_section(linked: Linked, jobs: Sequence[Job]) -> Markup:
    """The jobs that hold up most others."""
    rows = [
        (linked.job(job), _function(job), _count(job["held_up"]), _count(job["is_waited_for_by"]), _score(job))
        for job in jobs
    ]
    counts = (Column("Held up", "jobs", is_number=True), Column("directly", "jobs", is_number=True))
    table = data_table(("Job", "Function", *counts, _OPPORTUNITY), rows, "Jobs by how many others wait for them")
    return _section("What holds up most", "", table)


def level_section(linked: Linked, levels: Sequence[tuple[int, int, Sequence[Job]]]) -> Markup:
    """The jobs by level: each with its number of jobs, and the first of them."""
    rows = [(number(level), number(total), linked.several(jobs, total)) for level, total, jobs in levels]
    note = "A level is the most dependencies on the way from a job that waits for nothing; a cycle is one step."
    columns = (Column("Level", is_number=True), Column("Jobs", is_number=True), "Which")
    return _section("Levels", note, data_table(columns, rows, "What comes first stands first"))


def job_section(job: Job, base: str, *, back: str) -> Markup:
    """What is known of the job in focus."""
    name = str(job["name"] or job["node"])
    facts: list[tuple[str, Child]] = [
        ("Code", said(str(job["node"]))),
        ("Function", _function(job)),
        ("Departments", said(str(job["department"])) if job["department"] else "none is known"),
        ("Level", number(int(str(job["level"])))),
        ("Opportunity", number(_decimal(job["opportunity"]), "of 20")),
        ("Holds up", number(int(str(job["held_up"])), "jobs")),
    ]
    rows = [tag("div", tag("dt", title), tag("dd", value)) for title, value in facts]
    links = join(link(str(job["iri"]), "Its page", base), " · ", tag("a", "The whole map", href=back))
    return tag("section", tag("h2", said(name), id="job"), tag("dl", rows), tag("p", links), aria_labelledby="job")


def reached_section(
    linked: Linked, title: str, rows: Sequence[tuple[Job, int, Sequence[Job]]], total: int, notes: Iterable[str]
) -> Markup:
    """What a job waits for, or what waits for it: each with the steps and the jobs on the way."""
    shown = [
        (linked.job(job), _function(job), number(steps), _way(path), _score(job)) for job, steps, path in rows[:_SHOWN]
    ]
    steps = Column("Steps", "dependencies", is_number=True)
    table = data_table(
        ("Job", "Function", steps, "By way of", _OPPORTUNITY), shown, _caption("Jobs", len(shown), total)
    )
    return _section(title, " ".join(notes), table if shown else None)


def _section(title: str, note: str, content: Child) -> Markup:
    key = title.lower().replace(" ", "-")
    words = tag("p", note) if note else None
    return tag("section", tag("h2", title, id=key), words, content, aria_labelledby=key)


def _caption(what: str, shown: int, total: int) -> str:
    return f"{what}, the first {shown:,} of {total:,}" if shown < total else f"{what}, {total:,} in all"


def _way(path: Sequence[Job]) -> Markup:
    between = [said(str(job["node"])) for job in path[1:-1]]
    steps = [join(" → " if place else "", name) for place, name in enumerate(between[:FEW])]
    return (
        join(steps, f" and {len(between) - FEW:,} more" if len(between) > FEW else None)
        if between
        else join("directly")
    )


def _how(edge: Job) -> Markup:
    known = [str(edge[name]) for name in ("type", "strength") if edge[name]]
    return join([join(", " if place else "", said(text)) for place, text in enumerate(known)] or "not stated")


def _function(job: Job) -> Markup:
    return said(str(job["function_name"])) if job["function_name"] else tag("small", "none")


def _count(value: object) -> Markup:
    return number(int(str(value)))


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _score(job: Job) -> Markup:
    return number(_decimal(job["opportunity"]))
