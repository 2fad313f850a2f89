"""Forms for the parameters of a question, and the table of its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from jobgraph.exports.markup import Child, Markup, join, said, tag
from jobgraph.server.html.workbench import Column, data_table


@dataclass(frozen=True)
class Field:
    """A field of the form: its name, what is asked and wanted, and the value that it has.

    `options` are values with their texts, where there are few; `class_` is the local name of the class whose things
    can be chosen. A number has bounds, '' for none, and a step.
    """

    name: str
    label: str
    hint: str
    value: str = ""
    is_required: bool = False
    options: Sequence[tuple[str, str]] = ()
    class_: str = ""
    bounds: tuple[str, str] | None = None
    step: str = "any"
    otherwise: str = ""


@dataclass(frozen=True)
class Heading:
    """A column of an answer: its name, the words for it, what its values mean and are in."""

    name: str
    words: str
    meaning: str = ""
    unit: str = ""
    is_number: bool = False


def question_form(address: str, fields: Sequence[Field]) -> Markup:
    """The form that asks; it works without a script."""
    parts = [_field(field) for field in fields]
    button = tag("button", "Show the answer", type="submit")
    return tag("form", parts, button, action=address, method="get", class_="choices asking")


def answer_table(
    headings: Sequence[Heading], rows: Sequence[Sequence[Child]], caption: str, *, address: str, sort: str
) -> Markup:
    """The rows, under headings that lead to the same in another order.

    Parameters
    ----------
    address : of the answer with its values; `sort` is added.
    sort : the column by which the rows are in order, with a dash before it where the highest is first; '' for none.
    """
    columns = [Column(_sort_link(heading, address, sort), heading.unit, heading.is_number) for heading in headings]
    return data_table(columns, rows, caption)


def with_fields(address: str, fields: Mapping[str, str]) -> str:
    """An address with fields; those that are empty are left out."""
    query = urlencode({name: value for name, value in fields.items() if value})
    return f"{address}{'?' if query else ''}{query}"


def _sort_link(heading: Heading, address: str, sort: str) -> Markup:
    is_up, is_down = sort == heading.name, sort == f"-{heading.name}"
    starts_high = heading.is_number and not is_down
    other = f"-{heading.name}" if is_up or starts_high else heading.name
    sign = " ▲" if is_up else " ▼" if is_down else ""
    order = ", the highest first" if is_down else ", the lowest first" if is_up else ""
    joint = "&" if "?" in address else "?"
    return join(
        tag("a", heading.words, href=f"{address}{joint}{urlencode({'sort': other})}", title=heading.meaning or None),
        tag("span", sign, aria_hidden="true"),
        tag("span", order, class_="aside") if order else None,
    )


def _field(field: Field) -> Markup:
    name = f"p-{field.name}"
    optional = None if field.is_required else (" ", tag("small", "optional"))
    hint = tag("small", said(field.hint), id=f"{name}-hint")
    return tag("div", tag("label", field.label, optional, for_=name), _control(field, name), hint, class_="field-of")


def _control(field: Field, identity: str) -> Markup:
    about: dict[str, str | None] = {
        "id": identity,
        "name": field.name,
        "aria_describedby": f"{identity}-hint",
        "required": "" if field.is_required else None,
    }
    if field.options:
        empty = tag("option", field.otherwise or "any", value="") if not field.is_required else None
        return tag("select", empty, [_option(field, value, text) for value, text in field.options], **about)
    if field.bounds:
        low, high = (bound or None for bound in field.bounds)
        about |= {"type": "number", "min": low, "max": high, "step": field.step, "placeholder": field.otherwise or None}
        return tag("input", **about, value=field.value or None)
    about |= {"data_class": field.class_ or None, "placeholder": "Name or code", "autocomplete": "off"}
    return tag("input", **about, type="text", maxlength=200, value=field.value or None)


def _option(field: Field, value: str, text: str) -> Markup:
    return tag("option", text, value=value, selected="" if value == field.value else None)
