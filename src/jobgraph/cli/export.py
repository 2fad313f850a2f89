"""`jobgraph export`: a package of what a profile lets out."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from jobgraph.cli.options import HomeOption, QuietOption, StoreOption, TenantOption
from jobgraph.cli.output import say
from jobgraph.cli.progress import show_progress
from jobgraph.cli.published import find_generation

if TYPE_CHECKING:
    from jobgraph.exports.compression import Compression
    from jobgraph.exports.manifest import Manifest
    from jobgraph.exports.package_files import PackageFiles
    from jobgraph.exports.profile import Format
    from jobgraph.store import Generation, Tenant

app = typer.Typer()
GenerationOption = Annotated[
    str | None, typer.Option("--generation", "-g", help="An older generation; the current one if none.")
]


@app.command()
def export(
    profile: Annotated[str, typer.Option("--profile", "-p", help="Name of a profile, or a Turtle file with one.")],
    out: Annotated[str, typer.Option("--out", "-o", help="New folder, new file FILE.zip, or - for a zip on stdout.")],
    home: HomeOption = None,
    store: StoreOption = None,
    tenant: TenantOption = None,
    generation: GenerationOption = None,
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="Format of the data instead of the profile's; repeatable.")
    ] = None,
    compression: Annotated[str, typer.Option(help="Of RDF data: none, gzip or zstd.")] = "none",
    key: Annotated[Path | None, typer.Option("--key", metavar="FILE", help="Key to sign the package with.")] = None,
    secret: Annotated[
        Path | None, typer.Option("--secret", metavar="FILE", help="Secret behind pseudonyms, if the profile has any.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Export what the profile forbids; the package says so.")
    ] = False,
    since: Annotated[
        str | None,
        typer.Option(metavar="PACKAGE|GENERATION", help="Export only what changed since a package or a generation."),
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Export what a profile lets out of a tenant's graph, as a package that can be checked, understood and loaded.

    The same generation, profile and keys give the same bytes; nothing is at its place before all of it is.

    Example: jobgraph export --profile partner --out partner.zip --key our.key -t northwind-bio

    Example: jobgraph export --profile partner --since partner.zip --out changes.zip -t northwind-bio

    Exit codes: 0 exported, 2 usage, 8 the profile forbids it, 65 the profile cannot be read, 74 it cannot be written,
    75 the endpoint cannot be reached.
    """
    from jobgraph.exports.changes import changes_since
    from jobgraph.exports.package import PackageRequest, write_package
    from jobgraph.exports.profile import read_profile
    from jobgraph.exports.signing import read_secret, read_signing_key
    from jobgraph.vocabulary import Vocabulary

    found, chosen = find_generation(home, tenant, generation, store=store)
    vocabulary = Vocabulary()
    request = PackageRequest(
        formats=_formats(formats or []),
        compression=_compression(compression),
        signing_key=read_signing_key(key) if key else None,
        pseudonym_key=read_secret(secret) if secret else None,
        force=force,
    )
    target = sys.stdout.buffer if out == "-" else Path(out)
    read = read_profile(profile, vocabulary=vocabulary, tenant=found)
    with show_progress(quiet=quiet or out == "-") as progress, ExitStack() as stack:
        if since:
            earlier = _earlier(since, found, stack)
            asked = changes_since(earlier, chosen, read, vocabulary=vocabulary, request=request)
            request = stack.enter_context(asked)
        manifest = write_package(chosen, read, target, vocabulary=vocabulary, request=request, progress=progress)
    if out != "-" and not quiet:
        _say_package(manifest, out)


def _earlier(since: str, tenant: Tenant, stack: ExitStack) -> Generation | PackageFiles:
    """The package at a path, open until the stack is closed, or the generation of a name or number."""
    from jobgraph.exports.package_files import open_package

    if since.isdecimal() or not Path(since).exists():
        return tenant.generation(since)
    return stack.enter_context(open_package(Path(since)))


def _say_package(manifest: Manifest, out: str) -> None:
    counts = manifest.counts
    say(f"{out}: {counts.triples:,} triples about {counts.subjects:,} things, by {manifest.profile.name}.")
    say(f"hash of the data  {manifest.hashes.dataset}")
    say(f"signed as         {manifest.signed_by}" if manifest.signed_by else "It is not signed; sign it with --key.")
    for reason in manifest.forced:
        say(f"forced, although: {reason}")


def _formats(names: list[str]) -> tuple[Format, ...]:
    from jobgraph.errors import UsageError
    from jobgraph.exports.profile import FORMAT_NAMES

    for name in names:
        if name not in FORMAT_NAMES:
            raise UsageError(f"There is no format {name!r}; choose one of {', '.join(FORMAT_NAMES)}.")
    return cast("tuple[Format, ...]", tuple(names))


def _compression(name: str) -> Compression:
    from jobgraph.errors import UsageError
    from jobgraph.exports.compression import SUFFIXES

    if name not in SUFFIXES:
        raise UsageError(f"There is no compression {name!r}; choose one of {', '.join(SUFFIXES)}.")
    return cast("Compression", name)
