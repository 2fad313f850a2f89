"""Moves of tenants between hosts: each may be killed anywhere, and the same move again finishes it.

    1  the new host gets all that the tenant has, while the old one goes on
    2  the old host holds the tenant: it is read and not written
    3  the new host gets what came since, checks it, and makes a tenant of it, held as well
    4  the table changes, by one rename; the old host sends requests on from its next look, at the latest in a second
    5  both hosts have looked: the new one lets writers in; after a grace, the old copy goes

Before 4, a move that died left the tenant on the old host, at worst held: `move` to that host lets writers in again.
After it, the tenant is on the new host, at worst held: the same move again lets writers in. Where the old host is dead,
nobody answers for the tenant until the old host's lease is over in any case; then a folder takes its place.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from jobgraph.errors import RefusedError, SourceGoneError, UsageError
from jobgraph.server.access import TokenFile
from jobgraph.server.shards.copies import iter_copy
from jobgraph.server.shards.hosts import HostClient
from jobgraph.server.shards.table import Table, changing_table, read_table, write_table
from jobgraph.store import Home

Progress = Callable[[str, int, str], None]
_TRY_EVERY_S = 0.5
_MARGIN_S = 1.0  # beside a lease: two clocks of one length


@dataclass(frozen=True)
class Moved:
    """What a move did: bytes that were sent, seconds that writes were held, and whether the old copy is gone."""

    tenant: str
    origin: str
    target: str
    bytes: int
    held_s: float
    retired: bool


@dataclass(frozen=True)
class Mover:
    """Moves tenants by the table in a file.

    Parameters
    ----------
    key : what hosts and movers share.
    grace_s : how long a copy that is read may stay after its move.
    progress : is told what is done, how much more of it, and in what unit.
    """

    path: Path
    key: str
    grace_s: float
    progress: Progress

    def move(self, slug: str, target: str) -> Moved:
        """Move a tenant from the host that has it, or finish such a move, or undo one by moving to the old host.

        Raises
        ------
        UsageError : there is no such host, or the tenant is nowhere.
        SourceGoneError : a host does not answer; nothing was changed.
        RefusedError : a host goes by another table, or refuses.
        """
        with self._table() as table, ExitStack() as stack:
            there = stack.enter_context(self._client(table, target))
            place = table.place(slug)
            if place is None:
                return self._take_back(table, slug, there)
            if place.name == target:
                return self._settle(table, slug, there)
            here = stack.enter_context(self._client(table, place.name))
            for client in (there, here):
                self._demand_table(client, table)
            if slug not in here.about().stays:
                raise UsageError(f"There is no tenant {slug} on {place.name}, where its place is.")
            return self._move(table, slug, here, there)

    def rescue(self, slugs: Sequence[str], target: str, home: Path) -> list[Moved]:
        """Move tenants whose host is dead, from a folder that has them: its disk, a replica, a restored backup.

        Raises
        ------
        UsageError : there is no such tenant or host, or the old host answers.
        SourceGoneError : the new host does not answer; nothing was changed.
        """
        with self._table() as table, self._client(table, target) as there:
            for slug in slugs:
                Home(home).tenant(slug)
            self._demand_table(there, table)
            origins = {slug: table.fenced.get(slug) or table.pins.get(slug) or table.computed(slug) for slug in slugs}
            for name in set(origins.values()) - {target}:
                self._demand_dead(table, name)
            self._fence(table, slugs, there)
            return [self._rescue(slug, origins[slug], there, home) for slug in slugs]

    def _move(self, table: Table, slug: str, here: HostClient, there: HostClient) -> Moved:
        known, sent = self._send(slug, here, there, {})
        with ExitStack() as undo:
            undo.callback(self._release_unless_moved, slug, here)
            head = here.hold(slug)
            began = time.monotonic()
            _, more = self._send(slug, here, there, known)
            there.install(slug, origin=here.host.name, head=head)
            table = table.placing(slug, there.host.name)
            write_table(self.path, table)
            undo.pop_all()
        self._confirm([here, there], table)
        there.release(slug)
        held_s = time.monotonic() - began
        is_gone = self._retire(slug, here)
        return Moved(slug, here.host.name, there.host.name, sent + more, held_s, is_gone)

    def _rescue(self, slug: str, origin: str, there: HostClient, home: Path) -> Moved:
        tenant, sent = Home(home).tenant(slug), _Counted(self.progress, slug)
        there.take(slug, sent.of(iter_copy(tenant, TokenFile(home).tokens_of(slug), {})), is_new=True)
        there.install(slug, origin=f"a folder, for {origin} is dead", head="")
        table = read_table(self.path).placing(slug, there.host.name)
        write_table(self.path, table)
        self._confirm([there], table)
        there.release(slug)
        return Moved(slug, origin, there.host.name, sent.bytes, 0.0, retired=False)

    def _settle(self, table: Table, slug: str, there: HostClient) -> Moved:
        """What is left to do where the table has the tenant at its new host already: writers in, old copies out."""
        self._demand_table(there, table)
        if slug not in there.about().stays:
            raise UsageError(f"There is no tenant {slug} on {there.host.name}, where its place is.")
        with ExitStack() as stack:
            names = [name for name in table.hosts if name != there.host.name]
            others = [stack.enter_context(self._client(table, name)) for name in names]
            self._confirm(others, table)
            there.release(slug)
            without = [self._is_without(slug, other) for other in others]
        return Moved(slug, there.host.name, there.host.name, 0, 0.0, all(without))

    def _take_back(self, table: Table, slug: str, there: HostClient) -> Moved:
        """Let the host that a tenant was on answer again, where no folder took its place yet."""
        last = table.fenced[slug]
        if there.host.name != last:
            raise UsageError(f"{slug} is on no host since {last} was dead; name --from with a folder, or --to {last}.")
        self._demand_table(there, table)
        if slug not in there.about().stays:
            raise UsageError(f"There is no tenant {slug} on {last}; name --from with a folder that has it.")
        table = table.placing(slug, last)
        write_table(self.path, table)
        self._confirm([there], table)
        there.release(slug)
        return Moved(slug, last, last, 0, 0.0, retired=False)

    def _send(
        self, slug: str, here: HostClient, there: HostClient, known: dict[str, str]
    ) -> tuple[dict[str, str], int]:
        """Send from one host to the other what the other does not know; give what it knows then, and the bytes."""
        sent = _Counted(self.progress, slug)
        with here.copy(slug, known) as parts:
            return there.take(slug, sent.of(parts), is_new=not known), sent.bytes

    def _release_unless_moved(self, slug: str, here: HostClient) -> None:
        """Let writers in again after a failure; where even that fails, the same move again does."""
        place = read_table(self.path).place(slug)
        if place is not None and place.name == here.host.name:
            with suppress(SourceGoneError, RefusedError):
                here.release(slug)

    def _is_without(self, slug: str, other: HostClient) -> bool:
        """Whether a host has no copy of a tenant any more; one that it has goes."""
        try:
            return slug not in other.about().stays or self._retire(slug, other)
        except SourceGoneError:
            return False

    def _retire(self, slug: str, here: HostClient) -> bool:
        """Remove the old copy once nobody reads it; False where somebody still does after the grace."""
        until = time.monotonic() + self.grace_s
        with suppress(SourceGoneError, RefusedError):
            while not here.retire(slug):
                if time.monotonic() > until:
                    return False
                self.progress(f"{slug} is still read on {here.host.name}", 1, "tries")
                time.sleep(_TRY_EVERY_S)
            return True
        return False

    def _fence(self, table: Table, slugs: Sequence[str], there: HostClient) -> None:
        """Let nobody answer for tenants, and wait until their last host cannot any more, even if it still runs."""
        fenced = table.fencing(slugs)
        write_table(self.path, fenced)
        until = time.monotonic() + table.lease_s + _MARGIN_S
        self._confirm([there], fenced)
        while (left := until - time.monotonic()) > 0:
            self.progress("waits until the lease of the dead host is over", 1, "seconds")
            time.sleep(min(left, 1.0))

    def _confirm(self, clients: Sequence[HostClient], table: Table) -> None:
        """Wait until each host goes by a table, or may not answer any more."""
        until, left = time.monotonic() + table.lease_s + _MARGIN_S, list(clients)
        while left and time.monotonic() < until:
            with suppress(SourceGoneError):
                if left[0].about().epoch >= table.epoch:
                    del left[0]
                    continue
            left.append(left.pop(0))
            time.sleep(_TRY_EVERY_S)

    def _demand_table(self, client: HostClient, table: Table) -> None:
        if (epoch := client.about().epoch) != table.epoch:
            raise RefusedError(
                f"Host {client.host.name} goes by a table of epoch {epoch}, and {self.path} has {table.epoch}; let it "
                "read this one."
            )

    def _demand_dead(self, table: Table, name: str) -> None:
        try:
            with self._client(table, name) as client:
                client.about()
        except SourceGoneError:
            return
        raise UsageError(f"Host {name} answers, and a folder may be older than what it has; leave --from out.")

    def _client(self, table: Table, name: str) -> HostClient:
        return HostClient(table.host(name), self.key)

    @contextmanager
    def _table(self) -> Iterator[Table]:
        """The table, which nobody else changes inside the block."""
        read_table(self.path)  # where there is none, that is what to say
        with changing_table(self.path):
            yield read_table(self.path)


class _Counted:
    """Counts the bytes that go by."""

    def __init__(self, progress: Progress, slug: str) -> None:
        self.bytes = 0
        self._progress, self._slug = progress, slug

    def of(self, parts: Iterator[bytes]) -> Iterator[bytes]:
        """The parts as they are."""
        for part in parts:
            self.bytes += len(part)
            self._progress(f"copies {self._slug}", len(part), "bytes")
            yield part
