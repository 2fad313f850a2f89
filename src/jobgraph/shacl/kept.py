"""What each compiled check found in a graph, kept so that after a change only what it concerns is asked again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path as FilePath
from typing import NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from jobgraph.shacl.checks import FOCUS, Check
from jobgraph.shacl.compiled import Compiled
from jobgraph.shacl.cycles import select_steps
from jobgraph.shacl.paths import Predicate
from jobgraph.shacl.query_patterns import read_patterns
from jobgraph.shacl.results import Result
from jobgraph.shacl.statements import Term
from jobgraph.store.following import Delta, Follower
from jobgraph.store.scans import Counted

Found = Sequence[Sequence[Result]]  # the results of each check
_Written = tuple[int, str, str | None, str | None, str]  # the number of a check, focus, value, path and message


@dataclass(frozen=True)
class Ahead:
    """Checks of a graph before its last changes, `delta`; `asked` gives what those of the numbers `chosen` find."""

    compiled: Compiled
    chosen: Sequence[int]
    asked: Future[Found]
    delta: Delta


class _Kept(NamedTuple):
    """What a file has: the digest of the checks, their results as they are written, and what was counted."""

    checks: str
    rows: list[_Written]
    sizes: Mapping[str, Counted]


@dataclass(frozen=True)
class Past:
    """What was found before a change, as a file that was kept, and the change."""

    path: FilePath
    delta: Delta

    def found(self, checks: Sequence[Check]) -> Found | None:
        """The results of each check at that time; None if the file has none of these very checks."""
        if self._kept is None or self._kept.checks != _digest(checks):
            return None
        return _read_results(checks, self._kept.rows)

    @property
    def sizes(self) -> dict[str, Counted]:
        """What was counted by then or before, where less than half of it can have changed since."""
        more, sizes = self.delta.count, self._kept.sizes if self._kept else {}
        now = {pattern: size._replace(changed=size.changed + more) for pattern, size in sizes.items()}
        return {pattern: size for pattern, size in now.items() if 2 * size.changed < size.found}

    @cached_property
    def _kept(self) -> _Kept | None:
        """What the file has; None if it cannot be read."""
        try:
            facts = json.loads(self.path.read_text(encoding="utf-8"))
            sizes = {pattern: Counted(*size) for pattern, size in facts["sizes"].items()}
            return _Kept(facts["checks"], [tuple(row) for row in facts["results"]], sizes)
        except (OSError, ValueError, TypeError, KeyError):
            return None


def keep_found(path: FilePath, checks: Sequence[Check], found: Found, sizes: Mapping[str, Counted]) -> None:
    """Write what each check found, and what was counted to ask them.

    Raises
    ------
    OSError : the disk is full or cannot be written.
    """
    rows = [
        (number, str(r.focus), None if r.value is None else str(r.value), _path(check, r), r.message)
        for number, (check, results) in enumerate(zip(checks, found, strict=True))
        for r in results
    ]
    path.write_text(json.dumps({"checks": _digest(checks), "results": rows, "sizes": sizes}), encoding="utf-8")


def leads_far(check: Check) -> bool:
    """Whether a check compares its focus node with others that have several things in common with it.

    Each of these things by itself leads to too many nodes to follow, as a name and a class do.
    """
    read = check.patterns
    starts: dict[str, set[str]] = defaultdict(set)
    for pattern in read.patterns if read else ():
        for name in () if pattern.scope else pattern.variables:
            starts[name].update(other for other in pattern.variables if other != name)
    own = starts.pop(FOCUS, set())
    return any(len(others & own) > 1 and FOCUS not in others for others in starts.values())


def may_be_touched(check: Check, delta: Delta) -> bool:
    """Whether a property that a check asks for has a changed triple."""
    read = check.patterns
    return read is None or any(delta.touched(p) for pattern in read.patterns for p in pattern.properties)


def concerned(check: Check, follower: Follower) -> set[Term] | None:
    """The focus nodes for which a check may find something else after a change; None if that is not known."""
    read = check.patterns
    if read is None:
        return None
    focus = follower.concerned(read.patterns, FOCUS)
    return None if focus is None or any(isinstance(node, BlankNode) for node in focus) else focus


def may_close_circles(check: Check, follower: Follower) -> set[NamedNode] | None:
    """Where a change can have made a circle that a check would find; None if that is not known.

    Each new circle is led to from an end of a changed step, or from a node that came into focus or went from it: where
    a step went, what is left of a circle can have another first node.
    """
    path, found = check.shape.path, set[Term]()
    if not check.focus or path is None:
        return None
    for query, names in ((select_steps(path), ("?start", "?end")), (check.focus, (FOCUS,))):
        read = read_patterns(query)
        for name in names:
            nodes = follower.concerned(read.patterns, name) if read else None
            if nodes is None:
                return None
            found |= nodes
    named = {node for node in found if isinstance(node, NamedNode)}
    return named if all(isinstance(node, NamedNode | Literal) for node in found) else None


def of_its_kind(
    check: Check, focus: Collection[Term], values: Callable[[Term, NamedNode], Collection[str]]
) -> Collection[Term]:
    """Those of some nodes that a check can find anything for: it need not be asked about the others."""
    read = check.patterns
    kind = None if read is None else read.kind
    if kind is None:
        return focus
    return [node for node in focus if not kind.values.isdisjoint(values(node, kind.property))]


def held_to(check: Check, focus: Collection[Term]) -> str:
    """The query of a check about some focus nodes alone."""
    read, values = check.patterns, " ".join(sorted(map(str, focus)))
    pieces, end = [], 0
    for place in sorted(read.places if read else ()):
        pieces += [check.text[end:place], f"VALUES ?this {{ {values} }} "]
        end = place
    return "".join([*pieces, check.text[end:]])


def _digest(checks: Iterable[Check]) -> str:
    """What tells some checks from others: their queries name the classes below those of the shapes, too."""
    texts = ((str(check.shape.node), check.constraint.component, check.shape.severity, check.text) for check in checks)
    messages = ([str(m) for m in check.shape.messages] for check in checks)
    return sha256(json.dumps([list(texts), list(messages)]).encode()).hexdigest()


def _path(check: Check, result: Result) -> str | None:
    """The path of a result where that of the shape is another one."""
    return result.path.iri if isinstance(result.path, Predicate) and result.path != check.shape.path else None


def _read_results(checks: Sequence[Check], rows: list[_Written]) -> Found:
    texts = dict.fromkeys(text for _, focus, value, *_ in rows for text in (focus, value) if text is not None)
    lines = "".join(f"<urn:r> <urn:p> {text} .\n" for text in texts)
    terms = dict(zip(texts, (quad.object for quad in parse(lines, RdfFormat.N_TRIPLES)), strict=True))
    found: list[list[Result]] = [[] for _ in checks]
    for number, focus, value, path, message in rows:
        shape, constraint = checks[number].shape, checks[number].constraint
        found[number].append(
            Result(
                focus=terms[focus],
                component=constraint.component,
                shape=shape.node,
                severity=shape.severity,
                path=shape.path if path is None else Predicate(path),
                value=None if value is None else terms[value],
                message=message,
                constraint=constraint.sparql.node if constraint.sparql is not None else None,
            )
        )
    return found
