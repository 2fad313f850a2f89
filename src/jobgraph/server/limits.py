"""How often one token may ask: a bucket that fills steadily and pays for each request."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from jobgraph.server.problems import ProblemError

_MOST_KEYS = 10_000


class Room:
    """Memory for the bodies of requests that are read or wait, of all tenants together."""

    def __init__(self, size: int) -> None:
        self._left = size

    def take(self, size: int) -> None:
        """Have some bytes.

        Raises
        ------
        ProblemError : there are not as many left.
        """
        if size > self._left:
            raise ProblemError(
                503, "Too many large requests are read just now; try again.", headers={"Retry-After": "2"}
            )
        self._left -= size

    def give(self, size: int) -> None:
        """Give them back."""
        self._left += size


class RateLimit:
    """Lets each key make `rate` requests a second on average, and that many at once."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # what is left, and when that was

    def check(self, key: str) -> None:
        """Count a request.

        Raises
        ------
        ProblemError : there were too many of late.
        """
        now = self._clock()
        left, then = self._left.pop(key, (self._rate, now))
        left = min(self._rate, left + (now - then) * self._rate)
        is_allowed = left >= 1
        self._left[key] = (left - is_allowed, now)
        if len(self._left) > _MOST_KEYS:
            self._left.popitem(last=False)
        if not is_allowed:
            wait = max(1, round((1 - left) / self._rate))
            raise ProblemError(
                429, "Too many requests with this token; wait a moment.", headers={"Retry-After": str(wait)}
            )
