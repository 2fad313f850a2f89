"""What a query joins, and which of it is scanned as a whole: that depends on how many triples match.

A store on disk looks up one triple in the time that it takes to scan twenty or more of one property. A sub-SELECT
around a pattern makes the store scan it and join sets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, pairwise
from typing import NamedTuple

from jobgraph.vocabulary import RDF

Count = Callable[[str, int], int]  # the number of triples that match a pattern, up to a limit

_SCANNED_PER_LOOKUP = 30
_FIRST_LIMIT = 1_000
_TYPE = f"<{RDF}type>"
_STEP = re.compile(r"(\^?)\(?(<[^>]*>|\ba\b)")
_STEPS = re.compile(r"\(*\^?(<[^>]*>|a)\)*(/\(*\^?(<[^>]*>|a)\)*)*")


@dataclass(frozen=True)
class Part:
    """A triple pattern or a sub-SELECT.

    Parameters
    ----------
    text : it as it stands in the query.
    ends : its first and its last variable or term.
    variables : those that it binds.
    counted : for each of its steps the patterns that together tell how many triples it takes.
    scan : what stands in its place to scan it; empty if nothing can.
    size : the number of solutions, where it is known.
    """

    text: str
    ends: tuple[str, str]
    variables: frozenset[str]
    counted: tuple[tuple[str, ...], ...] = ()
    scan: str = ""
    size: int | None = None


def triple_part(subject: str, path: str, object_: str, values: Mapping[str, Sequence[str]]) -> Part:
    """The part for a triple pattern, its path without spaces; `values` are the terms that a variable may be."""
    text = f"{subject} {path} {object_} ."
    names = [end for end in (subject, object_) if end[0] in "?$"]
    steps = _STEP.findall(path) if _STEPS.fullmatch(path) and "^(" not in path else []
    if not steps:
        return Part(text, (subject, object_), frozenset(names))
    nodes = [subject, *(f"?sh_step{number}" for number in range(1, len(steps))), object_]
    pairs = zip(steps, pairwise(nodes), strict=True)
    ways = [(end, name, start) if is_inverse else (start, name, end) for (is_inverse, name), (start, end) in pairs]
    is_listed = any(way[2] in values for way in ways)  # it is looked up by the terms in the list
    counted = tuple(tuple(_all_cases(way, values)) for way in ways)
    scan = " ".join(_scanned(way) for way in ways)
    if len(ways) > 1:
        scan = f"{{ SELECT {' '.join(dict.fromkeys(names))} {{ {scan} }} }}"
    return Part(text, (subject, object_), frozenset(names), counted, scan if names and not is_listed else "")


def _all_cases(way: tuple[str, str, str], values: Mapping[str, Sequence[str]]) -> Iterable[str]:
    """The pattern with names that are the same for equal patterns; one for each term that its last variable may be."""
    start, property_, end = way
    for term in values.get(end, (end,)):
        names = dict(zip(dict.fromkeys(t for t in (start, term) if t[0] in "?$"), ("?sh_a", "?sh_b"), strict=False))
        yield f"{names.get(start, start)} {_TYPE if property_ == 'a' else property_} {names.get(term, term)}"


def _scanned(way: tuple[str, str, str]) -> str:
    names = dict.fromkeys(end for end in (way[0], way[2]) if end[0] in "?$")
    return f"{{ SELECT {' '.join(names)} {{ {' '.join(way)} . }} }}"


class Counted(NamedTuple):
    """The triples that matched a pattern, counted up to a limit, and how many triples of the store changed since."""

    found: int
    limit: int
    changed: int = 0


class Sizes:
    """How many triples match which pattern of one step; counted once, and not further than needed.

    `known` has what was counted, by pattern.
    """

    def __init__(self, counts: Count, known: Mapping[str, Counted] | None = None) -> None:
        self._counts = counts
        self.known = dict(known or {})

    def up_to(self, part: Part, limit: int) -> int:
        """The most triples that a step of the part takes; `limit` or more where it is not below it."""
        return max(sum(self._count(pattern, limit) for pattern in cases) for cases in part.counted)

    def least(self, parts: Sequence[Part], given: Sequence[int]) -> int | None:
        """The smallest of some sizes and of the parts; None if nothing is known."""
        counted = [part for part in parts if part.counted]
        if not counted and not given:
            return None
        limit = _FIRST_LIMIT
        while True:
            smallest = min([limit, *given])
            for part in counted:
                smallest = min(smallest, self.up_to(part, smallest))
            if smallest < limit:
                return smallest
            limit *= _SCANNED_PER_LOOKUP

    def _count(self, pattern: str, limit: int) -> int:
        known = self.known.get(pattern, Counted(0, 0))
        if known.found >= known.limit and limit > known.limit:
            known = self.known[pattern] = Counted(self._counts(pattern, limit), limit)
        return known.found


@dataclass(frozen=True)
class Joined:
    """Parts that were joined.

    Parameters
    ----------
    text : the joins in their order.
    sizes : about how many solutions each variable has.
    has_scans : whether any part is scanned.
    """

    text: str
    sizes: dict[str, int]
    has_scans: bool


def join(parts: Sequence[Part], known: Mapping[str, int], sizes: Sizes) -> Joined:
    """The parts, each scanned where most of it is needed, in an order that begins with the smallest sets.

    Parameters
    ----------
    known : about how many solutions the variables have that were bound before.
    """
    found: dict[str, int] = {}
    scanned: dict[int, str] = {}
    for component in _components(parts):
        variables = frozenset().union(*(part.variables for part in component))
        given = [known[name] for name in variables if name in known]
        given += [part.size for part in component if part.size is not None]
        least = sizes.least(component, given)
        if least is None:
            continue
        found |= dict.fromkeys(variables, least)
        most = max(least, 1) * _SCANNED_PER_LOOKUP
        scanned |= {id(p): p.scan for p in component if p.scan and sizes.up_to(p, most + 1) <= most}
    if not scanned or not _is_joined(parts, known):
        return Joined(" ".join(part.text for part in parts), found, has_scans=False)
    ordered = _ordered(parts, set(known))
    return Joined(" ".join(scanned.get(id(part), part.text) for part in ordered), found, has_scans=True)


def _is_joined(parts: Sequence[Part], known: Mapping[str, int]) -> bool:
    """Whether anything is joined at all: parts, steps of one, or one with what was bound before."""
    return len(parts) > 1 or len(parts[0].counted) > 1 or not known.keys().isdisjoint(parts[0].variables)


def _components(parts: Sequence[Part]) -> list[list[Part]]:
    """The parts that share variables, also by way of others."""
    found: list[list[Part]] = []
    for part in parts:
        linked = [each for each in found if any(part.variables & other.variables for other in each)]
        found = [each for each in found if each not in linked]
        found.append([*chain.from_iterable(linked), part])
    return found


def _ordered(parts: Sequence[Part], bound: set[str]) -> list[Part]:
    """The parts in the order in which a store would look them up: what is bound by its subject first."""
    left, ordered = list(parts), []
    while left:
        chosen = min(left, key=partial(_cost, bound=bound))
        left.remove(chosen)
        ordered.append(chosen)
        bound = bound | chosen.variables
    return ordered


def _cost(part: Part, *, bound: set[str]) -> int:
    subject, object_ = (end[0] not in "?$" or end in bound for end in part.ends)
    if part.size is not None:
        return 1 if part.variables & bound else 3
    return 0 if subject and object_ else 1 if subject else 2 if object_ else 4
