"""The operations of a SPARQL update, found in its text, and the text with a data set or a graph put into them.

Text is only ever inserted, and the text was screened before, so what is quoted or in brackets is told apart from what
is not. A mistake here could name another graph of the same store at worst: what a change may alter is decided on the
outcome, not here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from jobgraph.errors import UsageError

_IRI_CHARACTER = r"""(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})"""
_TOKENS = {
    "silent": r"\s+|#[^\r\n]*",
    "string": r'"""(?:"{0,2}+(?:[^"\\]|\\.))*+"""'
    r"|'''(?:'{0,2}+(?:[^'\\]|\\.))*+'''"
    r'|"(?:[^"\\\n\r]|\\[^\n\r])*+"'
    r"|'(?:[^'\\\n\r]|\\[^\n\r])*+'",
    "iri": rf"<{_IRI_CHARACTER}*+>",
    "variable": r"[?$]\w+",
    "name": r"(?:[^\W\d][\w.\-]*)?:(?:[\w.\-:%]|\\.)*",
    "word": r"\w+",
    "open": r"\{",
    "close": r"\}",
    "end": r";",
    "other": r"[\s\S]",
}
_TOKEN = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _TOKENS.items()), re.DOTALL)
_VERBS = ("INSERT", "DELETE")
_DATASET_WORDS = ("WITH", "USING")
_PROLOGUE = {"PREFIX", "BASE", "VERSION"}


@dataclass
class Operation:
    """One operation of an update.

    `head` has its words outside of braces, `verb` the place of its INSERT or DELETE, -1 for none, and `groups` the
    places where its outer braces open and close.
    """

    head: list[str] = field(default_factory=list)
    verb: int = -1
    groups: list[tuple[int, int]] = field(default_factory=list)

    @property
    def is_modify(self) -> bool:
        """Whether it has templates and a pattern of its own."""
        return len(self.groups) > 1

    @property
    def is_delete_where(self) -> bool:
        """Whether its pattern is its template."""
        return len(self.groups) == 1 and "WHERE" in "".join(self.head)

    @property
    def names_dataset(self) -> bool:
        """Whether it says itself which graphs its pattern sees; the parser lets a keyword run into a name."""
        return self.is_modify and any(word.startswith(_DATASET_WORDS) for word in self.head)


def read_operations(text: str) -> list[Operation]:
    """The operations of an update in their order; of a text that does not parse, what looks like some.

    >>> [operation.head for operation in read_operations("CLEAR ALL; INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }")]
    [['CLEAR', 'ALL'], ['INSERT', 'WHERE']]
    """
    found = [Operation()]
    depth, opened, declares = 0, 0, False
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        depth += (kind == "open") - (kind == "close")
        if kind == "open" and depth == 1:
            opened = match.start()
        elif kind == "close" and depth == 0:
            found[-1].groups.append((opened, match.start()))
        elif depth == 0 and kind == "end":
            found.append(Operation())
        elif depth == 0 and kind in {"word", "name"} and not declares:
            _note(found[-1], match)
        declares = depth == 0 and (match[0].upper() == "PREFIX" or (declares and kind == "silent"))
    return found


def with_dataset(text: str, default: Iterable[str], named: Iterable[str]) -> str:
    """The update with USING and USING NAMED for these graphs in each operation that has a pattern.

    Raises
    ------
    UsageError : an operation names its graphs itself, with WITH or USING; or one of these is no absolute IRI.
    """
    using = "".join(f" USING {word}{node(iri)}" for word, iris in (("", default), ("NAMED ", named)) for iri in iris)
    if not using:
        return text
    edits: list[tuple[int, str]] = []
    for operation in read_operations(text):
        if operation.names_dataset:
            raise UsageError(
                "The update names its graphs with WITH or USING, and so do the parameters of the request; use either."
            )
        if operation.is_modify:
            edits.append((operation.groups[-2][1] + 1, f"{using} "))
        elif operation.is_delete_where:
            opened, closed = operation.groups[0]
            edits.append((operation.verb + len("DELETE"), f" {text[opened : closed + 1]}{using} "))
    return _edited(text, edits)


def without_patterns(text: str) -> str:
    """The update without what its patterns say: its prologue, its templates and what it does to whole graphs.

    >>> without_patterns("INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }")
    'INSERT { ?s ?p 1 } WHERE {}'
    """
    patterns = [operation.groups[-1] for operation in read_operations(text) if operation.is_modify]
    ends = [0, *(closed for _, closed in patterns)]
    starts = [*(opened + 1 for opened, _ in patterns), len(text)]
    return "".join(text[end:start] for end, start in zip(ends, starts, strict=True))


def within_graph(text: str, graph: str | None) -> str:
    """The update with `graph` as the one that it reads and changes where it names none; None is the unnamed graph.

    Raises
    ------
    UsageError : it names graphs, or does something else than to insert and delete triples.
    """
    _refuse_graphs(text)
    operations = read_operations(text)
    for operation in operations:
        if operation.head and (operation.verb < 0 or not operation.groups):
            raise UsageError(f"{operation.head[0]} is no change of one graph; insert and delete triples only.")
    if graph is None:
        return text
    edits: list[tuple[int, str]] = []
    for operation in operations:
        if operation.is_modify:
            edits.append((operation.verb, f"WITH {node(graph)} "))
        elif operation.groups:
            opened, closed = operation.groups[0]
            edits += [(opened + 1, f" GRAPH {node(graph)} {{"), (closed, "}")]
    return _edited(text, edits)


def node(iri: str) -> NamedNode:
    """The graph of this IRI.

    Raises
    ------
    UsageError : it is no absolute IRI.
    """
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise UsageError(f"{iri!r} cannot name a graph: {error}. Write an absolute IRI.") from error


def _note(operation: Operation, match: re.Match[str]) -> None:
    """Take note of a word outside of braces."""
    word = match[0].upper()
    if word in _PROLOGUE:
        return
    operation.head.append(word)
    if operation.verb < 0 and word.startswith(_VERBS):
        operation.verb = match.start()


def _refuse_graphs(text: str) -> None:
    words = (match[0].upper() for match in _TOKEN.finditer(text) if match.lastgroup == "word")
    for word in words:
        if "GRAPH" in word or word.startswith(_DATASET_WORDS):
            raise UsageError(f"A patch changes one graph, the one that the request names; leave out {word}.")


def _edited(text: str, insertions: Sequence[tuple[int, str]]) -> str:
    return "".join(_iter_edited(text, insertions))


def _iter_edited(text: str, insertions: Sequence[tuple[int, str]]) -> Iterator[str]:
    last = 0
    for place, inserted in insertions:
        yield text[last:place]
        yield inserted
        last = place
    yield text[last:]
