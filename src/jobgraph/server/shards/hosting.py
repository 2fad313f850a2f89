"""What one host knows of the table: whether a tenant is its own, and whether it may still believe so."""

from __future__ import annotations

import asyncio
import re
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path

import httpx
import structlog

from jobgraph.errors import AccessError, InputError, JobgraphError, RefusedError, SourceGoneError, UsageError
from jobgraph.server.exchange import TENANT, Exchange
from jobgraph.server.problems import ProblemError
from jobgraph.server.shards.table import Table, parse_table, read_table

HOST_HEADER = "jobgraph-host"  # of an answer: the name of the host that has the tenant
_LOOK_EVERY_S = 1.0
_LOOK_S = 2.0  # that reading the table may take
_MIN_KEY = 32  # characters
_LABEL = "(?P<tenant>[a-z0-9][a-z0-9-]{0,62})"


@dataclass(frozen=True)
class ShardOptions:
    """How a host takes part.

    Parameters
    ----------
    table : a path or the http address of the table.
    name : the host's name in it.
    key : what hosts and those who move tenants share.
    public_url : the address of a tenant, with `{tenant}` as a part of its host name.
    """

    table: str
    name: str
    key: str
    public_url: str

    def __post_init__(self) -> None:
        scheme, _, rest = self.public_url.partition("://")
        host, _, path = rest.partition("/")
        if scheme not in {"http", "https"} or host.count(TENANT) != 1 or TENANT in path:
            raise UsageError(
                "Hosts are told apart by the tenant in the name that clients call; give one like "
                f"--public-url https://{TENANT}.graph.example.org."
            )

    def called_tenant(self, host: str) -> str:
        """The tenant that a Host header names; '' where it is no name of a tenant.

        >>> ShardOptions("t.json", "a", "k" * 32, "https://{tenant}.graph.test").called_tenant("acme.graph.test:8443")
        'acme'
        """
        name = self.public_url.partition("://")[2].partition("/")[0].partition(":")[0]
        before, _, after = name.partition(TENANT)
        found = re.fullmatch(f"{re.escape(before)}{_LABEL}{re.escape(after)}(?::[0-9]+)?", host.lower())
        return found["tenant"] if found else ""


def read_key(path: Path) -> str:
    """The key that hosts and those who move tenants share.

    Raises
    ------
    InputError : the file cannot be read, or the key is too short to be one.
    RefusedError : others can read it.
    """
    try:
        text, mode = path.read_text(encoding="ascii").strip(), path.stat().st_mode
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{path} holds no key of the hosts; make one with openssl rand -hex 32.") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise RefusedError(f"{path} can be read by other users (mode {stat.S_IMODE(mode):o}); run chmod 600 on it.")
    if len(text) < _MIN_KEY:
        raise InputError(f"The key in {path} has fewer than {_MIN_KEY} characters; make one with openssl rand -hex 32.")
    return text


def read_source(source: str) -> Table:
    """The table at a path or an http address.

    Raises
    ------
    InputError : it holds no table.
    SourceGoneError : the address does not answer with one.
    """
    if not source.startswith(("http://", "https://")):
        return read_table(Path(source))
    try:
        answer = httpx.get(source, timeout=_LOOK_S, headers={"cache-control": "no-cache"})
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise SourceGoneError(f"The table of hosts cannot be read from {source}: {error}.") from None
    return parse_table(answer.content, source)


def _boot_time() -> float:
    """Seconds that also pass while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Shards:
    """The table as this host has it, read again each second, and what follows from it for a request."""

    def __init__(self, options: ShardOptions, *, clock: Callable[[], float] = _boot_time) -> None:
        self.options, self._clock = options, clock
        self.table = Table()
        self._confirmed = -float("inf")  # when the last look that succeeded began
        self._looking = asyncio.Lock()
        self._watch: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("jobgraph.shards")

    @property
    def is_current(self) -> bool:
        """Whether the table was read a short while ago, so that nobody else can have this host's tenants."""
        return self._clock() - self._confirmed < self.table.lease_s

    async def begin(self) -> None:
        """Look at the table now and each second from now on."""
        await self.look()
        self._watch = asyncio.create_task(self._look_often())

    async def close(self) -> None:
        """Look no more."""
        if self._watch:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch

    async def look(self) -> None:
        """Read the table, unless a look that began after this call has done so meanwhile."""
        asked = self._clock()
        async with self._looking:
            if self._confirmed > asked:
                return
            began = self._clock()
            try:
                found = await asyncio.wait_for(asyncio.to_thread(read_source, self.options.table), 2 * _LOOK_S)
            except (JobgraphError, TimeoutError) as error:
                self._log.error("table", error=str(error) or "it takes too long to read")
                return
            if found.epoch < self.table.epoch:
                self._log.error("table", error=f"epoch {found.epoch} is older than {self.table.epoch}; restore it")
                return
            self.table, self._confirmed = found, began

    async def admit_name(self, exchange: Exchange) -> None:
        """Let a request pass that was made by the name of a tenant that is here, or by no such name.

        Raises
        ------
        ProblemError : the tenant is on another host, or nobody may answer for it just now.
        """
        exchange.called = self.options.called_tenant(exchange.header("host") or "")
        if exchange.called:
            await self.demand(exchange.called)

    async def admit(self, exchange: Exchange, tenant: str) -> None:
        """Let a request pass whose token is of the tenant by whose name it was made, or of one that is here.

        Raises
        ------
        AccessError : the token is of another tenant; one whose tenant is on another host would not count either.
        ProblemError : the tenant is on another host, or nobody may answer for it just now.
        """
        if exchange.called and exchange.called != tenant:
            raise AccessError
        if not exchange.called:
            exchange.called = tenant
            await self.demand(tenant)

    async def demand(self, tenant: str) -> None:
        """Come back where this host has a tenant; before it says no, it looks at the table again.

        Raises
        ------
        ProblemError : the tenant is on another host (421), or nobody may answer for it just now (503).
        """
        if not self.has(tenant):
            await self.look()
        if not self.is_current:
            raise not_now()
        place = self.table.place(tenant)
        if place is None:
            raise not_now("This tenant is on its way to another host; try again in a moment.")
        if place.name != self.options.name:
            raise ProblemError(421, "This is on another host; ask again.", headers={HOST_HEADER: place.name})

    def has(self, tenant: str) -> bool:
        """Whether this host has a tenant, and knows that for sure."""
        place = self.table.place(tenant) if self.is_current else None
        return place is not None and place.name == self.options.name

    def knows(self, authorization: str | None) -> bool:
        """Whether a header holds the key of the hosts."""
        return compare_digest((authorization or "").encode(), f"Bearer {self.options.key}".encode())

    async def _look_often(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            await self.look()


def not_now(detail: str = "This host cannot read the table of hosts just now; try again in a moment.") -> ProblemError:
    """The answer of a host that may not answer for a moment."""
    return ProblemError(503, detail, headers={"Retry-After": "1"})
