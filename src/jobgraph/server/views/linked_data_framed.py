"""A thing as a tree of JSON-LD: what it links to stands inside it, by name, in the terms of our context."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import TypeAlias, cast

from pyoxigraph import BlankNode, Literal, NamedNode

from jobgraph.server.json_ld_context import context_terms
from jobgraph.server.views.linked_data_things import LABEL, TYPE, Statement, Term, Things
from jobgraph.vocabulary import XSD, Vocabulary

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

_DEEPEST = 8  # unnamed nodes inside each other
_BOOLEANS: Mapping[str, bool] = {"true": True, "false": False}
_SAFE_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")  # what every reader of JSON keeps exactly


def framed(things: Things, node: NamedNode, context: str) -> bytes:
    """A thing with its properties, links with the classes and names of their targets, as JSON-LD.

    Parameters
    ----------
    context : the address of the context, which stands in the document instead of the context itself.
    """
    writer = _Framing(things)
    facts = writer.node(node, 0)
    document = {"@context": context, **facts}
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


class _Framing:
    def __init__(self, things: Things) -> None:
        self._things = things
        self._terms = _terms()
        self._names = {(term["@id"], term.get("@type", "")): name for name, term in self._terms.items()}

    def node(self, node: NamedNode | BlankNode, depth: int) -> dict[str, Json]:
        """A node with all its properties, in the order of their names."""
        found: dict[str, list[Json]] = {}
        for statement in self._things.statements(node):
            if statement.property != TYPE:
                key, value = self._pair(statement, depth)
                found.setdefault(key, []).append(value)
        facts: dict[str, Json] = {key: _one_or_all(values) for key, values in sorted(found.items())}
        return {**self._head(node), **facts}

    def _head(self, node: NamedNode | BlankNode) -> dict[str, Json]:
        head: dict[str, Json] = {} if isinstance(node, BlankNode) else {"@id": node.value}
        if isinstance(node, NamedNode):
            classes = [self._class_name(class_.value) for class_ in self._things.classes(node)]
            return {**head, "@type": _one_or_all(cast("list[Json]", classes))} if classes else head
        return head

    def _class_name(self, iri: str) -> str:
        return self._names.get((iri, ""), iri)

    def _pair(self, statement: Statement, depth: int) -> tuple[str, Json]:
        """The key and value that say a statement; the full IRI where no term of the context means exactly it."""
        iri, value = statement.property.value, statement.value
        if isinstance(value, Literal):
            return self._literal(iri, value)
        name = self._names.get((iri, "@id"), iri)
        if isinstance(value, BlankNode) and depth < _DEEPEST:
            return name, self.node(value, depth + 1)
        return name, self._target(value)

    def _target(self, value: Term) -> Json:
        if not isinstance(value, NamedNode):
            return {"@id": str(value)}
        name = self._things.given_name(value)
        if name is None:
            return {"@id": value.value, **self._head(value)}
        key, text = self._literal(LABEL.value, name)
        return {**self._head(value), key: text}

    def _literal(self, iri: str, value: Literal) -> tuple[str, Json]:
        """A plain text as it is; a typed one by the term of its type, with its exact digits, else with its type."""
        datatype = value.datatype.value
        if value.language:
            return self._names.get((iri, ""), iri), {"@value": value.value, "@language": value.language}
        if datatype == XSD + "string":
            return self._names.get((iri, ""), iri), value.value
        key = self._names.get((iri, datatype), "")
        if not key:
            return iri, {"@value": value.value, "@type": datatype}
        return key, _plain(value)


def _plain(value: Literal) -> Json:
    """A value whose type the context knows: a number or truth value of JSON only where that says exactly the same."""
    text = value.value
    if value.datatype.value == XSD + "boolean":
        return _BOOLEANS.get(text, text)
    return int(text) if value.datatype.value == XSD + "integer" and _SAFE_INTEGER.fullmatch(text) else text


def _one_or_all(values: list[Json]) -> Json:
    return values[0] if len(values) == 1 else values


@cache
def _terms() -> dict[str, dict[str, str]]:
    return context_terms(Vocabulary())
