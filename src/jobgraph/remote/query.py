"""A query asked of the endpoint itself, over one generation, whose answer is refused unless it is all of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pyoxigraph import Literal, QueryBoolean, QueryResultsFormat, QuerySolutions, parse_query_results

from jobgraph.errors import RefusedError, UsageError
from jobgraph.remote.graph_set import GraphSet
from jobgraph.remote.names import RemoteNames
from jobgraph.remote.rewriting import rewrite
from jobgraph.store import Answer, GraphNames
from jobgraph.store.query import Term

if TYPE_CHECKING:
    from jobgraph.exports.endpoint import Endpoint

_TRUSTED_ROWS = 100  # up to here an answer is believed to be whole: no endpoint limits its answers to so few


def ask_endpoint(
    endpoint: Endpoint,
    names: RemoteNames,
    generation: GraphSet,
    text: str,
    *,
    substitutions: Mapping[str, Term] | None = None,
) -> Answer:
    """The answer of the endpoint to a SELECT or ASK over the merged graphs of a generation; its engine decides.

    GRAPH reaches each graph by its name in the store. The answer is held in memory.

    Raises
    ------
    RefusedError : the query calls out or is too large, or the endpoint leaves out rows.
    UsageError : the endpoint does not take the query, or it cannot mean there what it means here.
    SourceGoneError : the endpoint fails, or does not answer.
    """
    local = GraphNames(names.base, names.slug)
    query = rewrite(text, substitutions or {}, lambda graph: names.graph(generation.iri, graph))
    merged = [generation.graphs[graph].graph for graph in (*local.merged, "") if graph in generation.graphs]
    data_set = {"default": merged, "named": [part.graph for part in generation.graphs.values()]}
    body = endpoint.query(query.text, **data_set)
    results = _results(body)
    if isinstance(results, QuerySolutions):
        rows = sum(1 for _ in results)
        if rows > _TRUSTED_ROWS:
            _check_count(rows, _results(endpoint.query(query.count, **data_set)))
        results = _results(body)
    return Answer(results)


def _results(body: bytes) -> QuerySolutions | QueryBoolean:
    try:
        return parse_query_results(body, format=QueryResultsFormat.JSON)
    except (SyntaxError, ValueError):
        raise UsageError("The endpoint answers with no results in JSON; check where it takes queries.") from None


def _check_count(rows: int, counted: QuerySolutions | QueryBoolean) -> None:
    found = next(iter(counted))[0] if isinstance(counted, QuerySolutions) else None
    if not isinstance(found, Literal) or found.value != str(rows):
        all_rows = found.value if isinstance(found, Literal) else "an unknown number of"
        raise RefusedError(
            f"The endpoint hands out {rows:,} of {all_rows} rows (as ResultSetMaxRows of Virtuoso does); "
            "ask for less, or ask the copy, without --at-endpoint."
        )
