"""The ontology over HTTP: as a whole, and term by term."""

from __future__ import annotations

from jobgraph.server.negotiation import GRAPH_TYPES, best_type, parse_accept
from jobgraph.server.pages.asking import Ask
from jobgraph.server.pages.headers import HTML
from jobgraph.server.pages.linked_data import graph_type
from jobgraph.server.reading import Question, query_seconds, send_answer
from jobgraph.server.workers import GraphJob
from jobgraph.vocabulary import JG


async def send_term(ask: Ask, local: str) -> None:
    """A term with what is known about it, or all of them, as a page or as RDF.

    Raises
    ------
    ProblemError, AnswerError : there is no such term, or the client takes no form that there is.
    """
    best = best_type(parse_accept(ask.exchange.header("accept")), (*GRAPH_TYPES, HTML))
    iri = f"{JG}{local}"
    ask.exchange.more_headers.append(("link", f'<{iri}>; rel="canonical"'))
    if best == HTML and not ask.field("_mediatype"):
        if local:
            await ask.send_view("term_page", iri=iri, local=local)
        else:
            await ask.send_view("ontology_page", area=ask.field("area"))
    elif local:
        await ask.send_view("term_data", graph_type(ask), iri=iri)
    else:
        job = GraphJob(JG, graph_type(ask), max_bytes=ask.server.settings.answer_mb << 20)
        question = Question(job, query_seconds(ask.server, None), is_lasting=True)
        await send_answer(ask.server, ask.exchange, ask.identity, question)
