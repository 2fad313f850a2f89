"""The text of a SPARQL constraint: what it may not say, and how it is asked about all focus nodes at once.

The specification binds `$this` before a query is evaluated, node by node. Here the pattern of the focus nodes is put in
front, which gives the same solutions where every group that computes with `$this` has that pattern, too; a query that
counts or cuts across focus nodes is left to the reference engine.

Source: https://www.w3.org/TR/shacl/#pre-binding
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pyoxigraph import BlankNode, Literal, NamedNode, Store, Triple

from jobgraph.errors import InputError, RefusedError
from jobgraph.shacl.model import Shape, SparqlText
from jobgraph.shacl.paths import to_sparql
from jobgraph.store.screen import screen_query
from jobgraph.store.tokens import SILENT, Token, iter_tokens


class BeyondSetsError(Exception):
    """What cannot be asked about all focus nodes at once; its text is the reason."""


@dataclass
class _Group:
    """A pair of braces: where it opens and closes, what it is, and how it uses `$this`."""

    start: int
    kind: str
    header: int  # where its SELECT stands
    end: int = -1
    depth: int = 0
    computes: bool = False
    pending: int | None = None  # a SELECT whose body is still to come
    parent: _Group | None = None
    wraps: bool = False  # holds nothing but a SELECT

    @property
    def is_inside_exists(self) -> bool:
        """Whether the engine evaluates it with the outer values already bound."""
        return self.kind == "exists" or (self.parent is not None and self.parent.is_inside_exists)

    @property
    def is_bound_inside(self) -> bool:
        """Whether the focus nodes have to stand in it."""
        return self.kind == "select" or (self.computes and not self.wraps and not self.is_inside_exists)


_FORBIDDEN = {"MINUS": "a MINUS", "VALUES": "VALUES", "SERVICE": "SERVICE", "FROM": "FROM"}
_AGGREGATES = {"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT", "HAVING"}
_PREBOUND = {"this", "currentShape", "shapesGraph"}
_ESCAPED = re.compile(r"\\(.)")


class Query:
    """The query of one constraint of a shape, checked, with its parameters in place.

    Raises
    ------
    InputError : it does not parse, or says what a SPARQL constraint may not.
    """

    def __init__(self, sparql: SparqlText, shape: Shape, place: str) -> None:
        self._place = place
        self._sparql, self._shape = sparql, shape
        try:
            screen_query(sparql.text)
        except RefusedError as error:
            raise InputError(f"{place}: {error}") from None
        self._tokens = _without_bound([self._placed(token) for token in iter_tokens(sparql.text)])
        self._check_syntax()
        self._outer, self._groups = _groups(self._tokens)
        self._check_words()
        self._check_subselects()

    @property
    def prefixes(self) -> str:
        """The declarations of its prefixes."""
        return "".join(f"PREFIX {name}: <{iri}> " for name, iri in self._sparql.prefixes.items())

    def rows(self, where: str, keys: Sequence[str]) -> str:
        """A SELECT of all violations of all focus nodes that the pattern `where` binds to `?this`.

        Raises
        ------
        BeyondSetsError : the query cannot be asked in one go.
        """
        self._check_compiles()
        header, modifiers = self._tokens[: self._outer.start], self._tokens[self._outer.end + 1 :]
        if any(token.word in {"LIMIT", "OFFSET"} for token in modifiers):
            raise BeyondSetsError("a query with LIMIT or OFFSET is asked node by node")
        counts = _counts(header, modifiers)
        if counts and "this" not in _grouped(modifiers):
            raise BeyondSetsError("a query that counts without GROUP BY $this is asked node by node")
        projected = [token.name for token in header]
        if "this" not in projected and not any(token.text == "*" for token in header):
            raise BeyondSetsError("a query that does not select $this is asked node by node")
        inserted = f"{{ SELECT DISTINCT {' '.join(keys)} ?this {{ {where} }} }} " if counts else f"{where} "
        return f"{self.prefixes}{_select(header, keys)}{self._body(inserted)}{_with_keys(modifiers, keys)}"

    def pattern(self, this: str, value: str, suffix: str) -> str:
        """The query as a pattern inside EXISTS, with its own variables made different by `suffix`.

        Raises
        ------
        BeyondSetsError : the query cannot stand there.
        """
        self._check_compiles()
        if _counts(self._tokens, ()) or any(group.kind == "select" for group in self._groups):
            raise BeyondSetsError("a query that counts or nests another one cannot stand inside a shape")
        names = {"this": this, "value": value} if self._sparql.is_ask else {"this": this}
        inner = self._tokens[self._outer.start + 1 : self._outer.end]
        return "".join(_renamed(token, names, suffix) for token in inner)

    def expands(self) -> str:
        """The text with full IRIs in place of prefixed names, for a place that has no prefixes of its own."""
        return "".join(token.text for token in self._tokens)

    def _placed(self, token: Token) -> Token:
        """The token with what a name stands for in its place."""
        if token.kind == "name" and not token.text.startswith("_:"):
            return self._full_iri(token)
        if token.kind != "variable":
            return token
        if token.name == "PATH":
            return Token("iri", f"({self._path()})")
        if token.name == "currentShape" and isinstance(self._shape.node, NamedNode):
            return Token("iri", str(self._shape.node))
        term = self._sparql.parameters.get(token.name)
        if isinstance(term, NamedNode | Literal):
            return Token("iri", str(term))
        return Token("variable", f"?{token.name}")

    def _full_iri(self, token: Token) -> Token:
        prefix, _, local = token.text.partition(":")
        namespace = self._sparql.prefixes.get(prefix)
        if namespace is None:
            if re.search(rf"\bprefix\s+{re.escape(prefix)}:", self._sparql.text, re.IGNORECASE):
                return token
            raise InputError(f"{self._place}: the query has an unknown prefix, {prefix!r}; declare it with sh:declare.")
        unescaped = _ESCAPED.sub(lambda match: match[1], local)
        return Token("iri", f"<{namespace}{unescaped}>")

    def _path(self) -> str:
        if self._shape.path is None:
            raise InputError(f"{self._place}: $PATH stands in the query of a node shape; a property shape has a path.")
        return to_sparql(self._shape.path)

    def _check_syntax(self) -> None:
        text = self.expands()
        try:
            Store().query(self.prefixes + text, named_graphs=[])
        except SyntaxError as error:
            problem = re.sub(r"^error at \d+:\d+: ", "", " ".join(str(error).split()))
            raise InputError(f"{self._place}: the query does not parse: {problem}.") from None

    def _check_words(self) -> None:
        for token in self._tokens:
            if token.word in _FORBIDDEN:
                raise InputError(
                    f"{self._place}: a SPARQL constraint must not have {_FORBIDDEN[token.word]}; say it another way."
                )
        significant = [token for token in self._tokens if token.kind not in SILENT]
        bound = self._prebound()
        for token, following in pairwise(significant):
            if token.word == "AS" and following.name in bound:
                raise InputError(f"{self._place}: the query binds ${following.name}, which has a value; rename it.")

    def _check_subselects(self) -> None:
        for group in self._groups:
            if group.kind != "select":
                continue
            names = {token.name for token in self._tokens[group.header : group.start]}
            missing = sorted(self._prebound() - {"currentShape", "shapesGraph"} - names)
            if missing:
                raise InputError(f"{self._place}: a query inside the query does not select ${missing[0]}; add it.")

    def _prebound(self) -> set[str]:
        return {*_PREBOUND, *self._sparql.parameters, *(["value"] if self._sparql.is_ask else [])}

    def _check_compiles(self) -> None:
        for token in self._tokens:
            if token.name in {"shapesGraph", "currentShape"}:
                raise BeyondSetsError(f"a query that uses ${token.name} is left to the reference engine")
        if any(isinstance(term, BlankNode | Triple) for term in self._sparql.parameters.values()):
            raise BeyondSetsError("a parameter that is a blank node is left to the reference engine")
        for group in self._groups:
            if group.kind != "select" or group.parent is None:
                continue
            modifiers = self._tokens[group.end + 1 : group.parent.end]
            if any(token.word in {"LIMIT", "OFFSET"} for token in modifiers):
                raise BeyondSetsError("a query with LIMIT inside is asked node by node")
            if _counts(self._tokens[group.header : group.start], modifiers) and "this" not in _grouped(modifiers):
                raise BeyondSetsError("a query that counts inside without GROUP BY $this is asked node by node")

    def _body(self, inserted: str) -> str:
        """The outermost group, with the focus nodes in it and in every group inside that computes with `$this`."""
        places = {self._outer.start}
        places |= {group.start for group in self._groups if group.is_bound_inside}
        tokens = enumerate(self._tokens[self._outer.start : self._outer.end + 1], start=self._outer.start)
        return "".join(f"{token.text} {inserted}" if index in places else token.text for index, token in tokens)


def _without_bound(tokens: list[Token]) -> list[Token]:
    """The tokens with `true` for BOUND of what has a value: only a variable may stand there."""
    places = [index for index, token in enumerate(tokens) if token.kind not in SILENT]
    replaced = list(tokens)
    for word, _, inner in zip(places, places[1:], places[2:], strict=False):
        if tokens[word].word == "BOUND" and tokens[inner].kind == "iri":
            replaced[word], replaced[inner] = Token("other", ""), Token("word", "true")
    return replaced


def _groups(tokens: list[Token]) -> tuple[_Group, list[_Group]]:
    """The outermost group, and all groups inside it."""
    found: list[_Group] = []
    current: _Group | None = None
    word = ""
    for index, token in enumerate(tokens):
        if token.text == "{":
            current = _opened(index, word, current)
            found.append(current)
        elif token.text == "}" and current is not None:
            current.end = index
            current = _closed(current)
        elif current is not None:
            _note(index, token, current)
        if token.kind not in SILENT:
            word = token.word
    return found[0], found[1:]


def _opened(index: int, word: str, parent: _Group | None) -> _Group:
    kind, header = ("exists", index) if word == "EXISTS" else ("group", index)
    if kind == "group" and parent is not None and parent.pending is not None:
        kind, header = "select", parent.pending
        parent.pending = None
    return _Group(index, kind, header, parent=parent)


def _closed(group: _Group) -> _Group | None:
    if group.parent is not None and group.computes and group.is_inside_exists:
        group.parent.computes = True
    return group.parent


def _note(index: int, token: Token, group: _Group) -> None:
    if token.word == "SELECT":
        group.pending, group.wraps = index, True
    elif token.text == "(":
        group.depth += 1
    elif token.text == ")":
        group.depth -= 1
    elif token.name == "this" and (group.depth > 0 or group.is_inside_exists):
        group.computes = True


def _counts(header: Iterable[Token], modifiers: Iterable[Token]) -> bool:
    return any(token.word in _AGGREGATES or token.word == "GROUP" for token in (*header, *modifiers))


def _grouped(modifiers: Iterable[Token]) -> set[str]:
    """The variables of GROUP BY."""
    names: set[str] = set()
    inside = False
    for token in modifiers:
        inside = (inside or token.word == "GROUP") and token.word not in {"HAVING", "ORDER"}
        if inside:
            names.add(token.name)
    return names


def _select(header: list[Token], keys: Sequence[str]) -> str:
    """The SELECT clause, with DISTINCT and the keys."""
    is_all = any(token.text == "*" for token in header)
    added = "" if is_all else f" {' '.join(keys)}"
    text = ""
    for token in header:
        if token.word in {"DISTINCT", "REDUCED"}:
            continue
        text += f"{token.text} DISTINCT{added}" if token.word == "SELECT" else token.text
    return text


def _with_keys(modifiers: list[Token], keys: Sequence[str]) -> str:
    text, inside = "", False
    for token in modifiers:
        text += token.text
        if token.word == "BY" and inside:
            text += f" {' '.join(keys)} "
        inside = token.word == "GROUP" or (inside and token.kind in SILENT)
    return text


def _renamed(token: Token, names: dict[str, str], suffix: str) -> str:
    if token.text.startswith("_:"):
        return f"{token.text}_{suffix}"
    if token.kind != "variable":
        return token.text
    return names.get(token.name, f"?sh_{token.name}_{suffix}")
