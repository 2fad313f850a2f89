"""`jobgraph backup` and `restore`: a home as one file, and back; `upgrade`: a home of an older version."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobgraph.cli.options import HomeOption, JsonOption, QuietOption, read_settings
from jobgraph.cli.output import say, say_json, visible
from jobgraph.cli.progress import show_progress

if TYPE_CHECKING:
    from jobgraph.operations.manifest import Manifest

app = typer.Typer()
TenantsOption = Annotated[
    list[str] | None, typer.Option("--tenant", "-t", help="Short name of a tenant; repeatable. All if none.")
]


@app.command()
def backup(
    out: Annotated[Path, typer.Option("--out", "-o", help="New file, for example FILE.tar.zst.")],
    home: HomeOption = None,
    tenant: TenantsOption = None,
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="Also signing keys and the secrets of pseudonyms.")
    ] = False,
    canonical: Annotated[
        bool, typer.Option("--canonical", help="Also work out the RDFC-1.0 hash of each tenant's graphs; takes longer.")
    ] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write the published generations and the home's own files to one file, while everything goes on.

    Tokens (as hashes), audit log and the report of the last build are in it if no tenant is named. Older generations,
    pins and caches are not. The file is for its owner alone; keep it like the data.

    Example: jobgraph backup --out /backup/2026-11-23.tar.zst

    Example: jobgraph backup --tenant northwind-bio --out northwind-bio.tar.zst

    Exit codes: 0 written, 2 usage, 74 the disk is full or a generation is not as it was published; nothing is there.
    """
    from jobgraph.operations.backup import Choice, write_backup

    settings = read_settings(home)
    choice = Choice(tuple(tenant or ()), with_keys=with_keys, canonical=canonical)
    with show_progress(quiet=quiet or as_json) as progress:
        manifest = write_backup(settings, out, choice, progress=progress)
    if as_json:
        say_json(manifest.model_dump())
    elif not quiet:
        _say_manifest(out, manifest)


@app.command()
def restore(
    path: Annotated[Path, typer.Argument(help="File that jobgraph backup wrote.", metavar="FILE")],
    home: HomeOption = None,
    tenant: TenantsOption = None,
    verify_only: Annotated[
        bool, typer.Option("--verify-only", help="Only check that every byte is as it was written.")
    ] = False,
    replace_newer: Annotated[
        bool, typer.Option("--replace-newer", help="Also where the home has a later generation, which is kept.")
    ] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Check a backup, then publish its tenants in a home: a new home, or one where other tenants stay as they are.

    A tenant that is there gets the graphs as a new generation. Tokens, audit log and the like come back into a home
    without tenants only.

    Example: jobgraph restore /backup/2026-11-23.tar.zst --home /var/lib/jobgraph

    Example: jobgraph restore /backup/2026-11-23.tar.zst --tenant northwind-bio --replace-newer

    Example: jobgraph restore /backup/2026-11-23.tar.zst --verify-only

    Exit codes: 0 restored or whole, 1 something later would be replaced, 2 usage, 9 the backup is not as it was
    written, 10 a newer version made it, 65 it cannot be read, 74 the disk is full; but for 0 the home is unchanged.
    """
    from jobgraph.operations.restore import Wish, restore_backup, verify_backup

    if verify_only:
        with show_progress(quiet=quiet or as_json) as progress:
            manifest = verify_backup(path, progress=progress)
        if as_json:
            say_json(manifest.model_dump())
        elif not quiet:
            _say_manifest(path, manifest)
        return
    settings = read_settings(home)
    wish = Wish(tuple(dict.fromkeys(tenant or ())), replace_newer=replace_newer)
    with show_progress(quiet=quiet or as_json) as progress:
        manifest, restored = restore_backup(path, settings.home, wish, progress=progress)
    if as_json:
        say_json([vars(each) for each in restored])
        return
    for each in [] if quiet else restored:
        now = f"is generation {each.generation} now" if each.generation else "was published already"
        say(f"{each.slug}: generation {each.was} of the backup {now}.")
    base = manifest.settings.get("base")
    if base != settings.base and not quiet:
        say(visible(f"The backup was made with JOBGRAPH_BASE={base}; here it is {settings.base}."))


@app.command()
def upgrade(home: HomeOption = None, quiet: QuietOption = False) -> None:
    """Bring a home that an older version wrote up to this one; make a backup first.

    It may be broken off at any moment and run again. Servers and builds of this version can go on meanwhile.

    Example: jobgraph upgrade --home /var/lib/jobgraph

    Exit codes: 0 done, or nothing to do, 10 a newer version wrote the home, 74 the disk is full or a tenant is in use.
    """
    from jobgraph.operations.upgrade import upgrade as run

    settings = read_settings(home)
    with show_progress(quiet=quiet) as progress:
        before, after = run(settings.home, progress=progress)
    if not quiet:
        was = "was already" if before == after else f"was of format {before}"
        say(f"{settings.home} is of format {after}; it {was}.")


def _say_manifest(path: Path, manifest: Manifest) -> None:
    size = sum(file.size for file in manifest.files.values())
    say(f"{path}: {path.stat().st_size / 1e6:,.1f} MB, of {size / 1e6:,.1f} MB in {len(manifest.files):,} files.")
    for slug, facts in manifest.tenants.items():
        triples = f", {sum(facts.counts.values()):,} triples" if facts.counts else ""
        say(visible(f"{slug}: generation {facts.generation} of {facts.created}{triples}, content {facts.content[:16]}"))
    if manifest.left_out:
        say(f"Left out: {len(manifest.left_out)} files with keys and secrets; --with-keys takes them.")
