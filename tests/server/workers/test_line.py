from __future__ import annotations

import asyncio
import socket
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobgraph.server.workers.jobs import DATA, END, frame
from jobgraph.server.workers.line import Line, LineLostError

FRAMES = [(DATA, b"a" * 300), (DATA, b""), (END, b""), (DATA, b"\x00D\x00")]
SENT = b"".join(frame(*each) for each in FRAMES)


@given(st.lists(st.integers(0, len(SENT)), max_size=8))
def test_frames_arrive_whole_however_they_are_cut(cuts: list[int]) -> None:
    async def arrived() -> list[tuple[bytes, bytes]]:
        line = Line()
        for start, end in pairwise([0, *sorted(cuts), len(SENT)]):
            line.data_received(SENT[start:end])
        return [await line.receive() for _ in FRAMES]

    assert asyncio.run(arrived()) == FRAMES


def test_end_of_the_other_side_is_an_error_after_all_that_came() -> None:
    async def last() -> tuple[bytes, bytes]:
        ours, theirs = socket.socketpair()
        line = await Line.over(ours)
        with theirs:
            theirs.sendall(frame(DATA, b"a"))
        await line.receive()
        return await line.receive()

    with pytest.raises(LineLostError):
        asyncio.run(last())


def test_worker_waits_while_nobody_reads() -> None:
    async def sent() -> int:
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        line = await Line.over(ours)
        count, piece = 0, frame(DATA, b"a" * 60_000)
        for _ in range(1_000):
            try:
                count += theirs.send(piece)
            except BlockingIOError:
                break
            await asyncio.sleep(0)
        theirs.close()
        line.close()
        return count

    assert asyncio.run(sent()) < 10_000_000
