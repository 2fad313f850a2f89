"""A query as it is sent to an endpoint: with values in place of variables, and graphs as they are called there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from jobgraph.errors import UsageError
from jobgraph.store.formats import PREFIXES
from jobgraph.store.query import Term
from jobgraph.store.screen import screen_query
from jobgraph.store.tokens import SILENT, Token, iter_tokens

_ADVICE = "ask the copy, without --at-endpoint"


@dataclass(frozen=True)
class Rewritten:
    """A query for an endpoint, in two parts, so that it can also be asked for its number of rows."""

    prologue: str
    body: str

    @property
    def text(self) -> str:
        """The query."""
        return f"{self.prologue}{self.body}"

    @property
    def count(self) -> str:
        """The query for the number of its rows."""
        return f"{self.prologue}SELECT (COUNT(*) AS ?rows) WHERE {{ {{ {self.body} }} }}"


def rewrite(
    text: str, values: Mapping[str, Term], graph_of: Callable[[str], str], *, base: str | None = None
) -> Rewritten:
    """A SELECT or ASK as an endpoint takes it.

    Parameters
    ----------
    values : terms by the name of the variable that they stand for.
    graph_of : what a graph of the store is called at the endpoint.

    Raises
    ------
    RefusedError : the query calls out, or is too large.
    UsageError : it asks for what cannot mean the same at an endpoint.
    """
    screen_query(text)
    tokens = list(iter_tokens(text))
    start = _start_of_body(tokens)
    prefixes = dict(PREFIXES) | _declared(tokens[:start])
    used = _Rewriting(tokens[start:], values, graph_of, prefixes)
    heads = [f"BASE <{base}>\n"] if base else []
    heads += [f"PREFIX {name}: <{iri}>\n" for name, iri in prefixes.items()]
    return Rewritten("".join(heads), used.text())


def _start_of_body(tokens: list[Token]) -> int:
    """Where SELECT or ASK stands.

    Raises
    ------
    UsageError : there is neither.
    """
    for at, token in enumerate(tokens):
        if token.word in {"SELECT", "ASK"}:
            return at
        if token.word in {"CONSTRUCT", "DESCRIBE"}:
            raise UsageError(f"An endpoint does not show whether an answer to {token.word} is whole; {_ADVICE}.")
        if token.word == "BASE":
            raise UsageError(f"A query for an endpoint names its IRIs in full, without BASE; or {_ADVICE}.")
    raise UsageError("The query has neither SELECT nor ASK; write one of them.")


def _declared(tokens: list[Token]) -> dict[str, str]:
    """The prefixes that the query declares."""
    told = [token for token in tokens if token.kind not in SILENT]
    return {
        name.text.removesuffix(":"): iri.text[1:-1]
        for word, name, iri in zip(told, told[1:], told[2:], strict=False)
        if word.word == "PREFIX" and iri.kind == "iri"
    }


@dataclass
class _Rewriting:
    """A walk over the tokens of a query without its prologue."""

    tokens: list[Token]
    values: Mapping[str, Term]
    graph_of: Callable[[str], str]
    prefixes: Mapping[str, str]
    at: int = 0
    selects: int = 0
    found: list[str] = field(default_factory=list)

    def text(self) -> str:
        """The query with values and graphs replaced."""
        while (token := self._next()) is not None:
            if token.word == "FROM":
                raise UsageError(f"A query for an endpoint has no FROM; {_ADVICE}.")
            if token.word in _RULES:
                _RULES[token.word](self, token)
            else:
                self.found.append(self._value(token))
        return "".join(self.found)

    def _next(self) -> Token | None:
        self.at += 1
        return self.tokens[self.at - 1] if self.at <= len(self.tokens) else None

    def _peek(self) -> Token | None:
        """The next token that says something."""
        return next((token for token in self.tokens[self.at :] if token.kind not in SILENT), None)

    def _told(self) -> Token:
        """Take the next token that says something; the silent ones before it are kept."""
        while (token := self._next()) is not None:
            if token.kind not in SILENT:
                return token
            self.found.append(token.text)
        raise UsageError("The query ends too early.")

    def _value(self, token: Token) -> str:
        return str(self.values[token.name]) if token.name in self.values else token.text

    def _select(self, token: Token) -> None:
        """Name what has a value in the columns of the whole query; in those of a subquery it goes."""
        self.found.append(token.text)
        self.selects += 1
        depth, columns = 0, 0
        while (following := self._peek()) and (depth or not _ends_columns(following)):
            column = self._told()
            depth += (column.text == "(") - (column.text == ")")
            is_given = not depth and column.name in self.values
            columns += not is_given and column.word not in {"DISTINCT", "REDUCED"}
            if not is_given or depth:
                self.found.append(self._value(column))
            elif self.selects == 1:
                self.found.append(f"({self.values[column.name]} AS {column.text})")
        if not columns and self.selects > 1:
            self.found.append(f" (1 AS ?given{self.at}) ")

    def _bound(self, token: Token) -> None:
        """Whether a variable with a value is bound, engines do not agree on."""
        parts = [self._told() for _ in range(3)]
        if parts[1].name in self.values:
            raise UsageError(f"BOUND has no meaning for {parts[1].text}, which has a value; leave it out.")
        self.found.append(token.text + "".join(part.text for part in parts))

    def _graph(self, token: Token) -> None:
        name = self._told()
        if name.kind == "iri":
            iri = name.text[1:-1]
        elif name.kind == "name":
            prefix, _, local = name.text.partition(":")
            iri = self.prefixes.get(prefix, "") + local
        else:
            raise UsageError(f"A query for an endpoint names each graph; {_ADVICE}.")
        self.found.append(f"{token.text} <{self.graph_of(iri)}>")

    def _by(self, token: Token) -> None:
        """What has a value sorts and groups nothing."""
        self.found.append(token.text)
        while (following := self._peek()) and following.name:
            name = self._told()
            self.found.append(f"({self.values[name.name]})" if name.name in self.values else name.text)

    def _binding(self, token: Token) -> None:
        """A variable that gets a value from the query cannot have one already."""
        self.found.append(token.text)
        following = self._peek()
        if following and following.name in self.values:
            raise UsageError(f"The query itself gives {following.text} a value; take another name.")


def _ends_columns(token: Token) -> bool:
    return token.text == "{" or token.word in {"WHERE", "FROM"}


_RULES: Mapping[str, Callable[[_Rewriting, Token], None]] = {
    "SELECT": _Rewriting._select,
    "BOUND": _Rewriting._bound,
    "GRAPH": _Rewriting._graph,
    "BY": _Rewriting._by,
    "AS": _Rewriting._binding,
    "VALUES": _Rewriting._binding,
}
