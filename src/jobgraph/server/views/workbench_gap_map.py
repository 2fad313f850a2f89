"""The heat map of capabilities by function, and the table in which levels of maturity are assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from jobgraph.analysis import EVIDENCE
from jobgraph.exports.markup import Child, Markup, join, tag
from jobgraph.server.html.workbench import empty_state
from jobgraph.server.views.workbench_gap_state import Asked, Known

_STEPS = 6  # of colour, above 0
_NO_FUNCTION = "no function"


@dataclass(frozen=True)
class Cell:
    """What closing a capability removes of the gaps of a function's jobs, and how many of them need it."""

    removed: Decimal
    jobs: int


@dataclass(frozen=True)
class GapMap:
    """The cells by capability and function ('' for jobs without one), and which of both are shown, in order."""

    cells: Mapping[tuple[str, str], Cell]
    worth: Mapping[str, Decimal]
    capabilities: Sequence[str]
    functions: Sequence[str]

    @classmethod
    def of(cls, known: Known, asked: Asked) -> GapMap:
        """The capabilities that jobs need, by the worth of closing them to the function that is asked for, else all."""
        cells: dict[tuple[str, str], Cell] = {}
        for removed, jobs, evidence in known.heat.select("removed", "jobs", EVIDENCE).iter_rows():
            cells[evidence[0], known.function_of[evidence[1]] or ""] = Cell(removed, jobs)
        worth = {evidence[0]: removed for removed, evidence in known.closings.select("removed", EVIDENCE).iter_rows()}
        wanted = [c for c in worth if asked.find.casefold() in known.capabilities.plain(c).casefold()]
        if asked.function:
            wanted = [c for c in wanted if (c, asked.function) in cells]
            wanted.sort(key=lambda c: -cells[c, asked.function].removed)
        used = {function for _, function in cells}
        ordered = known.functions.ordered(used - {""}) + [""] * ("" in used)
        return cls(cells, worth, wanted, [asked.function] if asked.function else ordered)

    @property
    def highest(self) -> Decimal:
        """The greatest of all cells, shown or not, so that colours mean the same on every page."""
        return max((cell.removed for cell in self.cells.values()), default=Decimal(0))

    def step(self, removed: Decimal) -> int:
        """The step of colour of a value: 0 for nothing."""
        return -int(-_STEPS * removed // self.highest) if self.highest else 0


def heat_map(known: Known, shown: GapMap, here: Sequence[str]) -> Markup:
    """The capabilities `here` by function."""
    if not here:
        body: Child = empty_state("No capability fits.", "Choose another function, or another part of a name.")
    else:
        body = join(_legend(shown), _map(known, shown, here))
    total = tag(
        "span", f"{len(shown.capabilities):,} of the {len(shown.worth):,} capabilities that jobs need", class_="n"
    )
    heading = tag("h2", "Where closing helps ", total, id="where")
    return tag("section", heading, body, aria_labelledby="where")


def level_table(known: Known, asked: Asked, shown: GapMap, here: Sequence[str]) -> Markup:
    """The capabilities with what closing them is worth and the choice of a level; it can be sent without a script."""
    highest = max(shown.worth.values(), default=Decimal(0))
    rows = [_level_row(known, asked, capability, shown.worth[capability], highest) for capability in here]
    heads = (
        ("Capability", None, "col"),
        ("Level of maturity to assume", None, "col"),
        ("Worth of closing", "right", "col"),
    )
    head = tag("tr", [tag("th", name, scope=scope, class_=kind) for name, kind, scope in heads])
    caption = tag("caption", "Closing brings a capability to the highest level; its worth is the sum of gap that goes.")
    table = tag("table", caption, tag("thead", head), tag("tbody", rows))
    button = tag("p", tag("button", "Compute", type="submit"), class_="compute")
    return tag("div", tag("div", table, class_="table levels"), button)


def _legend(shown: GapMap) -> Markup:
    highest = shown.highest
    bounds = [(step, highest * (step - 1) / _STEPS, highest * step / _STEPS) for step in range(1, _STEPS + 1)]
    items = [tag("li", tag("span", "0", class_="swatch ramp-0"), " nothing")]
    for step, low, high in bounds if highest else []:
        items.append(tag("li", tag("span", class_=f"swatch ramp-{step}"), f" {low:.2f} to {high:.2f}"))
    items.append(tag("li", tag("span", class_="swatch none"), " no job needs it"))
    return tag("ul", items, class_="legend")


def _map(known: Known, shown: GapMap, here: Sequence[str]) -> Markup:
    heads = [_function(known, function) for function in shown.functions]
    head = tag("tr", tag("th", "Capability", scope="col"), tag("th", "Worth", scope="col", class_="right"), heads)
    rows = [
        tag(
            "tr",
            tag("th", _name(known, capability), scope="row"),
            tag("td", f"{shown.worth[capability]:.2f}", class_="right"),
            [_cell(known, shown, capability, function) for function in shown.functions],
        )
        for capability in here
    ]
    words = (
        "Sum of gap that goes from the jobs of a function, 0 to 1 each, if the capability is brought to full maturity"
    )
    table = tag("table", tag("caption", words), tag("thead", head), tag("tbody", rows), class_="heat")
    return tag("div", table, class_="table held", role="region", aria_label=words, tabindex=0)


def _function(known: Known, function: str) -> Markup:
    name = known.functions.markup(function) if function else _NO_FUNCTION
    title = known.functions.plain(function) if function else None
    return tag("th", tag("span", name, class_="lines"), scope="col", class_="function", title=title)


def _cell(known: Known, shown: GapMap, capability: str, function: str) -> Markup:
    cell = shown.cells.get((capability, function))
    if cell is None:
        return tag("td", class_="none")
    where = known.functions.plain(function) if function else "no function"
    jobs = f"{cell.jobs:,} job{'' if cell.jobs == 1 else 's'}"
    title = f"{known.capabilities.plain(capability)}: removes {cell.removed.normalize():f} from {jobs} of {where}"
    return tag("td", f"{cell.removed:.2f}", class_=f"ramp-{shown.step(cell.removed)}", title=title)


def _name(known: Known, capability: str) -> Markup:
    return tag(
        "span", known.capabilities.linked(capability, known.base), class_="short", title=_title(known, capability)
    )


def _title(known: Known, capability: str) -> str:
    return known.capabilities.plain(capability)


def _level_row(known: Known, asked: Asked, capability: str, worth: Decimal, highest: Decimal) -> Markup:
    stated = known.landscape.levels[capability]
    chosen = asked.levels.get(capability, "")
    options = [tag("option", f"as it is: {known.level_words(capability)}", value="")]
    for level in known.levels:
        selected = "" if level.code == chosen else None
        options.append(tag("option", level.words, value=level.code, selected=selected))
    name = _title(known, capability)
    select = tag(
        "select",
        options,
        name=known.field(capability),
        aria_label=f"Level of maturity of {name}",
        data_stated=stated or "",
        data_capability=name,
    )
    bar = tag("meter", min=0, max=f"{highest or 1:f}", value=f"{worth:f}", aria_hidden="true")
    value = tag("td", f"{worth:.2f} ", bar, class_="right")
    row_class = "changed" if chosen else None
    return tag("tr", tag("th", _name(known, capability), scope="row"), tag("td", select), value, class_=row_class)
