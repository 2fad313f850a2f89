"""Which graphs of a store a query can find anything in: each further graph makes a join up to twice as slow.

A graph matters where it holds a property, or for `rdf:type` a class, that a triple pattern of the query names. What is
not understood at sight, such as a variable in place of a property or a path of no steps, makes all graphs matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from pyoxigraph import NamedNode, Store

from jobgraph.shacl.statements import RDF
from jobgraph.store import GraphName

Pattern = tuple[str, str]  # the IRI of a property, and that of a class where the property is rdf:type; else ''

_TYPE = f"{RDF}type"
_TOKEN = re.compile(
    r"""(?P<string>(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')(?:@[\w-]+|\^\^<[^>]*>)?)|(?P<iri><[^<>"{}|^`\\\x00-\x20]*>)"""
    r"""|(?P<variable>[?$]\w+)|(?P<word>[\w.]*\w)|(?P<other>\S)""",
    re.DOTALL,
)
_LONG_STRINGS = ('"""', "'''")
_GROUPS = {"OPTIONAL", "UNION", "MINUS", "NOT", "EXISTS", "WHERE"}
_MODIFIERS = {"GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET"}
_OBJECTS = {"variable", "iri", "string", "word"}


class Relevance:
    """Answers for the graphs of one store, which must not change meanwhile."""

    def __init__(self, store: Store, graphs: Sequence[GraphName]) -> None:
        self._graphs = list(graphs)

        @cache
        def holds(property_: str, class_: str, graph: GraphName) -> bool:
            object_ = NamedNode(class_) if class_ else None
            return next(store.quads_for_pattern(None, NamedNode(property_), object_, graph), None) is not None

        self._holds = holds

    def graphs_for(self, query: str) -> list[GraphName]:
        """The graphs that matter for a query without prefixed names; one of them at least."""
        found = patterns(query)
        if found is None or len(self._graphs) == 1:
            return self._graphs
        relevant = [graph for graph in self._graphs if any(self._holds(*pattern, graph) for pattern in found)]
        return relevant or self._graphs[:1]


def patterns(query: str) -> set[Pattern] | None:
    """The properties, and the classes with `rdf:type`, that the triple patterns of a query name; None if not known.

    >>> sorted(patterns("SELECT ?s { ?s a <urn:C> ; <urn:p>/^<urn:q> ?o FILTER(?o > 1) }"))[1:]
    [('urn:p', ''), ('urn:q', '')]
    >>> patterns("SELECT ?s { ?s ?p ?o }") is None
    True
    """
    try:
        return set(_Reader(query).read())
    except _UnknownError:
        return None


class _UnknownError(Exception):
    """Something that is not understood at sight."""


class _Reader:
    """Reads the triple patterns of a query, token by token."""

    def __init__(self, query: str) -> None:
        if any(quotes in query for quotes in _LONG_STRINGS):
            raise _UnknownError
        self._tokens = [(match.lastgroup or "", match[0]) for match in _TOKEN.finditer(query)]
        self._at = 0

    def read(self) -> Iterator[Pattern]:
        """The patterns of the whole query."""
        self._skip_to("{")
        yield from self._group()
        if any(text in "{#" for _, text in self._tokens[self._at :]):
            raise _UnknownError

    def _next(self) -> tuple[str, str]:
        if self._at == len(self._tokens):
            raise _UnknownError
        self._at += 1
        kind, text = self._tokens[self._at - 1]
        if text == "#":
            raise _UnknownError
        return kind, text

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _skip_to(self, end: str) -> None:
        while self._next()[1] != end:
            pass

    def _group(self) -> Iterator[Pattern]:
        """The patterns up to the brace that closes the one just read."""
        while (token := self._next())[1] != "}":
            kind, text = token
            word = text.upper() if kind == "word" else ""
            if text == "{" or word == "SELECT":
                if word:
                    self._skip_to("{")
                yield from self._group()
            elif word == "VALUES" or word in _MODIFIERS:
                self._skip(word)
            elif word in {"FILTER", "BIND"}:
                yield from self._expression()
            elif kind in {"variable", "iri"}:
                yield from self._triples()
            elif text not in {".", ";"} and word not in _GROUPS:
                raise _UnknownError

    def _skip(self, word: str) -> None:
        """Go past given values, or past all that follows a pattern."""
        if word == "VALUES":
            self._skip_to("}")
            return
        while self._peek() != "}":
            if self._next()[1] == "{":
                raise _UnknownError

    def _expression(self) -> Iterator[Pattern]:
        """The patterns inside what is filtered or bound; those of a bare EXISTS come by themselves."""
        if self._peek().upper() in {"NOT", "EXISTS"}:
            return
        depth = 0
        while True:
            _, text = self._next()
            if text == "{":
                yield from self._group()
            depth += {"(": 1, ")": -1}.get(text, 0)
            if text == ")" and depth == 0:
                return

    def _triples(self) -> Iterator[Pattern]:
        """The patterns of one subject."""
        while True:
            properties = self._path()
            yield from self._objects(properties)
            if self._peek() != ";":
                return
            self._next()
            if self._peek() in {".", "}"}:
                return

    def _objects(self, properties: list[str]) -> Iterator[Pattern]:
        while True:
            kind, text = self._next()
            if kind not in _OBJECTS:
                raise _UnknownError
            class_ = text[1:-1] if kind == "iri" and properties == [_TYPE] else ""
            yield from ((property_, class_) for property_ in properties)
            if self._peek() != ",":
                return
            self._next()

    def _path(self) -> list[str]:
        """The properties of a path, which must have a step at least."""
        found: list[str] = []
        depth, is_open = 0, True
        while is_open or depth or self._peek() in {"/", "|", "+", "*", "?"}:
            kind, text = self._next()
            if is_open and (kind == "iri" or text == "a"):
                found.append(text[1:-1] if kind == "iri" else _TYPE)
                is_open = False
            elif text in {"/", "|"} and not is_open:
                is_open = True
            elif text in {"(", ")"}:
                depth += 1 if text == "(" else -1
            elif not (text == "^" and is_open) and not (text == "+" and not is_open):
                raise _UnknownError
        return found
