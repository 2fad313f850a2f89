"""`jobgraph package`: check a partner's package, and load it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from jobgraph.cli.options import HomeOption, JsonOption, read_settings
from jobgraph.cli.output import say, say_json, visible

if TYPE_CHECKING:
    from jobgraph.exports.verification import Expectations, Verified

app = typer.Typer(invoke_without_command=True)
PackageArgument = Annotated[Path, typer.Argument(help="Folder or zip file of the package.", metavar="PATH")]
KeyOption = Annotated[
    Path | None, typer.Option("--key", metavar="PUBLIC", help="Public key of the sender; without it no key is trusted.")
]


@app.callback()
def package(context: typer.Context) -> None:
    """Check, load and update packages of linked data.

    Example: jobgraph package verify partner.zip --key theirs.key.pub
    """
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(2)


@app.command()
def verify(path: PackageArgument, key: KeyOption = None, as_json: JsonOption = False) -> None:
    """Check all that a package says of itself: hashes, signature, policy, data, profile, contract.

    Example: jobgraph package verify partner.zip --key theirs.key.pub

    Exit codes: 0 all holds, 4 something does not, 65 it cannot be read.
    """
    from jobgraph.exports.package_files import open_package
    from jobgraph.exports.verification import verify_package

    with TemporaryDirectory(prefix="jobgraph-package-") as folder, open_package(path) as files:
        verified = verify_package(files, _expectations(key), Path(folder))
    _say_verified(verified, as_json=as_json)


@app.command()
def load(
    path: PackageArgument,
    tenant: Annotated[str, typer.Option("--tenant", "-t", help="Short name to load it under.")],
    home: HomeOption = None,
    key: KeyOption = None,
) -> None:
    """Check a package and publish its data as a graph of its own, which can be queried and not be changed.

    A later package of the same sender can follow under the same name.

    Example: jobgraph package load partner.zip --tenant partner --key theirs.key.pub

    Exit codes: 0 loaded, 1 the name is taken, 2 usage, 4 something does not hold, 65 it cannot be read.
    """
    from jobgraph.exports.package_loading import load_package
    from jobgraph.store import Home

    found = Home(read_settings(home).home).tenant(tenant, missing_ok=True)
    loaded = load_package(path, found, _expectations(key))
    _say_verified(loaded.verified, as_json=False)
    say(f"{tenant} is at generation {loaded.generation.name}; ask it with jobgraph query -t {tenant}.")


@app.command()
def apply(
    changes: Annotated[Path, typer.Argument(help="Package of changes, made with export --since.", metavar="CHANGES")],
    path: PackageArgument,
    out: Annotated[Path, typer.Option("--out", "-o", help="New folder, or new file FILE.zip.")],
    key: KeyOption = None,
    sign: Annotated[
        Path | None, typer.Option("--sign", metavar="FILE", help="Key to sign the new package with.")
    ] = None,
) -> None:
    """Check a package of changes, and write what it makes of an earlier package; its data are those of a full export.

    Example: jobgraph package apply changes.zip partner.zip --out newer.zip --key theirs.key.pub

    Exit codes: 0 written, 1 the changes are for another package, 2 usage, 4 something does not hold, 65 it cannot be
    read, 74 it cannot be written.
    """
    from jobgraph.exports.package_files import open_package
    from jobgraph.exports.package_update import update_package
    from jobgraph.exports.signing import read_signing_key

    signing_key = read_signing_key(sign) if sign else None
    with open_package(changes) as new, open_package(path) as old:
        manifest = update_package(new, old, out, _expectations(key), signing_key=signing_key)
    say(visible(f"{out}: {manifest.counts.triples:,} triples, generation {manifest.generation} of {manifest.tenant}."))
    say(f"hash of the data  {manifest.hashes.dataset}")


def _expectations(key: Path | None) -> Expectations:
    from jobgraph.exports.signing import read_public_key
    from jobgraph.exports.verification import Expectations
    from jobgraph.vocabulary import Vocabulary

    return Expectations(Vocabulary(), datetime.now(UTC).date(), read_public_key(key) if key else None)


def _say_verified(verified: Verified, *, as_json: bool) -> None:
    manifest = verified.manifest
    if as_json:
        say_json({"checks": verified.checks, "manifest": manifest.model_dump()})
        return
    say(visible(f"{manifest.profile.title}, generation {manifest.generation} of {manifest.tenant}"))
    for line in verified.checks:
        say(visible(line))
    for reason in manifest.forced:
        say(visible(f"forced, although: {reason}"))
