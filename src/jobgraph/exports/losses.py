"""What a format cannot say, counted while it is written, so that nothing is left out in silence."""

from __future__ import annotations

from dataclasses import dataclass

GRAPHS = "in which graph a statement stands"


@dataclass(frozen=True)
class Loss:
    """Statements that are left out or say less than they did.

    Parameters
    ----------
    what : what cannot be said, in words.
    example : one of the statements; may be empty.
    """

    what: str
    count: int
    example: str = ""


class Losses:
    """Losses as they are met."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._examples: dict[str, str] = {}

    def add(self, what: str, *terms: object) -> None:
        """One statement more, with its terms."""
        self.add_many(what, 1)
        if what not in self._examples:
            self._examples[what] = " ".join(map(str, terms))

    def add_many(self, what: str, count: int) -> None:
        """Some statements more; none is no loss."""
        if count:
            self._counts[what] = self._counts.get(what, 0) + count

    def found(self) -> list[Loss]:
        """All so far, in alphabetical order."""
        return [Loss(what, count, self._examples.get(what, "")) for what, count in sorted(self._counts.items())]
