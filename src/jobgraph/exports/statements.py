"""What the things that leave say outside: read some thousands of things at a time, filtered and masked.

A store on disk looks every term of every quad up in its dictionary, which is most of what reading costs. So the queries
ask for numbers in place of the things and properties, which both sides know: only the values are looked up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple, TypeAlias, TypeVar, cast

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from jobgraph.exports.masks import Masking, Pseudonyms, masking
from jobgraph.exports.targets import Targets
from jobgraph.exports.things import Rule
from jobgraph.vocabulary import RDF

_TYPE = RDF + "type"
# The inner query is for itself, so that the store finds each thing first and its statements then.
_QUERY = (
    "SELECT (?thing + ?property AS ?place) ?value "
    "{{ {{ SELECT ?thing ?path ?value {{ VALUES (?this ?thing) {{ {things} }} ?this ?path ?value }} }} "
    "VALUES (?path ?property) {{ {properties} }} }}"
)

Value: TypeAlias = NamedNode | Literal
Made = TypeVar("Made")


class Thing(NamedTuple):
    """A thing that leaves: in the store, outside, and what leaves of it."""

    inside: NamedNode
    outside: NamedNode
    rule: Rule


class _Action(NamedTuple):
    """What is done with the values of a property."""

    path: str
    property: NamedNode
    masking: Masking | None
    passes: bool  # plain values pass unseen


@dataclass
class Tally:
    """What left and what did not, by property."""

    left: Counter[str] = field(default_factory=Counter)
    links_left_out: Counter[str] = field(default_factory=Counter)
    masked: Counter[str] = field(default_factory=Counter)
    kept_back: Counter[str] = field(default_factory=Counter)


class Speaker:
    """Says what things say.

    Parameters
    ----------
    types : the classes of which a thing may be said to be.
    languages : of texts that may leave; none means all.
    sparse : graphs in which few things say anything; the others are not looked up there.
    """

    def __init__(
        self,
        store: Store,
        targets: Targets,
        types: frozenset[NamedNode],
        languages: Sequence[str],
        *,
        pseudonyms: Pseudonyms | None = None,
        sparse: Collection[NamedNode] = (),
    ) -> None:
        self._store, self._targets, self._types = store, targets, types
        self._pseudonyms = pseudonyms
        self._subjects = {graph: self._subjects_of(graph) for graph in sparse}
        self.languages = Languages(languages)
        self._actions: dict[tuple[Rule, tuple[str, ...]], list[_Action | None]] = {}

    def statements(
        self,
        things: Sequence[Thing],
        graphs: Iterable[NamedNode],
        make: Callable[[NamedNode, NamedNode, Value], Made],
        tally: Tally,
    ) -> Iterator[Made]:
        """What `make` makes of what things say in some graphs together: by thing in order, by property, by value."""
        paths = tuple(sorted({path for rule in {thing.rule for thing in things} for path in rule.properties}))
        actions = [self._of_rule(thing.rule, paths) for thing in things]
        rows = [row for graph in graphs for row in self._rows(things, paths, graph)]
        rows.sort(key=itemgetter(0))
        repeated = _repeated(rows)
        left = [0] * len(paths)
        for place, value in rows:
            number, path = divmod(place, len(paths))
            action = actions[number][path]
            if action is None:
                continue
            if action.passes and place not in repeated and isinstance(value, Literal):  # most are: no further calls
                left[path] += 1
                yield make(things[number].outside, action.property, value)
                continue
            values = repeated.get(place, [value])
            repeated[place] = []  # said at its first row
            for found in self._values(action, values, tally):
                left[path] += 1
                yield make(things[number].outside, action.property, found)
        tally.left.update({path: count for path, count in zip(paths, left, strict=True) if count})

    def _rows(self, things: Sequence[Thing], paths: Sequence[str], graph: NamedNode) -> list[tuple[int, object]]:
        """The place of each thing and property as one number, and a value."""
        subjects = self._subjects.get(graph)
        numbered = [
            (thing.inside, number)
            for number, thing in enumerate(things)
            if subjects is None or thing.inside in subjects
        ]
        if not numbered:
            return []
        named = " ".join(f"({node} {number * len(paths)})" for node, number in numbered)
        listed = " ".join(f"({NamedNode(path)} {number})" for number, path in enumerate(paths))
        text = _QUERY.format(things=named, properties=listed)
        solutions = cast("QuerySolutions", self._store.query(text, default_graph=graph, named_graphs=[]))
        return [(int(place.value), value) for place, value in solutions]

    def _subjects_of(self, graph: NamedNode) -> frozenset[NamedNode]:
        text = "SELECT DISTINCT ?this { ?this ?path ?value }"
        solutions = cast("QuerySolutions", self._store.query(text, default_graph=graph, named_graphs=[]))
        return frozenset(node for solution in solutions if isinstance(node := solution[0], NamedNode))

    def _of_rule(self, rule: Rule, paths: tuple[str, ...]) -> list[_Action | None]:
        key = rule, paths
        if key not in self._actions:
            self._actions[key] = [self._action(rule, path) for path in paths]
        return self._actions[key]

    def _action(self, rule: Rule, path: str) -> _Action | None:
        if path not in rule.properties:
            return None
        mask = rule.properties[path]
        found = masking(mask, path, self._pseudonyms) if mask else None
        return _Action(path, NamedNode(path), found, found is None and self.languages.are_all)

    def _values(self, action: _Action, terms: list[object], tally: Tally) -> list[Value]:
        """The values as they leave, each once and in one order."""
        found = [value for term in terms if (value := self._value(action, term, tally)) is not None]
        if len(found) > 1:
            found = sorted(set(found), key=str)
        if action.masking and found:
            tally.masked[action.path] += len(found)
        return found

    def _value(self, action: _Action, term: object, tally: Tally) -> Value | None:
        if isinstance(term, Literal):
            kept = term if self.languages.include(term) else None
            found = action.masking(kept) if action.masking and kept is not None else kept
            if found is None:
                tally.kept_back[action.path] += 1
            return found
        if not isinstance(term, NamedNode) or action.masking:  # a mask is for values; the name of a thing says more
            tally.kept_back[action.path] += 1
            return None
        target = (term if term in self._types else None) if action.path == _TYPE else self._targets.of(term)
        if target is None:
            tally.links_left_out[action.path] += 1
        return target


def _repeated(rows: Sequence[tuple[int, object]]) -> dict[int, list[object]]:
    """The values of the places that have several, of rows in the order of their places."""
    places = {place for (place, _), (following, _) in pairwise(rows) if place == following}
    found: dict[int, list[object]] = {place: [] for place in places}
    for place, value in rows if places else ():
        if place in places:
            found[place].append(value)
    return found


class Languages:
    """Language tags by which texts are chosen.

    >>> Languages(["en"]).include(Literal("colour", language="en-gb"))
    True
    """

    def __init__(self, tags: Iterable[str]) -> None:
        self._tags = tuple(tag.lower() for tag in tags)

    @property
    def are_all(self) -> bool:
        """Whether any text may leave."""
        return not self._tags

    def include(self, text: Literal) -> bool:
        """Whether a text may leave: it has no language, or one of those, or one that is a kind of those."""
        if not self._tags or not (language := text.language):
            return True
        return any(language == tag or language.startswith(f"{tag}-") for tag in self._tags)
