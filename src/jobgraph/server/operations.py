"""SPARQL requests as the SPARQL 1.1 Protocol sends them: what is asked, of which data set, in which form of answer."""

from __future__ import annotations

from dataclasses import dataclass

from jobgraph.server.exchange import Exchange, decode_text, parse_fields
from jobgraph.server.problems import ProblemError

FORM = "application/x-www-form-urlencoded"
QUERY, UPDATE = "application/sparql-query", "application/sparql-update"


@dataclass(frozen=True)
class Operation:
    """A query or an update and its data set; `None` where the request names no graph."""

    kind: str  # "query" or "update"
    text: str
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    seconds: float | None


async def read_operation(exchange: Exchange, limit: int) -> Operation | None:
    """The operation of a request; None for a GET that asks nothing.

    Raises
    ------
    ProblemError : it is none, or more than one.
    GoneError : the client went away.
    """
    if exchange.method in {"GET", "HEAD"}:
        fields = exchange.fields
        if not _values(fields, "query") and not _values(fields, "update"):
            return None
        if _values(fields, "update"):
            raise ProblemError(405, "GET changes nothing; send the update with POST.", headers={"Allow": "POST"})
        return _operation(fields, "query", None)
    if exchange.method != "POST":
        raise ProblemError(
            405, f"{exchange.method} is not for SPARQL; use GET or POST.", headers={"Allow": "GET, HEAD, POST"}
        )
    media_type, parameters = exchange.content_type
    if parameters.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise ProblemError(415, "SPARQL is read as UTF-8 only; send it so.")
    if media_type == FORM:
        fields = exchange.fields + parse_fields(await exchange.body(limit))
        kind = "update" if _values(fields, "update") else "query"
        return _operation(fields, kind, None)
    if media_type in {QUERY, UPDATE}:
        kind = "query" if media_type == QUERY else "update"
        return _operation(exchange.fields, kind, decode_text(await exchange.body(limit)))
    raise ProblemError(415, f"The content type must be {QUERY}, {UPDATE} or {FORM}, not {media_type or 'missing'}.")


def _operation(fields: list[tuple[str, str]], kind: str, text: str | None) -> Operation:
    if not fields and kind == "query" and text is not None:  # most often
        return Operation(kind, text, None, None, None)
    texts = _values(fields, "query") + _values(fields, "update") + ([] if text is None else [text])
    if len(texts) != 1:
        raise ProblemError(400, f"A request holds one query or update, not {len(texts)}.")
    names = (
        ("default-graph-uri", "named-graph-uri") if kind == "query" else ("using-graph-uri", "using-named-graph-uri")
    )
    default, named = (tuple(_values(fields, name)) for name in names)
    is_given = bool(default or named)
    return Operation(kind, texts[0], default if is_given else None, named if is_given else None, _seconds(fields))


def _values(fields: list[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in fields if key == name]


def _seconds(fields: list[tuple[str, str]]) -> float | None:
    """What a request wants as its limit of time."""
    given = _values(fields, "timeout")
    if not given:
        return None
    try:
        seconds = float(given[0])
    except ValueError:
        seconds = -1
    if not 0 < seconds < float("inf"):
        raise ProblemError(400, f"timeout is a number of seconds above 0, not {given[0]!r}.")
    return seconds
