"""Answers to questions: rows without the parameters' columns, and what one must know to trust them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import Literal, NamedNode, Store

from jobgraph.questions.entities import Naming
from jobgraph.questions.parameters import Question
from jobgraph.questions.values import Values, bind_values
from jobgraph.store import GraphNames, run_query
from jobgraph.store.query import Term
from jobgraph.vocabulary import JG

EVIDENCE = "evidence"  # a column with the source of a row's scores
COUNTS = ("scores", "scoresWithoutEvidence")  # columns of rows that sum up scores
_CODES = f"{JG}code/"

Row = tuple[Term | None, ...]


@dataclass(frozen=True)
class Evidence:
    """How many scores an answer rests on, and how many of them name no source."""

    scores: int
    without_source: int

    def __str__(self) -> str:
        share = 100 * self.without_source / self.scores if self.scores else 0
        return f"{self.without_source:,} of the {self.scores:,} scores ({share:.0f} %) name no evidence source."


@dataclass(frozen=True)
class Answer:
    """The answer to a question: all rows are held in memory.

    A code stands as its notation, an entity as its IRI. `total` counts the rows before a limit cut them.
    """

    question: Question
    values: Values
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    total: int

    @cached_property
    def evidence(self) -> Evidence | None:
        """The evidence of the scores in the rows; None where the answer has no scores."""
        if EVIDENCE in self.columns:
            at = self.columns.index(EVIDENCE)
            return Evidence(len(self.rows), sum(row[at] is None for row in self.rows))
        if set(COUNTS) <= set(self.columns):
            scores, without_source = (sum(self._numbers(name)) for name in COUNTS)
            return Evidence(scores, without_source)
        return None

    @property
    def notes(self) -> tuple[str, ...]:
        """What the answer counts, leaves out and rests on, in sentences."""
        cut = f"The first {len(self.rows):,} of {self.total:,} rows." if self.total > len(self.rows) else ""
        known = str(self.evidence) if self.evidence and self.evidence.scores else ""
        return tuple(note for note in (*self.question.notes, cut, known) if note)

    def texts(self) -> Iterator[tuple[str | None, ...]]:
        """The rows as texts; None where there is nothing."""
        for row in self.rows:
            yield tuple(to_text(term) for term in row)

    def _numbers(self, column: str) -> Iterator[int]:
        at = self.columns.index(column)
        return (int(to_text(row[at]) or 0) for row in self.rows)


def answer(store: Store, graphs: GraphNames, question: Question, values: Mapping[str, object]) -> Answer:
    """The answer to a question over the merged graphs of a tenant, for these values by parameter.

    Raises
    ------
    UsageError : a parameter is unknown or lacks its value, or a value does not fit.
    """
    bound = bind_values(store, graphs, question, values)
    results = run_query(store, question.query, graphs=graphs, substitutions=bound.terms)
    names = {parameter.name for parameter in question.parameters}
    kept = [at for at, column in enumerate(results.columns) if column not in names]
    rows = [tuple(row[at] for at in kept) for row in results.rows()]
    chosen = _with_notations(rows[: bound.limit], Naming(store, [NamedNode(graphs.ontology)]))
    return Answer(question, bound, tuple(results.columns[at] for at in kept), tuple(chosen), len(rows))


def to_text(term: Term | None) -> str | None:
    """The text of a literal or the IRI of an entity; None for nothing."""
    if isinstance(term, Literal | NamedNode):
        return term.value
    return None if term is None else str(term)


def _with_notations(rows: Iterable[Row], codes: Naming) -> Iterator[Row]:
    known: dict[NamedNode, Term] = {}
    for row in rows:
        for term in row:
            if isinstance(term, NamedNode) and term.value.startswith(_CODES) and term not in known:
                notation = codes.notation(term)
                known[term] = Literal(notation) if notation is not None else term
        yield tuple(known.get(term, term) if isinstance(term, NamedNode) else term for term in row)
