"""Inference: what follows from a tenant's graph by the rules of the ontology, one CONSTRUCT query a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import cast

from pyoxigraph import NamedNode, Quad, QuerySolutions, QueryTriples, Store, Triple

from jobgraph.errors import InputError
from jobgraph.vocabulary import JG

_BATCH = 100_000  # new triples held in memory at once
_FEW = 5_000  # up to which a transaction is faster than bulk loading, which waits 40 ms for the disk
_TEMPLATE = re.compile(r"\bCONSTRUCT\s*\{(.*?)\}", re.DOTALL)


def infer(store: Store, *, rules: Iterable[Path], reads: Iterable[NamedNode], writes: NamedNode) -> dict[str, int]:
    """The number of inferred triples by rule name, after the graph `writes` of the store holds just these.

    The rules run in the order given. Each sees the graphs `reads` and what the rules before it wrote; what `reads`
    states already is not written. Triples of an earlier run that still follow are left in place, which on disk is
    faster than to write them again. Several writes to the store: call it on a store that nobody reads yet.

    Raises
    ------
    InputError : a rule cannot be read, or is no CONSTRUCT query; the rules before it have run.
    """
    all_rules = [_Rule.read(path) for path in rules]
    written = {predicate for rule in all_rules for predicate in rule.predicates}
    for predicate in _predicates(store, writes) - written:
        _remove(store, list(store.quads_for_pattern(None, predicate, None, writes)))
    return {rule.path.stem: _apply(rule, store, list(reads), writes) for rule in all_rules}


@dataclass(frozen=True)
class _Rule:
    path: Path
    query: str
    predicates: tuple[NamedNode, ...]  # those of its results; a class named in the template does no harm

    @classmethod
    def read(cls, path: Path) -> _Rule:
        try:
            query = path.read_text(encoding="utf-8")
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}.") from error
        names = re.findall(r"\bjg:(\w+)", "".join(_TEMPLATE.findall(query)))
        return cls(path, query, tuple(NamedNode(JG + name) for name in dict.fromkeys(names)))

    def run(self, store: Store, graphs: Sequence[NamedNode]) -> QueryTriples:
        try:
            results = store.query(self.query, default_graph=list(graphs), named_graphs=[])
        except SyntaxError as error:
            raise InputError(f"{self.path} is no SPARQL query: {error.msg}.") from error
        if not isinstance(results, QueryTriples):
            raise InputError(f"{self.path} is no CONSTRUCT query; write the rule as CONSTRUCT {{…}} WHERE {{…}}.")
        return results


def _apply(rule: _Rule, store: Store, reads: Sequence[NamedNode], writes: NamedNode) -> int:
    """The number of triples that `rule` infers; the query keeps to the state of the store at its start."""
    stale = {q for predicate in rule.predicates for q in store.quads_for_pattern(None, predicate, None, writes)}
    count = len(stale)
    new = _new_quads(store, rule.run(store, [*reads, writes]), reads, writes, stale)
    while batch := list(islice(new, _BATCH)):
        (store.bulk_extend if len(batch) > _FEW else store.extend)(batch)
        count += len(batch)
    _remove(store, stale)
    return count - len(stale)


def _new_quads(
    store: Store, triples: Iterable[Triple], reads: Sequence[NamedNode], writes: NamedNode, stale: set[Quad]
) -> Iterator[Quad]:
    """The triples that are nowhere yet; those that `stale` has are taken out of it, for they still follow."""
    holders: dict[NamedNode, list[NamedNode]] = {}  # graphs that state a predicate at all: for most rules none
    for subject, predicate, obj in triples:
        if predicate not in holders:
            holders[predicate] = [g for g in reads if any(store.quads_for_pattern(None, predicate, None, g))]
        quad = Quad(subject, predicate, obj, writes)
        if any(Quad(subject, predicate, obj, graph) in store for graph in holders[predicate]):
            continue
        if quad in stale:
            stale.remove(quad)
        else:
            yield quad


def _predicates(store: Store, graph: NamedNode) -> set[NamedNode]:
    solutions = store.query("SELECT DISTINCT ?predicate { ?subject ?predicate ?object }", default_graph=graph)
    return {solution["predicate"] for solution in cast("QuerySolutions", solutions)}


def _remove(store: Store, quads: Iterable[Quad]) -> None:
    for quad in quads:
        store.remove(quad)
