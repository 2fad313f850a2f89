"""The questions in words, and the answer of one: a form for its values, a table, bars, and its query."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import quote

from pyoxigraph import NamedNode

from jobgraph.errors import UsageError
from jobgraph.exports.markup import Child, Markup, join, said, tag
from jobgraph.questions import Question
from jobgraph.questions.filling import filled_query
from jobgraph.server.html.asking import answer_table, question_form, with_fields
from jobgraph.server.html.layout import crumbs
from jobgraph.server.html.things import pager
from jobgraph.server.html.workbench import empty_state, workbench_page
from jobgraph.server.paging import Page
from jobgraph.server.rest.known import known_questions
from jobgraph.server.rest.tables import CSV
from jobgraph.server.views.answers import missing
from jobgraph.server.views.linked_data_things import Things
from jobgraph.server.views.pages import frame
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.views.workbench_asked import Asked, examples, form_fields, label_of, read_asked
from jobgraph.vocabulary import JG, RDFS

PAGE_SIZE = 100
_SHARED = f"{JG}ontology/core"  # its terms are used everywhere, so they say nothing of what a question is about
_OTHERS = "Other questions"
_NAME = re.compile(r"\b([a-z]+(?:_[a-z]+)+)\b")
_TERM = re.compile(r"\bjg:([A-Za-z]\w*)")


def ask_page(tenant: Tenant, arguments: Mapping[str, str], _media_type: str) -> Iterable[bytes]:
    """All questions, by what they are about."""
    things = Things(tenant)
    areas = _by_area(things)
    ways = [tag("li", tag("a", said(area), href=f"#{_anchor(area)}")) for area in areas]
    lead = "Each answer is a table that you can sort, chart and take along, with the query behind it."
    content = (
        tag("h1", "Ask"),
        tag("p", f"{sum(map(len, areas.values()))} questions. {lead}", class_="lead"),
        tag("nav", tag("ul", ways, class_="row"), aria_label="What questions are about"),
        tag("div", id="narrow"),
        [_area(area, questions) for area, questions in areas.items()],
    )
    return [workbench_page("Ask", *content, frame=frame(tenant, arguments), here="/ask", script="ask")]


def question_page(tenant: Tenant, arguments: Mapping[str, str], media_type: str) -> Iterable[bytes]:
    """The form of a question, and its answer once all that it needs is given; as CSV the whole answer.

    Raises
    ------
    AnswerError : there is no such question, or no such page of its answer.
    UsageError : there is no such parameter; for CSV also where a value lacks or does not fit.
    """
    asked = read_asked(arguments)
    if media_type == CSV:
        return asked.shown(tenant).csv(asked.most())
    things, question = Things(tenant), asked.question
    content: list[Child] = [
        crumbs(tag("a", "Overview", href="/"), tag("a", "Ask", href="/ask"), said(question.name.replace("_", " "))),
        tag("h1", question.text),
        [tag("p", _linked(note)) for note in question.notes],
        question_form(f"/ask/{question.name}", list(form_fields(things, asked))) if question.parameters else None,
    ]
    data: Mapping[str, object] | None = None
    try:
        if asked.lacking:
            content.append(examples(things, asked))
        else:
            answered, data = _answered(tenant, asked)
            content.append(answered)
    except UsageError as error:
        content.append(tag("p", said(str(error)), class_="problem", role="alert"))
    around = frame(tenant, arguments)
    return [workbench_page(question.text, *content, frame=around, here="/ask", script="ask", data={"chart": data})]


def _answered(tenant: Tenant, asked: Asked) -> tuple[Markup, Mapping[str, object] | None]:
    """The answer, and what its chart shows."""
    shown = asked.shown(tenant)
    total, most = len(shown.answer.rows), asked.most()
    size = total if most is None else min(total, most)
    address = with_fields(f"/ask/{asked.question.name}", {**asked.given, "sort": asked.sort})
    try:
        page = Page(asked.page, size, PAGE_SIZE, address)
    except LookupError:
        raise missing() from None
    rows = list(shown.rows(page.start, min(size, page.start + page.size)))
    query = filled_query(asked.question, replace(shown.answer.values, limit=most))
    content = (
        tag("h2", "Answer", id="answer"),
        tag("p", _count(total, size, page), class_="count", role="status"),
        tag("p", said(str(shown.answer.evidence))) if shown.answer.evidence else None,
    )
    if not rows:
        empty = empty_state("No row: nothing in the graph fits.", _way_out(asked))
        return tag("section", content, empty, _query(query), aria_labelledby="answer"), None
    headings = shown.headings()
    chart = shown.chart(headings, rows)
    table = answer_table(headings, shown.cells(rows), asked.question.text, address=asked.address, sort=asked.sort)
    tools = tag("p", tag("a", "Take it along as CSV", href=_csv_address(address)), class_="tools")
    drawing = tag("div", id="chart", class_="bars", role="region", aria_label="Bars", tabindex=0) if chart else None
    body = tag("section", content, tools, drawing, table, pager(page), _query(query), aria_labelledby="answer")
    return body, chart


def _linked(note: str) -> list[Child]:
    """A note, in which the name of a question leads to it."""
    known = known_questions()
    words = _NAME.split(note)
    return [tag("a", known[word].text, href=f"/ask/{word}") if word in known else word for word in words]


def _count(total: int, size: int, page: Page) -> str:
    """How many rows there are, and which are shown; what to do where they were cut."""
    if size < total:
        return f"The first {size:,} of {total:,} rows, as the field “limit” says; raise it to see more."
    rows = f"{total:,} row{'' if total == 1 else 's'}"
    if page.last == 1:
        return f"{rows}."
    return f"{rows}, of which {page.start + 1:,} to {min(total, page.start + page.size):,} are shown."


def _way_out(asked: Asked) -> Child:
    if asked.given:
        return ("Change or empty a field above, or ask ", tag("a", "something else", href="/ask"), ".")
    way = tag("a", "the quality page", href="/quality")
    return ("That may be good news, or nothing of it was collected yet: see ", way, ".")


def _csv_address(address: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}_mediatype=text/csv"


def _query(query: str) -> Markup:
    """The query with the values in it, and the way to the editor."""
    way = tag("a", "Open it in the editor", href=f"/sparql#query={quote(query, safe='')}")
    text = tag("pre", tag("code", query), tabindex=0, aria_label="The query")
    return tag(
        "details", tag("summary", "The query behind it, in SPARQL"), tag("p", way, class_="tools"), text, class_="raw"
    )


def _by_area(things: Things) -> Mapping[str, list[Question]]:
    """The questions by the part of the ontology whose terms they use most."""
    found: dict[str, list[Question]] = defaultdict(list)
    for question in known_questions().values():
        found[_subject(things, question)].append(question)
    return dict(sorted(found.items(), key=lambda item: (item[0] == _OTHERS, item[0])))


def _subject(things: Things, question: Question) -> str:
    terms = _TERM.findall(question.query.partition("WHERE")[2])
    stated = (s.value for term in terms for s in things.ontology_facts(NamedNode(JG + term), RDFS + "isDefinedBy"))
    areas = Counter(area for area in stated if isinstance(area, NamedNode) and area.value != _SHARED)
    return things.name(areas.most_common(1)[0][0]) if areas else _OTHERS


def _area(area: str, questions: Iterable[Question]) -> Markup:
    anchor = _anchor(area)
    items = [tag("li", _way(question)) for question in questions]
    return tag(
        "section", tag("h2", said(area), id=anchor), tag("ul", items, class_="columns asked"), aria_labelledby=anchor
    )


def _way(question: Question) -> Markup:
    takes = ", ".join(label_of(each) for each in question.parameters if each.kind != "limit")
    return join(
        tag("a", question.text, href=f"/ask/{question.name}"),
        join(" ", tag("small", f"by {takes}")) if takes else None,
    )


def _anchor(title: str) -> str:
    return "about-" + "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())
