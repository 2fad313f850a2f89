"""The pages of the reference: an overview, a page for each area, and all terms from A to Z."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from jobgraph.exports.markup import Child, Markup, join, tag
from jobgraph.exports.ontology_docs.diagram import class_diagram
from jobgraph.exports.ontology_docs.reference import CLASS, CONCEPT, PROPERTIES, SCHEME, Area, Reference, short
from jobgraph.exports.ontology_docs.terms import SECTIONS, kind_name, link, scrolling
from jobgraph.store import PREFIXES

# Names of places that begin with `_` are those of the pages; all others are names of terms.
STYLE = "style.css"
MAKER = "jobgraph ontology docs"
_OVERVIEW, _NAMES = "index.html", "a-z.html"
_GROUPS = {"Classes": (CLASS,), "Properties": PROPERTIES, "Code lists": (SCHEME,), "Named things": ("",)}
_READING = (
    "A class is a kind of thing. Its table lists what is stated of such things: the property, the kind of its values, "
    "how many values there can be, and the column of the source that they come from.",
    "“What must hold” is what the data are checked for. Where a sentence without a mark does not hold, that is a "
    "violation; “Warning” and “Hint” are less grave.",
    "“of A by B” is a link that starts from the other side: B leads from an A to the thing.",
    "“Personal data” identifies people; it leaves the house only by a profile that says so.",
    "A code list holds the values that a property can have. “Also written” are other spellings that are understood "
    "when data are read.",
    "In the diagrams a box is a class with the names of the links that start from it. A full line leads to the class "
    "that a link ends at, a dashed line to a class that it is a kind of. Dashed boxes belong to another area.",
)


def iter_pages(reference: Reference) -> Iterator[tuple[str, bytes]]:
    """The names of the files and what they hold."""
    yield _OVERVIEW, _overview(reference)
    yield _NAMES, _names_page(reference)
    areas = [None, *reference.areas, None]
    for before, area, after in zip(areas, areas[1:], areas[2:], strict=False):
        if area:
            yield area.page, _area_page(reference, area, before, after)


def _overview(reference: Reference) -> bytes:
    title = _header_text(reference, "title") or reference.name(reference.header.value)
    prefixes = [
        tag("tr", tag("th", tag("code", f"{prefix}:"), scope="row"), tag("td", tag("code", start)))
        for prefix, start in PREFIXES.items()
    ]
    return _page(
        reference,
        title,
        tag("h1", title),
        tag("p", _header_text(reference, "description"), class_="lead"),
        tag("dl", [tag("div", tag("dt", name), tag("dd", value)) for name, value in _about(reference)]),
        tag("h2", "Areas", id="_areas"),
        tag("ul", [_area_summary(reference, area) for area in reference.areas], class_="areas"),
        tag("h2", "How to read the pages", id="_reading"),
        tag("ul", [tag("li", sentence) for sentence in _READING]),
        tag("h2", "Prefixes", id="_prefixes"),
        scrolling(tag("table", tag("tbody", prefixes)), "Prefixes"),
        here=_OVERVIEW,
    )


def _header_text(reference: Reference, name: str) -> str:
    return reference.graph.text(reference.header, f"{PREFIXES['dcterms']}{name}")


def _about(reference: Reference) -> Iterator[tuple[str, Child]]:
    yield "IRI", tag("code", reference.header.value)
    if version := reference.graph.text(reference.header, f"{PREFIXES['owl']}versionInfo"):
        yield "Version", version
    if licence := _header_text(reference, "license"):
        yield "Licence", link(reference, licence)
    kinds = list(reference.terms.values())
    for title, group in {**_GROUPS, "Codes": (CONCEPT,)}.items():
        yield title, f"{sum(map(kinds.count, group)):,}"


def _area_summary(reference: Reference, area: Area) -> Markup:
    counts = [f"{len(area.of(*kinds)):,} {title.lower()}" for title, kinds in _GROUPS.items() if area.of(*kinds)]
    listed = [(", " if number else None, link(reference, iri)) for number, iri in enumerate(area.of(CLASS))]
    return tag(
        "li",
        tag("h3", tag("a", area.title, href=area.page)),
        tag("p", tag("small", ", ".join(counts))),
        tag("p", listed) if listed else None,
    )


def _area_page(reference: Reference, area: Area, before: Area | None, after: Area | None) -> bytes:
    groups = {title: _in_order(reference, area.of(*kinds)) for title, kinds in _GROUPS.items()}
    diagram = class_diagram(reference, area)
    figure = tag("figure", diagram, tag("figcaption", "The same links are listed below."), class_="diagram", tabindex=0)
    around = [
        tag("a", f"{way}: {other.title}", href=other.page, rel=rel)
        for way, rel, other in (("Before", "prev", before), ("Next", "next", after))
        if other
    ]
    classes, *others = (_contents(reference, title, terms) for title, terms in groups.items())
    return _page(
        reference,
        area.title,
        tag("h1", area.title),
        tag("p", tag("code", area.iri)),
        classes,
        join(tag("h2", "Diagram", id="_diagram"), figure) if diagram else None,
        others,
        [_group(reference, title, terms) for title, terms in groups.items()],
        tag("nav", around, class_="around", aria_label="Areas before and after"),
        here=area.page,
    )


def _in_order(reference: Reference, terms: Sequence[str]) -> list[str]:
    return sorted(terms, key=lambda iri: (reference.name(iri).casefold(), iri))


def _contents(reference: Reference, title: str, terms: Sequence[str]) -> Markup | None:
    if not terms:
        return None
    heading = tag("h2", f"{title} ", tag("small", len(terms)))
    items = [tag("li", link(reference, iri)) for iri in terms]
    return tag("nav", heading, tag("ul", items, class_="columns"), aria_label=f"{title} of this area")


def _group(reference: Reference, title: str, terms: Sequence[str]) -> Markup | None:
    if not terms:
        return None
    sections = [SECTIONS[reference.terms[iri]](reference, iri) for iri in terms]
    return join(tag("h2", f"{title} in full", id=f"_{title.lower().replace(' ', '-')}"), sections)


def _names_page(reference: Reference) -> bytes:
    by_letter: dict[str, list[str]] = defaultdict(list)
    for iri in reference.terms:
        letter = reference.name(iri)[:1].upper()
        by_letter[letter if letter.isalpha() else "#"].append(iri)
    steps = {letter: f"_letter-{letter if letter.isalpha() else 'other'}" for letter in sorted(by_letter)}
    ways = [tag("li", tag("a", letter, href=f"#{step}")) for letter, step in steps.items()]
    return _page(
        reference,
        "All terms from A to Z",
        tag("h1", "All terms from A to Z"),
        tag("p", "Every class, property, code list and code. The browser's search (Ctrl+F) finds them.", class_="lead"),
        tag("nav", tag("ul", ways, class_="letters"), aria_label="Letters"),
        [
            (tag("h2", letter, id=step), tag("ul", _names(reference, by_letter[letter]), class_="columns"))
            for letter, step in steps.items()
        ],
        here=_NAMES,
    )


def _names(reference: Reference, terms: Sequence[str]) -> Iterator[Markup]:
    for iri in _in_order(reference, terms):
        yield tag("li", link(reference, iri), " ", tag("small", _what(reference, iri)))


def _what(reference: Reference, iri: str) -> str:
    kind = kind_name(reference.terms[iri])
    if reference.terms[iri] != CONCEPT:
        return f"{kind}, {short(iri)}"
    lists = reference.values(iri, [f"{PREFIXES['skos']}inScheme"])
    return f"{kind} of {', '.join(reference.name(term.value) for term in lists)}"


def _page(reference: Reference, title: str, *content: Child, here: str) -> bytes:
    places = {_OVERVIEW: "Overview", _NAMES: "A to Z"} | {area.page: area.title for area in reference.areas}
    ways = [
        tag("li", tag("a", name, href=address, aria_current="page" if address == here else None))
        for address, name in places.items()
    ]
    navigation = (
        tag("nav", tag("ul", ways[:2]), aria_label="Main"),
        tag("nav", tag("ul", ways[2:]), aria_label="Areas"),
    )
    parts = tag(
        "html",
        tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", name="generator", content=MAKER),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="color-scheme", content="light dark"),
            tag("title", title if here == _OVERVIEW else f"{title} · {reference.name(reference.header.value)}"),
            tag("link", rel="icon", href="data:,"),
            tag("link", rel="stylesheet", href=STYLE),
        ),
        tag(
            "body",
            tag("a", "Skip to the content", href="#_content", class_="skip"),
            tag("header", navigation),
            tag("main", *content, id="_content", tabindex=-1),
        ),
        lang="en",
    )
    return f"<!DOCTYPE html>\n{parts}\n".encode()
