"""Queries whose joins are planned for a store on disk: what is needed as a whole is scanned, not looked up.

The store joins triple patterns by looking up each solution of one in the next, in tens of microseconds. The text that
is made here has the same solutions: a pattern stays in its group and shows the same variables. What is not understood
at sight stays as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from jobgraph.store.scans import Part, Sizes, join, triple_part
from jobgraph.store.tokens import SILENT, Token, iter_tokens

_COSTLY = re.compile(r"\bREGEX\b|\bREPLACE\b|>\(", re.IGNORECASE)  # functions that take longer than joining a set
_EXISTS = re.compile(r"\bEXISTS\b", re.IGNORECASE)
_CONSTANT = re.compile(r"true|false|\d+(\.\d+)?", re.IGNORECASE)
_REPEATED = {"/", "|", "+", "*", "?"}
_PAIRS = {"(": ")", "{": "}"}


def plan_joins(query: str, sizes: Sizes) -> str:
    """The query with its joins planned, or as it is where it has more than is known here."""
    try:
        return _Reader(query, sizes).read()
    except _UnknownError:
        return query


class _UnknownError(Exception):
    """Something that is not understood at sight."""


@dataclass
class _Group:
    """A pair of braces while it is read: its text so far, and about how many solutions its variables have."""

    sizes: dict[str, int]
    numbers: Iterator[int]
    is_closed: bool = True  # whether its filters see nothing but its own variables
    done: list[str] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    run: list[Part] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=dict)
    has_scans: bool = False

    def write(self) -> str:
        """All of it; a costly filter stands where it sees only what the joins leave."""
        filters = (self._last(text) for text in self.filters)
        return f"{{ {' '.join((*self.done, *filters))} }}"

    def _last(self, text: str) -> str:
        """A filter, by way of a variable if it is costly: the store would ask it before joining."""
        if not self.has_scans or not self.is_closed or not _COSTLY.search(text) or _EXISTS.search(text):
            return f"FILTER {text}"
        name = f"?sh_holds{next(self.numbers)}"
        return f"BIND({text} AS {name}) FILTER({name})"

    def flush(self, sizes: Sizes) -> None:
        """Join what was read since the last thing that stands between patterns."""
        if not self.run:
            return
        ends = {part.ends[1] for part in self.run}
        listed = {name: len(terms) for name, terms in self.values.items() if name not in ends}
        joined = join(self.run, listed | self.sizes, sizes)
        self.run = []
        self.done.append(joined.text)
        self.has_scans |= joined.has_scans
        self.sizes |= joined.sizes


class _Reader:
    """Reads a query token by token and writes the planned one."""

    def __init__(self, query: str, sizes: Sizes) -> None:
        self._tokens, self._sizes, self._at, self._body = list(iter_tokens(query)), sizes, 0, 0
        self._numbers = count(1)

    def read(self) -> str:
        """The whole query."""
        header = self._header()
        self._body = self._at
        group = self._group({})
        return f"{header}{group.write()}{self._slice(self._at, len(self._tokens))}"

    def _group(self, known: dict[str, int], *, is_closed: bool = True) -> _Group:
        """The group whose brace was just read, up to the one that closes it."""
        group, start = _Group(dict(known), self._numbers, is_closed), self._at
        while (token := self._peek()).text != "}":
            if token.word in _WORDS:
                self._next()
                _WORDS[token.word](self, group)
            elif token.text == "{":
                self._block(group)
            elif token.text == ".":
                self._next()
            else:
                self._triples(group)
        if is_closed:
            self._refuse_strangers(start, group)
        self._next()
        group.flush(self._sizes)
        return group

    def _refuse_strangers(self, start: int, group: _Group) -> None:
        """Leave a query as it is if a group asks whether something exists by a variable that only others give values.

        Such a variable is another one inside the group. But the store can take both for one, according to how it joins.
        """
        asked = {name for text in group.filters if _EXISTS.search(text) for name in _names(iter_tokens(text))}
        if not asked:
            return
        inside = Counter(_names(self._tokens[start : self._at]))
        filters = Counter(name for text in group.filters for name in _names(iter_tokens(text)))
        outside = set(_names(self._tokens[self._body : start])) | set(_names(self._tokens[self._at :]))
        if any(inside[name] == filters[name] and name in outside for name in asked):
            raise _UnknownError

    def _block(self, group: _Group) -> None:
        """Braces that stand by themselves: a sub-SELECT is joined, unless it is one of several alternatives."""
        self._expect("{")
        if self._peek().word != "SELECT":
            group.flush(self._sizes)
            inner = self._group(group.sizes)
            group.done.append(inner.write())
            group.has_scans |= inner.has_scans
            group.sizes |= inner.sizes
            return
        part = self._subselect()
        if self._peek().word == "UNION":
            group.flush(self._sizes)
            group.done.append(part.text)
        else:
            group.run.append(part)

    def _subselect(self) -> Part:
        header = self._header()
        inner = self._group({})
        start = self._at
        while self._next().text != "}":
            if self._tokens[self._at - 1].text == "{":
                raise _UnknownError
        named = [token.text for token in iter_tokens(header) if token.kind == "variable"]
        names = frozenset(named or inner.sizes)
        size = min((inner.sizes[name] for name in names if name in inner.sizes), default=None)
        text = f"{{ {header}{inner.write()}{self._slice(start, self._at - 1)} }}"
        return Part(text, ("?", "?"), names, size=size)

    def _union(self, group: _Group) -> None:
        group.done.append("UNION")
        inner = self._inner({})
        group.done.append(inner.write())
        group.has_scans |= inner.has_scans
        for name, size in inner.sizes.items():
            group.sizes[name] = max(group.sizes.get(name, size), size)

    def _optional(self, group: _Group) -> None:
        group.flush(self._sizes)
        inner = self._inner(group.sizes, is_closed=False)
        group.done += ["OPTIONAL", inner.write()]
        group.has_scans |= inner.has_scans

    def _minus(self, group: _Group) -> None:
        group.flush(self._sizes)
        group.done += ["MINUS", self._inner({}).write()]

    def _inner(self, known: dict[str, int], *, is_closed: bool = True) -> _Group:
        """The group that has to follow a word."""
        self._expect("{")
        if self._peek().word != "SELECT":
            return self._group(known, is_closed=is_closed)
        part = self._subselect()
        sizes = {} if part.size is None else dict.fromkeys(part.variables, part.size)
        return _Group(sizes, self._numbers, done=[part.text])

    def _filter(self, group: _Group) -> None:
        start = self._at
        word = self._peek().word
        opening = "{" if word in {"NOT", "EXISTS"} else "("
        while self._next().text != opening:
            pass
        self._close(opening)
        group.filters.append(self._slice(start, self._at))

    def _bind(self, group: _Group) -> None:
        group.flush(self._sizes)
        start = self._at
        self._expect("(")
        self._close("(")
        group.done.append(f"BIND{self._slice(start, self._at)}")

    def _values(self, group: _Group) -> None:
        group.flush(self._sizes)
        start = self._at
        name = self._next()
        if name.kind != "variable":
            raise _UnknownError
        self._expect("{")
        group.values[name.text] = []
        while self._peek().text != "}":
            group.values[name.text].append(self._term())
        self._next()
        group.done.append(f"VALUES {self._slice(start, self._at)}")

    def _triples(self, group: _Group) -> None:
        """The triples of one subject."""
        if self._peek().kind not in {"variable", "iri"}:
            raise _UnknownError
        subject = self._next().text
        while True:
            path = self._path()
            group.run.append(triple_part(subject, path, self._term(), group.values))
            while self._peek().text == ",":
                self._next()
                group.run.append(triple_part(subject, path, self._term(), group.values))
            if self._peek().text != ";":
                return
            self._next()
            if self._peek().text in {".", "}"}:
                return

    def _path(self) -> str:
        if self._peek().kind == "variable":
            return self._next().text
        text, depth, is_open = "", 0, True
        while is_open or depth or self._peek().text in _REPEATED:
            token = self._next()
            text += token.text
            if is_open and (token.kind == "iri" or token.text == "a"):
                is_open = False
            elif token.text in {"/", "|"} and not is_open:
                is_open = True
            elif token.text in {"(", ")"}:
                depth += 1 if token.text == "(" else -1
            elif token.text not in ({"^", "!"} if is_open else _REPEATED):
                raise _UnknownError
        return text

    def _term(self) -> str:
        token = self._next()
        if token.kind in {"variable", "iri"} or (token.kind == "word" and _CONSTANT.fullmatch(token.text)):
            return token.text
        if token.kind != "string":
            raise _UnknownError
        if self._peek().kind == "language":
            return token.text + self._next().text
        if self._peek().text != "^":
            return token.text
        return token.text + "".join(self._next().text for _ in range(3))

    def _header(self) -> str:
        """What stands before a group, whose brace is read, too."""
        start = self._at
        while self._next().text != "{":
            pass
        header = self._slice(start, self._at - 1)
        if header.count("(") != header.count(")"):
            raise _UnknownError  # a pattern among what is selected
        return header

    def _close(self, opening: str) -> None:
        """Go past what closes the brace or parenthesis that was just read."""
        depth = 1
        while depth:
            text = self._next().text
            depth += (text == opening) - (text == _PAIRS[opening])

    def _expect(self, text: str) -> None:
        if self._next().text != text:
            raise _UnknownError

    def _peek(self) -> Token:
        while self._at < len(self._tokens) and self._tokens[self._at].kind in SILENT:
            self._at += 1
        if self._at == len(self._tokens):
            raise _UnknownError
        return self._tokens[self._at]

    def _next(self) -> Token:
        token = self._peek()
        self._at += 1
        return token

    def _slice(self, start: int, end: int) -> str:
        return "".join(token.text for token in self._tokens[start:end])


def _names(tokens: Iterable[Token]) -> list[str]:
    return [token.text for token in tokens if token.kind == "variable"]


# What may stand between triple patterns; beside the class, for one that leads back to itself would keep a store open.
_WORDS: Mapping[str, Callable[[_Reader, _Group], None]] = {
    "BIND": _Reader._bind,
    "FILTER": _Reader._filter,
    "MINUS": _Reader._minus,
    "OPTIONAL": _Reader._optional,
    "UNION": _Reader._union,
    "VALUES": _Reader._values,
}
