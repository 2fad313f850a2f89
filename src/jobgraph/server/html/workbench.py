"""What the pages of the workbench are made of: the wide page with its script and data, tables, forms and numbers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from jobgraph.exports.markup import Child, Markup, tag
from jobgraph.server.html.layout import Frame, module, page
from jobgraph.server.rest.tables import to_json

_NONE = "\N{EN DASH}"
_HIDDEN = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}  # so that no text ends the element that holds it


@dataclass(frozen=True)
class Column:
    """The heading of a column; `unit` says what its values are in, `is_number` sets them to the right."""

    name: str
    unit: str = ""
    is_number: bool = False


@dataclass(frozen=True)
class Choice:
    """A select of a form: the name of its field, what is asked, values with their texts, and the value chosen."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    chosen: str = ""


def workbench_page(
    title: str,
    *content: Child,
    frame: Frame,
    here: str,
    script: str = "",
    data: object = None,
    head: Child = None,
) -> bytes:
    """A wide page.

    Parameters
    ----------
    here : the address that the navigation marks as the current one.
    script : the name of the page's script, without its ending; '' for none.
    data : what the script finds as JSON in the element `data`; None for nothing.
    """
    shown = (*content, _embedded(data)) if data is not None else content
    loaded = (module(script), head) if script else head
    return page(title, *shown, frame=frame, here=here, head=loaded, wide="wide")


def data_table(columns: Sequence[str | Column], rows: Iterable[Sequence[Child]], caption: str) -> Markup:
    """A table that scrolls by itself where it is too wide; the first cell of a row is its heading.

    Parameters
    ----------
    rows : texts or markup; numbers as `number` gives them.
    """
    heads = [column if isinstance(column, Column) else Column(column) for column in columns]
    head = tag("thead", tag("tr", [_head_cell(column) for column in heads]))
    body = tag("tbody", [_row(heads, cells) for cells in rows])
    table = tag("table", tag("caption", caption), head, body)
    return tag("div", table, class_="table", role="group", aria_label=caption, tabindex=0)


def empty_state(sentence: str, what_to_do: Child = None) -> Markup:
    """What stands where there is nothing to show, and what to do about it."""
    return tag("div", tag("p", sentence), tag("p", what_to_do) if what_to_do is not None else None, class_="empty")


def choice_form(
    address: str, fields: Sequence[Choice], *, kept: Mapping[str, str] | None = None, more: Child = None
) -> Markup:
    """A form of selects that asks the server, with a script or without.

    Parameters
    ----------
    kept : fields that the form sends as they are.
    more : other fields, each in a label.
    """
    hidden = [tag("input", type="hidden", name=name, value=value) for name, value in (kept or {}).items()]
    button = tag("button", "Show", type="submit")
    return tag(
        "form",
        [_select(field) for field in fields],
        more,
        hidden,
        button,
        action=address,
        method="get",
        class_="choices",
    )


def number(value: float | Decimal | None, unit: str = "", *, places: int = 2) -> Markup:
    """A number with at most so many places and its unit; a dash for none.

    >>> number(Decimal("1234.50"), "of 20")
    '<span class="number">1,234.5 <small>of 20</small></span>'
    """
    if value is None:
        return tag("span", _NONE, class_="number", title="not known")
    text = f"{value:,.{places}f}" if not isinstance(value, int) else f"{value:,}"
    short = text.rstrip("0").rstrip(".") if "." in text else text
    return tag("span", short, (" ", tag("small", unit)) if unit else None, class_="number")


def share(part: float, whole: float) -> Markup:
    """A share in percent; a dash where there is no whole."""
    return number(100 * part / whole if whole else None, "%", places=1)


def _embedded(data: object) -> Markup:
    text = json.dumps(to_json(data), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign, hidden in _HIDDEN.items():
        text = text.replace(sign, hidden)
    return tag("script", Markup(text), type="application/json", id="data")


def _head_cell(column: Column) -> Markup:
    unit = (" ", tag("small", column.unit)) if column.unit else None
    return tag("th", column.name, unit, scope="col", class_=_kind(column))


def _row(columns: Sequence[Column], cells: Sequence[Child]) -> Markup:
    first, *others = zip(columns, cells, strict=True)
    heading = tag("th", first[1], scope="row", class_=_kind(first[0]))
    return tag("tr", heading, [tag("td", cell, class_=_kind(column)) for column, cell in others])


def _kind(column: Column) -> str | None:
    return "right" if column.is_number else None


def _select(choice: Choice) -> Markup:
    options = [
        tag("option", text, value=value, selected="" if value == choice.chosen else None)
        for value, text in choice.options
    ]
    return tag("label", tag("span", choice.label), tag("select", options, name=choice.name))
