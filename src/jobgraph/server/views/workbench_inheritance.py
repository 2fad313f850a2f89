"""The page of who does which job, and how it came to that: through a role, directly, or both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import urlencode

from jobgraph.exports.markup import Child, Markup, join, tag
from jobgraph.server.html.workbench import empty_state, number, share, workbench_page
from jobgraph.server.views.answers import missing
from jobgraph.server.views.pages import frame
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.views.workbench_inheritance_findings import findings
from jobgraph.server.views.workbench_inheritance_matrix import matrix, pair_table
from jobgraph.server.views.workbench_inheritance_state import (
    CONFLICT,
    WAYS,
    People,
    Wanted,
    Window,
    read_people,
    read_wanted,
    select_pairs,
)
from jobgraph.server.views.workbench_names import Names

PLACE = "/inheritance"
_MOST_NAMES = 300  # names that a field proposes
_SHOWN = {"": "all pairs", **{way: f"{way} only" for way in WAYS}, CONFLICT: "conflicts only"}


def inheritance_page(tenant: Tenant, arguments: Mapping[str, str], _media_type: str) -> Iterable[bytes]:
    """Who does which job: inherited, direct or both.

    Raises
    ------
    UsageError : a function or a way does not fit.
    AnswerError : there is no such page.
    """
    people = _people(tenant)
    wanted = read_wanted(people, arguments)
    title = "Inheritance"
    lead = "A persona does the jobs of its role, which it inherits, and those that it is linked to directly."
    head = (tag("h1", title), tag("p", lead, class_="lead"))
    content = _content(people, wanted, arguments) if people.pairs else _nothing(people)
    script = "inheritance" if people.pairs else ""
    return [workbench_page(title, head, content, frame=frame(tenant, arguments), here=PLACE, script=script)]


@lru_cache(maxsize=1)
def _people(tenant: Tenant) -> People:
    return read_people(tenant)


def _nothing(people: People) -> Markup:
    what = "Give personas a role, and roles their jobs, and build the graph again; Quality says what else is missing."
    sentence = "No persona does any job." if people.personas.texts else "There are no personas."
    return empty_state(sentence, tag("a", what, href="/quality"))


def _content(people: People, wanted: Wanted, arguments: Mapping[str, str]) -> Markup:
    found = select_pairs(people, wanted)
    window = Window.of(people, found, *(_number(arguments, field) for field in ("page", "jobs")))
    if not window.is_there:
        raise missing()
    return join(_form(people, wanted), _figures(people, wanted), _pairs(people, wanted, window), findings(people))


def _number(arguments: Mapping[str, str], field: str) -> int:
    text = arguments.get(field) or "1"
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _pairs(people: People, wanted: Wanted, window: Window) -> Markup:
    heading = tag("h2", "Who does what", id="matrix")
    if not window.pairs:
        shown: Child = empty_state("No pair fits.", tag("a", "Show all of them", href=PLACE))
    else:
        table = tag("details", tag("summary", "Show as a list"), pair_table(people, window.pairs))
        shown = join(matrix(people, window), _turners(wanted, window), table)
    return tag("section", heading, shown, aria_labelledby="matrix")


def _form(people: People, wanted: Wanted) -> Markup:
    functions = people.functions.ordered(people.functions.texts)
    selects = (
        (
            "function",
            "Function of the jobs",
            [("", "all functions"), *((f, people.functions.plain(f)) for f in functions)],
        ),
        ("show", "Pairs", list(_SHOWN.items())),
    )
    labels = [_select(name, label, options, wanted.fields.get(name, "")) for name, label, options in selects]
    texts = (("role", "Role", people.roles), ("persona", "Persona", people.personas))
    labels += [_text(name, label, names, wanted.fields.get(name, "")) for name, label, names in texts]
    rest = tag("a", "Show all", href=PLACE) if wanted.fields else None
    button = tag("button", "Show", type="submit")
    return tag("form", labels, button, rest, action=PLACE, method="get", class_="choices")


def _select(name: str, label: str, options: Iterable[tuple[str, str]], chosen: str) -> Markup:
    shown = [tag("option", text, value=value, selected="" if value == chosen else None) for value, text in options]
    return tag("label", tag("span", label), tag("select", shown, name=name))


def _text(name: str, label: str, names: Names, value: str) -> Markup:
    """A field for a part of a name, which proposes the names where they are few."""
    known = sorted({names.plain(iri) for iri in names.texts}) if len(names.texts) <= _MOST_NAMES else []
    proposals = tag("datalist", [tag("option", value=text) for text in known], id=f"{name}-names") if known else None
    field = tag(
        "input",
        name=name,
        type="search",
        value=value or None,
        maxlength=200,
        placeholder="Part of a name",
        list=f"{name}-names" if known else None,
    )
    return join(tag("label", tag("span", label), field), proposals)


def _figures(people: People, wanted: Wanted) -> Markup:
    """How many pairs came about in which way, each the way to them."""
    everything = select_pairs(people, wanted.with_show(""))
    ways = Counter(pair.how for pair in everything)
    conflicts = sum(pair.is_conflict for pair in everything)
    counts = [(way, ways[way], len(everything), "of the pairs") for way in WAYS]
    counts.append((CONFLICT, conflicts, ways["both"], "of those that are both"))
    items = []
    for way, count, whole, what in counts:
        address = f"{PLACE}?{urlencode(wanted.with_show(way).fields)}"
        name = "conflicts" if way == CONFLICT else way
        link = tag("a", tag("b", number(count)), f" {name}", href=address)
        items.append(tag("li", link, " ", tag("small", share(count, whole), f" {what}")))
    return tag("ul", items, class_="figures")


def _turners(wanted: Wanted, window: Window) -> Markup | None:
    """The ways to the pages of personas, and to those of jobs."""
    row, column = window.row_page[0], window.column_page[0]
    return join(
        _turner("personas", "page", window.row_page, {**wanted.fields}),
        _turner("jobs", "jobs", window.column_page, {**wanted.fields, **({"page": str(row)} if row > 1 else {})})
        if column
        else None,
    )


def _turner(what: str, field: str, place: tuple[int, int], fields: Mapping[str, str]) -> Markup | None:
    current, last = place
    if last == 1:
        return None

    def way(name: str, to: int) -> Markup | None:
        address = f"{PLACE}?{urlencode({**fields, field: str(to)})}"
        return tag("a", f"{name} {what}", href=address) if 1 <= to <= last else None

    where = tag("span", f"Page {current:,} of {last:,} of the {what}")
    return tag(
        "nav",
        way("Previous", current - 1),
        where,
        way("Next", current + 1),
        class_="pager",
        aria_label=f"Pages of {what}",
    )
