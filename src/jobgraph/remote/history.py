"""The generations of a tenant at an endpoint: listed, published again, removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from jobgraph.remote.graph_set import GraphSet
from jobgraph.remote.place import Place
from jobgraph.remote.pointer import Pointer


@dataclass(frozen=True)
class History:
    """What a tenant's graph at an endpoint was before; each method asks anew.

    All raise SourceGoneError and UsageError where the endpoint fails or refuses.
    """

    place: Place
    slug: str

    def manifests(self) -> list[tuple[Mapping[str, Any], bool]]:
        """The manifest of each generation, the oldest first, and whether it is published."""
        with self._pointer() as pointer:
            current = pointer.current()
            return [(each.manifest, current is not None and each.iri == current.iri) for each in pointer.generations()]

    def rollback(self, which: str) -> GraphSet:
        """The generation of this name or number, published again; the later ones stay.

        Raises
        ------
        UsageError : there is none.
        StaleGenerationError : another writer published one meanwhile.
        """
        with self._pointer() as pointer:
            chosen = pointer.generation(which)
            pointer.switch(chosen, pointer.current())
        return chosen

    def prune(self, keep: int) -> list[str]:
        """The names of the generations that it removed: all but the newest, the published, and what was so just now."""
        with self._pointer() as pointer:
            return prune(pointer, keep=keep, grace_s=self.place.settings.store_grace_s)

    @contextmanager
    def _pointer(self) -> Iterator[Pointer]:
        with self.place.open(self.slug) as endpoint:
            yield Pointer(endpoint, self.place.names(self.slug))


def prune(pointer: Pointer, *, keep: int, grace_s: float) -> list[str]:
    """Remove the generations that are too many, once nobody reads them any more; the names of those that went."""
    old = pointer.outdated(keep, grace_s)
    for each in old:
        pointer.remove(each)
    return [each.name for each in old]
