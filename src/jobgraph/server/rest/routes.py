"""Questions, analyses and reports over HTTP, as `/openapi.json` describes them: which view answers, and how."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jobgraph.server.access import Identity
from jobgraph.server.exchange import TENANT, Exchange, decode_path
from jobgraph.server.negotiation import best_type, parse_accept
from jobgraph.server.pages.headers import page_headers
from jobgraph.server.problems import ProblemError
from jobgraph.server.reading import Question, no_type, query_seconds, send_answer
from jobgraph.server.rest.tables import CSV, HTML, JSON, SPARQL_JSON, TURTLE
from jobgraph.server.state import Server
from jobgraph.server.workers import ViewJob

_TABLE = (JSON, CSV)
_ENDINGS = {JSON: "json", CSV: "csv", SPARQL_JSON: "srj", TURTLE: "ttl", HTML: "html"}
_DOWNLOAD = "download"
_OURS = ":"  # begins the names of what a view is told beside the fields of the request
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True)
class _Route:
    """The view that answers at a path, its media types, and whether a generation always gets the same answer."""

    view: str
    types: tuple[str, ...] = _TABLE
    is_lasting: bool = True


# By the first step of the path and the number of its steps; the second step is a name.
_ROUTES: Mapping[tuple[str, int], _Route] = {
    ("questions", 1): _Route("questions"),
    ("questions", 2): _Route("question", (*_TABLE, SPARQL_JSON)),
    ("analysis", 1): _Route("analyses"),
    ("analysis", 2): _Route("analysis"),
    ("validation", 1): _Route("validation", (*_TABLE, TURTLE)),
    ("quarantine", 1): _Route("quarantine"),
    ("coverage", 1): _Route("coverage"),
    # What the last build and other generations say may change while the generation stays.
    ("coverage", 2): _Route("coverage_of_table", is_lasting=False),
    ("changes", 1): _Route("changes", is_lasting=False),
    ("generations", 1): _Route("generations", is_lasting=False),
    ("generations", 2): _Route("generation", (JSON,), is_lasting=False),
    ("openapi.json", 1): _Route("openapi", (JSON,)),
    ("docs", 1): _Route("docs", (HTML,)),
}


async def answer(server: Server, exchange: Exchange, identity: Identity) -> bool:
    """Answer a request of the REST interface; False where it is none.

    Raises
    ------
    ProblemError, AnswerError, GoneError : there is no answer, or it ends before it is whole.
    """
    steps = exchange.raw_path.split("/")[1:]
    route = _ROUTES.get((steps[0], len(steps)))
    if route is None or "" in steps:
        return False
    if exchange.method not in {"GET", "HEAD"}:
        raise ProblemError(405, f"{exchange.method} changes nothing here; use GET.", headers={"Allow": "GET, HEAD"})
    name = decode_path(steps[1]) if len(steps) > 1 else ""
    fields = _single(exchange.fields)
    is_download = _is_true(fields.pop(_DOWNLOAD, "false"))
    media_type = best_type(parse_accept(exchange.header("accept")), route.types)
    if not media_type:
        raise no_type(route.types)
    told = {_OURS + word: text for word, text in _told(server, exchange, identity)} | {_OURS + "name": name}
    if media_type == HTML:
        exchange.more_headers += page_headers()
    job = ViewJob(
        route.view,
        tuple(sorted((fields | told).items())),
        media_type,
        server.settings.answer_mb << 20,
    )
    question = Question(job, query_seconds(server, None), route.is_lasting)
    if is_download:
        exchange = _Download(exchange, _attachment(steps[0], name, media_type))
    await send_answer(server, exchange, identity, question)
    return True


def _told(server: Server, exchange: Exchange, identity: Identity) -> Iterator[tuple[str, str]]:
    """What a view knows of the request beside its fields."""
    yield "key", identity.key
    yield "address", server.public_url.replace(TENANT, identity.tenant) or "/"
    yield "root", exchange.root
    if "session" in exchange.facts:
        yield "session", "kept"


def _single(fields: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The fields by name.

    Raises
    ------
    ProblemError : one comes twice, or has a name that none can have.
    """
    for name, count in Counter(name for name, _ in fields).items():
        if count > 1:
            raise ProblemError(400, f"The parameter {name} comes {count} times; give it once.")
        if name.startswith(_OURS):
            raise ProblemError(400, f"There is no parameter {name}; leave it out.")
    return dict(fields)


def _is_true(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ProblemError(400, f"{_DOWNLOAD} is true or false, not {text!r}.")
    return text == "true"


def _attachment(kind: str, name: str, media_type: str) -> str:
    """The header that makes a browser keep the answer as a file."""
    stem = _UNSAFE.sub("_", name or kind.partition(".")[0])
    return f'attachment; filename="{stem}.{_ENDINGS[media_type]}"'


class _Download(Exchange):
    """An exchange whose answer browsers keep as a file; it shares all that it knows with the one that it stands for."""

    def __init__(self, exchange: Exchange, disposition: str) -> None:
        self.__dict__ = exchange.__dict__
        self._disposition = disposition

    async def _start(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        await super()._start(status, [*headers, ("content-disposition", self._disposition)])
