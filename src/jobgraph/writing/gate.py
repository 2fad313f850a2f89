"""What a changed asserted graph must pass: the rules fill the inferred graph anew, and the shapes are asked of all.

The unnamed graph and the graphs that writers made are free: no rule reads them and no shape is asked of them, so that
they neither break a shape nor hide that one is broken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from io import StringIO
from typing import NamedTuple

from pyoxigraph import BlankNode, NamedNode, Store

from jobgraph.errors import ShapeRefusalError
from jobgraph.inference import infer
from jobgraph.pipeline.plan import Progress
from jobgraph.pipeline.review import entities_of, keep_work_list
from jobgraph.shacl import VIOLATION, Result, read_report, validate, write_report
from jobgraph.shacl.model import Shapes
from jobgraph.store import Draft, Generation, GraphName, GraphNames, bulk_load
from jobgraph.store.generations import REPORT
from jobgraph.validation import SEVERITIES, Guide, read_all_shapes, severity_word, to_work_list
from jobgraph.validation import write_report as write_counted
from jobgraph.vocabulary import Vocabulary
from jobgraph.writing.description import VALIDATED

_MOST_REPORTED = 1_000  # results in the report of a refusal


@dataclass(frozen=True)
class Passed:
    """What came of it: the new triples by rule, and the results by severity."""

    inferred: dict[str, int]
    severities: dict[str, int]


class Standards(NamedTuple):
    """The rules and shapes, and what leads people to the shapes."""

    vocabulary: Vocabulary
    shapes: Shapes
    guide: Guide

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> Standards:
        """What a vocabulary says."""
        shapes = read_all_shapes(vocabulary)
        return cls(vocabulary, shapes, Guide.of(vocabulary, shapes.statements.facts))


@cache
def standards() -> Standards:
    """What changes must pass, read once a process; to call it early saves the first change half a second."""
    return Standards.of(Vocabulary())


def add_ontology(draft: Draft, names: GraphNames) -> None:
    """Load the ontology into a draft whose store is closed: rules and shapes look codes and classes up in it.

    Raises
    ------
    StorageError : the disk is full.
    """
    files = standards().vocabulary.ontology_files()
    bulk_load(draft.store_path, [(path, names.ontology) for path in files])


def pass_gate(store: Store, draft: Draft, parent: Generation, *, threads: int, progress: Progress) -> Passed:
    """Infer, validate, and write the report and the work list into the draft whose store this is.

    A violation that the parent has, too, refuses nothing: who has flaws in the source can still write.

    Raises
    ------
    ShapeRefusalError : there is a violation that the parent has not.
    """
    vocabulary, shapes, guide = standards()
    names = parent.names
    progress("infer", 0, "triples")
    reads = [NamedNode(iri) for iri in (names.asserted, names.shared, names.ontology)]
    inferred = infer(store, rules=vocabulary.rule_files(), reads=reads, writes=NamedNode(names.inferred))
    progress("infer", sum(inferred.values()), "triples")
    progress("validate", 0, "results")
    results = validate(store, _gated(store, names), shapes, threads=threads).results
    progress("validate", len(results), "results")
    if found := _new_violations(results, parent, names, shapes, threads):
        raise _refusal(found)
    keep_work_list(to_work_list(results, entities_of(store, names, vocabulary, parent.path), guide), draft.path)
    return Passed(inferred, write_counted(results, draft.path / REPORT))


def _gated(store: Store, names: GraphNames) -> list[GraphName]:
    graphs = [NamedNode(iri) for iri in (*names.merged, names.ontology)]
    return [graph for graph in graphs if store.contains_named_graph(graph)]


def _new_violations(
    results: Iterable[Result], parent: Generation, names: GraphNames, shapes: Shapes, threads: int
) -> list[Result]:
    """The violations that the parent has not.

    The report of a build spells values as the source did, and what is in no source keeps no names for blank nodes. So
    what such a report has not is looked for in the parent's store.
    """
    violations = [result for result in results if severity_word(result.severity) == SEVERITIES[VIOLATION]]
    report = parent.path / REPORT
    left = _without(violations, read_report(report) if violations and report.exists() else [])
    if not left or (parent.manifest.get(VALIDATED) and not any(map(_is_blank, left))):
        return left
    with parent.open() as store:
        return _without(violations, validate(store, _gated(store, names), shapes, threads=threads).results)


def _is_blank(result: Result) -> bool:
    return isinstance(result.focus, BlankNode) or isinstance(result.value, BlankNode)


def _without(results: Iterable[Result], known: Iterable[Result]) -> list[Result]:
    """The results that are not among the known ones, each of which accounts for one."""
    left = Counter(map(_key, known))
    found = []
    for result in results:
        key = _key(result)
        if left[key] > 0:
            left[key] -= 1
        else:
            found.append(result)
    return found


def _key(result: Result) -> tuple[object, ...]:
    """What makes a result the same one: all but its message, in which other nodes have a say."""
    return *result.order_key()[:-1], result.constraint


def _refusal(found: list[Result]) -> ShapeRefusalError:
    report = StringIO()
    write_report(found[:_MOST_REPORTED], report)
    first = found[0]
    more = f", and {len(found) - 1:,} more" if len(found) > 1 else ""
    cut = f" The report has the first {_MOST_REPORTED:,}." if len(found) > _MOST_REPORTED else ""
    sentence = f"The change breaks a shape, so nothing was changed: {first.focus}: {first.message.rstrip('.')}{more}."
    return ShapeRefusalError(f"{sentence} Correct the change.{cut}", report=report.getvalue(), count=len(found))
