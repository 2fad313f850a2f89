"""Who is where, how even that is, and what another set of hosts would move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from jobgraph.errors import SourceGoneError
from jobgraph.server.shards.hosts import About, HostClient, Stay
from jobgraph.server.shards.table import Host, Table


@dataclass(frozen=True)
class Row:
    """A tenant on a host: `belongs_to` names the host that its name gives it, where that is another one."""

    tenant: str
    host: str
    generation: str
    triples: int
    bytes: int
    belongs_to: str
    state: str


@dataclass(frozen=True)
class HostRow:
    """A host with what it answers for; `is_alive` says whether it was asked and answered."""

    host: str
    address: str
    weight: float
    is_alive: bool
    epoch: int
    tenants: int
    triples: int


def ask_hosts(table: Table, key: str) -> dict[str, About | None]:
    """What each host says of itself; None where it does not answer.

    Raises
    ------
    RefusedError : one has another key or another name.
    """
    found: dict[str, About | None] = {}
    for host in table.hosts.values():
        with HostClient(host, key) as client:
            try:
                found[host.name] = client.about()
            except SourceGoneError:
                found[host.name] = None
    return found


def change_hosts(
    table: Table, abouts: Mapping[str, About | None], *, add: Sequence[Host], remove: Sequence[str]
) -> Table:
    """The table with more or fewer hosts, where each tenant stays until it is moved.

    A host that is removed takes no more tenants; it leaves the table once it has none.

    Raises
    ------
    UsageError : there is no such host, or none is left.
    SourceGoneError : a host does not answer, so that nobody knows which tenants must stay there.
    """
    for name, about in abouts.items():
        if about is None:
            raise SourceGoneError(
                f"Host {name} ({table.host(name).address}) does not answer, so its tenants are not known; start it, or "
                "move them with --from, and run again."
            )
    leaving = {name: replace(table.host(name), weight=0.0) for name in remove}
    hosts = {**table.hosts, **leaving, **{host.name: host for host in add}}
    new = table.with_hosts(hosts.values(), [stay.tenant for _, stay in _iter_placed(table, abouts)])
    used = {*new.pins.values(), *new.fenced.values()}
    return replace(new, hosts={name: host for name, host in hosts.items() if name not in leaving or name in used})


def list_tenants(table: Table, abouts: Mapping[str, About | None]) -> list[Row]:
    """Every tenant, by name, with the copies that moves left behind.

    Parameters
    ----------
    table : where names belong; the hosts that answered may be others.
    """
    rows = []
    for name, about in abouts.items():
        for stay in about.stays.values() if about else ():
            place = table.place(stay.tenant)
            belongs = table.computed(stay.tenant)
            state = _state(table, stay, is_here=place is not None and place.name == name)
            other = "" if belongs == name or state in {"copy left", "fenced"} else belongs
            rows.append(Row(stay.tenant, name, stay.generation, stay.triples, stay.bytes, other, state))
    return sorted(rows, key=lambda row: (row.tenant, row.state))


def list_hosts(table: Table, abouts: Mapping[str, About | None]) -> list[HostRow]:
    """Every host of a table, with the tenants and triples that it answers for."""
    placed = list(_iter_placed(table, abouts))
    rows = []
    for host in table.hosts.values():
        about = abouts.get(host.name)
        stays = [stay for name, stay in placed if name == host.name]
        triples = sum(stay.triples for stay in stays)
        epoch = about.epoch if about else 0
        rows.append(HostRow(host.name, host.address, host.weight, about is not None, epoch, len(stays), triples))
    return rows


def unevenness(rows: Iterable[HostRow]) -> float:
    """The triples on the fullest host by those on the average one, each by its weight; 1.0 is even."""
    loads = [row.triples / row.weight for row in rows if row.weight]
    total = sum(loads)
    return max(loads) * len(loads) / total if total else 1.0


def _iter_placed(table: Table, abouts: Mapping[str, About | None]) -> Iterable[tuple[str, Stay]]:
    """The tenants that hosts answer for, each with its host."""
    for name, about in abouts.items():
        for stay in about.stays.values() if about else ():
            place = table.place(stay.tenant)
            if place is not None and place.name == name:
                yield name, stay


def _state(table: Table, stay: Stay, *, is_here: bool) -> str:
    if stay.tenant in table.fenced:
        return "fenced"
    if not is_here:
        return "copy left"
    return "held" if stay.held else ""
