"""One page of a long list: which part of it, and the way to the pages around it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """The page with a number, from 1 on, of a list of `total` things; `address` is that of the first page.

    Raises
    ------
    LookupError : it lies behind the last.
    """

    number: int
    total: int
    size: int
    address: str

    def __post_init__(self) -> None:
        if not (self.number == 1 or 0 < self.start < self.total):
            raise LookupError(f"There is no page {self.number}; the last is {self.last}.")

    @property
    def start(self) -> int:
        """How many things stand before it."""
        return (self.number - 1) * self.size

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // self.size))

    @property
    def around(self) -> dict[str, str]:
        """The addresses of the pages around it by their relation: `prev`, `next`, `first`, `last`."""
        if self.last == 1:
            return {}
        numbers = {"prev": self.number - 1, "next": self.number + 1, "first": 1, "last": self.last}
        return {name: self._address(number) for name, number in numbers.items() if 1 <= number <= self.last}

    @property
    def link(self) -> str:
        """The value of a Link header that leads to them.

        >>> Page(2, 2500, 1000, "/data/job/").link.split(", ")[1]
        '</data/job/?page=3>; rel="next"'
        """
        return ", ".join(f'<{address}>; rel="{name}"' for name, address in self.around.items())

    def _address(self, number: int) -> str:
        """Of a page; the first is the list's own."""
        return self.address if number == 1 else f"{self.address}{'&' if '?' in self.address else '?'}page={number}"
