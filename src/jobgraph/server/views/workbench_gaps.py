"""The page of capability gaps: where they are, what closing them is worth, what if, and what to close first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from urllib.parse import urlencode

from jobgraph.analysis.gap_answers import count_open
from jobgraph.analysis.gaps import Landscape
from jobgraph.exports.markup import Child, Markup, join, tag
from jobgraph.server.html.things import pager
from jobgraph.server.html.workbench import empty_state, number, share, workbench_page
from jobgraph.server.paging import Page
from jobgraph.server.views.answers import Linked, missing
from jobgraph.server.views.pages import frame
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.views.workbench_gap_answers import closing_section, outcome
from jobgraph.server.views.workbench_gap_map import GapMap, heat_map, level_table
from jobgraph.server.views.workbench_gap_state import Asked, Known, read_asked, read_known

PLACE = "/gaps"
_ROWS = 50  # capabilities of a page
_FEW = 300  # capabilities among which the smallest set is found at once


def gaps_page(tenant: Tenant, arguments: Mapping[str, str], _media_type: str) -> Linked | Iterable[bytes]:
    """What capabilities lack, and what it is worth to close that.

    Raises
    ------
    UsageError : a level, a capability, a function or a threshold does not fit.
    AnswerError : there is no such page.
    """
    known = _known(tenant)
    asked = read_asked(known, arguments)
    title = "Capability gaps"
    content: Child = _nothing(known.landscape)
    if content is None:
        content = _content(known, asked, arguments)
    lead = "What jobs demand and capabilities do not cover: the demand of a job is its highest opportunity as a share "
    head = (
        tag("h1", title),
        tag("p", lead, "of 20, and its gap is the part of it that is not covered.", class_="lead"),
    )
    data = {"base": known.base}
    script = "gaps" if known.landscape.needs else ""
    return [workbench_page(title, head, content, frame=frame(tenant, arguments), here=PLACE, script=script, data=data)]


@lru_cache(maxsize=1)
def _known(tenant: Tenant) -> Known:
    return read_known(tenant)


def _nothing(landscape: Landscape) -> Markup | None:
    """What is said where there can be no gaps."""
    again = "Collect that, and build the graph again; Quality says what else is missing."
    quality = tag("a", again, href="/quality")
    if not landscape.demands:
        return empty_state("There are no jobs, so nothing demands a capability.", quality)
    if not landscape.levels:
        return empty_state("No capability is known, so it cannot be said what the jobs lack.", quality)
    if not landscape.needs:
        return empty_state("No job says which capabilities it needs, so nothing can be closed.", quality)
    return None


def _content(known: Known, asked: Asked, arguments: Mapping[str, str]) -> Markup:
    shown = GapMap.of(known, asked)
    current = _page(arguments, len(shown.capabilities))
    here = shown.capabilities[current.start : current.start + current.size]
    hidden = [(name, level) for name, level in asked.fields.items() if name not in {known.field(c) for c in here}]
    is_few = len(known.landscape.needs_for) <= _FEW
    form = tag(
        "form",
        _filters(known, asked),
        [tag("input", type="hidden", name=name, value=value) for name, value in hidden],
        heat_map(known, shown, here),
        pager(current),
        tag(
            "section",
            tag("h2", "What if", id="what-if"),
            tag("div", level_table(known, asked, shown, here), outcome(known, asked), class_="what-if"),
            aria_labelledby="what-if",
        ),
        closing_section(known, asked, is_shown=is_few or "closing" in arguments),
        action=PLACE,
        method="get",
        id="gaps",
    )
    return join(_tiles(known, asked), form)


def _page(arguments: Mapping[str, str], total: int) -> Page:
    fields = {name: text for name, text in arguments.items() if not name.startswith(":") and name != "page" and text}
    text = arguments.get("page", "1")
    address = f"{PLACE}{'?' if fields else ''}{urlencode(fields)}"
    try:
        return Page(int(text) if text.isdecimal() and len(text) < 9 else 0, total, _ROWS, address)
    except LookupError:
        raise missing() from None


def _filters(known: Known, asked: Asked) -> Markup:
    options = [
        tag("option", known.functions.plain(iri), value=iri, selected="" if iri == asked.function else None)
        for iri in known.functions.ordered(known.functions.texts)
    ]
    choice = tag("select", tag("option", "all functions", value=""), options, name="function")
    find = tag(
        "input", name="find", type="search", value=asked.find or None, maxlength=200, placeholder="Part of a name"
    )
    return tag(
        "div",
        tag("label", tag("span", "Function of the jobs"), choice),
        tag("label", tag("span", "Capability"), find),
        tag("button", "Show", type="submit"),
        class_="choices",
    )


def _tiles(known: Known, asked: Asked) -> Markup:
    """The numbers of the whole tenant, and what they rest on."""
    land = known.landscape
    jobs = len(land.demands)
    gaps = sum((gap.gap or Fraction(0) for gap in land.gaps.values()), Fraction(0))
    scored = sum(demand is not None for demand in land.demands.values())
    is_open = count_open(land, land.demands, asked.threshold)
    lacking = sum(bool(gap.lacking) for gap in land.gaps.values())
    rated = sum(level in land.scale for level in land.levels.values())
    facts: list[tuple[Child, Child]] = [
        (number(float(gaps)), f"sum of gaps, 0 to 1 for each of {scored:,} scored jobs"),
        (
            number(is_open),
            f"of {jobs:,} jobs are open: a gap above {float(asked.threshold):g}, or a capability lacking",
        ),
        (number(lacking), f"of {jobs:,} jobs lack a capability that they require"),
        (share(rated, len(land.levels)), f"of {len(land.levels):,} capabilities have a level of maturity"),
    ]
    tiles = tag("ul", [tag("li", tag("b", big), " ", small) for big, small in facts], class_="figures")
    return join(tiles, _warnings(scored, jobs, rated))


def _warnings(scored: int, jobs: int, rated: int) -> list[Markup]:
    found = []
    if not rated:
        found.append(
            "No capability has a level of maturity: each counts with 0, so that every gap is the whole demand."
        )
    if scored < jobs:
        found.append(f"{jobs - scored:,} jobs have no outcome with both scores; their demand and gap are not known.")
    return [tag("p", text, class_="note") for text in found]
