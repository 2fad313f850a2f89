"""Which capabilities to close: what they are worth, and how good the greedy set is."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.analysis.test_gaps import landscapes

from jobgraph.analysis.closing import closing_set, closing_values
from jobgraph.analysis.gaps import Landscape, Need
from jobgraph.errors import UsageError

THRESHOLD = Fraction(1, 10)
prices = st.dictionaries(st.sampled_from("abcde"), st.integers(1, 4).map(Fraction))


def is_closed(landscape: Landscape, chosen: tuple[str, ...], ignored: tuple[str, ...]) -> bool:
    gaps = [landscape.gap_of(job, closed=chosen) for job in landscape.demands]
    return not any(gap.lacking for gap in gaps) and all(
        (gap.gap or 0) <= THRESHOLD for gap in gaps if gap.job not in ignored
    )


def least_cost(landscape: Landscape, costs: dict[str, Fraction], ignored: tuple[str, ...]) -> Fraction:
    names = sorted(landscape.needs_for)
    sets = [chosen for size in range(len(names) + 1) for chosen in combinations(names, size)]
    return min(
        sum((costs.get(name, Fraction(1)) for name in chosen), Fraction(0))
        for chosen in sets
        if is_closed(landscape, chosen, ignored)
    )


@given(landscapes(), prices)
def test_set_closes_and_its_bounds_hold(landscape: Landscape, costs: dict[str, Fraction]) -> None:
    found = closing_set(landscape, threshold=THRESHOLD, costs=costs)
    assert is_closed(landscape, found.capabilities, found.out_of_reach)
    best = least_cost(landscape, costs, found.out_of_reach)
    assert found.lower_bound <= best <= found.cost
    assert found.cost <= float(found.factor) * float(best) + 1e-9


@given(landscapes())
def test_out_of_reach_is_what_nothing_closes(landscape: Landscape) -> None:
    found = closing_set(landscape, threshold=THRESHOLD)
    left = [landscape.gap_of(job, closed=landscape.levels) for job in landscape.demands]
    assert set(found.out_of_reach) == {gap.job for gap in left if (gap.gap or 0) > THRESHOLD}


@given(landscapes())
def test_value_is_the_gap_that_goes(landscape: Landscape) -> None:
    assume(landscape.needs)
    before = sum((gap.gap or 0 for gap in landscape.gaps.values()), Fraction(0))
    for closing in closing_values(landscape):
        after = landscape.with_levels({closing.capability: "thought_leader"})
        assert closing.removed == before - sum((gap.gap or 0 for gap in after.gaps.values()), Fraction(0))


def test_one_capability_that_serves_two_jobs_is_enough() -> None:
    needs = tuple(Need(f"{job}{name}", job, name, Fraction(1), False) for job, name in ("xa", "xs", "yb", "ys"))
    found = closing_set(
        Landscape(
            {"x": Fraction(1), "y": Fraction(1)},
            dict.fromkeys("abs", "foundational"),
            {"foundational": Fraction(1, 5)},
            needs,
        )
    )
    assert (found.capabilities, found.sentence) == (("s",), "No set costs less than 1.")


@pytest.mark.parametrize("threshold", [Fraction(-1, 10), Fraction(11, 10)])
def test_threshold_is_a_share(threshold: Fraction) -> None:
    with pytest.raises(UsageError, match="not from 0 to 1"):
        closing_set(Landscape({}, {}, {}), threshold=threshold)
