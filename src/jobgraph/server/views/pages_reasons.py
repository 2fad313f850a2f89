"""The page that says why an inferred statement stands: rules, what they rest on, and the rows behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from jobgraph.explanation import Derivation, Fact, explain
from jobgraph.exports.markup import Markup, join, said, tag
from jobgraph.server.html.layout import crumbs, page
from jobgraph.server.html.links import link
from jobgraph.server.rest.things import vocabulary
from jobgraph.server.views.answers import missing
from jobgraph.server.views.linked_data_things import Term, Things
from jobgraph.server.views.pages import frame, value_markup
from jobgraph.server.views.tenant import Tenant

_MOST = 10  # ways in which one rule infers a statement
_DEEPEST = 12  # statements that rest on each other


def reason_page(tenant: Tenant, arguments: Mapping[str, str], _media_type: str) -> Iterable[bytes]:
    """The page about one inferred statement.

    Raises
    ------
    AnswerError : there is no such thing or statement.
    UsageError : it is stated and not inferred.
    """
    things = Things(tenant)
    node = things.find(arguments["iri"])
    triple = _triple(node, arguments["property"], arguments["value"])
    if not any((s.property, s.value) == (triple.predicate, triple.object) for s in things.statements(node)):
        raise missing()
    fact = explain(tenant.store, triple, names=tenant.names, vocabulary=vocabulary(), most=_MOST)
    name = things.name(node)
    content = (
        crumbs(tag("a", "Overview", href="/"), link(node.value, name, things.base), "Why"),
        tag("h1", "Why does this stand?"),
        tag("p", _sentence(things, triple), class_="lead"),
        tag("div", _because(things, fact, 0), class_="reasons"),
    )
    return [page(f"Why: {name}", *content, frame=frame(tenant, arguments))]


def _triple(node: NamedNode, property_: str, value: str) -> Triple:
    """The statement with a value that is written as in N-Triples."""
    try:
        quads = list(parse(f"<a:b> <{property_}> {value} .", RdfFormat.N_TRIPLES))
    except (SyntaxError, ValueError):
        raise missing() from None
    if len(quads) != 1:
        raise missing()
    return Triple(node, quads[0].predicate, quads[0].object)


def _because(things: Things, fact: Fact, depth: int) -> Markup:
    """What a statement rests on: its row, the ontology, or each way in which it follows."""
    if fact.row:
        table, column, key = fact.row
        return tag("p", "Stated by table ", tag("code", table), f", {column} ", tag("code", said(key)), ".")
    if not fact.derivations or depth >= _DEEPEST:
        return tag("p", f"Stated in the {fact.graph} graph.")
    return tag("ul", [tag("li", _way(things, derivation, depth)) for derivation in fact.derivations], class_="ways")


def _way(things: Things, derivation: Derivation, depth: int) -> Markup:
    premises = [
        tag("li", _sentence(things, premise.triple), _because(things, premise, depth + 1))
        for premise in derivation.premises
    ]
    rule = tag("p", tag("strong", derivation.sentence), " ", tag("small", "rule ", tag("code", derivation.rule)))
    return join(rule, tag("ul", premises) if premises else None)


def _sentence(things: Things, triple: Triple) -> Markup:
    words: tuple[Term, ...] = (triple.subject, triple.predicate, triple.object)
    return tag("span", [join(value_markup(things, word), " ") for word in words], class_="statement")
