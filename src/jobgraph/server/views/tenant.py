"""What a view sees: one generation of one tenant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import Store

from jobgraph.store import Generation, GraphNames, Merged
from jobgraph.store.memory import LARGEST


@dataclass(frozen=True)
class Tenant:
    """An open store, the generation that it is of, and the names of its graphs."""

    store: Store
    generation: Generation
    names: GraphNames

    @property
    def is_small(self) -> bool:
        """Whether its graphs may be kept in memory."""
        triples = self.generation.triples
        return triples is not None and triples <= LARGEST

    @cached_property
    def merged(self) -> Merged:
        """The graphs that queries see as one."""
        return Merged(self.store, self.names)
