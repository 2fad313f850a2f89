"""What is asked of a question on its page: the values of its form, the order and the page of its answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode

from jobgraph.errors import UsageError
from jobgraph.exports.markup import Markup, said, tag
from jobgraph.questions import Parameter, Question
from jobgraph.server.html.asking import Field, with_fields
from jobgraph.server.html.workbench import empty_state
from jobgraph.server.rest.paging import check_names
from jobgraph.server.rest.wording import Wording
from jobgraph.server.views.linked_data_things import TYPE, Things
from jobgraph.server.views.questions import find_question
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.views.workbench_answer import Shown
from jobgraph.vocabulary import JG, RDF, to_snake_case

_EXAMPLES = 3
_PAGING = ("page", "sort", "bars")  # `bars` is for the script alone


@dataclass(frozen=True)
class Asked:
    """A question with the values that were given, in an order, and the page of its answer that is wanted."""

    question: Question
    given: Mapping[str, str]
    sort: str
    page: int

    @property
    def address(self) -> str:
        """Of the first page of the answer, in its own order."""
        return with_fields(f"/ask/{self.question.name}", self.given)

    @property
    def lacking(self) -> list[Parameter]:
        """The parameters that need a value and have none."""
        return [each for each in self.question.parameters if each.is_required and each.name not in self.given]

    def shown(self, tenant: Tenant) -> Shown:
        """The answer.

        Raises
        ------
        UsageError : a value does not fit, or there is no such column to sort by.
        """
        limit = self.question.limit
        values = {name: text for name, text in self.given.items() if not limit or name != limit.name}
        return Shown(tenant, self.question.name, tuple(sorted(values.items())), self.sort)

    def most(self) -> int | None:
        """The rows that are wanted at most; None for all.

        Raises
        ------
        UsageError : it is no number of rows.
        """
        limit = self.question.limit
        text = self.given.get(limit.name, limit.default) if limit else None
        if text is None:
            return None
        if not (text.isascii() and text.isdecimal() and 0 < int(text[:12]) < 10**9):
            raise UsageError(f"limit {text[:20]!r} does not fit; give a whole number of 1 or more.")
        return int(text)


def read_asked(arguments: Mapping[str, str]) -> Asked:
    """What a request asks.

    Raises
    ------
    AnswerError : there is no such question.
    UsageError : there is no such parameter, or the page is no number.
    """
    question = find_question(arguments[":name"])
    fields = {name: text.strip() for name, text in arguments.items() if not name.startswith(":")}
    names = [parameter.name for parameter in question.parameters]
    check_names(fields, [*names, *_PAGING])
    page = fields.get("page", "1") or "1"
    if not (page.isascii() and page.isdecimal() and 0 < int(page[:12]) < 10**9):
        raise UsageError(f"page {page[:20]!r} does not fit; give a whole number from 1 on.")
    given = {name: text for name in names if (text := fields.get(name, ""))}
    return Asked(question, given, fields.get("sort", ""), int(page))


def examples(things: Things, asked: Asked) -> Markup:
    """What to do before there is an answer, with things of the tenant to try."""
    lacking = asked.lacking
    if len(lacking) > 1 or not lacking[0].target:
        return empty_state(f"Give {' and '.join(label_of(each) for each in lacking)} to see the answer.")
    only = lacking[0]
    nodes = [t.subject for t in things.incoming(NamedNode(only.target), start=0, most=_EXAMPLES, by=TYPE)]
    known = [node for node in nodes if isinstance(node, NamedNode)]
    if not known:
        return empty_state(f"There is no {label_of(only)} in this tenant yet, so there is nothing to ask about.")
    ways = [
        tag(
            "li",
            tag("a", said(things.name(node)), href=_example(things, asked, only, node)),
            " ",
            tag("small", things.code(node)),
        )
        for node in known
    ]
    return empty_state(f"Choose a {label_of(only)} to see the answer. For example:", tag("ul", ways))


def _example(things: Things, asked: Asked, parameter: Parameter, node: NamedNode) -> str:
    value = things.own_code(node) or node.value
    return with_fields(f"/ask/{asked.question.name}", {**asked.given, parameter.name: value})


def _code(things: Things, node: NamedNode) -> Markup:
    return tag("small", said(things.code(node)))


def form_fields(things: Things, asked: Asked) -> Iterator[Field]:
    """A field for each parameter, with the value that it has."""
    for each in asked.question.parameters:
        value = asked.given.get(each.name, each.default or "")
        bounds = None
        if each.kind in {"decimal", "integer", "limit"}:
            bounds = (str(each.lowest), "" if each.highest is None else str(each.highest))
        is_few = each.kind == "code" or bool(_schemes(things, each))
        yield Field(
            each.name,
            label_of(each),
            each.sentence,
            value=value,
            is_required=each.is_required,
            options=_options(things, each, value) if is_few else (),
            class_=each.target.removeprefix(JG) if each.kind == "entity" and not is_few else "",
            bounds=bounds,
            step="any" if each.kind == "decimal" else "1",
            otherwise=each.default or "any",
        )


def label_of(parameter: Parameter) -> str:
    """The name of a parameter in words."""
    return to_snake_case(parameter.name).replace("_", " ")


def _options(things: Things, parameter: Parameter, value: str) -> list[tuple[str, str]]:
    """The values of a list; one that was given and is not in it stays, so that it can be seen and changed."""
    if parameter.kind == "code":
        texts = [(text, text) for text in Wording.of(things.tenant).notations(parameter.target)]
    else:
        texts = [(node.value.rpartition("/")[2], things.name(node)) for node in _schemes(things, parameter)]
    return texts if not value or value in dict(texts) else [(value, value), *texts]


def _schemes(things: Things, parameter: Parameter) -> list[NamedNode]:
    """The things of the ontology that an entity can be; none where it is one of the tenant's."""
    if parameter.kind != "entity":
        return []
    return things.ontology_subjects(RDF + "type", NamedNode(parameter.target))
