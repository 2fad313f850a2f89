"""The first page of a tenant: what there is, how good it is, and what can be asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import cast
from urllib.parse import quote

from pyoxigraph import NamedNode

from jobgraph.exports.markup import Markup, join, said, tag
from jobgraph.questions import Question, read_questions
from jobgraph.server.html.layout import page
from jobgraph.server.views.linked_data_things import Things
from jobgraph.server.views.pages import class_address, definition, frame, vocabulary
from jobgraph.server.views.tenant import Tenant
from jobgraph.vocabulary import JG, RDFS

_QUESTIONS = 8


def home_page(tenant: Tenant, arguments: Mapping[str, str], _media_type: str) -> Iterable[bytes]:
    """The overview of a tenant's graph."""
    things = Things(tenant)
    counts = {iri: n for iri, n in things.count("class_counts", "class").items() if iri.startswith(JG)}
    content = (
        tag("h1", "The graph of ", said(tenant.names.slug)),
        tag("p", _summary(tenant, counts), class_="lead"),
        _quality(tenant),
        _questions(),
        tag("h2", "What there is"),
        [_area(things, area, classes) for area, classes in _by_area(things, counts)],
    )
    return [page("Overview", *content, frame=frame(tenant, arguments), here="/")]


def _summary(tenant: Tenant, counts: Mapping[str, int]) -> str:
    manifest = tenant.generation.manifest
    graphs = cast("Mapping[str, int]", manifest.get("counts") or {})
    statements = sum(count for graph, count in graphs.items() if graph != tenant.names.ontology)
    inferred = graphs.get(tenant.names.inferred, 0)
    built = str(manifest["created"]).replace("T", " ").removesuffix("Z")
    return (
        f"{len(counts)} classes of things and {statements:,} statements, of which {inferred:,} follow from rules. "
        f"Generation {tenant.generation.number}, made {built} UTC."
    )


def _quality(tenant: Tenant) -> Markup:
    manifest = tenant.generation.manifest
    findings, quarantined = (int(str(manifest.get(name) or 0)) for name in ("findings", "quarantined"))
    items = (
        tag("li", tag("a", tag("b", f"{findings:,}"), " findings of validation", href="/validation")),
        tag("li", tag("a", tag("b", f"{quarantined:,}"), " entries in quarantine", href="/quarantine")),
        tag("li", tag("a", "Coverage of the source", href="/coverage")),
        tag("li", tag("a", "Generations", href="/generations")),
    )
    heading = tag("h2", "How good it is", id="quality")
    return tag("section", heading, tag("ul", items, class_="tiles"), aria_labelledby="quality")


def _questions() -> Markup:
    asked = [tag("li", _question(question)) for question in list(read_questions(vocabulary()).values())[:_QUESTIONS]]
    more = tag("p", tag("a", "All questions", href="/questions"), " and ", tag("a", "all analyses", href="/analysis"))
    heading = tag("h2", "What you can ask", id="ask")
    return tag("section", heading, tag("ul", asked), more, aria_labelledby="ask")


def _question(question: Question) -> Markup:
    """A question with the example values of what it needs, and its query in the editor."""
    needed = [p for p in question.parameters if p.is_required]
    values = "&".join(f"{p.name}={quote(p.example)}" for p in needed)
    address = f"/questions/{question.name}{'?' if values else ''}{values}"
    return join(
        tag("a", question.text, href=address), " ", tag("a", "query", href=f"/sparql#{question.name}", class_="why")
    )


def _by_area(things: Things, counts: Mapping[str, int]) -> list[tuple[str, list[tuple[NamedNode, int]]]]:
    """The classes that have things, by the part of the ontology that defines them."""
    areas: dict[str, list[tuple[NamedNode, int]]] = defaultdict(list)
    for iri, count in counts.items():
        defined = things.ontology_facts(NamedNode(iri), RDFS + "isDefinedBy")
        areas[things.name(defined[0].value) if defined else "Other"].append((NamedNode(iri), count))
    return sorted(areas.items())


def _area(things: Things, area: str, classes: list[tuple[NamedNode, int]]) -> Markup:
    named = sorted((things.name(class_), class_, count) for class_, count in classes)
    items = [
        tag(
            "li",
            tag("a", name, href=class_address(class_.value), title=definition(things, class_)),
            " ",
            tag("span", f"{count:,}", class_="n"),
        )
        for name, class_, count in named
    ]
    return tag("section", tag("h3", area), tag("ul", items, class_="columns"))
