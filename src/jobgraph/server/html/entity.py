"""What the page of a thing shows beside its facts: neighbours, history, its data as text, and what can be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from jobgraph.exports.markup import Markup, join, said, tag

_SIZES = ((6, "few"), (16, "some"), (1_000, "many"))  # neighbours, and the room that their drawing gets


@dataclass(frozen=True)
class Neighbour:
    """A thing that another is tied to: its name, what it is, and its page; None where it has none."""

    name: str
    kind: str
    page: str | None


@dataclass(frozen=True)
class Tie:
    """A property that ties a thing to `total` others, of which some are shown; from them to it where `is_incoming`."""

    property: str
    is_incoming: bool
    total: int
    shown: Sequence[Neighbour]


@dataclass(frozen=True)
class Raw:
    """A thing in a form of data: its name, its text, None where that is long, and the file that has all of it."""

    name: str
    text: str | None
    address: str
    file: str


def neighbour_section(name: str, ties: Sequence[Tie]) -> Markup | None:
    """The place of the drawing, and the same as a list."""
    if not ties:
        return None
    shown, total = sum(len(tie.shown) for tie in ties), sum(tie.total for tie in ties)
    count = f"{shown:,} of {total:,} neighbours" if shown < total else f"{total:,} neighbours"
    size = next(name for most, name in _SIZES if shown <= most)
    words = f"{count}, drawn; the list says the same"
    drawing = tag("div", id="network", class_=f"network {size}", role="img", aria_label=words)
    lists = [tag("li", _tie_words(name, tie), tag("ul", [_neighbour(each) for each in tie.shown])) for tie in ties]
    same = tag("details", tag("summary", f"As a list: {count}"), tag("ul", lists, class_="ties"))
    return tag("section", tag("h2", "Neighbours", id="neighbours"), drawing, same, aria_labelledby="neighbours")


def to_drawing(name: str, ties: Sequence[Tie]) -> Mapping[str, object]:
    """What the script draws."""
    return {
        "name": name,
        "ties": [
            {
                "by": tie.property,
                "incoming": tie.is_incoming,
                "total": tie.total,
                "things": [{"name": each.name, "kind": each.kind, "page": each.page} for each in tie.shown],
            }
            for tie in ties
        ],
    }


def history_section(address: str) -> Markup:
    """The way to the history; a script shows it in its place when it is unfolded."""
    place = f"{address}?{urlencode({'history': 'latest'})}"
    folded = tag(
        "details",
        tag("summary", "What changed in the generations that are kept"),
        tag("p", tag("a", "As a page", href=place)),
        id="changes",
        data_path=address,
    )
    return tag("section", tag("h2", "History", id="history"), folded, aria_labelledby="history")


def raw_section(forms: Sequence[Raw]) -> Markup:
    """A thing as data, as text to read and to copy."""
    folded = [
        tag(
            "details",
            tag("summary", form.name),
            tag("p", tag("a", "Download", href=form.address, download=form.file), class_="row tools"),
            tag("pre", tag("code", form.text), tabindex=0, aria_label=f"The thing as {form.name}")
            if form.text is not None
            else tag("p", "It is too long to be shown here; download it."),
            class_="raw",
        )
        for form in forms
    ]
    return tag("section", tag("h2", "Raw data", id="raw"), folded, aria_labelledby="raw")


def asking_section(questions: Sequence[tuple[str, str]]) -> Markup | None:
    """Questions about a thing, each with the address of its answer."""
    if not questions:
        return None
    items = [tag("li", tag("a", text, href=address)) for text, address in questions]
    heading = tag("h2", "Ask about it", id="asking")
    return tag("section", heading, tag("ul", items, class_="columns"), aria_labelledby="asking")


def _tie_words(name: str, tie: Tie) -> Markup:
    more = join(" ", tag("small", f"{len(tie.shown):,} of {tie.total:,}")) if tie.total > len(tie.shown) else None
    if tie.is_incoming:
        return join(said(tie.property), " ", said(name), more)
    return join(said(name), " ", said(tie.property), more)


def _neighbour(each: Neighbour) -> Markup:
    shown = tag("a", said(each.name), href=each.page) if each.page else said(each.name)
    return tag("li", shown, (" ", tag("small", each.kind)) if each.kind else None)
