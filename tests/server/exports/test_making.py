from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from jobgraph.server.exports import making
from jobgraph.server.exports.making import ExportPool
from jobgraph.server.problems import ProblemError
from jobgraph.server.settings import ServerSettings

WHAT = ("acme", "package", "open", "000001")


class Recorded(ExportPool):
    """Makes nothing, slowly."""

    def __init__(self, work: Callable[[], Awaitable[None]], **settings: float) -> None:
        super().__init__(ServerSettings(home=Path("none"), **settings))  # type: ignore[arg-type]
        self.made = 0
        self._work = work

    async def _make(self, *_: str) -> None:
        self.made += 1
        await self._work()


async def a_moment() -> None:
    await asyncio.sleep(0.01)


async def a_failure() -> None:
    raise ProblemError(403, "No.")


def run(body: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(_awaited(body))


async def _awaited(body: Callable[[], Awaitable[None]]) -> None:
    await body()


def test_all_who_ask_wait_for_one_making_and_a_later_one_makes_anew() -> None:
    async def body() -> None:
        pool = Recorded(a_moment)
        await asyncio.gather(*(pool.make(*WHAT) for _ in range(5)))
        assert pool.made == 1
        await asyncio.gather(pool.make(*WHAT), pool.make("acme", "feed", "open", "000001"))
        assert pool.made == 3

    run(body)


def test_who_waits_too_long_is_told_to_come_again_and_the_making_goes_on() -> None:
    async def body() -> None:
        end = asyncio.Event()

        async def until_told() -> None:
            await end.wait()

        pool = Recorded(until_told, export_wait_seconds=0.01)
        for _ in range(2):
            with pytest.raises(ProblemError) as caught:
                await pool.make(*WHAT)
            assert (caught.value.status, caught.value.headers["Retry-After"]) == (503, "5")
        end.set()
        await pool.make(*WHAT)
        assert pool.made == 1

    run(body)


def test_a_failure_is_told_to_all_and_remembered_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "_REMEMBERED_S", 0.05)

    async def body() -> None:
        pool = Recorded(a_failure)
        told = await asyncio.gather(*(pool.make(*WHAT) for _ in range(3)), return_exceptions=True)
        assert [getattr(error, "status", 0) for error in told] == [403] * 3
        with pytest.raises(ProblemError):
            await pool.make(*WHAT)
        assert pool.made == 1
        await asyncio.sleep(0.1)
        with pytest.raises(ProblemError):
            await pool.make(*WHAT)
        assert pool.made == 2
        await pool.close()

    run(body)


def test_not_many_wait_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "_MOST_WAITING", 2)

    async def body() -> None:
        pool = Recorded(a_moment)
        told = await asyncio.gather(
            *(pool.make("acme", "package", "open", f"{n}") for n in range(3)), return_exceptions=True
        )
        assert [getattr(error, "status", 0) for error in told] == [0, 0, 503]
        await pool.close()

    run(body)


def test_no_more_are_sent_at_once_than_allowed() -> None:
    pool = ExportPool(ServerSettings(home=Path("none"), export_downloads=1))
    pool.begin_sending()
    with pytest.raises(ProblemError) as caught:
        pool.begin_sending()
    assert caught.value.status == 503
    pool.end_sending()
    pool.begin_sending()
