"""What the triple patterns of a SPARQL query ask for, read from its text without parsing it whole.

What is not understood at sight is not guessed: the reading then says that it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from jobgraph.store.formats import PREFIXES
from jobgraph.vocabulary import RDF

Pattern = tuple[str, str]  # the IRI of a property, and that of a class where the property is rdf:type; else ''

_TYPE = f"{RDF}type"
_IRI = r"<[A-Za-z][A-Za-z0-9+.\-]*:[^<>\"{}|^`\\\x00-\x20]*>"
_NAME = r"(?:[^\W\d_](?:[\w.\-]*[\w\-])?)?:(?:[\w:%\-](?:[\w:%.\-]*[\w:%\-])?)?"
_TOKENS = {
    "comment": r"\#[^\r\n]*",
    "blank": r"_:\S*",
    "string": r'(?:"""(?:"{0,2}+(?:[^"\\]|\\.))*+"""'
    r"|'''(?:'{0,2}+(?:[^'\\]|\\.))*+'''"
    r'|"(?:[^"\\\r\n]|\\[^\r\n])*+"'
    r"|'(?:[^'\\\r\n]|\\[^\r\n])*+')"
    rf"(?:@[A-Za-z]+(?:-[A-Za-z0-9]+)*|\^\^(?:{_IRI}|{_NAME}))?",
    "iri": _IRI,
    "doubtful": r"<[^<>\"{}|^`\\\x00-\x20]*>",  # an IRI to complete, or two comparisons
    "name": _NAME,
    "variable": r"[?$]\w+",
    "word": r"\w(?:[\w.]*\w)?",
    "other": r"\S",
}
_TOKEN = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _TOKENS.items()), re.DOTALL)
# What differs between queries that are else the same: the IRIs of entities, and numbers.
_CHANGING = re.compile(r"(?<=[\s({])<https?://[\w./~\-]*/[\w.~\-]*\d[\w.~\-]*>|(?<=\s)\d+(?:\.\d+)?(?=[\s)]|$)")
_BLANK = "x:0"
_VARIABLE = re.compile(r"[?$]\w")
_LONGEST = 20_000  # characters; to read more takes longer than it saves
_GROUPS = {"OPTIONAL", "UNION", "MINUS", "NOT", "EXISTS", "WHERE"}
_SKIPPED = {"SELECT", "VALUES", "GRAPH", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET"}
_TERMS = {"variable", "iri", "name", "string", "word"}
_OPERANDS = {*_TERMS, "close"}


@dataclass(frozen=True)
class Block:
    """The triple patterns of one subject, from `start` to `end` in the text of a query.

    `patterns` is None where any triple may matter: a variable as property, or a path that may take no step.
    """

    start: int
    end: int
    patterns: frozenset[Pattern] | None


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


class _UnknownError(Exception):
    """Something that is not understood at sight."""


def read_blocks(query: str) -> tuple[Block, ...] | None:
    """The blocks of SELECT or ASK that look at the merged graphs, not those inside GRAPH; None if not understood.

    >>> sorted(read_blocks("ASK { ?s jg:hasOutcome/^<urn:q> ?o }")[0].patterns)
    [('https://w3id.org/jobgraph/hasOutcome', ''), ('urn:q', '')]
    >>> read_blocks("DESCRIBE ?s { ?s a jg:Job }") is None
    True
    """
    if len(query) > _LONGEST:
        return None
    blocks = _read_outline(_CHANGING.sub(_blanked, query))
    named = (iri for block in blocks or () for pattern in block.patterns or () for iri in pattern)
    if any(iri.startswith(_BLANK) for iri in named):
        return _read_outline(query)
    return blocks


def _blanked(value: re.Match[str]) -> str:
    """A value of the same kind and length that says nothing."""
    if not value[0].startswith("<"):
        return "0" * len(value[0])
    return f"<{_BLANK.ljust(len(value[0]) - 2, '0')}>"


@lru_cache(maxsize=256)
def _read_outline(query: str) -> tuple[Block, ...] | None:
    try:
        return tuple(_Reader(query).read())
    except _UnknownError:
        return None


class _Reader:
    """Reads a query token by token."""

    def __init__(self, query: str) -> None:
        found = (_Token(m.lastgroup or "", m[0], m.start(), m.end()) for m in _TOKEN.finditer(query))
        self._tokens = [token for token in found if token.kind != "comment"]
        self._prefixes = dict(PREFIXES)
        self._at = 0

    def read(self) -> Iterator[Block]:
        """The blocks of the whole query."""
        if any(token.kind == "doubtful" or token.text == "\\" for token in self._tokens):
            raise _UnknownError
        self._prologue()
        self._skip_to("{")
        yield from self._group()
        if any(token.text == "{" for token in self._tokens[self._at :]):
            raise _UnknownError

    def _prologue(self) -> None:
        """Read the prefixes up to the form of the query, which must be one that shows no other triples."""
        while (word := self._next().text.upper()) == "PREFIX":
            name, iri = self._next(), self._next()
            if name.kind != "name" or not name.text.endswith(":") or iri.kind != "iri":
                raise _UnknownError
            self._prefixes[name.text[:-1]] = iri.text[1:-1]
        if word not in {"SELECT", "ASK"}:
            raise _UnknownError

    def _next(self) -> _Token:
        if self._at == len(self._tokens):
            raise _UnknownError
        self._at += 1
        return self._tokens[self._at - 1]

    def _peek(self) -> str:
        return self._tokens[self._at].text if self._at < len(self._tokens) else ""

    def _skip_to(self, end: str) -> None:
        while self._next().text != end:
            pass

    def _iri(self, token: _Token) -> str:
        if token.kind == "iri":
            return token.text[1:-1]
        prefix, _, local = token.text.partition(":")
        if prefix not in self._prefixes:
            raise _UnknownError
        return f"{self._prefixes[prefix]}{local}"

    def _group(self) -> Iterator[Block]:
        """The blocks up to the brace that closes the one just read."""
        while (token := self._next()).text != "}":
            word = token.text.upper() if token.kind == "word" else ""
            if token.text == "{":
                yield from self._group()
            elif token.kind in {"variable", "iri", "name"}:
                yield self._block(token.start)
            elif word in {"FILTER", "BIND"}:
                yield from self._expression()
            elif word in _SKIPPED:
                self._skip(word)
            elif token.text != "." and word not in _GROUPS:
                raise _UnknownError

    def _skip(self, word: str) -> None:
        """Go past what a word begins and looks at no merged graph."""
        if word == "SELECT":
            self._skip_to("{")
            self._at -= 1
        elif word == "VALUES":
            self._skip_to("}")
        elif word == "GRAPH":
            self._other_graph()
        else:
            self._modifiers()

    def _other_graph(self) -> None:
        """Go past a graph that is named, and what is asked of it."""
        if self._next().kind not in {"variable", "iri", "name"} or self._next().text != "{":
            raise _UnknownError
        for _ in self._group():
            pass

    def _modifiers(self) -> None:
        """Go past all that follows the pattern of a sub-select."""
        while self._peek() != "}":
            if self._next().text == "{":
                raise _UnknownError

    def _expression(self) -> Iterator[Block]:
        """The blocks inside what is filtered or bound; those of a bare EXISTS come by themselves.

        After an operand, `<` is "less than", and what looks like an IRI is none.
        """
        if self._peek().upper() in {"NOT", "EXISTS"}:
            return
        depth, before = 0, ""
        while True:
            token = self._next()
            if token.kind == "iri" and before in _OPERANDS:
                raise _UnknownError
            if token.text == "{":
                yield from self._group()
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if token.text == ")" and depth == 0:
                return
            before = "close" if token.text in {")", "{"} else token.kind

    def _block(self, start: int) -> Block:
        """The patterns of the subject just read."""
        found: set[Pattern] | None = set()
        while True:
            began = self._at
            properties, is_path = self._path(), self._at > began + 1
            objects = self._objects()
            if properties is None or found is None:
                found = None
            else:
                is_type = properties == [_TYPE] and not is_path
                found |= {(iri, class_ if is_type else "") for iri in properties for class_ in objects}
            is_end = self._peek() != ";"
            while self._peek() == ";":
                self._next()
                is_end = self._peek() in {".", "}"}
            if is_end:
                return Block(start, self._tokens[self._at - 1].end, None if found is None else frozenset(found))

    def _objects(self) -> list[str]:
        """The IRIs of the objects; '' for any other."""
        found: list[str] = []
        while True:
            token = self._next()
            if token.kind not in _TERMS:
                raise _UnknownError
            found.append(self._iri(token) if token.kind in {"iri", "name"} else "")
            if self._peek() != ",":
                return found
            self._next()

    def _path(self) -> list[str] | None:
        """The properties of a path; None where any property fits, or where it may take no step."""
        if _VARIABLE.match(self._peek()):
            self._next()
            return None
        found: list[str] = []
        depth, is_open, may_stand = 0, True, False
        while is_open or depth or self._peek() in {"/", "|", "+", "*", "?"}:
            token = self._next()
            is_property = token.kind in {"iri", "name"} or token.text == "a"
            if is_open and is_property:
                found.append(_TYPE if token.text == "a" else self._iri(token))
                is_open = False
            elif token.text in {"/", "|"} and not is_open:
                is_open = True
            elif token.text in {"(", ")"}:
                depth += 1 if token.text == "(" else -1
            elif token.text in {"+", "*", "?"} and not is_open:
                may_stand = may_stand or token.text != "+"
            elif not (token.text == "^" and is_open):
                raise _UnknownError
        return None if may_stand else found
