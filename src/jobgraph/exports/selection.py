"""What leaves by a profile: the quads of a generation that it lets out, masked, with the names that they have outside.

Nothing is passed on because it is there. Each quad is asked for: by a thing of a class that the profile selects, and by
a property that it lets out for that class. A link leaves only where its target does, too.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from pyoxigraph import Literal, NamedNode, Quad, Store, Triple

from jobgraph.exports.masks import Pseudonyms, missing_key
from jobgraph.exports.profile import GraphKind, Profile
from jobgraph.exports.statements import Speaker, Tally, Thing, Value
from jobgraph.exports.targets import Targets
from jobgraph.exports.things import Things
from jobgraph.store import Generation
from jobgraph.vocabulary import Vocabulary

_TENANT_GRAPHS: tuple[GraphKind, ...] = ("asserted", "inferred", "reference")
_SPARSE_GRAPHS: tuple[GraphKind, ...] = ("inferred", "reference")
_AT_ONCE = 2_000  # things whose statements are asked for by one query


@dataclass(frozen=True)
class Counts:
    """What a selection lets out.

    Parameters
    ----------
    things : by the IRI of their class.
    properties : triples by the IRI of the property, over all graphs.
    graphs : triples by the IRI of the graph outside.
    links_left_out : links by property that stay, for their target does.
    masked : values by property that leave masked.
    kept_back : values by property that stay although it leaves: their language is not wanted, their mask does not fit
        them, or they are no plain value.
    """

    things: Mapping[str, int]
    properties: Mapping[str, int]
    graphs: Mapping[str, int]
    links_left_out: Mapping[str, int]
    masked: Mapping[str, int]
    kept_back: Mapping[str, int]

    @property
    def triples(self) -> int:
        """All triples, each as often as there are graphs that have it."""
        return sum(self.graphs.values())


class Selection:
    """What leaves of a generation by a profile.

    The things that leave are held in memory, their statements are not. The store must stay open.

    Parameters
    ----------
    key : the secret that pseudonyms are made with; needed only where the profile asks for them.

    Raises
    ------
    UsageError : the profile asks for pseudonyms, and there is no key or it is short.
    """

    def __init__(
        self,
        store: Store,
        generation: Generation,
        profile: Profile,
        *,
        vocabulary: Vocabulary,
        key: bytes | None = None,
    ) -> None:
        if profile.needs_key and key is None:
            raise missing_key("things or values")
        self.profile, self.generation = profile, generation
        self._store, self._names = store, generation.names
        pseudonyms = Pseudonyms(key, profile.policy.assignee or profile.iri) if key is not None else None
        self._things = Things(store, self._names, profile, vocabulary, pseudonyms)
        self._pseudonyms = pseudonyms
        self._counts: Counts | None = None

    def quads(self) -> Iterator[Quad]:
        """The quads, graph by graph and thing by thing in the order of their IRIs; the same on any machine."""
        tally, graphs = Tally(), Counter[str]()
        for kind in _TENANT_GRAPHS:
            if kind in self.profile.graphs:
                yield from self._graph_quads(kind, tally)
                outside = self.graph_outside(kind).value
                graphs[outside] = tally.left.total() - graphs.total()
        ontology = self._graph("ontology")
        for triple in self._ontology(tally):
            yield Quad(triple.subject, triple.predicate, triple.object, ontology)
        graphs[ontology.value] = tally.left.total() - graphs.total()
        self._counts = self._counted(tally, +graphs)

    def _graph_quads(self, kind: GraphKind, tally: Tally) -> Iterator[Quad]:
        inside, outside = self._graph(kind), self.graph_outside(kind)

        def make(subject: NamedNode, property_: NamedNode, value: Value) -> Quad:
            return Quad(subject, property_, value, outside)

        for things in self._iter_chunks():
            yield from self._speaker.statements(things, [inside], make, tally)

    def triples(self) -> Iterator[Triple]:
        """The triples of all graphs as one, each once, thing by thing in the order of their IRIs."""
        graphs = [self._graph(kind) for kind in _TENANT_GRAPHS if kind in self.profile.graphs]
        for things in self._iter_chunks():
            yield from self._speaker.statements(things, graphs, Triple, Tally())
        yield from self._ontology(Tally())

    def things(self) -> Mapping[str, list[NamedNode]]:
        """The things that leave by the IRI of their class, as they are named outside, in the order of their IRIs."""
        found: dict[str, list[NamedNode]] = {class_iri: [] for class_iri in self.profile.classes}
        for inside, outside in self._things.outside.items():
            for class_iri in self._things.rules[inside].classes:
                found[class_iri].append(outside)
        return found

    @property
    def counts(self) -> Counts:
        """The counts of what leaves; takes as long as `quads` where that has not been read to its end."""
        if self._counts is None:
            deque(self.quads(), maxlen=0)
        assert self._counts is not None
        return self._counts

    def ontology_properties(self) -> Counter[str]:
        """The triples of the ontology that leave, by property."""
        tally = Tally()
        deque(self._ontology(tally), maxlen=0)
        return tally.left

    def includes(self, node: object) -> bool:
        """Whether what has this IRI in the store is a thing that leaves."""
        return node in self._things.rules

    def graph_outside(self, kind: GraphKind) -> NamedNode:
        """The name outside of a graph."""
        return NamedNode(self._things.rebased(self._graph(kind).value))

    def _graph(self, kind: GraphKind) -> NamedNode:
        names = {
            "asserted": self._names.asserted,
            "inferred": self._names.inferred,
            "reference": self._names.shared,
            "ontology": self._names.ontology,
        }
        return NamedNode(names[kind])

    @cached_property
    def _speaker(self) -> Speaker:
        targets = Targets(self._store, self._names, self._things.outside)
        types = frozenset(NamedNode(iri) for iri in {*self.profile.classes, *self.profile.types})
        sparse = [self._graph(kind) for kind in _SPARSE_GRAPHS if kind in self.profile.graphs]
        languages, pseudonyms = self.profile.languages, self._pseudonyms
        return Speaker(self._store, targets, types, languages, pseudonyms=pseudonyms, sparse=sparse)

    def _iter_chunks(self) -> Iterator[list[Thing]]:
        rules = self._things.rules
        things = (Thing(inside, outside, rules[inside]) for inside, outside in self._things.outside.items())
        while chunk := list(islice(things, _AT_ONCE)):
            yield chunk

    def _ontology(self, tally: Tally) -> Iterator[Triple]:
        """The triples of the ontology, sorted; all of them are held in memory."""
        if "ontology" not in self.profile.graphs:
            return
        quads = self._store.quads_for_pattern(None, None, None, self._graph("ontology"))
        languages = self._speaker.languages
        for triple in sorted((quad.triple for quad in quads), key=str):
            if isinstance(triple.object, Literal) and not languages.include(triple.object):
                tally.kept_back[triple.predicate.value] += 1
            else:
                tally.left[triple.predicate.value] += 1
                yield triple

    def _counted(self, tally: Tally, graphs: Counter[str]) -> Counts:
        things = {class_iri: len(nodes) for class_iri, nodes in self.things().items() if nodes}
        parts = (tally.left, graphs, tally.links_left_out, tally.masked, tally.kept_back)
        return Counts(things, *(dict(sorted(part.items())) for part in parts))
