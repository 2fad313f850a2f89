"""The table of hosts: which host has which tenant, as a function of the names and of what was moved."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from jobgraph.errors import InputError, UsageError
from jobgraph.store.durable import exclusive_lock, storage_errors, sync, write_durably

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_ADDRESS = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}")
_FRACTION_BITS = 52  # so that no share below rounds to 0 or 1


@dataclass(frozen=True)
class Host:
    """A host: its address is `name:port`; one of twice the weight has twice the tenants, one of weight 0 takes none."""

    name: str
    address: str
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise UsageError(f"{self.name!r} cannot name a host; use 1 to 63 of a-z, 0-9 and hyphens.")
        if not _ADDRESS.fullmatch(self.address):
            raise UsageError(f"{self.address!r} is no address of host {self.name}; write it like 10.0.0.1:7878.")
        if not 0 <= self.weight < math.inf:
            raise UsageError(f"The weight of host {self.name} is {self.weight}; it must be 0 or more.")


@dataclass(frozen=True)
class Table:
    """Which host has which tenant.

    Parameters
    ----------
    epoch : one more with every change; hosts never go back to a lower one.
    hosts : all hosts by name.
    pins : hosts of the tenants that are not where their names place them, by tenant.
    fenced : the last hosts of tenants that nobody may answer for until they are moved, by tenant.
    lease_s : seconds after which a host that could not read the table answers nothing.
    """

    epoch: int = 0
    hosts: Mapping[str, Host] = field(default_factory=dict)
    pins: Mapping[str, str] = field(default_factory=dict)
    fenced: Mapping[str, str] = field(default_factory=dict)
    lease_s: float = 5.0

    def __post_init__(self) -> None:
        for slug, name in (*self.pins.items(), *self.fenced.items()):
            if name not in self.hosts:
                raise UsageError(f"The table places {slug} on {name}, and there is no host of this name; correct it.")
        if not 1 <= self.lease_s <= 3600:
            raise UsageError(f"The table's lease is {self.lease_s} seconds; it must be 1 to 3600.")

    def computed(self, slug: str) -> str:
        """The host that the names alone give a tenant, by rendezvous hashing.

        Each host draws a number for the tenant, and the best has it. So a new host takes its share from all others and
        nothing moves between those; the tenants of one that goes spread over all.

        Raises
        ------
        UsageError : no host takes tenants.

        Source: Thaler & Ravishankar 1998, with the weights of Resch 2015.
        """
        drawn = [(_draw(slug, host), host.name) for host in self.hosts.values() if host.weight]
        if not drawn:
            raise UsageError("No host of the table takes tenants; add one with jobgraph shards plan --add.")
        return max(drawn)[1]

    def place(self, slug: str) -> Host | None:
        """The host that has a tenant; None where nobody may answer for it just now."""
        if slug in self.fenced:
            return None
        return self.hosts[self.pins.get(slug) or self.computed(slug)]

    def host(self, name: str) -> Host:
        """The host of this name.

        Raises
        ------
        UsageError : there is none.
        """
        if name not in self.hosts:
            raise UsageError(f"There is no host {name} in the table; choose one of {', '.join(self.hosts) or 'none'}.")
        return self.hosts[name]

    def fencing(self, slugs: Iterable[str]) -> Table:
        """The next table, in which nobody answers for these tenants."""
        last = {slug: self.fenced.get(slug) or self.pins.get(slug) or self.computed(slug) for slug in slugs}
        return replace(self, epoch=self.epoch + 1, fenced={**self.fenced, **last})

    def placing(self, slug: str, name: str) -> Table:
        """The next table, in which a host has this tenant; a pin that says what the names say is left out."""
        others, fenced = _without(self.pins, slug), _without(self.fenced, slug)
        pin = {} if self.computed(slug) == self.host(name).name else {slug: name}
        return replace(self, epoch=self.epoch + 1, pins={**others, **pin}, fenced=fenced)

    def with_hosts(self, hosts: Iterable[Host], tenants: Iterable[str]) -> Table:
        """The next table, with other hosts; the tenants stay where they are until they are moved.

        Raises
        ------
        UsageError : a tenant is on a host that is left out.
        """
        named = {host.name: host for host in hosts}
        stay = {slug: self.pins.get(slug) or self.computed(slug) for slug in tenants if slug not in self.fenced}
        new = replace(self, epoch=self.epoch + 1, hosts=named, pins={**self.pins, **stay})
        pins = {slug: name for slug, name in new.pins.items() if new.computed(slug) != name}
        return replace(new, pins=pins)

    def to_json(self) -> dict[str, Any]:
        """Its fields, as the file has them."""
        hosts = {host.name: {"address": host.address, "weight": host.weight} for host in self.hosts.values()}
        return {**asdict(self), "hosts": hosts}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Table:
        """The table of such fields; raises KeyError, TypeError, AttributeError or ValueError for others."""
        hosts = {name: Host(name, told["address"], told.get("weight", 1.0)) for name, told in fields["hosts"].items()}
        pins, fenced = dict(fields.get("pins", {})), dict(fields.get("fenced", {}))
        return cls(int(fields["epoch"]), hosts, pins, fenced, float(fields.get("lease_s", 5.0)))


def read_table(path: Path) -> Table:
    """The table in a file.

    Raises
    ------
    InputError : there is no such file, or it holds no table.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}. Make it with jobgraph shards plan --add.") from None
    return parse_table(text, str(path))


def parse_table(text: bytes, where: str) -> Table:
    """The table that was read from somewhere.

    Raises
    ------
    InputError : it is none.
    """
    try:
        return Table.from_json(json.loads(text))
    except UsageError as error:
        raise InputError(f"{where}: {error}") from None
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise InputError(f"{where} holds no table of hosts ({error!r}); restore it from a copy.") from None


def write_table(path: Path, table: Table) -> None:
    """Replace the table in a file in one step.

    Raises
    ------
    StorageError : the disk is full or cannot be written; the old table stays.
    """
    new = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with storage_errors(path):
        try:
            write_durably(new, f"{json.dumps(table.to_json(), indent=2, sort_keys=True)}\n")
            new.chmod(0o644)  # the proxy reads it, too
            new.replace(path)
            sync(path.parent)
        finally:
            new.unlink(missing_ok=True)


@contextmanager
def changing_table(path: Path) -> Iterator[None]:
    """Be the only one who changes the table in a file.

    Raises
    ------
    StorageError : somebody else does, such as a move that runs.
    """
    with exclusive_lock(path.resolve().parent, wait=False):
        yield


def _draw(slug: str, host: Host) -> float:
    """A number that is always the same for a tenant and a host, the larger the more weight the host has."""
    digest = sha256(f"{slug}\0{host.name}".encode()).digest()
    number = int.from_bytes(digest[:8], "big") >> (64 - _FRACTION_BITS)
    return -host.weight / math.log((number + 0.5) / 2**_FRACTION_BITS)


def _without(pins: Mapping[str, str], slug: str) -> dict[str, str]:
    return {other: name for other, name in pins.items() if other != slug}
