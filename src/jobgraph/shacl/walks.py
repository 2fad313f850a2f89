"""Property paths as patterns between two variables; a path that may be empty also leads from a node to itself.

A store that joins `?this <p>* ?value` finds no value for a node that no triple has, while SHACL asks about that node
all the same; so the empty way is a branch of its own.
"""

from __future__ import annotations

from jobgraph.shacl.paths import (
    Alternative,
    Inverse,
    OneOrMore,
    Path,
    Predicate,
    Sequence,
    to_sparql,
)


def walk(where: str, start: str, path: Path | None, end: str) -> str:
    """A pattern that binds the variable `end` to the value nodes of `start`, which the pattern `where` binds.

    Without a path the value node is the focus node.
    """
    if path is None:
        return f"{where} BIND({start} AS {end}) "
    step = f"{where} {start} {to_sparql(path)} {end} . "
    if not may_be_empty(path):
        return step
    return f"{{ {step}}} UNION {{ {where} BIND({start} AS {end}) }} "


def reaches(start: str, path: Path | None, term: str) -> str:
    """A pattern, for EXISTS, that holds where `term` is a value node of the variable `start`."""
    if path is None:
        return f"FILTER(sameTerm({start}, {term}))"
    step = f"{start} {to_sparql(path)} {term} ."
    return f"{{ {step} }} UNION {{ FILTER(sameTerm({start}, {term})) }}" if may_be_empty(path) else step


def may_be_empty(path: Path) -> bool:
    """Whether a path leads from every node to itself.

    >>> from jobgraph.shacl.paths import ZeroOrMore, ZeroOrOne
    >>> may_be_empty(Sequence((ZeroOrMore(Predicate("urn:p")), ZeroOrOne(Predicate("urn:q")))))
    True
    """
    if isinstance(path, Sequence):
        return all(map(may_be_empty, path.parts))
    if isinstance(path, Alternative):
        return any(map(may_be_empty, path.parts))
    if isinstance(path, Inverse | OneOrMore):
        return may_be_empty(path.inner)
    return not isinstance(path, Predicate)


def is_single_step(path: Path | None) -> bool:
    """Whether a path is one property, forwards or backwards."""
    return isinstance(path, Predicate) or (isinstance(path, Inverse) and isinstance(path.inner, Predicate))


def is_bounded(path: Path | None) -> bool:
    """Whether a path has a fixed number of steps, so that all its ends can be listed at once."""
    if isinstance(path, Sequence | Alternative):
        return all(map(is_bounded, path.parts))
    if isinstance(path, Inverse):
        return is_bounded(path.inner)
    return isinstance(path, Predicate)
