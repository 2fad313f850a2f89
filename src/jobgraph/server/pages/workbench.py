"""The pages of the workbench: which view makes the page of an address, and what it is told of the request."""

from __future__ import annotations

import re
from collections.abc import Mapping

from jobgraph.server.exchange import decode_path
from jobgraph.server.negotiation import best_type, parse_accept
from jobgraph.server.pages.asking import Ask
from jobgraph.server.pages.headers import HTML
from jobgraph.server.problems import ProblemError
from jobgraph.server.reading import no_type
from jobgraph.server.rest.tables import CSV

# An address that ends with a slash is a folder: the view is told the rest of the path as `:name`.
PLACES: Mapping[str, str] = {
    "/landscape": "landscape_page",
    "/dependencies": "dependencies_page",
    "/inheritance": "inheritance_page",
    "/gaps": "gaps_page",
    "/quality": "quality_page",
    "/ask": "ask_page",
    "/ask/": "question_page",
}
TABLES = frozenset(["/ask/"])  # pages whose view makes CSV, too
_MOST_TEXT = 200
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def is_workbench(path: str) -> bool:
    """Whether an address is one of a page of the workbench."""
    return _found(path) is not None


async def send_workbench(ask: Ask, _rest: str) -> None:
    """A page of the workbench; the view gets the fields of the query string by name.

    Raises
    ------
    ProblemError, AnswerError : a field does not fit, or the client takes no HTML.
    """
    address, rest = _found(ask.exchange.raw_path) or ("", "")
    name = {":name": decode_path(rest)} if rest else {}
    fields = _fields(ask)
    kind = _kind(ask, address, fields.pop("_mediatype", ""))
    if kind == CSV:
        ask.exchange.more_headers.append(("content-disposition", f'attachment; filename="{_stem(rest)}.csv"'))
    await ask.send(PLACES[address], {**fields, **name}, kind)


def _kind(ask: Ask, address: str, wanted: str) -> str:
    """The media type of the answer, by `_mediatype` or by Accept."""
    types = (HTML, CSV) if address in TABLES else (HTML,)
    if wanted and wanted not in types:
        raise ProblemError(406, f"There is no {wanted!r} of this; choose one of {', '.join(types)}.")
    kind = wanted or best_type(parse_accept(ask.exchange.header("accept")), types)
    if not kind:
        raise no_type(types)
    return kind


def _stem(text: str) -> str:
    return _UNSAFE.sub("_", text)[:60]


def _found(path: str) -> tuple[str, str] | None:
    """The address of the page, and the rest of the path."""
    if path in PLACES and not path.endswith("/"):
        return path, ""
    folder, _, rest = path.rpartition("/")
    return (f"{folder}/", rest) if rest and f"{folder}/" in PLACES else None


def _fields(ask: Ask) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in ask.exchange.fields:
        if name in found:
            raise ProblemError(400, f"{name[:40]} is given twice; give it once.")
        if name.startswith(":") or len(name) > _MOST_TEXT or len(value) > _MOST_TEXT:
            raise ProblemError(400, f"{name[:40]} is no field, or has more than {_MOST_TEXT} characters; shorten it.")
        found[name] = value
    return found
