"""Which capabilities to close: what each is worth, and a small set after which no job has much of a gap.

To close a capability is to bring it to full maturity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush
from math import ceil, log

from jobgraph.analysis.gaps import JobGap, Landscape, Need
from jobgraph.errors import UsageError

THRESHOLD = Fraction(1, 5)  # the greatest gap of a job that counts as closed
_NONE, _ONE = Fraction(0), Fraction(1)
_SMALLER = Fraction(19, 20)


@dataclass(frozen=True)
class Closing:
    """A capability to bring to full maturity, the sum of gap that goes with it, and the jobs that it helps."""

    capability: str
    removed: Fraction
    jobs: tuple[str, ...]


def closing_values(landscape: Landscape) -> list[Closing]:
    """What each needed capability is worth if it alone is closed, the most valuable first."""
    closings = []
    for capability, needs in landscape.needs_for.items():
        jobs = sorted({need.job for need in needs})
        removed = {job: _gap(landscape.gaps[job]) - _gap(landscape.gap_of(job, closed=[capability])) for job in jobs}
        helped = tuple(job for job in jobs if removed[job] or capability in landscape.gaps[job].lacking)
        closings.append(Closing(capability, sum(removed.values(), Fraction(0)), helped))
    return sorted(closings, key=lambda closing: (-closing.removed, closing.capability))


@dataclass(frozen=True)
class ClosingSet:
    """Capabilities after whose closing no job that can be closed has a gap above a threshold.

    `capabilities` are in the order in which greed takes them: those that a job requires and that have no maturity
    first, because nothing else closes these. No set costs less than `lower_bound`, and the best set not less than the
    `factor`th part of `cost`. `out_of_reach` are the jobs whose gap stays above the threshold with everything closed;
    they do not count.
    """

    capabilities: tuple[str, ...]
    cost: Fraction
    lower_bound: Fraction
    factor: Fraction
    out_of_reach: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """How good the set is, in words."""
        if self.cost == self.lower_bound:
            return f"No set costs less than {float(self.cost):g}."
        low, factor = float(self.lower_bound), float(self.factor)
        return (
            f"It costs {float(self.cost):g} and at least {low:g} is needed; it is within {factor:.2f} times the best."
        )


def closing_set(
    landscape: Landscape, *, threshold: Fraction = THRESHOLD, costs: Mapping[str, Fraction] | None = None
) -> ClosingSet:
    """A cheap set of capabilities to close so that no job that can be closed keeps a gap above `threshold`.

    A weighted set cover: a job is covered as far as its gap comes down to the threshold, which is submodular in the
    set, so that greed is within 1 + ln(all / what was left before the last step) of the best. The lower bound is the
    greatest of what the rest costs at least at the prices of a step, over the steps before which a twentieth went.

    Parameters
    ----------
    threshold : greatest gap that counts as closed, 0 to 1.
    costs : of the capabilities, above 0; 1 for each if left out.

    Raises
    ------
    UsageError : the threshold is not from 0 to 1.

    Source: Wolsey 1982, An analysis of the greedy algorithm for the submodular set covering problem.
    """
    if not 0 <= threshold <= 1:
        raise UsageError(f"The threshold {float(threshold):g} is not from 0 to 1; name one such as 0.2.")
    prices = {capability: (costs or {}).get(capability, _ONE) for capability in sorted(landscape.needs_for)}
    forced = sorted({capability for gap in landscape.gaps.values() for capability in gap.lacking})
    cover = _Cover(landscape, threshold, prices)
    for capability in forced:
        cover.take(capability)
    chosen, bound, whole = list(forced), _NONE, cover.left
    before = seen = whole
    while left := cover.left:
        if left == whole or left <= seen * _SMALLER:  # to look before each step took most of the time of large sets
            bound, seen = max(bound, _least_cost(cover.gains, prices, left)), left
        best = cover.best()
        cover.take(best)
        chosen.append(best)
        before = left
    fixed, cost = (sum((prices[capability] for capability in some), _NONE) for some in (forced, chosen))
    factor = Fraction(1 + log(whole / before)) if before else _ONE
    return ClosingSet(tuple(chosen), cost, fixed + bound, factor, cover.out_of_reach)


class _Cover:
    """What is left of the gaps above a threshold while capabilities are closed one by one."""

    def __init__(self, landscape: Landscape, threshold: Fraction, prices: Mapping[str, Fraction]) -> None:
        self._landscape, self._threshold, self._prices = landscape, threshold, prices
        above = {job: gap.gap for job, gap in landscape.gaps.items() if gap.gap is not None and gap.gap > threshold}
        reach = {
            job: landscape.gap_of(job, closed=[n.capability for n in landscape.needs_of.get(job, [])]) for job in above
        }
        self.out_of_reach = tuple(sorted(job for job, gap in reach.items() if _gap(gap) > threshold))
        self._gaps = {job: gap for job, gap in above.items() if job not in self.out_of_reach}
        self._needs = {
            capability: [need for need in needs if need.job in self._gaps]
            for capability, needs in landscape.needs_for.items()
        }
        self.left = sum(map(self._excess, self._gaps.values()), _NONE)  # what the gaps exceed the threshold by
        self._open = set(self._needs)
        self.gains: dict[str, Fraction] = {}  # how much less is left once one more is closed, where it is less
        self._best: list[tuple[Fraction, str]] = []  # a heap of gains for a price, below 0, some of them outdated
        self._measure(self._needs)

    def best(self) -> str:
        """The one that gains most for its price, the first by name among equals; there must be one."""
        while True:
            value, capability = self._best[0]
            if -value == self.gains.get(capability, _NONE) / self._prices[capability]:
                return capability
            heappop(self._best)

    def take(self, capability: str) -> None:
        """Close this one."""
        after = self._after(capability)
        self.left -= self._gain(after)
        self._gaps.update(after)
        self._open.discard(capability)
        # Nothing changes for capabilities that share no job with this one, which is most of them.
        self._measure({capability, *(n.capability for job in after for n in self._landscape.needs_of[job])})

    def _measure(self, capabilities: Iterable[str]) -> None:
        for capability in capabilities:
            gain = self._gain(self._after(capability)) if capability in self._open else _NONE
            if gain:
                self.gains[capability] = gain
                heappush(self._best, (-gain / self._prices[capability], capability))
            else:
                self.gains.pop(capability, None)

    def _gain(self, after: Mapping[str, Fraction]) -> Fraction:
        return sum((self._excess(self._gaps[job]) - self._excess(gap) for job, gap in after.items()), _NONE)

    def _after(self, capability: str) -> dict[str, Fraction]:
        """The gaps of the jobs that need it, once it is closed."""
        gaps: dict[str, Fraction] = {}
        for need in self._needs.get(capability, []):
            gaps[need.job] = gaps.get(need.job, self._gaps[need.job]) * self._share_left(need)
        return gaps

    def _share_left(self, need: Need) -> Fraction:
        """What closing leaves of the gap of a job; it had one, so the divisor is not 0."""
        return (1 - need.relevance) / (1 - need.relevance * self._landscape.maturity(need.capability))

    def _excess(self, gap: Fraction) -> Fraction:
        return max(gap - self._threshold, _NONE)


def _least_cost(gains: Mapping[str, Fraction], prices: Mapping[str, Fraction], left: Fraction) -> Fraction:
    """What it costs at least to gain `left`, if a part of the last one could be had for a part of its price."""
    cost = _NONE
    for capability in sorted(gains, key=lambda c: prices[c] / gains[c]):
        if gains[capability] >= left:
            cost += prices[capability] * left / gains[capability]
            break
        cost, left = cost + prices[capability], left - gains[capability]
    return Fraction(ceil(cost)) if set(prices.values()) == {_ONE} else cost


def _gap(gap: JobGap) -> Fraction:
    return gap.gap or _NONE
