"""`jobgraph shards`: tenants on several hosts."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobgraph.cli.options import JsonOption, QuietOption
from jobgraph.cli.output import say, say_json, say_table
from jobgraph.cli.progress import show_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jobgraph.server.shards.moving import Moved, Mover
    from jobgraph.server.shards.planning import HostRow, Row
    from jobgraph.server.shards.table import Host, Table

app = typer.Typer(invoke_without_command=True)
TableOption = Annotated[Path, typer.Option("--table", metavar="FILE", help="The table of hosts, as JSON.")]
KeyOption = Annotated[Path, typer.Option("--key", metavar="FILE", help="File with the key of the hosts.")]
_MB = 1e6


@app.callback()
def shards(context: typer.Context) -> None:
    """Place tenants on several hosts, and move them without a failed read; docs/shards.md says how it all stands.

    Example: jobgraph shards plan --table shards.json --key shards.key
    """
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(2)


@app.command()
def plan(
    table: TableOption,
    key: KeyOption,
    add: Annotated[
        list[str] | None,
        typer.Option(
            "--add", metavar="NAME=ADDRESS", help="Host to add or to change; ,2 behind it for twice the tenants."
        ),
    ] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", metavar="NAME", help="Host to empty.")] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write the table; each tenant stays until it is moved.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show which tenant is on which host, how even that is, and what more or fewer hosts would move.

    Nothing is written without --write. Where there is no table, --add begins one.

    Example: jobgraph shards plan --table shards.json --key shards.key --add d=10.7.4.2:7878

    Exit codes: 0 shown or written, 2 usage, 65 a table or key that cannot be read, 75 hosts are to change and one does
    not answer.
    """
    from jobgraph.server.shards.hosting import read_key
    from jobgraph.server.shards.planning import ask_hosts, change_hosts, list_hosts, list_tenants
    from jobgraph.server.shards.table import Table, changing_table, write_table

    new, secret = [_to_host(text) for text in add or []], read_key(key)
    with changing_table(table) if write else nullcontext():
        known = _begin_table(table, may_begin=bool(add))
        abouts = ask_hosts(known, secret)
        changed = change_hosts(known, abouts, add=new, remove=remove or []) if new or remove else known
        if write and changed != known:
            write_table(table, changed)
    abouts |= ask_hosts(Table(hosts={host.name: host for host in new if host.name not in known.hosts}), secret)
    hosts, tenants = list_hosts(changed, abouts), list_tenants(changed, abouts)
    if as_json:
        say_json(_to_json(changed, hosts, tenants))
    else:
        _say_plan(hosts, tenants)


@app.command()
def move(
    tenants: Annotated[list[str], typer.Argument(help="Short names of tenants.", metavar="TENANT...")],
    table: TableOption,
    key: KeyOption,
    to: Annotated[str, typer.Option("--to", metavar="HOST", help="New host; the one its name gives it if none.")] = "",
    source: Annotated[
        Path | None, typer.Option("--from", metavar="HOME", help="Home folder with it, where its host is dead.")
    ] = None,
    grace: Annotated[float, typer.Option(min=0, help="Seconds that reads of the old copy may still take.")] = 60.0,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Move tenants to another host; reads never fail meanwhile, writes are told to come again for a moment.

    Killed anywhere, the same command finishes the move; with the old host as --to it undoes one that has not switched.
    With --from, the old host must be dead; nobody answers for the tenants until its lease is over.

    Example: jobgraph shards move acme --to b --table shards.json --key shards.key

    Example: jobgraph shards move acme bolt --to b --from /mnt/disk-of-c/jobgraph --table shards.json --key shards.key

    Exit codes: 0 moved, 1 a host refuses, 2 usage, 65 a table, key or copy that cannot be read, 74 the disk is full or
    another move runs, 75 a host does not answer: run again.
    """
    from jobgraph.errors import UsageError
    from jobgraph.server.shards.hosting import read_key
    from jobgraph.server.shards.moving import Mover
    from jobgraph.server.shards.table import read_table

    known = read_table(table)
    if source is not None and not to:
        raise UsageError("A folder can go to any host; name the new one with --to.")
    if to:
        known.host(to)
    with show_progress(quiet=quiet or as_json) as progress:
        mover = Mover(table, read_key(key), grace, progress)
        moved = _move_all(mover, known, tenants, to, source)
    if as_json:
        from dataclasses import asdict

        say_json([asdict(each) for each in moved])
        return
    for each in moved:
        say(_sentence(each))


def _move_all(mover: Mover, table: Table, tenants: Sequence[str], to: str, source: Path | None) -> list[Moved]:
    if source is not None:
        return mover.rescue(tenants, to, source)
    return [mover.move(slug, to or table.computed(slug)) for slug in tenants]


def _sentence(moved: Moved) -> str:
    if moved.origin == moved.target:
        rest = "nothing is left elsewhere" if moved.retired else "a copy may be left on another host"
        return f"{moved.tenant} is on {moved.target} and may be written; {rest}."
    left = "" if moved.retired else f" Its copy on {moved.origin} is left; run this again to remove it."
    size = f"{moved.bytes / _MB:,.1f} MB, writes held for {moved.held_s:.2f} s"
    return f"{moved.tenant} moved from {moved.origin} to {moved.target}: {size}.{left}"


def _begin_table(path: Path, *, may_begin: bool) -> Table:
    from jobgraph.server.shards.table import Table, read_table

    return Table() if may_begin and not path.exists() else read_table(path)


def _to_host(text: str) -> Host:
    """The host in `NAME=ADDRESS` or `NAME=ADDRESS,WEIGHT`.

    Raises
    ------
    UsageError : it is none.
    """
    from jobgraph.errors import UsageError
    from jobgraph.server.shards.table import Host

    name, _, rest = text.partition("=")
    address, _, weight = rest.partition(",")
    try:
        return Host(name, address, float(weight or 1))
    except ValueError as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(f"--add {text!r} has no weight that is a number; write d=10.7.4.2:7878,2.") from None


def _say_plan(hosts: Sequence[HostRow], tenants: Sequence[Row]) -> None:
    from jobgraph.server.shards.planning import unevenness

    say_table(
        ("tenant", "host", "generation", "triples", "MB", "belongs to", "state"),
        [
            (
                row.tenant,
                row.host,
                row.generation,
                f"{row.triples:,}",
                f"{row.bytes / _MB:,.1f}",
                row.belongs_to,
                row.state,
            )
            for row in tenants
        ],
    )
    say_table(
        ("host", "address", "weight", "epoch", "tenants", "triples"),
        [
            (row.host, row.address, f"{row.weight:g}", row.epoch or "", row.tenants, f"{row.triples:,}")
            if row.is_alive
            else (row.host, row.address, f"{row.weight:g}", "does not answer", "", "")
            for row in hosts
        ],
    )
    moves = [row for row in tenants if row.belongs_to]
    size = sum(row.bytes for row in moves) / _MB
    say(
        f"{len(moves)} of {len(tenants)} tenants belong elsewhere by their names: {size:,.1f} MB to move. "
        f"The fullest host has {unevenness(hosts):.2f} times the triples of the average."
    )


def _to_json(table: Table, hosts: Sequence[HostRow], tenants: Sequence[Row]) -> dict[str, object]:
    from dataclasses import asdict

    return {"epoch": table.epoch, "hosts": [asdict(row) for row in hosts], "tenants": [asdict(row) for row in tenants]}
