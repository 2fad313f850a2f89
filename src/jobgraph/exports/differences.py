"""What is different between two data sets, thing by thing.

Blank nodes go by the labels that RDFC-1.0 gives them in each of the two. Statements that are the same but for other
labels count as different; the result is right all the same, for what is compared and patched is the canonical text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from pyoxigraph import BlankNode, NamedNode

from jobgraph.exports.sorted_quads import Kind, iter_differences, iter_quads
from jobgraph.vocabulary import RDF

_TYPE = RDF + "type"


@dataclass(frozen=True)
class ThingChange:
    """What is said of a thing before and after, as sorted lines; nothing of one that is new, or that left."""

    subject: NamedNode | BlankNode
    before: list[bytes]
    after: list[bytes]

    def lines(self) -> Iterator[tuple[Kind, bytes]]:
        """Each line that only one of them has."""
        return iter_differences(self.before, self.after)

    @property
    def types_before(self) -> list[NamedNode]:
        """The classes that the thing was of."""
        quads = iter_quads(self.before)
        found = {quad.object for quad in quads if quad.predicate.value == _TYPE and isinstance(quad.object, NamedNode)}
        return sorted(found, key=str)


def iter_changed_things(old: Iterable[bytes], new: Iterable[bytes]) -> Iterator[ThingChange]:
    """The things of which two sorted data sets say different things, in the order of their IRIs."""
    left, right = (groupby(lines, key=_subject_with_space) for lines in (old, new))
    before, after = _next_group(left), _next_group(right)
    while before is not None or after is not None:
        is_old = before is not None and (after is None or before[0] <= after[0])
        is_new = after is not None and (before is None or after[0] <= before[0])
        subject = (before if is_old else after)[0]  # type: ignore[index]  # one of them is there
        was, now = before[1] if is_old and before else [], after[1] if is_new and after else []
        if was != now:
            yield ThingChange(_node(subject[:-1].decode()), was, now)
        before = _next_group(left) if is_old else before
        after = _next_group(right) if is_new else after


def _node(text: str) -> NamedNode | BlankNode:
    return BlankNode(text[2:]) if text.startswith("_:") else NamedNode(text[1:-1])


def _next_group(groups: Iterator[tuple[bytes, Iterator[bytes]]]) -> tuple[bytes, list[bytes]] | None:
    found = next(groups, None)
    return None if found is None else (found[0], list(found[1]))


def _subject_with_space(line: bytes) -> bytes:
    """The subject of a line and the space after it, in whose order the things of sorted lines come."""
    return line[: line.index(b" ") + 1]
