"""The terms of the ontology: what each means, how it is tied to others, where it comes from and how much it is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import BlankNode, NamedNode

from jobgraph.exports.markup import Markup, join, said, tag
from jobgraph.exports.ontology_docs.headings import FROM_TERM, TO_TERM
from jobgraph.server.html.layout import crumbs, page
from jobgraph.server.rest.things import vocabulary
from jobgraph.server.views.answers import Linked, missing
from jobgraph.server.views.linked_data import to_bytes
from jobgraph.server.views.linked_data_things import TYPE, Term, Things, described
from jobgraph.server.views.pages import class_address, definition, frame, value_markup
from jobgraph.server.views.tenant import Tenant
from jobgraph.store import PREFIXES
from jobgraph.vocabulary import JG, RDF, RDFS, SKOS, to_snake_case

_OWL = PREFIXES["owl"]
_CLASS, _SCHEME, _CONCEPT = f"{_OWL}Class", f"{SKOS}ConceptScheme", f"{SKOS}Concept"
_PROPERTIES = (f"{_OWL}ObjectProperty", f"{_OWL}DatatypeProperty", f"{_OWL}AnnotationProperty")
_FEW = 6  # values one below the other
_INTO = {f"{_OWL}unionOf", f"{_OWL}intersectionOf", f"{RDF}first", f"{RDF}rest"}
_END = NamedNode(f"{RDF}nil")


def term_data(tenant: Tenant, arguments: Mapping[str, str], media_type: str) -> Linked:
    """What the ontology says of a term, as RDF.

    Raises
    ------
    AnswerError : there is no such term.
    """
    things = Things(tenant)
    return Linked([to_bytes(described(_find(things, arguments["iri"]), things.ontology_facts), media_type)])


def term_page(tenant: Tenant, arguments: Mapping[str, str], _media_type: str) -> Iterable[bytes]:
    """The page of a term.

    Raises
    ------
    AnswerError : there is no such term.
    """
    things = Things(tenant)
    node = _find(things, arguments["iri"])
    name = things.name(node)
    kinds = [s.value for s in things.ontology_facts(node, TYPE.value) if isinstance(s.value, NamedNode)]
    rows = [*_facts(things, node), *_properties_of(things, node), *_sources(node), *_uses(things, node, kinds)]
    content = (
        crumbs(tag("a", "Overview", href="/"), tag("a", "Ontology", href="/ontology"), said(name)),
        tag("h1", said(name)),
        tag("p", (tag("span", _kind_name(kind), class_="badge") for kind in kinds), class_="badges"),
        tag("p", definition(things, node), class_="lead"),
        tag("dl", (tag("div", tag("dt", title), _each(values)) for title, values in rows if values)),
        tag("p", tag("code", node.value)),
    )
    return [page(name, *content, frame=frame(tenant, arguments), head=alternate(arguments["local"]))]


def _find(things: Things, iri: str) -> NamedNode:
    try:
        node = NamedNode(iri)
    except ValueError:
        raise missing() from None
    if not things.ontology_facts(node):
        raise missing()
    return node


def _facts(things: Things, node: NamedNode) -> Iterator[tuple[str, list[Markup]]]:
    """What the ontology says of a term, under headings."""
    said_of = things.ontology_facts(node)
    for title, properties in FROM_TERM.items():
        found = [term for s in said_of if s.property.value in properties for term in _members(things, s.value)]
        yield title, [value_markup(things, term) for term in found]
    for title, properties in TO_TERM.items():
        nodes = [term for iri in properties for term in things.ontology_subjects(iri, node)]
        yield title, [value_markup(things, term) for term in nodes]


def _members(things: Things, term: Term) -> Iterator[Term]:
    """A term, or those of a union; the classes that a condition is about."""
    if not isinstance(term, BlankNode):
        yield term
        return
    for statement in things.ontology_facts(term):
        if statement.property.value in _INTO and statement.value != _END:
            yield from _members(things, statement.value)


def _properties_of(things: Things, node: NamedNode) -> Iterator[tuple[str, list[Markup]]]:
    """The properties that a class has, and those that lead to it."""
    for title, predicate in (("Its properties", "domain"), ("Led to by", "range")):
        found = things.ontology_subjects(RDFS + predicate, node)
        yield title, [value_markup(things, term) for term in found]


def _sources(node: NamedNode) -> Iterator[tuple[str, list[Markup]]]:
    """The tables and columns that state a term."""
    table = vocabulary().table_of_class.get(node.value)
    if table:
        yield "Table", [join(tag("code", table.name), ", key ", tag("code", table.key))]
    columns = [
        tag("code", f"{found.name}.{column.name}")
        for found in vocabulary().tables.values()
        for column in found.columns
        if node.value in {column.path, column.scheme}
    ]
    yield "Columns", columns
    rules = [path.stem for path in vocabulary().rule_files() if path.stem.partition("_")[2] == _snake(node.value)]
    yield "Rule", [tag("code", name) for name in rules]


def _uses(things: Things, node: NamedNode, kinds: list[NamedNode]) -> Iterator[tuple[str, list[Markup]]]:
    """How often the tenant's graph uses a term, and where."""
    iris = {kind.value for kind in kinds}
    if iris & set(_PROPERTIES):
        yield (
            "Used in",
            [join(f"{sum(int(_count(row)) for row in things.query('uses', property=node)):,}", " statements")],
        )
        return
    counts = things.incoming_counts(node)
    if _CLASS in iris:
        count = counts.get(TYPE, 0)
        shown = tag("a", f"{count:,} things", href=class_address(node.value)) if count else said("no things")
        yield "Used for", [shown]
    elif _CONCEPT in iris:
        yield "Used by", [join(value_markup(things, by), f" {count:,} times") for by, count in counts.items()]


def _count(row: object) -> str:
    return str(row["count"].value)  # type: ignore[index]  # a row of a query


def _each(values: list[Markup]) -> list[Markup]:
    if len(values) <= _FEW:
        return [tag("dd", value) for value in values]
    return [tag("dd", tag("ul", [tag("li", value) for value in values], class_="columns plain"))]


def _kind_name(kind: NamedNode) -> str:
    return to_snake_case(kind.value.rpartition("#")[2]).replace("_", " ")


def alternate(local: str) -> Markup:
    """The link of a term, '' for all of them, to what is said of it as data."""
    address = f"/ontology/{local}" if local else "/ontology"
    return tag("link", rel="alternate", type="text/turtle", href=f"{address}?_mediatype=text/turtle")


def _snake(iri: str) -> str:
    return to_snake_case(iri.removeprefix(JG))
