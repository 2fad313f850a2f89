"""The page of a thing: its facts in groups, what refers to it, the row that it comes from, and its other forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from pyoxigraph import NamedNode

from jobgraph.exports.markup import Child, Markup, join, said, tag
from jobgraph.server.html.links import link
from jobgraph.server.paging import Page

FORMS = (
    ("Turtle", "text/turtle", "full"),
    ("N-Triples", "application/n-triples", "full"),
    ("RDF/XML", "application/rdf+xml", "full"),
    ("JSON-LD", "application/ld+json", "full"),
    ("JSON-LD tree", "application/ld+json", "framed"),
    ("Turtle with names", "text/turtle", "labelled"),
)
_FEW = 10  # things that are shown at once


@dataclass(frozen=True)
class Value:
    """One value of a fact: how it is shown, and where it is said why it stands; '' where no rule made it."""

    shown: Markup
    why: str = ""


@dataclass(frozen=True)
class Fact:
    """A property with its values; `hidden` of them are left out."""

    property: str
    name: str
    definition: str
    values: Sequence[Value]
    hidden: int = 0


@dataclass(frozen=True)
class Incoming:
    """A property by which things refer here: how many, and the first of them with their classes' names."""

    property: str
    name: str
    count: int
    first: Sequence[tuple[NamedNode, str, str]]


def fact_groups(groups: Sequence[tuple[str, Sequence[Fact]]], base: str) -> Markup:
    """Facts under headings."""
    return join(
        tag("section", tag("h2", title, id=_anchor(title)), _fact_list(facts, base), aria_labelledby=_anchor(title))
        for title, facts in groups
        if facts
    )


def incoming_groups(found: Sequence[Incoming], address: str, base: str) -> Markup | None:
    """What refers to a thing, by property, with the way to the rest."""
    if not found:
        return None
    total = sum(each.count for each in found)
    groups = [
        tag(
            "details",
            tag("summary", said(each.name), " ", tag("span", f"{each.count:,}", class_="n")),
            tag("p", link(each.property, "What this means", base)),
            thing_list(each.first, base),
            tag("p", tag("a", f"All {each.count:,}", href=incoming_address(address, each.property)))
            if each.count > len(each.first)
            else None,
            open="" if each.count <= _FEW else None,
        )
        for each in found
    ]
    heading = tag("h2", "Referred to by ", tag("span", f"{total:,}", class_="n"), id="incoming")
    return tag("section", heading, groups, aria_labelledby="incoming")


def thing_list(things: Sequence[tuple[NamedNode, str, str]], base: str) -> Markup:
    """Things by name, each with a word on what it is."""
    items = (
        tag("li", link(node.value, name, base), join(" ", tag("small", word)) if word else None)
        for node, name, word in things
    )
    return tag("ul", items, class_="things")


def pager(page: Page) -> Markup | None:
    """The way to the pages around one."""
    around = page.around
    if not around:
        return None
    before = tag("a", "Previous", href=around["prev"], rel="prev") if "prev" in around else None
    after = tag("a", "Next", href=around["next"], rel="next") if "next" in around else None
    where = tag("span", f"Page {page.number:,} of {page.last:,}")
    return tag("nav", before, where, after, class_="pager", aria_label="Pages")


def forms(step: str) -> Markup:
    """The links to the other forms of a thing."""
    items = [
        tag(
            "li", tag("a", name, href=f"/data/{step}?{urlencode({'_mediatype': kind, '_profile': profile})}", type=kind)
        )
        for name, kind, profile in FORMS
    ]
    return tag("section", tag("h2", "As data", id="forms"), tag("ul", items, class_="row"), aria_labelledby="forms")


def incoming_address(address: str, property_: str) -> str:
    """The address of all that refers to a thing by one property."""
    return f"{address}?{urlencode({'to': property_})}"


def _fact_list(facts: Sequence[Fact], base: str) -> Markup:
    return tag("dl", [tag("div", tag("dt", _term(fact, base)), _values(fact)) for fact in facts])


def _term(fact: Fact, base: str) -> Markup:
    name = link(fact.property, fact.name, base)
    return tag("span", name, title=fact.definition) if fact.definition else name


def _values(fact: Fact) -> list[Markup]:
    shown = [tag("dd", value.shown, _why(value)) for value in fact.values]
    more: Child = tag("dd", f"and {fact.hidden:,} more, which are in the data") if fact.hidden else None
    return [*shown, join(more)]


def _why(value: Value) -> Markup | None:
    return join(" ", tag("a", "why?", href=value.why, class_="why", rel="nofollow")) if value.why else None


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def identity(iri: str, row: tuple[str, str, str] | None) -> Markup:
    """Where a thing comes from: its IRI, and the row of the source."""
    facts: list[Child] = [tag("div", tag("dt", "IRI"), tag("dd", tag("code", said(iri))))]
    if row:
        table, column, key = row
        shown = join(tag("code", table), f", {column} ", tag("code", said(key)))
        facts.append(tag("div", tag("dt", "Source row"), tag("dd", shown)))
    else:
        facts.append(tag("div", tag("dt", "Source row"), tag("dd", "none: no row states it by itself")))
    return tag("dl", facts, class_="identity")
