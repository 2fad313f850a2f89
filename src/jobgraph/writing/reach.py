"""Which graphs a change may alter: all that it could, and perhaps some that it does not.

For an update this is told from its text, and must never be too few. The name of a graph comes into an update as an
IRI or a prefixed name that stands in the text, through a variable after GRAPH, or with ALL or NAMED after CLEAR or
DROP. Each of these is looked for anywhere in the text, in strings and comments, too, so that it does not matter where
the parser sees a token begin.

A second, narrower answer leaves out the patterns of the update, which read only. It trusts that its operations were
told apart as the parser does, so it is asked only where a mistake does no harm.
"""

from __future__ import annotations

import re
from typing import Protocol

from pyoxigraph import DefaultGraph, NamedNode

from jobgraph.store import PREFIXES, GraphName
from jobgraph.writing.operations import without_patterns

_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_IRI = re.compile(r"""<((?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+)>""")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
# A comment between the words may hide what follows it.
_ANY_GRAPH = re.compile(r"graph\s*+[?$#]|(?:clear|drop)\s*+(?:#|all|named|silent\s*+(?:#|all|named))", re.IGNORECASE)


class Reach(Protocol):
    """Tells of graphs whether a change may alter them."""

    def may_alter(self, graph: GraphName) -> bool:
        """Whether the change may alter this graph: no means no."""

    def writes(self, graph: GraphName) -> bool:
        """Whether it names this graph where it writes, as far as one can see."""


class OneGraph:
    """The reach of a change of one graph."""

    def __init__(self, graph: GraphName) -> None:
        self._graph = graph

    def may_alter(self, graph: GraphName) -> bool:
        """Whether it is this one."""
        return graph == self._graph

    writes = may_alter


class TextReach:
    """The reach of an update, by its text.

    >>> reach = TextReach("INSERT DATA { GRAPH <urn:a> { <urn:b> <urn:p> 1 } }")
    >>> reach.may_alter(NamedNode("urn:a")), reach.may_alter(NamedNode("urn:c"))
    (True, False)
    """

    def __init__(self, text: str) -> None:
        self._names = _Names(text)
        self._written = _Names(without_patterns(text))

    def may_alter(self, graph: GraphName) -> bool:
        """Whether the update may alter this graph; the unnamed one always, for nothing need name it."""
        return self._names.can_say(graph)

    def writes(self, graph: GraphName) -> bool:
        """Whether it names this graph outside of its patterns."""
        return self._written.can_say(graph)


class _Names:
    """The graphs that a text can name."""

    def __init__(self, text: str) -> None:
        iris = {_ESCAPE.sub(_decoded, match[1]) for match in _IRI.finditer(text)}
        # A relative IRI, or one with steps up, may become any other.
        self._is_any = bool(_ANY_GRAPH.search(text)) or any(not _SCHEME.match(iri) or "/." in iri for iri in iris)
        # What an IRI is the start of, a prefix that stands for it can say.
        self._starts = (*iris, *(namespace for prefix, namespace in PREFIXES.items() if f"{prefix}:" in text))

    def can_say(self, graph: GraphName) -> bool:
        """Whether the text can name this graph."""
        if self._is_any or isinstance(graph, DefaultGraph):
            return True
        return isinstance(graph, NamedNode) and graph.value.startswith(self._starts)


def _decoded(escape: re.Match[str]) -> str:
    code = int(escape[1] or escape[2], 16)
    return chr(code) if code <= 0x10FFFF else escape[0]
