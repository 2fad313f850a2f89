"""`/graphs`: the SPARQL 1.1 Graph Store Protocol, direct (the address is the graph's name) and indirect (`?graph=`)."""

from __future__ import annotations

from jobgraph.server.access import Identity
from jobgraph.server.exchange import Exchange
from jobgraph.server.negotiation import GRAPH_TYPES, wanted_type
from jobgraph.server.problems import ProblemError
from jobgraph.server.reading import Question, no_type, query_seconds, send_answer
from jobgraph.server.state import Server
from jobgraph.server.workers import GraphJob

PATH = "/graphs"


def target(server: Server, exchange: Exchange) -> str | None:
    """The IRI of the graph that a request is about: '' for the unnamed one, None for the store itself.

    Raises
    ------
    ProblemError : the request names none, or more than one.
    """
    named = [value for key, value in exchange.fields if key == "graph"]
    is_default = any(key == "default" for key, _ in exchange.fields)
    is_direct = exchange.path.rstrip("/") != PATH
    if len(named) + is_default + is_direct > 1:
        raise ProblemError(400, "A request is about one graph; name it once, by ?graph=, ?default or the address.")
    if named:
        if ":" not in named[0]:
            raise ProblemError(400, f"A graph is named by an absolute IRI, not {named[0]!r}.")
        return named[0]
    if is_default:
        return ""
    return exchange.url(server.public_url) if is_direct else None


async def read_graph(server: Server, exchange: Exchange, identity: Identity, graph: str) -> None:
    """Answer with a graph as a whole.

    Raises
    ------
    ProblemError, AnswerError, GoneError : there is no such graph, or the answer ends before it is whole.
    """
    media_type = wanted_type(exchange.header("accept"), GRAPH_TYPES)
    if not media_type:
        raise no_type(GRAPH_TYPES)
    job = GraphJob(graph, media_type, max_bytes=server.settings.answer_mb << 20)
    await send_answer(server, exchange, identity, Question(job, query_seconds(server, None), is_lasting=True))
