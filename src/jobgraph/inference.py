"""Inference: what follows from a tenant's graph by the rules of the ontology, one CONSTRUCT query a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, cast

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, QueryTriples, Store, Triple

from jobgraph.errors import InputError
from jobgraph.vocabulary import JG, RDF, XSD

_BATCH = 100_000  # new triples held in memory at once
_FEW = 5_000  # up to which a transaction is faster than bulk loading, which waits 40 ms for the disk
_PREFIX = re.compile(r"^PREFIX (\w+): <(\S+)>$", re.MULTILINE)
_TEMPLATE = re.compile(r"\bCONSTRUCT\s*\{(.*?)\}", re.DOTALL)
_WORD = re.compile(r"[^\s(){}|+*/^!;,]+")
_DECIMAL = NamedNode(XSD + "decimal")
_FRACTION = Decimal("1e-15")  # a product times three more decimals still fits the 18 that the store keeps
_Term = NamedNode | BlankNode | Literal | Triple


class _Product:
    """The product of decimals, which SPARQL has no aggregate for; exact up to 15 decimal places."""

    def __init__(self) -> None:
        self._product = Decimal(1)

    def accumulate(self, term: _Term) -> None:
        self._product *= Decimal(cast("Literal", term).value)

    def finish(self) -> Literal:
        rounded = self._product.quantize(_FRACTION) if self._product % _FRACTION else self._product
        return Literal(format(rounded.normalize(), "f"), datatype=_DECIMAL)


_AGGREGATES: dict[NamedNode, Callable[[], Any]] = {NamedNode(JG + "function/product"): _Product}


@dataclass(frozen=True)
class Rule:
    """One rule: its file and the text of its CONSTRUCT query, which begins with a comment that says it in words."""

    path: Path
    query: str

    @classmethod
    def read(cls, path: Path) -> Rule:
        """The rule in a file.

        Raises
        ------
        InputError : the file cannot be read, or is no CONSTRUCT query with one triple a line in its template.
        """
        try:
            rule = cls(path, path.read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}.") from error
        rule.results(Store(), [])
        if not rule.template or any(len(pattern) != 3 for pattern in rule.template):
            raise InputError(f"{path}: the template needs one triple a line, with a full stop at its end.")
        return rule

    @property
    def name(self) -> str:
        """The name of its file without the suffix."""
        return self.path.stem

    @property
    def sentence(self) -> str:
        """What it says, in words."""
        return self.query.partition("\n")[0].removeprefix("#").strip()

    @cached_property
    def template(self) -> tuple[tuple[str, ...], ...]:
        """The patterns of its results; variables as `?name`, predicates and other names as full IRIs."""
        lines = "".join(_TEMPLATE.findall(self.query)).splitlines()
        return tuple(tuple(map(self._full, line.rstrip(" .").split())) for line in lines if line.strip())

    @cached_property
    def predicates(self) -> frozenset[NamedNode]:
        """The predicates of its results."""
        return frozenset(NamedNode(pattern[1]) for pattern in self.template)

    @cached_property
    def reads_itself(self) -> bool:
        """Whether its results may follow from others of them."""
        words = set(_WORD.findall(self.query.partition("WHERE")[2]))
        return not {p.value for p in self.predicates}.isdisjoint(map(self._full, words))

    def results(self, store: Store, graphs: Sequence[NamedNode]) -> QueryTriples:
        """The triples that follow from these graphs, whether stated already or not."""
        try:
            results = store.query(
                self.query, default_graph=list(graphs), named_graphs=[], custom_aggregate_functions=_AGGREGATES
            )
        except SyntaxError as error:
            raise InputError(f"{self.path} is no SPARQL query: {error.msg}.") from error
        if not isinstance(results, QueryTriples):
            raise InputError(f"{self.path} is no CONSTRUCT query; write the rule as CONSTRUCT {{…}} WHERE {{…}}.")
        return results

    def _full(self, name: str) -> str:
        if name.startswith("?"):
            return name
        if name == "a":
            return RDF + "type"
        prefix, colon, local = name.partition(":")
        prefixes = dict(_PREFIX.findall(self.query))
        return prefixes[prefix] + local if colon and prefix in prefixes else name.strip("<>")


def infer(store: Store, *, rules: Iterable[Path], reads: Iterable[NamedNode], writes: NamedNode) -> dict[str, int]:
    """The number of inferred triples by rule name, after the graph `writes` of the store holds just these.

    The rules run in the order given. Each sees the graphs `reads` and what the rules before it wrote; what `reads`
    states already is not written. Triples of an earlier run that still follow are left in place, which on disk is
    faster than to write them again. Where several rules write one predicate, no rule between them may read it, nor
    any of them but the last.
    Several writes to the store: call it on a store that nobody reads yet.

    Raises
    ------
    InputError : a rule cannot be read, or is no CONSTRUCT query; nothing has changed.
    """
    all_rules = [Rule.read(path) for path in rules]
    last = {predicate: rule for rule in all_rules for predicate in rule.predicates}
    graph = _Inferred(store, tuple(reads), writes)
    for predicate in _predicates(store, writes) - last.keys():
        graph.forget(predicate)
    counts = {}
    for rule in all_rules:
        counts[rule.name] = graph.add(rule, final={p for p in rule.predicates if last[p] is rule})
    return counts


class _Inferred:
    """The graph that rules write to, and those of its triples that no rule of this run has confirmed so far."""

    def __init__(self, store: Store, reads: tuple[NamedNode, ...], writes: NamedNode) -> None:
        self._store, self._reads, self._writes = store, reads, writes
        self._stale: dict[NamedNode, set[Quad]] = {}
        self._stating: dict[NamedNode, list[NamedNode]] = {}
        self._holding: dict[tuple[NamedNode, _Term], list[NamedNode]] = {}

    def add(self, rule: Rule, *, final: Collection[NamedNode]) -> int:
        """The number of triples that the rule infers; its query keeps to the state of the store at its start.

        Of `final`, the predicates that no rule to come writes, those triples go that nothing confirmed.
        """
        shared = self._stale.keys() & rule.predicates  # a rule before wrote some of these triples in this run
        for predicate in rule.predicates - shared:
            self._stale[predicate] = set(self._written(predicate))
        before = sum(len(self._stale[predicate]) for predicate in rule.predicates)
        circular = {p for p in final if self._stale[p]} if rule.reads_itself else set()
        of_others = {q for p in circular & shared for q in self._written(p) if q not in self._stale[p]}
        new = self._new_quads(rule.results(self._store, [*self._reads, self._writes]), shared)
        count = 0
        while batch := list(islice(new, _BATCH)):
            (self._store.bulk_extend if len(batch) > _FEW else self._store.extend)(batch)
            count += len(batch)
        count += before - sum(len(self._stale[predicate]) for predicate in rule.predicates)
        gone = {predicate: self.forget(predicate) for predicate in final}
        return count - sum(self._withdraw(rule, p, of_others) for p in circular if gone[p])

    def _withdraw(self, rule: Rule, predicate: NamedNode, of_others: set[Quad]) -> int:
        """Remove what a rule confirmed by nothing but what went, and so on; give the number of triples."""
        count = 0
        while True:
            stale = self._stale[predicate] = set(self._written(predicate)) - of_others
            for subject, found, obj in rule.results(self._store, [*self._reads, self._writes]):
                if found == predicate:
                    stale.discard(Quad(subject, found, obj, self._writes))
            gone = self.forget(predicate)
            if not gone:
                return count
            count += gone

    def forget(self, predicate: NamedNode) -> int:
        """Remove and count the triples of a predicate that nothing confirmed, once no rule to come writes it."""
        stale = self._stale.pop(predicate) if predicate in self._stale else set(self._written(predicate))
        for quad in stale:
            self._store.remove(quad)
        return len(stale)

    def _written(self, predicate: NamedNode) -> Iterator[Quad]:
        return self._store.quads_for_pattern(None, predicate, None, self._writes)

    def _new_quads(self, triples: Iterable[Triple], shared: Collection[NamedNode]) -> Iterator[Quad]:
        """The triples that are nowhere yet; stale ones are no longer stale, for they still follow."""
        for subject, predicate, obj in triples:
            if any(Quad(subject, predicate, obj, graph) in self._store for graph in self._holders(predicate, obj)):
                continue
            quad = Quad(subject, predicate, obj, self._writes)
            stale = self._stale[predicate]
            if quad in stale:
                stale.remove(quad)
            elif predicate not in shared or quad not in self._store:
                yield quad

    def _holders(self, predicate: NamedNode, obj: _Term) -> list[NamedNode]:
        """The graphs read that state the predicate with this object: for most rules none states it at all."""
        if predicate not in self._stating:
            self._stating[predicate] = self._with(self._reads, predicate, None)
        stating = self._stating[predicate]
        if not stating:
            return stating
        if (predicate, obj) not in self._holding:
            self._holding[predicate, obj] = self._with(stating, predicate, obj)
        return self._holding[predicate, obj]

    def _with(self, graphs: Iterable[NamedNode], predicate: NamedNode, obj: _Term | None) -> list[NamedNode]:
        return [g for g in graphs if any(self._store.quads_for_pattern(None, predicate, obj, g))]


def _predicates(store: Store, graph: NamedNode) -> set[NamedNode]:
    solutions = store.query("SELECT DISTINCT ?predicate { ?subject ?predicate ?object }", default_graph=graph)
    return {solution["predicate"] for solution in cast("QuerySolutions", solutions)}
