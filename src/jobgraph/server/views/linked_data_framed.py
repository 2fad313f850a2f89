"""A thing as a tree of JSON-LD: what it links to stands inside it, by name, in the terms of our context."""

from __future__ import annotations

import json
from functools import cache
from typing import cast

from pyoxigraph import BlankNode, Literal, NamedNode

from jobgraph.exports.json_ld_compact import Compaction, Json, one_or_all
from jobgraph.exports.json_ld_context import LINK, read_context
from jobgraph.server.views.linked_data_things import LABEL, TYPE, Statement, Term, Things
from jobgraph.vocabulary import Vocabulary

_DEEPEST = 8  # unnamed nodes inside each other


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
        self._names = _names()

    def node(self, node: NamedNode | BlankNode, depth: int) -> dict[str, Json]:
        """A node with all its properties, in the order of their names."""
        found: dict[str, list[Json]] = {}
        for statement in self._things.statements(node):
            if statement.property != TYPE:
                key, value = self._pair(statement, depth)
                found.setdefault(key, []).append(value)
        facts: dict[str, Json] = {key: one_or_all(values) for key, values in sorted(found.items())}
        return {**self._head(node), **facts}

    def _head(self, node: NamedNode | BlankNode) -> dict[str, Json]:
        if isinstance(node, BlankNode):
            return {}
        head: dict[str, Json] = {"@id": self._names.node(node.value)}
        classes = [self._names.name(class_.value) for class_ in self._things.classes(node)]
        return {**head, "@type": one_or_all(cast("list[Json]", classes))} if classes else head

    def _pair(self, statement: Statement, depth: int) -> tuple[str, Json]:
        """The key and value that say a statement."""
        iri, value = statement.property.value, statement.value
        if isinstance(value, Literal):
            return self._literal(iri, value)
        key, _ = self._names.key(iri, LINK)
        if isinstance(value, BlankNode) and depth < _DEEPEST:
            return key, self.node(value, depth + 1)
        return key, self._target(value)

    def _target(self, value: Term) -> Json:
        if not isinstance(value, NamedNode):
            return {"@id": str(value)}
        name = self._things.given_name(value)
        if name is None:
            return self._head(value)
        key, text = self._literal(LABEL.value, name)
        return {**self._head(value), key: text}

    def _literal(self, iri: str, value: Literal) -> tuple[str, Json]:
        return self._names.literal(iri, value.value, datatype=value.datatype.value, language=value.language)


@cache
def _names() -> Compaction:
    return Compaction(read_context(Vocabulary()))
