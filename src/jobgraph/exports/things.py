"""The things of a generation that leave by a profile, and how they are named outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from pyoxigraph import BlankNode, NamedNode, QuerySolutions, Store, Triple

from jobgraph.exports.masks import Pseudonyms, missing_key
from jobgraph.exports.profile import ClassRule, Mask, Profile
from jobgraph.shacl import read_shapes, validate
from jobgraph.store import GraphName, GraphNames
from jobgraph.vocabulary import JG, SH, Vocabulary

_SELECTS = {SH + "targetClass", JG + "includesAllClasses"}
_TARGET = NamedNode(SH + "targetClass")


@dataclass(frozen=True, eq=False)
class Rule:
    """What leaves of a thing, whatever the number of its classes: the strictest of their rules; one for all alike."""

    classes: tuple[str, ...]
    properties: Mapping[str, Mask | None]
    pseudonym: bool


class Things:
    """Finds the things that leave: of a selected class, of none that stays, and conforming to the conditions.

    Parameters
    ----------
    pseudonyms : makes the names of those that leave under one; needed only where a rule says so.
    """

    def __init__(
        self,
        store: Store,
        names: GraphNames,
        profile: Profile,
        vocabulary: Vocabulary,
        pseudonyms: Pseudonyms | None,
    ) -> None:
        self._store, self._names, self._profile = store, names, profile
        self._vocabulary, self._pseudonyms = vocabulary, pseudonyms

    @cached_property
    def rules(self) -> Mapping[NamedNode, Rule]:
        """The rule for each thing that leaves, by the IRI that it has in the store."""
        staying: set[object] = set()
        for class_iri in self._profile.excluded_classes:
            staying.update(self._of_class(class_iri))
        classes: dict[NamedNode, tuple[str, ...]] = {}
        for class_iri, rule in self._profile.classes.items():
            refused = self._refused(rule)
            for node in self._of_class(class_iri):
                classes[node] = (*classes.get(node, ()), class_iri)
            staying |= refused
        merged = {named: self._merged(named) for named in set(classes.values())}
        return {node: merged[named] for node, named in classes.items() if node not in staying}

    @cached_property
    def outside(self) -> Mapping[NamedNode, NamedNode]:
        """The IRI outside of each thing that leaves, by the IRI in the store, in the order of the IRIs outside."""
        named = ((node, self._outside(node, rule)) for node, rule in self.rules.items())
        return dict(sorted(named, key=lambda pair: (pair[1].value, pair[0].value)))

    def rebased(self, iri: str) -> str:
        """The IRI with the base of the profile, where it has one, in place of that of the store."""
        base, new = self._names.base, self._profile.base
        return new + iri[len(base) :] if new and iri.startswith(base) else iri

    def _outside(self, node: NamedNode, rule: Rule) -> NamedNode:
        if rule.pseudonym:
            if self._pseudonyms is None:
                raise missing_key(f"things of <{rule.classes[0]}>")
            base = self._profile.base or self._names.base
            step = self._vocabulary.class_step(rule.classes[0])
            return NamedNode(f"{base}{step}/{self._pseudonyms.of_thing(node.value)}")
        iri = self.rebased(node.value)
        return node if iri == node.value else NamedNode(iri)

    def _merged(self, classes: Sequence[str]) -> Rule:
        rules = [self._profile.classes[class_iri] for class_iri in classes]
        excluded = frozenset(path for rule in rules for path in rule.excluded)
        asked: dict[str, set[Mask]] = {}
        for rule in rules:
            for path in rule.properties.keys() - excluded:
                asked.setdefault(path, set()).update(filter(None, [rule.properties[path]]))
        properties = {path: _strictest(masks) for path, masks in asked.items() if _is_one(masks)}
        return Rule(tuple(classes), properties, any(rule.pseudonym for rule in rules))

    def _graphs(self) -> list[GraphName]:
        """The graphs that say what is of which class: what is inferred, is so of things that are stated elsewhere."""
        kinds = {"asserted": self._names.asserted, "inferred": self._names.inferred, "reference": self._names.shared}
        chosen = kinds if "inferred" in self._profile.graphs else self._profile.graphs
        return [NamedNode(iri) for kind, iri in kinds.items() if kind in chosen]

    def _of_class(self, class_iri: str) -> Iterator[NamedNode]:
        graphs = self._graphs()
        if not graphs:
            return
        text = f"SELECT DISTINCT ?this {{ ?this a {NamedNode(class_iri)} }}"
        for solution in cast("QuerySolutions", self._store.query(text, default_graph=graphs, named_graphs=[])):
            if isinstance(node := solution[0], NamedNode):
                yield node

    def _refused(self, rule: ClassRule) -> set[object]:
        """The things that do not conform to the conditions of a rule."""
        if not rule.conditions:
            return set()
        graphs = [*self._names.present(self._store), NamedNode(self._names.ontology)]
        shapes = read_shapes(_aimed(self._profile.statements, rule))
        return {result.focus for result in validate(self._store, graphs, shapes).results}


def _aimed(statements: Iterable[Triple], rule: ClassRule) -> Iterator[Triple]:
    """The shapes of a profile, of which only the conditions of one class have a target: that class."""
    for triple in statements:
        if triple.predicate.value not in _SELECTS:
            yield triple
    for name in rule.conditions:
        node = BlankNode(name[2:]) if name.startswith("_:") else NamedNode(name)
        yield Triple(node, _TARGET, NamedNode(rule.class_iri))


def _is_one(masks: set[Mask]) -> bool:
    """Whether it is clear which mask counts: of two that make a value coarser, neither hides what the other does."""
    return len(masks) <= 1 or any(mask.kind == "pseudonym" for mask in masks)


def _strictest(masks: set[Mask]) -> Mask | None:
    return min(masks, key=lambda mask: mask.kind != "pseudonym", default=None)
