from __future__ import annotations

import pytest

from jobgraph.store.scans import Part, Sizes, triple_part

SMALL, LARGE = (triple_part("?v", f"<urn:{name}>", "?x", {}) for name in ("small", "large"))


class Counter:
    """Counts that note what they were asked for."""

    def __init__(self) -> None:
        self.limits: list[int] = []

    def __call__(self, pattern: str, limit: int) -> int:
        self.limits.append(limit)
        return min(limit, 5 if "small" in pattern else 10**9)


def test_counting_goes_no_further_than_the_smallest() -> None:
    counted = Counter()
    assert Sizes(counted).least([LARGE, SMALL], []) == 5
    assert max(counted.limits) <= 1_000


def test_what_was_counted_is_not_counted_again() -> None:
    counted = Counter()
    sizes = Sizes(counted)
    found = [sizes.up_to(part, limit) for limit in (100, 50, 1_000) for part in (SMALL, LARGE)]
    assert found == [5, 100, 5, 100, 5, 1_000]
    assert counted.limits == [100, 100, 1_000]


def test_what_is_known_is_not_counted_at_all() -> None:
    first, counted = Sizes(Counter()), Counter()
    found = [first.up_to(part, 100) for part in (SMALL, LARGE)]
    second = Sizes(counted, first.known)
    assert [second.up_to(part, 100) for part in (SMALL, LARGE)] == found
    assert counted.limits == []
    assert second.up_to(LARGE, 1_000) == 1_000
    assert counted.limits == [1_000]  # beyond the limit up to which it was counted


@pytest.mark.parametrize(
    ("parts", "given", "least"),
    [
        ([SMALL, LARGE], [], 5),
        ([LARGE], [20_000], 20_000),
        ([triple_part("?v", "<urn:small>*", "?x", {})], [], None),
        ([triple_part("?v", "a", "?c", {"?c": ["<urn:small>"] * 3})], [], 15),
        ([triple_part("?v", "<urn:small>/<urn:large>", "?x", {}), LARGE], [7], 7),
    ],
)
def test_size_of_a_join_is_that_of_its_smallest_part(parts: list[Part], given: list[int], least: int | None) -> None:
    assert Sizes(Counter()).least(parts, given) == least
