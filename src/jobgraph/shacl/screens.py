"""Which checks are spared by a screen: by a query about all nodes, whatever their class, that several checks share.

Where a screen finds few nodes, looking up their classes is all that is left to do. A check that asks about the nodes of
its classes alone, with its joins planned, takes a scan of those and of the property; so a screen is of use where shapes
share it, where it scans little else than what they are about, or where a check looks further than the values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from jobgraph.shacl.checks import Check, screen_missing
from jobgraph.shacl.paths import Path, to_sparql
from jobgraph.store.scans import Sizes, triple_part

_MOST_NODES = 5_000  # that a screen may find; more are not looked at one by one
_MOST_NODES_A_CHECK = 200  # the same where a check takes hardly longer than its screen
_SCANNED_PER_NODE = 3  # values of all classes beside one instance of the classes that are asked about
_ALL = 1_000_000_000


class Screen(NamedTuple):
    """A SELECT of the nodes that break a constraint, and how many may be looked at one by one."""

    text: str
    most: int


def choose_screens(checks: Sequence[Check], sizes: Sizes) -> dict[int, Screen]:
    """The screens of the checks that one spares, by the identity of the check."""
    together: dict[str, list[Check]] = {}
    for check, text in zip(checks, _texts(checks), strict=True):
        if text:
            together.setdefault(text, []).append(check)
    chosen: dict[int, Screen] = {}
    for text, sharing in together.items():
        if most := _most_nodes(sharing, sizes):
            chosen |= {id(check): Screen(text, most) for check in sharing}
    return chosen


def _texts(checks: Sequence[Check]) -> list[str]:
    """The screen of each check; one a path asks for missing values, of all classes."""
    classes: dict[Path | None, dict[str, None]] = {}
    for check in checks:
        if check.requires:
            classes.setdefault(check.shape.path, {}).update(dict.fromkeys(check.classes))
    missing: dict[Path | None, str] = {
        path: screen_missing(path, list(names)) for path, names in classes.items() if path
    }
    return [missing.get(check.shape.path, "") if check.requires else check.screen for check in checks]


def _most_nodes(sharing: Sequence[Check], sizes: Sizes) -> int:
    """How many nodes the screen of some checks may find; 0 if they do without."""
    first = sharing[0]
    if first.looks_far:
        return _MOST_NODES
    if first.requires:
        return _MOST_NODES if len(sharing) > 1 else 0
    classes = dict.fromkeys(name for check in sharing for name in check.classes)
    instances = sum(sizes.up_to(triple_part("?this", "a", name, {}), _ALL) for name in classes)
    values = triple_part("?this", to_sparql(first.shape.path), "?value", {}) if first.shape.path else None
    scanned = instances * _SCANNED_PER_NODE
    if values is None or sizes.up_to(values, scanned + 1) > scanned:
        return 0
    return min(_MOST_NODES, _MOST_NODES_A_CHECK * len(sharing))
