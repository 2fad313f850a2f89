"""The matrix of personas and jobs, and the same pairs as a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from urllib.parse import urlencode

from jobgraph.exports.markup import Child, Markup, join, said, tag
from jobgraph.server.html.links import address_of
from jobgraph.server.html.workbench import Column, data_table, number
from jobgraph.server.views.workbench_inheritance_state import WAYS, Pair, People, Window
from jobgraph.vocabulary import JG

_DOES = f"{JG}doesJob"
_HOW = "Point at a letter to read what it says; it leads to why the persona does the job."


def matrix(people: People, window: Window) -> Markup:
    """The pairs of a page: a row for each persona under its role, a column for each job under its function."""
    cells = {(pair.persona, pair.job): pair for pair in window.pairs}
    bodies = []
    for role, personas in groupby(window.personas, key=lambda persona: people.role_of.get(persona, "")):
        rows = [_row(people, window.jobs, cells, persona) for persona in personas]
        bodies.append(tag("tbody", _role_row(people, role, len(window.jobs)), rows))
    caption = tag("caption", "Personas by role, jobs by function; a letter leads to why the persona does the job.")
    table = tag("table", caption, _head(people, window.jobs), bodies, class_="matrix", id="pairs")
    region = tag("div", table, class_="table held", role="region", aria_label="Matrix of personas and jobs", tabindex=0)
    return join(_legend(), tag("p", _HOW, id="pair", class_="pair-words"), region)


def pair_table(people: People, pairs: Iterable[Pair]) -> Markup:
    """Pairs as a list."""
    columns = [
        Column("Persona"),
        Column("Role"),
        Column("Job"),
        Column("How"),
        Column("Relevance by role", "0 to 1", is_number=True),
        Column("Direct relevance", "0 to 1", is_number=True),
        Column("Primary"),
        Column("Conflict"),
        Column("Reason"),
    ]
    return data_table(columns, [_listed(people, pair) for pair in pairs], "The pairs of this page")


def why_address(people: People, persona: str, job: str) -> str | None:
    """The address of the page that says why a persona does a job."""
    place = address_of(persona, people.base)
    is_ours = place is not None and place.startswith("/")
    return f"{place}?{urlencode({'why': _DOES, 'value': f'<{job}>'})}" if is_ours else None


def _legend() -> Markup:
    items = [tag("li", tag("span", letter, class_=f"way {way}"), f" {way}") for way, letter in WAYS.items()]
    conflict = tag("li", tag("span", WAYS["both"], class_="way both conflict"), " conflict: the two ways disagree")
    return tag("ul", items, conflict, class_="legend")


def _head(people: People, jobs: Sequence[str]) -> Markup:
    functions = []
    for function, some in groupby(jobs, key=lambda job: people.function_of.get(job, "")):
        name = people.functions.markup(function) if function else "no function"
        title = people.functions.plain(function) if function else None
        functions.append(
            tag("th", tag("span", name), scope="colgroup", colspan=len(list(some)), class_="function", title=title)
        )
    corner = tag("td", rowspan=2)
    return tag("thead", tag("tr", corner, functions), tag("tr", [_job(people, job) for job in jobs]))


def _job(people: People, job: str) -> Markup:
    name = people.jobs.plain(job)
    text = people.code_of.get(job) or name
    address = address_of(job, people.base)
    shown = tag("a", said(text), href=address, title=name) if address else said(text)
    return tag("th", tag("span", shown), scope="col", class_="job", title=name)


def _role_row(people: People, role: str, width: int) -> Markup:
    name = people.roles.linked(role, people.base) if role else "No role"
    title = people.roles.plain(role) if role else None
    return tag(
        "tr",
        tag("th", tag("span", name, class_="short"), scope="rowgroup", title=title),
        tag("td", colspan=width),
        class_="role",
    )


def _row(people: People, jobs: Sequence[str], cells: dict[tuple[str, str], Pair], persona: str) -> Markup:
    name = people.personas.linked(persona, people.base)
    head = tag("th", tag("span", name, class_="short"), scope="row", title=people.personas.plain(persona))
    return tag("tr", head, [_cell(people, cells.get((persona, job))) for job in jobs])


def _cell(people: People, pair: Pair | None) -> Markup:
    if pair is None:
        return tag("td")
    words = f"{people.personas.plain(pair.persona)}, {_job_words(people, pair.job)}: {pair.words}"
    kind = f"way {pair.how}{' conflict' if pair.is_conflict else ''}"
    address = why_address(people, pair.persona, pair.job)
    letter = WAYS[pair.how]
    if address is None:
        return tag("td", tag("span", letter, class_=kind, role="img", aria_label=words, title=words))
    return tag("td", tag("a", letter, href=address, class_=kind, aria_label=words, title=words))


def _job_words(people: People, job: str) -> str:
    code = people.code_of.get(job)
    return f"{code} {people.jobs.plain(job)}" if code else people.jobs.plain(job)


def _listed(people: People, pair: Pair) -> list[Child]:
    role = people.role_of.get(pair.persona, "")
    address = why_address(people, pair.persona, pair.job)
    return [
        people.personas.linked(pair.persona, people.base),
        people.roles.linked(role, people.base) if role else "none",
        people.jobs.linked(pair.job, people.base),
        pair.how,
        number(pair.by_role),
        number(pair.directly),
        "yes" if pair.is_primary else "no",
        "yes" if pair.is_conflict else "no",
        tag("a", "why?", href=address) if address else None,
    ]
