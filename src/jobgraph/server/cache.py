"""Answers that can be given again: a generation never changes, so neither does what it answers."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

# Functions whose values differ from call to call, and RAND of an endpoint's own.
_CHANGING = ("now", "rand", "uuid", "bnode")


@dataclass(frozen=True)
class Kept:
    """An answer as a whole."""

    media_type: str
    body: bytes
    link: str = ""


_ENTRY_BYTES = 1_000  # of memory that an answer takes beside its body


class AnswerCache:
    """The answers used last, up to a size in bytes; an answer of more than a sixteenth of that is not kept."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._used = 0
        self._kept: OrderedDict[object, Kept] = OrderedDict()
        self.hits = 0
        self.misses = 0

    @property
    def largest(self) -> int:
        """The size in bytes of the largest answer that is kept."""
        return self._size // 16

    def get(self, key: object) -> Kept | None:
        """The answer for a key, which names tenant, generation, role and all that the answer depends on."""
        kept = self._kept.get(key)
        if kept is None:
            self.misses += 1
            return None
        self.hits += 1
        self._kept.move_to_end(key)
        return kept

    def clear(self) -> None:
        """Keep nothing of what was kept."""
        self._kept.clear()
        self._used = 0

    def put(self, key: object, kept: Kept) -> None:
        """Keep an answer; those that were not used for longest go."""
        if len(kept.body) > self.largest or key in self._kept:
            return
        self._kept[key] = kept
        self._used += len(kept.body) + _ENTRY_BYTES
        while self._used > self._size:
            _, oldest = self._kept.popitem(last=False)
            self._used -= len(oldest.body) + _ENTRY_BYTES


def is_lasting(query: str) -> bool:
    """Whether a query gives the same answer each time; doubtful ones do not."""
    lower = query.lower()
    return not any(word in lower for word in _CHANGING)
