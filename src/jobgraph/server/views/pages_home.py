"""The first page of a tenant: what there is, how good it is, how far the collection has come, and what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import cast
from urllib.parse import quote

from pyoxigraph import NamedNode

from jobgraph.exports.markup import Child, Markup, join, said, tag
from jobgraph.questions import Question, read_questions
from jobgraph.server.html.workbench import empty_state, workbench_page
from jobgraph.server.rest.things import vocabulary
from jobgraph.server.views.home_changes import changes_section
from jobgraph.server.views.home_progress import progress_section
from jobgraph.server.views.linked_data_things import Things
from jobgraph.server.views.pages import class_address, definition, frame
from jobgraph.server.views.quality_figures import read_figures, tiles
from jobgraph.server.views.tenant import Tenant
from jobgraph.vocabulary import JG, RDFS

_QUESTIONS = 8
_WAYS = (
    ("/landscape", "Opportunities", "Where is importance high and satisfaction low?"),
    ("/dependencies", "Dependencies", "What waits for what, and where are circles?"),
    ("/inheritance", "Inheritance", "Which persona does which job, and why?"),
    ("/gaps", "Capability gaps", "What is missing, and what is it worth to close that?"),
    ("/quality", "Quality", "What is wrong with the data, and whose work is it?"),
    ("/ask", "Ask", "Questions in words, with their answers as tables and charts."),
)
_FOR_PROGRAMS = (
    ("/validation", "validation results"),
    ("/quarantine", "quarantine"),
    ("/coverage", "coverage of the source"),
    ("/generations", "generations"),
    ("/questions", "questions"),
    ("/analysis", "analyses"),
)


def home_page(tenant: Tenant, arguments: Mapping[str, str], _media_type: str) -> Iterable[bytes]:
    """The overview of a tenant's graph."""
    things = Things(tenant)
    all_counts = things.count("class_counts", "class")
    counts = {iri: n for iri, n in all_counts.items() if iri.startswith(JG)}
    content = (
        tag("h1", "The graph of ", said(tenant.names.slug)),
        tag("p", _summary(tenant, counts), class_="lead"),
        _section("quality", "How good it is", tiles(read_figures(tenant))),
        _section("ways", "Where to look", _ways()),
        progress_section(tenant),
        changes_section(tenant, things, all_counts),
        _section("things", "What there is", *_areas(things, counts)),
        _section("ask", "What you can ask", *_questions()),
        _section("programs", "For programs", _for_programs()),
    )
    return [workbench_page("Overview", *content, frame=frame(tenant, arguments), here="/", script="overview")]


def _section(anchor: str, title: str, *content: Child) -> Markup:
    return tag("section", tag("h2", title, id=anchor), *content, aria_labelledby=anchor)


def _summary(tenant: Tenant, counts: Mapping[str, int]) -> str:
    graphs = cast("Mapping[str, int]", tenant.generation.manifest.get("counts") or {})
    statements = sum(count for graph, count in graphs.items() if graph != tenant.names.ontology)
    inferred = graphs.get(tenant.names.inferred, 0)
    return (
        f"{sum(counts.values()):,} things of {len(counts)} classes and {statements:,} statements about them, "
        f"of which {inferred:,} follow from rules."
    )


def _ways() -> Markup:
    items = (tag("li", tag("a", tag("b", name), tag("span", asked), href=address)) for address, name, asked in _WAYS)
    return tag("ul", items, class_="cards")


def _questions() -> tuple[Markup, Markup]:
    asked = [tag("li", _question(question)) for question in list(read_questions(vocabulary()).values())[:_QUESTIONS]]
    return tag("ul", asked), tag("p", tag("a", "All questions", href="/ask"))


def _question(question: Question) -> Markup:
    """A question with the example values of what it needs, and its query in the editor."""
    needed = [p for p in question.parameters if p.is_required]
    values = "&".join(f"{p.name}={quote(p.example)}" for p in needed)
    address = f"/ask/{question.name}{'?' if values else ''}{values}"
    return join(
        tag("a", question.text, href=address), " ", tag("a", "query", href=f"/sparql#{question.name}", class_="why")
    )


def _for_programs() -> Markup:
    items = [tag("li", tag("a", name, href=address)) for address, name in _FOR_PROGRAMS]
    return tag("ul", items, class_="row")


def _areas(things: Things, counts: Mapping[str, int]) -> list[Markup]:
    """The classes that have things, by the part of the ontology that defines them."""
    areas: dict[str, list[tuple[NamedNode, int]]] = defaultdict(list)
    for iri, count in counts.items():
        defined = things.ontology_facts(NamedNode(iri), RDFS + "isDefinedBy")
        areas[things.name(defined[0].value) if defined else "Other"].append((NamedNode(iri), count))
    if not areas:
        return [empty_state("There is nothing in the graph yet.", "Build it from a source: jobgraph build FOLDER.")]
    shown = [_area(things, area, classes) for area, classes in sorted(areas.items())]
    return [tag("div", shown, class_="grid")]


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
    total = tag("span", f"{sum(count for _, count in classes):,}", class_="n")
    return tag("section", tag("h3", area, " ", total), tag("ul", items, class_="columns"))
