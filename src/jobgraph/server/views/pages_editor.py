"""The page that holds the editor of queries, with prefixes and example questions for its script."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from jobgraph.exports.markup import Markup, tag
from jobgraph.questions import Question, read_questions
from jobgraph.server.html.built import address_of_file
from jobgraph.server.html.layout import page
from jobgraph.server.rest.things import vocabulary
from jobgraph.server.views.pages import frame
from jobgraph.server.views.tenant import Tenant
from jobgraph.store import PREFIXES


def editor_page(tenant: Tenant, arguments: Mapping[str, str], _media_type: str) -> Iterable[bytes]:
    """The editor; without a script, a form that sends a query."""
    questions = list(read_questions(vocabulary()).values())
    content = (
        tag("h1", "SPARQL"),
        tag("div", _chooser(questions), _token_field(arguments["access"]), class_="tools"),
        tag("noscript", _plain_form()),
        tag("div", id="editor", data_access=arguments["access"], data_settings=_settings(tenant, questions)),
    )
    head = (
        tag("link", rel="stylesheet", href=address_of_file("editor.css")),
        tag("script", src=address_of_file("editor.js"), defer=""),
    )
    return [page("SPARQL", *content, frame=frame(tenant, arguments), here="/sparql", head=head)]


def _settings(tenant: Tenant, questions: list[Question]) -> str:
    """What the script needs, as JSON."""
    prefixes = {**PREFIXES, "id": tenant.names.base}
    queries = {question.name: _query(question) for question in questions}
    return json.dumps({"prefixes": prefixes, "queries": queries, "key": tenant.names.slug})


def _query(question: Question) -> str:
    """The text of a question; its required parameters can be set in the editor."""
    return question.query.rstrip() + "\n"


def _chooser(questions: list[Question]) -> Markup:
    options = [tag("option", question.text, value=question.name) for question in questions]
    empty = tag("option", "Choose a question to start from", value="")
    return tag(
        "p", tag("label", "Examples", for_="example"), tag("select", empty, options, id="example"), class_="field"
    )


def _token_field(access: str) -> Markup | None:
    """Where a token can be given, on a server that asks for one."""
    if access == "open":
        return None
    note = "needed for long queries only" if access == "session" else "kept until the tab is closed"
    field = tag("input", id="token", type="password", autocomplete="off", spellcheck="false", placeholder=note)
    return tag("form", tag("label", "Token", for_="token"), field, class_="field")


def _plain_form() -> Markup:
    area = tag(
        "textarea", "SELECT ?thing ?name WHERE { ?thing rdfs:label ?name } LIMIT 10", name="query", rows=12, id="query"
    )
    label = tag("label", "Query", for_="query")
    return tag(
        "form", tag("p", label), area, tag("p", tag("button", "Run", type="submit")), action="/sparql", method="get"
    )
