"""Pages of HTML about the tenant's things, for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice
from urllib.parse import urlencode

from pyoxigraph import BlankNode, Literal, NamedNode

from jobgraph.exports.markup import Child, Markup, said, tag
from jobgraph.mapping.iris import row_of
from jobgraph.server.html.entity import asking_section, history_section, neighbour_section, raw_section, to_drawing
from jobgraph.server.html.layout import Frame, crumbs, page
from jobgraph.server.html.links import link
from jobgraph.server.html.things import (
    Fact,
    Incoming,
    Value,
    fact_groups,
    forms,
    identity,
    incoming_groups,
    pager,
    thing_list,
)
from jobgraph.server.html.values import literal
from jobgraph.server.html.workbench import empty_state, workbench_page
from jobgraph.server.rest.things import vocabulary
from jobgraph.server.views.answers import Linked, missing
from jobgraph.server.views.linked_data import class_of_step, page_of
from jobgraph.server.views.linked_data_things import LABEL, TYPE, Statement, Term, Things
from jobgraph.server.views.pages_thing import questions_about, raw_forms, ties
from jobgraph.server.views.tenant import Tenant
from jobgraph.store import PREFIXES
from jobgraph.vocabulary import JG, SKOS, to_kebab_case

PAGE_SIZE = 100
_FIRST = 10  # things that refer here, by property
_VALUES = 50  # of one property
_DESCRIPTION = NamedNode(PREFIXES["dcterms"] + "description")
_RECORD = {PREFIXES["dcterms"] + "created", PREFIXES["dcterms"] + "modified", PREFIXES["prov"] + "wasAttributedTo"}
_TITLES = ("Facts", "Codes", "Links", "Follows from rules", "Record")


def thing_page(tenant: Tenant, arguments: Mapping[str, str], _media_type: str) -> Iterable[bytes]:
    """The page of a thing.

    Raises
    ------
    AnswerError : there is no such thing.
    """
    things = Things(tenant)
    node = things.find(arguments["iri"])
    name, address, step = things.name(node), arguments["address"], arguments["step"]
    statements, classes, incoming = list(things.statements(node)), things.classes(node), _incoming(things, node)
    found = ties(things, statements, incoming)
    content = (
        _heading(things, node, name, statements),
        fact_groups(_groups(things, statements, address), things.base),
        neighbour_section(name, found),
        incoming_groups(incoming, address, things.base),
        asking_section(questions_about(things, node, classes)),
        tag("section", tag("h2", "Where it comes from", id="origin"), _origin(things, node), aria_labelledby="origin"),
        history_section(address),
        raw_section(raw_forms(things, node, step, arguments["context"], size=len(statements))),
        forms(step),
    )
    around = frame(tenant, arguments)
    data = to_drawing(name, found)
    return [workbench_page(name, *content, frame=around, here="", script="entity", data=data, head=_alternates(step))]


def incoming_page(tenant: Tenant, arguments: Mapping[str, str], _media_type: str) -> Linked:
    """A page of what refers to a thing by one property.

    Raises
    ------
    AnswerError : there is no such thing or page.
    """
    things = Things(tenant)
    node, by = things.find(arguments["iri"]), _property(arguments["property"])
    total = things.incoming_counts(node).get(by, 0)
    if not total:
        raise missing()
    current = page_of(arguments, total, PAGE_SIZE)
    found = things.incoming(node, start=current.start, most=current.size, by=by)
    name, what = things.name(node), things.name(by)
    content = (
        crumbs(tag("a", "Overview", href="/"), link(node.value, name, things.base), said(what)),
        tag("h1", said(name), ": ", said(what)),
        tag("p", f"{total:,} things refer to it by ", link(by.value, what, things.base), "."),
        thing_list(_named(things, (t.subject for t in found if isinstance(t.subject, NamedNode))), things.base),
        pager(current),
    )
    body = page(f"{name}: {what}", *content, frame=frame(tenant, arguments))
    return Linked([body], current.link)


def class_page(tenant: Tenant, arguments: Mapping[str, str], _media_type: str) -> Linked:
    """A page of the things of a class.

    Raises
    ------
    AnswerError : there is no such page or class.
    """
    things = Things(tenant)
    class_ = class_of_step(things, arguments["step"], may_be_empty=True)
    current = page_of(arguments, things.incoming_counts(class_).get(TYPE, 0), PAGE_SIZE)
    members = things.members(class_, current)
    name = things.name(class_)
    content = (
        crumbs(tag("a", "Overview", href="/"), said(name)),
        tag("h1", said(name.capitalize()), " ", tag("span", f"{current.total:,}", class_="n")),
        tag("p", definition(things, class_), " ", tag("a", "About the class", href=term_address(class_.value))),
        thing_list([(node, things.name(node), things.code(node)) for node in members], things.base)
        if members
        else empty_state("There are none yet.", tag("a", "See what is to be collected next", href="/")),
        pager(current),
    )
    body = page(name.capitalize(), *content, frame=frame(tenant, arguments), head=_alternates(f"{arguments['step']}/"))
    return Linked([body], current.link)


def frame(tenant: Tenant, arguments: Mapping[str, str], *, asked: str = "") -> Frame:
    """What stands around a page of a tenant."""
    manifest = tenant.generation.manifest
    return Frame(
        tenant.names.slug,
        tenant.generation.name,
        source=str(manifest.get("source") or ""),
        built=str(manifest["created"]).replace("T", " ").removesuffix("Z"),
        is_signed_in=":session" in arguments,
        asked=asked,
        root=arguments.get(":root", ""),
    )


def definition(things: Things, term: NamedNode) -> str:
    """What the ontology says that a term means; '' where it says nothing."""
    return next(
        (s.value.value for s in things.ontology_facts(term, SKOS + "definition") if isinstance(s.value, Literal)), ""
    )


def value_markup(things: Things, term: Term) -> Markup:
    """A value as people read it, with the way to its page."""
    if isinstance(term, Literal):
        return literal(term)
    return link(term.value, things.name(term), things.base) if isinstance(term, NamedNode) else said(str(term))


def class_address(iri: str) -> str:
    """The address of the list of a class's things."""
    return f"/page/{to_kebab_case(iri.removeprefix(JG))}/"


