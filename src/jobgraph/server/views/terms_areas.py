"""The ontology by areas: how much there is of each, and of one the diagram of its classes and the use of its terms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from pyoxigraph import NamedNode

from jobgraph.exports.markup import Child, Markup, join, said, tag
from jobgraph.exports.ontology_docs.diagram import class_diagram
from jobgraph.exports.ontology_docs.reference import Reference
from jobgraph.server.html.layout import crumbs
from jobgraph.server.html.workbench import Column, data_table, number, workbench_page
from jobgraph.server.rest.things import vocabulary
from jobgraph.server.views.answers import missing
from jobgraph.server.views.linked_data_things import Things
from jobgraph.server.views.pages import class_address, definition, frame, term_address, value_markup
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.views.terms import alternate
from jobgraph.store import PREFIXES
from jobgraph.vocabulary import JG, RDF, RDFS, SKOS

_OWL = PREFIXES["owl"]
_CLASSES, _PROPERTIES, _LISTS = "Classes", "Properties", "Code lists"
_KINDS: Mapping[str, str] = {
    f"{_OWL}Class": _CLASSES,
    f"{_OWL}ObjectProperty": _PROPERTIES,
    f"{_OWL}DatatypeProperty": _PROPERTIES,
    f"{_OWL}AnnotationProperty": _PROPERTIES,
    f"{SKOS}ConceptScheme": _LISTS,
}
_TITLES = (_CLASSES, _PROPERTIES, _LISTS)
_FORMS = (("Turtle", "text/turtle"), ("JSON-LD", "application/ld+json"), ("RDF/XML", "application/rdf%2Bxml"))

Terms = Mapping[str, Sequence[tuple[str, NamedNode]]]  # by the title of their kind, each with its name


def ontology_page(tenant: Tenant, arguments: Mapping[str, str], _media_type: str) -> Iterable[bytes]:
    """All areas of the ontology with their terms, or one of them with its diagram.

    Raises
    ------
    AnswerError : there is no such area.
    """
    things = Things(tenant)
    areas = _read_areas(things)
    around = frame(tenant, arguments)
    counts = things.count("class_counts", "class")
    if not (wanted := arguments.get("area", "")):
        content = _all_areas(areas, counts)
        return [workbench_page("Ontology", *content, frame=around, here="/ontology", head=alternate(""))]
    title = next((title for title in areas if _anchor(title) == wanted), None)
    if title is None:
        raise missing()
    content = _one_area(things, title, areas[title], counts)
    return [workbench_page(title, *content, frame=around, here="/ontology")]


def _read_areas(things: Things) -> Mapping[str, Terms]:
    """The terms by the part of the ontology that defines them, and by kind, in the order of their names."""
    areas: dict[str, dict[str, list[tuple[str, NamedNode]]]] = defaultdict(lambda: defaultdict(list))
    for kind, title in _KINDS.items():
        for node in things.ontology_subjects(RDF + "type", NamedNode(kind)):
            if node.value.startswith(JG):
                areas[_area_of(things, node)][title].append((things.name(node), node))
    for kinds in areas.values():
        for terms in kinds.values():
            terms.sort(key=lambda pair: (pair[0].casefold(), pair[1].value))
    return dict(sorted(areas.items()))


def _area_of(things: Things, node: NamedNode) -> str:
    defined = things.ontology_facts(node, RDFS + "isDefinedBy")
    return things.name(defined[0].value) if defined else "Other terms"


def _all_areas(areas: Mapping[str, Terms], counts: Mapping[str, int]) -> list[Child]:
    forms = [(tag("a", name, href=f"/ontology?_mediatype={kind}"), " ") for name, kind in _FORMS]
    columns: list[str | Column] = ["Area", *(Column(title, is_number=True) for title in (*_TITLES, "Things"))]
    rows = [_area_row(area, terms, counts) for area, terms in areas.items()]
    return [
        tag("h1", "The ontology"),
        tag("p", "What the terms of the graph mean. As data: ", forms, class_="lead"),
        data_table(columns, rows, "The areas of the ontology; things are those of this graph"),
        tag("h2", "All terms", id="terms"),
        [_listed(area, terms, counts) for area, terms in areas.items()],
    ]


def _area_row(area: str, terms: Terms, counts: Mapping[str, int]) -> list[Child]:
    used = sum(counts.get(node.value, 0) for _, node in terms.get(_CLASSES, ()))
    numbers = [number(len(terms.get(title, ()))) for title in _TITLES]
    return [tag("a", said(area), href=f"/ontology?area={_anchor(area)}"), *numbers, number(used)]


def _listed(area: str, terms: Terms, counts: Mapping[str, int]) -> Markup:
    """All terms of an area by name."""
    anchor = _anchor(area)
    parts = [
        (
            tag("h3", title, " ", tag("span", len(terms[title]), class_="n")),
            tag("ul", [_item(name, node, counts) for name, node in terms[title]], class_="columns"),
        )
        for title in _TITLES
        if terms.get(title)
    ]
    total = tag("span", f"{sum(map(len, terms.values())):,}", class_="n")
    return tag("details", tag("summary", said(area), " ", total), parts, id=anchor)


def _item(name: str, node: NamedNode, counts: Mapping[str, int]) -> Markup:
    count = counts.get(node.value, 0)
    shown = join(" ", tag("span", f"{count:,}", class_="n")) if count else None
    return tag("li", tag("a", said(name), href=term_address(node.value)), shown)


def _one_area(things: Things, title: str, terms: Terms, counts: Mapping[str, int]) -> list[Child]:
    makers = {_CLASSES: _class_table, _PROPERTIES: _property_table, _LISTS: _list_table}
    return [
        crumbs(tag("a", "Ontology", href="/ontology"), said(title)),
        tag("h1", said(title)),
        _figure(title),
        [
            tag("section", tag("h2", kind, id=_anchor(kind)), maker(things, terms[kind], counts))
            for kind, maker in makers.items()
            if terms.get(kind)
        ],
    ]


def _figure(title: str) -> Markup | None:
    """The classes of an area as boxes with their links; None where it has none."""
    reference = _reference()
    area = next((area for area in reference.areas if area.title == title), None)
    diagram = class_diagram(reference, area, _address) if area else None
    words = "The classes of the area and their links; dashed boxes are of other areas. The tables below say the same."
    caption = tag("figcaption", words)
    return tag("figure", diagram, caption, class_="diagram", tabindex=0) if diagram else None


@cache
def _reference() -> Reference:
    return Reference(vocabulary())


def _address(iri: str) -> str | None:
    return term_address(iri) if iri.startswith(JG) else None


def _class_table(things: Things, terms: Sequence[tuple[str, NamedNode]], counts: Mapping[str, int]) -> Markup:
    rows = [[_named(name, node), definition(things, node), _used(node, counts)] for name, node in terms]
    return data_table(["Class", "What it means", Column("Things", is_number=True)], rows, "Classes of the area")


def _used(node: NamedNode, counts: Mapping[str, int]) -> Markup:
    count = counts.get(node.value, 0)
    return tag("a", number(count), href=class_address(node.value)) if count else number(0)


def _property_table(things: Things, terms: Sequence[tuple[str, NamedNode]], _counts: Mapping[str, int]) -> Markup:
    columns: list[str | Column] = ["Property", "Of", "Values", "What it means", Column("Statements", is_number=True)]
    rows = [
        [_named(name, node), *(_ends(things, node, end) for end in ("domain", "range")), definition(things, node)]
        for name, node in terms
    ]
    uses = [number(_uses(things, node)) for _, node in terms]
    filled = [[*row, use] for row, use in zip(rows, uses, strict=True)]
    return data_table(columns, filled, "Properties of the area")


def _ends(things: Things, node: NamedNode, end: str) -> Child:
    """What a property starts from or leads to, where the ontology names it."""
    found = [fact.value for fact in things.ontology_facts(node, RDFS + end) if isinstance(fact.value, NamedNode)]
    return [(value_markup(things, each), " ") for each in found] or "any"


def _uses(things: Things, node: NamedNode) -> int:
    return sum(int(getattr(row["count"], "value", 0)) for row in things.query("uses", property=node))


def _list_table(things: Things, terms: Sequence[tuple[str, NamedNode]], _counts: Mapping[str, int]) -> Markup:
    columns: list[str | Column] = [
        "Code list",
        "What it is for",
        *(Column(name, is_number=True) for name in ("Codes", "Uses")),
    ]
    rows = []
    for name, node in terms:
        codes = things.ontology_subjects(SKOS + "inScheme", node)
        uses = sum(sum(things.incoming_counts(code).values()) for code in codes)
        rows.append([_named(name, node), definition(things, node), number(len(codes)), number(uses)])
    return data_table(columns, rows, "Code lists of the area")


def _named(name: str, node: NamedNode) -> Markup:
    return tag("a", said(name), href=term_address(node.value))


def _anchor(title: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())
