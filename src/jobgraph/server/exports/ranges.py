"""A part of a file that a request asks for, RFC 9110, section 14: one range of bytes, and no other."""

from __future__ import annotations

import re

from jobgraph.server.problems import ProblemError

_RANGE = re.compile(
    r"bytes\s*=\s*(?:(?P<first>[0-9]{1,19})-(?P<last>[0-9]{0,19})|-(?P<length>[0-9]{1,19}))\s*",
    re.ASCII | re.IGNORECASE,
)


def wanted_range(header: str | None, size: int) -> tuple[int, int] | None:
    """The first byte and the one after the last that a Range header names; None where all is to be sent.

    Several ranges, other units and what is malformed are passed over, as they may be.

    >>> wanted_range("bytes=0-99", 1000), wanted_range("bytes=-1", 1000), wanted_range("bytes=2-1", 1000)
    ((0, 100), (999, 1000), None)

    Raises
    ------
    ProblemError : the file has no such bytes.
    """
    match = _RANGE.fullmatch(header or "")
    if match is None:
        return None
    if match["length"]:
        first, end = max(size - int(match["length"]), 0), size
    else:
        first, end = int(match["first"]), min(int(match["last"] or size) + 1, size)
        if match["last"] and int(match["last"]) < first:
            return None
    if first >= end:
        raise ProblemError(
            416, f"There are {size:,} bytes; ask for some of them.", headers={"Content-Range": f"bytes */{size}"}
        )
    return first, end
