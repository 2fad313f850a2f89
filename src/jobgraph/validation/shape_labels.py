"""What people call shapes: by their label or name, else by the shape around them and the column that they are of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pyoxigraph import Literal, NamedNode

from jobgraph.vocabulary import RDFS, SH

Facts = Mapping[Any, Mapping[str, Iterable[object]]]  # objects by subject and the IRI of the property
_TELLING = (RDFS + "label", SH + "name", SH + "path")


class ShapeLabels:
    """Finds the labels of shapes in what is stated of them."""

    def __init__(self, facts: Facts) -> None:
        told = {shape: {name: [*about[name]] for name in _TELLING if name in about} for shape, about in facts.items()}
        self._facts = {shape: about for shape, about in told.items() if about}  # not all of them, to be sent elsewhere
        self._parents = {inner: shape for shape, about in facts.items() for inner in about.get(SH + "property", ())}

    def of(self, shape: object) -> str:
        """The label or name of a shape; that of the shape around it and its column where it has none."""
        if label := self._own(shape):
            return label
        parent = self._parents.get(shape)
        if parent is None or parent == shape:
            return local_name(shape) or str(shape)
        outer = self._own(parent) or local_name(parent) or str(parent)
        inner = _inner_name(shape, parent) or local_name(self._first(shape, SH + "path"))
        return ": ".join(filter(None, (outer, inner)))

    def _own(self, shape: object) -> str:
        labels = (self._first(shape, property_) for property_ in (RDFS + "label", SH + "name"))
        return next((label.value for label in labels if isinstance(label, Literal)), "")

    def _first(self, shape: object, property_: str) -> object:
        return next(iter(self._facts.get(shape, {}).get(property_, ())), None)


def local_name(term: object) -> str:
    """The last step of an IRI; '' for what has none."""
    return term.value.rpartition("#")[2].rpartition("/")[2] if isinstance(term, NamedNode) else ""


def _inner_name(shape: object, outer: object) -> str:
    """What the name of a property shape adds to that of the shape around it, as a column."""
    if not (isinstance(shape, NamedNode) and isinstance(outer, NamedNode)):
        return ""
    start = f"{outer.value}-"
    return shape.value.removeprefix(start) if shape.value.startswith(start) else ""