def term_address(iri: str) -> str:
    """The address of the page of one of our terms."""
    return f"/ontology/{iri.removeprefix(JG)}"


def _heading(things: Things, node: NamedNode, name: str, statements: list[Statement]) -> list[Child]:
    """What a thing is: the way to it, its name, classes and code, and its description."""
    classes, code = things.classes(node), things.own_code(node)
    description = [s.value for s in statements if s.property == _DESCRIPTION and isinstance(s.value, Literal)]
    badges = [*(_badge(things, class_) for class_ in classes), tag("span", said(code), class_="badge code")]
    return [
        _way(things, classes, name),
        tag("h1", said(name)),
        tag("p", badges if code and code != name else badges[:-1], class_="badges"),
        *(tag("p", literal(text), class_="lead") for text in description),
    ]


def _way(things: Things, classes: list[NamedNode], name: str) -> Markup:
    ours = [class_ for class_ in classes if class_.value.startswith(JG)][:1]
    lists = [tag("a", said(things.name(class_)), href=class_address(class_.value)) for class_ in ours]
    return crumbs(tag("a", "Overview", href="/"), *lists, said(name))


def _badge(things: Things, class_: NamedNode) -> Markup:
    return tag("span", link(class_.value, things.name(class_), things.base), class_="badge")


def _alternates(step: str) -> list[Markup]:
    kinds = ("text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml")
    return [
        tag("link", rel="alternate", type=kind, href=f"/data/{step}?{urlencode({'_mediatype': kind})}")
        for kind in kinds
    ]


def _groups(things: Things, statements: list[Statement], address: str) -> list[tuple[str, list[Fact]]]:
    """The facts of a thing under the titles that fit them, by name."""
    by_title: dict[str, dict[NamedNode, list[Statement]]] = defaultdict(lambda: defaultdict(list))
    for statement in statements:
        if statement.property not in {TYPE, LABEL, _DESCRIPTION}:
            by_title[_title(things, statement)][statement.property].append(statement)
    return [
        (
            title,
            sorted(
                (_fact(things, *pair, address) for pair in by_title[title].items()),
                key=lambda fact: fact.name.casefold(),
            ),
        )
        for title in _TITLES
        if title in by_title
    ]


def _title(things: Things, statement: Statement) -> str:
    if statement.graph == "inferred":
        return "Follows from rules"
    if statement.property.value in _RECORD:
        return "Record"
    if isinstance(statement.value, Literal):
        return "Facts"
    is_code = isinstance(statement.value, NamedNode) and not statement.value.value.startswith(things.base)
    return "Codes" if is_code else "Links"


def _fact(things: Things, property_: NamedNode, statements: list[Statement], address: str) -> Fact:
    shown = sorted((_value(things, statement, address) for statement in statements[:_VALUES]), key=lambda pair: pair[0])
    values = [value for _, value in shown]
    hidden = len(statements) - len(values)
    return Fact(property_.value, things.name(property_), definition(things, property_), values, hidden)


def _value(things: Things, statement: Statement, address: str) -> tuple[str, Value]:
    """A value with the text that it is sorted by."""
    term = statement.value
    why = ""
    if statement.graph == "inferred":
        why = f"{address}?{urlencode({'why': statement.property.value, 'value': str(term)})}"
    if isinstance(term, Literal):
        return term.value, Value(literal(term), why)
    name = things.name(term)
    shown = link(term.value, name, things.base) if isinstance(term, NamedNode) else _un_named(things, statement)
    return name.casefold(), Value(shown, why)


def _un_named(things: Things, statement: Statement) -> Markup:
    """A node without a name, by what is said of it."""
    if not isinstance(statement.value, BlankNode):
        return said(str(statement.value))
    found = islice(things.statements(statement.value), _VALUES)
    items = (tag("li", said(things.name(s.property)), ": ", said(things.name(s.value))) for s in found)
    return tag("ul", items)


def _incoming(things: Things, node: NamedNode) -> list[Incoming]:
    found = []
    for property_, count in things.incoming_counts(node).items():
        triples = things.incoming(node, start=0, most=_FIRST, by=property_)
        first = _named(things, (t.subject for t in triples if isinstance(t.subject, NamedNode)))
        found.append(Incoming(property_.value, things.name(property_), count, first))
    return sorted(found, key=lambda each: each.name.casefold())


def _named(things: Things, nodes: Iterable[NamedNode]) -> list[tuple[NamedNode, str, str]]:
    """Things with their names and a word on each: its class, and what tells it from others of its name."""
    listed = list(nodes)
    apart = things.apart(listed)
    kinds = {node: [things.name(class_) for class_ in things.classes(node)[:1]] for node in listed}
    return [(node, things.name(node), ", ".join(filter(None, [*kinds[node], apart[node]]))) for node in listed]


def _origin(things: Things, node: NamedNode) -> Markup:
    found = row_of(node.value, things.base, vocabulary())
    return identity(node.value, (found[0].name, found[0].key, found[1]) if found else None)


def _property(iri: str) -> NamedNode:
    try:
        return NamedNode(iri)
    except ValueError:
        raise missing() from None
