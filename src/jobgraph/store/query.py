"""SPARQL queries over one tenant's store: what they see, and their answers as rows or in a format."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, TypeAlias

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    Store,
    Triple,
    Variable,
)

from jobgraph.errors import UsageError
from jobgraph.store.formats import FORMATS, PREFIXES, rdf_format, write_triples
from jobgraph.store.graphs import GraphName, GraphNames
from jobgraph.store.memory import copy_to_memory, may_name_graphs
from jobgraph.store.relevance import Relevance
from jobgraph.store.screen import screen_query
from jobgraph.vocabulary import XSD

Term: TypeAlias = NamedNode | BlankNode | Literal | Triple
Results: TypeAlias = QuerySolutions | QueryBoolean | QueryTriples

_NAMES = {
    QueryResultsFormat.CSV: "csv",
    QueryResultsFormat.TSV: "tsv",
    QueryResultsFormat.JSON: "json",
    QueryResultsFormat.XML: "xml",
}
RESULT_FORMATS: Mapping[str, QueryResultsFormat] = {
    name: format_ for format_, short in _NAMES.items() for name in (short, format_.media_type.partition(";")[0])
}

_PLACE = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_NOT_SELECTED = "in its SELECT projection"  # in what the store engine says
_WORDS = re.compile(r"[A-Z]\w*(?: [\w']+){2,}")


class Answer:
    """The answer to one query, read once and in the thread that asked: another thread would end the process.

    Rows and bytes are made while they are read, so that an answer of any size takes little memory.
    """

    def __init__(self, results: Results) -> None:
        self._results = results

    @property
    def columns(self) -> tuple[str, ...]:
        """The variables of SELECT, `answer` for ASK, `subject`, `predicate` and `object` for triples."""
        if isinstance(self._results, QuerySolutions):
            return tuple(variable.value for variable in self._results.variables)
        return ("subject", "predicate", "object") if isinstance(self._results, QueryTriples) else ("answer",)

    @property
    def is_graph(self) -> bool:
        """Whether the answer is triples."""
        return isinstance(self._results, QueryTriples)

    @property
    def formats(self) -> tuple[str, ...]:
        """The names that `write` takes."""
        return tuple(FORMATS if isinstance(self._results, QueryTriples) else RESULT_FORMATS)

    def rows(self) -> Iterator[tuple[Term | None, ...]]:
        """The rows, a term or None under each column."""
        if isinstance(self._results, QueryBoolean):
            yield (Literal(str(bool(self._results)).lower(), datatype=NamedNode(f"{XSD}boolean")),)
        else:
            for row in self._results:
                yield tuple(row)

    def write(self, output: IO[bytes], format_name: str) -> None:
        """Write the answer in a result format (SELECT, ASK) or an RDF format (CONSTRUCT, DESCRIBE).

        Raises
        ------
        UsageError : the format does not fit the answer.
        """
        if isinstance(self._results, QueryTriples):
            write_triples(self._results, output, rdf_format(format_name))
        elif format_name.lower() in RESULT_FORMATS:
            self._results.serialize(output, RESULT_FORMATS[format_name.lower()])
        else:
            names = ", ".join(self.formats)
            raise UsageError(f"There is no format {format_name!r} for SELECT and ASK; choose one of {names}.")


class Merged:
    """The merged graphs of a store, looked at once for many queries; the store must not change meanwhile."""

    def __init__(self, store: Store, names: GraphNames) -> None:
        self.graphs = names.present(store)
        self.named = list(store.named_graphs())
        self.relevance = Relevance(store, self.graphs)
        self._store = store
        self._memory: Store | None = None

    def keep_in_memory(self) -> None:
        """Answer from memory from now on what can be; any thread may see to it while others ask.

        Rows come in another order then, where a query leaves it open.
        """
        self._memory = copy_to_memory(self._store, self.graphs)

    def memory_for(self, text: str) -> Store | None:
        """The store in memory whose unnamed graph answers a query; None where there is none that can."""
        return None if self._memory is None or may_name_graphs(text) else self._memory


def run_query(
    store: Store,
    text: str,
    *,
    graphs: GraphNames | Merged,
    substitutions: Mapping[str, Term] | None = None,
    base: str | None = None,
) -> Answer:
    """The answer to a SPARQL query over the merged graphs of a tenant; GRAPH reaches each graph of its store.

    FROM and FROM NAMED have no effect. Our prefixes need no declaration; one in the query counts.

    Parameters
    ----------
    substitutions : values by the name of the variable that they stand for.
    base : what relative IRIs start from.

    Raises
    ------
    RefusedError : the query calls out, or is too large to parse.
    UsageError : the query does not parse (the sentence says line and column), or uses an unknown function.
    """
    screen_query(text)
    merged = graphs if isinstance(graphs, Merged) else Merged(store, graphs)
    terms = {Variable(name): term for name, term in (substitutions or {}).items()}
    with query_errors(text, substitutions or {}):
        if (memory := merged.memory_for(text)) is not None:
            return Answer(memory.query(text, base_iri=base, prefixes=dict(PREFIXES), substitutions=terms))
        try:
            narrowed, present = merged.relevance.narrowed(text)
            results = _results(store, narrowed, present, merged.named, terms, base)
        except (SyntaxError, RuntimeError):  # the places in a message are those of the text that was given
            results = _results(store, text, merged.graphs, merged.named, terms, base)
    return Answer(results)


@contextmanager
def query_errors(text: str, given: Collection[str] = ()) -> Iterator[None]:
    """Name what is wrong with a query in a sentence; `given` are the variables that have values.

    Raises
    ------
    UsageError : the query does not parse (the sentence says line and column), or uses an unknown function.
    """
    try:
        yield
    except SyntaxError as error:
        raise UsageError(_sentence(str(error), text)) from error
    except RuntimeError as error:
        if _NOT_SELECTED in str(error):
            named = " and ".join(f"?{name}" for name in given)
            raise UsageError(f"SELECT must name {named}, for a value is given; add it to the SELECT line.") from error
        if "not supported" not in str(error):
            raise
        raise UsageError(f"The query cannot be answered: {str(error).rstrip('.')}.") from error


def _results(
    store: Store,
    text: str,
    default: list[GraphName],
    named: list[NamedNode | BlankNode],
    terms: dict[Variable, Term],
    base: str | None,
) -> Results:
    return store.query(
        text,
        base_iri=base,
        prefixes=dict(PREFIXES),
        # Both together, or else FROM or GRAPH reads other graphs.
        default_graph=default,
        named_graphs=named,
        substitutions=terms,
    )


def _sentence(problem: str, text: str) -> str:
    """The parser's message with its place, in words where it has any, else with the text that leads there.

    The place is where the parser gave up, up to the length of a keyword after the mistake.
    """
    match = _PLACE.match(problem)
    if not match:
        return f"The query does not parse: {problem.rstrip('.')}."
    line, column, expected = int(match[1]), int(match[2]), match[3]
    reasons = [item for item in expected.split(", ") if _WORDS.fullmatch(item)]
    before = "\n".join([*text.split("\n")[: line - 1], text.split("\n")[line - 1][: column - 1]])
    near = f"look at {' '.join(before.split())[-40:]!r}" if before.strip() else "there is nothing to ask"
    return f"The query does not parse at line {line}, column {column} or shortly before: {'; '.join(reasons) or near}."
