"""`/sparql`: queries by the SPARQL 1.1 Protocol."""

from __future__ import annotations

from jobgraph.server.access import Identity
from jobgraph.server.cache import is_lasting
from jobgraph.server.exchange import Exchange
from jobgraph.server.negotiation import GRAPH_TYPES, RESULT_TYPES, wanted_type
from jobgraph.server.operations import Operation
from jobgraph.server.reading import Question, no_type, query_seconds, send_answer
from jobgraph.server.state import Server
from jobgraph.server.workers import QueryJob


async def answer_query(server: Server, exchange: Exchange, identity: Identity, operation: Operation) -> None:
    """Answer a query with the rows or triples of the tenant's current generation.

    Raises
    ------
    ProblemError, AnswerError, GoneError : there is no answer, or it ends before it is whole.
    """
    accept = exchange.header("accept")
    results_type, graph_type = wanted_type(accept, RESULT_TYPES), wanted_type(accept, GRAPH_TYPES)
    if not results_type and not graph_type:
        raise no_type(RESULT_TYPES + GRAPH_TYPES)
    job = QueryJob(
        text=operation.text,
        base=exchange.url(server.public_url),
        results_type=results_type,
        graph_type=graph_type,
        default_graphs=operation.default_graphs,
        named_graphs=operation.named_graphs,
        max_rows=server.settings.answer_rows,
        max_bytes=server.settings.answer_mb << 20,
    )
    question = Question(job, query_seconds(server, operation.seconds), is_lasting(operation.text))
    await send_answer(server, exchange, identity, question)
