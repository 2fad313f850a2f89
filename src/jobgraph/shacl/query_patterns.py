"""The triple patterns of a compiled check, with their paths taken apart, so that changes can be followed along them.

What is not understood at sight is not guessed: the reading then says that it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count

from pyoxigraph import NamedNode

from jobgraph.shacl.statements import RDF
from jobgraph.store.following import Pattern
from jobgraph.store.tokens import SILENT, iter_tokens

_KEPT = 256  # readings of queries, each of which is asked for several times in a validation
_TYPE = NamedNode(f"{RDF}type")
_PAIRS = {"(": ")", "{": "}"}
_REPEATS = {"+", "*", "?"}


@dataclass(frozen=True)
class Kind:
    """What terms have in common: one of some values of a property, as N-Triples writes them."""

    property: NamedNode
    values: frozenset[str]


@dataclass(frozen=True)
class CheckPatterns:
    """The patterns of a query, and the places in it where `?this` can be held to a list of focus nodes.

    `values` are the IRIs that a variable is held to wherever the query holds.
    """

    patterns: tuple[Pattern, ...]
    places: tuple[int, ...]
    values: Mapping[str, tuple[str, ...]]

    @property
    def kind(self) -> Kind | None:
        """What all focus nodes have in common; None if nothing is known.

        >>> sorted(read_patterns("SELECT ?this { VALUES ?c { <urn:A> <urn:B> } ?this a ?c }").kind.values)
        ['<urn:A>', '<urn:B>']
        >>> read_patterns("SELECT ?this { { ?this a <urn:A> } UNION { ?this a <urn:B> } }").kind
        """
        for pattern in self.patterns:
            values = self.values.get(pattern.object, () if pattern.object.startswith("?") else (pattern.object,))
            if values and pattern.subject == "?this" and not (pattern.scope or pattern.repeats):
                return Kind(pattern.properties[0], frozenset(values))
        return None


@lru_cache(_KEPT)
def read_patterns(query: str) -> CheckPatterns | None:
    """What the query of a check asks for; None if it is not understood, or if any triple may matter.

    >>> read_patterns("SELECT ?this { ?this <urn:p>/^<urn:q> ?value }").patterns[1].subject
    '?value'
    """
    try:
        return _Reader(query).read()
    except _UnknownError:
        return None


class _UnknownError(Exception):
    """Something that is not understood at sight."""


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int

    @property
    def word(self) -> str:
        return self.text.upper() if self.kind == "word" else ""


@dataclass
class _Group:
    """A pair of braces while it is read: the groups around it that need not hold, and what variables are called."""

    scope: tuple[int, ...]
    names: Callable[[str], str]
    is_told: bool  # whether what stands around it tells it the focus node
    has_focus: bool = False  # whether the place for the focus nodes has been found


class _Reader:
    """Reads a query token by token; a path is taken apart into patterns with variables of their own between them."""

    def __init__(self, query: str) -> None:
        self._tokens, self._at, self._numbers = list(_placed(query)), 0, count(1)
        self._patterns: list[Pattern] = []
        self._places: list[int] = []
        self._held: dict[str, tuple[str, ...]] = {}

    def read(self) -> CheckPatterns:
        """The patterns of the whole query."""
        while self._peek().text != "{":
            self._next()
        self._group((), str)
        if any(token.text == "{" for token in self._tokens[self._at :]):
            raise _UnknownError
        return CheckPatterns(tuple(self._patterns), tuple(self._places), self._held)

    def _group(self, scope: tuple[int, ...], names: Callable[[str], str], *, is_told: bool = False) -> None:
        """Read the group whose brace comes next."""
        self._expect("{")
        group = _Group(scope, names, is_told)
        while self._peek().text != "}":
            token = self._peek()
            if token.word in _WORDS:
                self._next()
                _WORDS[token.word](self, group)
            elif token.text == "{":
                self._block(group)
            elif token.text == ".":
                self._next()
            else:
                self._triples(group)
        self._next()

    def _block(self, group: _Group) -> None:
        """Braces that stand by themselves: their patterns hold with the others, unless they are an alternative."""
        start, before = self._peek().start, len(self._patterns)
        self._group((*group.scope, start), group.names, is_told=group.is_told)
        if self._peek().word != "UNION":
            at = len(group.scope)
            read = self._patterns[before:]
            self._patterns[before:] = [replace(p, scope=p.scope[:at] + p.scope[at + 1 :]) for p in read]

    def _apart(self, group: _Group, *, is_told: bool = False) -> None:
        """The group that has to follow a word and need not hold; `is_told` where it knows the focus node."""
        self._group((*group.scope, self._peek().start), group.names, is_told=is_told or group.is_told)

    def _select(self, group: _Group) -> None:
        """A query inside: variables that it does not show are its own."""
        shown, suffix = set(), f".{next(self._numbers)}"
        while self._peek().text != "{":
            token = self._next()
            shown |= {f"?{token.text[1:]}"} if token.kind == "variable" else set()
            if token.text in {"*", "("}:
                raise _UnknownError
        names = group.names
        self._group(group.scope, lambda name: names(name) if name in shown else name + suffix, is_told=group.is_told)
        while self._peek().text != "}":
            if self._next().text == "{":
                raise _UnknownError

    def _filter(self, group: _Group) -> None:
        if self._peek().word in {"NOT", "EXISTS"}:
            while self._peek().text != "{":
                self._next()
            self._apart(group, is_told=True)
            return
        while self._peek().text != "(":
            self._next()
        self._expression(group)

    def _expression(self, group: _Group) -> None:
        """Read up to the parenthesis that closes the one that comes next; the groups in it are those of EXISTS."""
        self._expect("(")
        depth = 1
        while depth:
            token = self._peek()
            if token.text == "{":
                self._apart(group, is_told=True)
                continue
            depth += (token.text == "(") - (token.text == ")")
            self._next()

    def _values(self, group: _Group) -> None:
        names, values = self._up_to("{"), self._up_to("}")
        if len(names) == 1 and not group.scope and all(value.kind == "iri" for value in values):
            self._held[group.names(f"?{names[0].text[1:]}")] = tuple(value.text for value in values)

    def _up_to(self, text: str) -> list[_Token]:
        """The tokens before the next of this text, which is read, too."""
        found = []
        while (token := self._next()).text != text:
            found.append(token)
        return found

    def _triples(self, group: _Group) -> None:
        """The triples of one subject."""
        start = self._peek().start
        subject = self._term(group)
        before = len(self._patterns)
        while True:
            path = self._path()
            path(subject, self._term(group), group.scope)
            while self._peek().text == ",":
                self._next()
                path(subject, self._term(group), group.scope)
            if self._peek().text != ";":
                break
            self._next()
        if not (group.has_focus or group.is_told) and any(
            "?this" in pattern.variables for pattern in self._patterns[before:]
        ):
            self._places.append(start)
            group.has_focus = True

    def _term(self, group: _Group) -> str:
        token = self._next()
        if token.kind == "variable":
            return group.names(f"?{token.text[1:]}")
        if token.kind == "iri":
            return token.text
        raise _UnknownError

    def _path(self) -> _Walk:
        """What notes the patterns of a path between two terms."""
        ways = [self._sequence()]
        while self._peek().text == "|":
            self._next()
            ways.append(self._sequence())
        return ways[0] if len(ways) == 1 else self._alternative(ways)

    def _alternative(self, ways: list[_Walk]) -> _Walk:
        def walk(subject: str, obj: str, scope: tuple[int, ...]) -> None:
            for way in ways:
                way(subject, obj, (*scope, -next(self._numbers)))

        return walk

    def _sequence(self) -> _Walk:
        steps = [self._step()]
        while self._peek().text == "/":
            self._next()
            steps.append(self._step())

        def walk(subject: str, obj: str, scope: tuple[int, ...]) -> None:
            ends = [f"?.{next(self._numbers)}" for _ in steps[1:]]
            for step, start, end in zip(steps, [subject, *ends], [*ends, obj], strict=True):
                step(start, end, scope)

        return walk

    def _step(self) -> _Walk:
        token = self._next()
        if token.text == "^":
            inner = self._step()
            return lambda subject, obj, scope: inner(obj, subject, scope)
        if token.text == "(":
            walk = self._path()
            self._expect(")")
        elif token.kind == "iri" or token.text == "a":
            walk = self._along(_TYPE if token.text == "a" else NamedNode(token.text[1:-1]), token.start)
        else:
            raise _UnknownError
        if self._peek().text in _REPEATS:
            self._next()
            return self._repeated(walk)
        return walk

    def _along(self, property_: NamedNode, start: int) -> _Walk:
        def walk(subject: str, obj: str, scope: tuple[int, ...]) -> None:
            self._patterns.append(Pattern(subject, (property_,), obj, start, repeats=False, scope=scope))

        return walk

    def _repeated(self, inner: _Walk) -> _Walk:
        def walk(subject: str, obj: str, scope: tuple[int, ...]) -> None:
            before = len(self._patterns)
            inner(subject, obj, scope)
            steps = self._patterns[before:]
            properties = tuple(dict.fromkeys(p for step in steps for p in step.properties))
            self._patterns[before:] = [Pattern(subject, properties, obj, steps[0].start, repeats=True, scope=scope)]

        return walk

    def _expect(self, text: str) -> None:
        if self._next().text != text:
            raise _UnknownError

    def _peek(self) -> _Token:
        if self._at == len(self._tokens):
            raise _UnknownError
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._peek()
        self._at += 1
        return token


_Walk = Callable[[str, str, tuple[int, ...]], None]

# Beside the class, for one that leads back to itself would live longer than it is needed.
_WORDS: Mapping[str, Callable[[_Reader, _Group], None]] = {
    "BIND": _Reader._expression,
    "FILTER": _Reader._filter,
    "MINUS": _Reader._apart,
    "OPTIONAL": _Reader._apart,
    "SELECT": _Reader._select,
    "UNION": _Reader._apart,
    "VALUES": _Reader._values,
}


def _placed(query: str) -> Iterator[_Token]:
    start = 0
    for token in iter_tokens(query):
        if token.kind not in SILENT:
            yield _Token(token.kind, token.text, start)
        start += len(token.text)
