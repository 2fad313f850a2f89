"""Checks of a home: its layout, rights, generations, leftovers, and the terms that its graphs were made by."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from jobgraph.errors import JobgraphError, StorageError
from jobgraph.operations.checks.model import Finding, Subject, failure, ok, warning
from jobgraph.operations.upgrade import PRIVATE
from jobgraph.pipeline.last_build import RECORD, read_last_build
from jobgraph.resources import terms_hash
from jobgraph.store import Generation, Tenant
from jobgraph.store.durable import exclusive_lock
from jobgraph.store.layout import FORMAT, read_format
from jobgraph.store.sums import iter_damage

_SHOWN = 5
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def check_layout(subject: Subject) -> Iterator[Finding]:
    """The home is there, of a format that this program writes, and can be written."""
    home = subject.home
    if not home.is_dir():
        yield failure(f"{home} is no folder", "Build into it, restore a backup, or name another --home.")
        return
    found = read_format(home)
    if found < FORMAT:
        yield warning(f"{home} is of format {found}", "Make a backup, and run jobgraph upgrade.")
    else:
        yield ok(f"{home}, format {found}")
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        yield failure(f"{home} cannot be written by this user", "Run as its owner, or give this user the right.")


def check_rights(subject: Subject) -> Iterator[Finding]:
    """Tokens, keys, passwords and audit log are for their owner alone, and the home is this user's."""
    folders = [subject.home / name for name in PRIVATE] + [tenant.path / "keys" for tenant in subject.tenants]
    folders += filter(None, [subject.settings.store_credentials])
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    bare = [path for path in files if path.stat().st_mode & _OTHERS]
    for path in bare[:_SHOWN]:
        mode = stat.S_IMODE(path.stat().st_mode)
        yield failure(f"{path} can be read or written by other users (mode {mode:o})", f"Run chmod 600 {path}.")
    owner = subject.home.stat().st_uid
    if owner != os.geteuid():
        yield warning(f"{subject.home} belongs to user {owner}, and this is {os.geteuid()}", "Run as its owner.")
    if not bare:
        yield ok(f"{len(files)} private files")


def check_generations(subject: Subject) -> Iterator[Finding]:
    """Each tenant publishes a generation that has all of its files; with `deep`, all generations have their bytes."""
    whole = 0
    for tenant in subject.tenants:
        problems = list(_iter_problems(tenant, deep=subject.deep))
        yield from problems
        whole += not problems
    if whole or not subject.tenants:
        words = "every byte read" if subject.deep else "names only, --deep reads every byte"
        yield ok(f"{whole} of {len(subject.tenants)} tenants whole ({words})")


def check_leftovers(subject: Subject) -> Iterator[Finding]:
    """Nothing is left of commands that died."""
    left = [path for path in subject.home.glob(".work.*.partial") if not _is_held(path)]
    left += subject.home.glob("FORMAT.*.tmp")
    for tenant in subject.tenants:
        found = [*tenant.path.glob("generations/.*.partial"), *tenant.path.glob("CURRENT.*.tmp")]
        left += found if found and not _is_held(tenant.path) else []
    for path in left[:_SHOWN]:
        yield warning(f"{path} was left by a command that died", "The next build of it removes this; or remove it.")
    if not left:
        yield ok("nothing is left of commands that died")


def check_moves(subject: Subject) -> Iterator[Finding]:
    """Nothing is left of moves of tenants between hosts."""
    held = [tenant for tenant in subject.tenants if tenant.is_held]
    arriving, aside = (sorted(subject.home.glob(f"{name}/*")) for name in ("incoming", "aside"))
    for tenant in held[:_SHOWN]:
        advice = (
            f"If no move runs, run jobgraph shards move {tenant.slug} again; without other hosts, remove that file."
        )
        yield warning(f"{tenant.path / 'HELD'}: nothing may be written to it while a move goes on", advice)
    for path in arriving[:_SHOWN]:
        advice = f"If no move runs, run jobgraph shards move {path.name} again, or remove this."
        yield warning(f"{path} has arrived in part, or a move goes on", advice)
    for path in aside[:_SHOWN]:
        advice = "See that the tenant is whole on its host, and remove this."
        yield warning(f"{path} was taken out of the tenants by a move, and no backup has it", advice)
    if not (held or arriving or aside):
        yield ok("nothing is left of moves")


def check_record(subject: Subject) -> Iterator[Finding]:
    """The record of the last build, if there is one, is of what is published."""
    if not (subject.home / RECORD).exists():
        yield ok("none")
        return
    record = read_last_build(subject.home)
    if record is None:
        yield warning(f"{subject.home / RECORD} cannot be read", "Nothing; build --changes builds everything once.")
        return
    current = {generation.slug: generation.name for generation in subject.published}
    other = [slug for slug, name in sorted(record.generations.items()) if current.get(slug) != name]
    if other:
        shown = ", ".join(other[:_SHOWN]) + (f" and {len(other) - _SHOWN} more" if len(other) > _SHOWN else "")
        advice = "Build without --changes, which replaces what was changed or restored meanwhile."
        yield warning(f"{shown} published another generation since the last build, so --changes is refused", advice)
    else:
        yield ok(f"of what {len(record.generations)} tenants publish")


def check_terms(subject: Subject) -> Iterator[Finding]:
    """The graphs were made by the ontology, rules and shapes of this program."""
    now, other = terms_hash(), []
    for generation in subject.published:
        made_by = _fact(generation, "terms")
        if made_by != now and _fact(generation, "source") is not None:
            other.append(f"{generation.slug} (version {_fact(generation, 'version')})")
    if other:
        shown = ", ".join(other[:_SHOWN]) + (f" and {len(other) - _SHOWN} more" if len(other) > _SHOWN else "")
        yield warning(f"made by other terms, rules or shapes than those here: {shown}", "Build them again.")
    else:
        yield ok(f"{len(subject.published)} graphs made by the terms that are here")


def _iter_problems(tenant: Tenant, *, deep: bool) -> Iterator[Finding]:
    advice = "Roll back to another generation, restore the tenant from a backup, or build again."
    try:
        current = tenant.current()
    except JobgraphError as error:
        yield failure(str(error).rstrip("."), advice)
        return
    if current is None:
        yield warning(f"{tenant.slug} has no published generation", f"Build it, or remove {tenant.path}.")
        return
    for generation in tenant.generations() if deep else [current]:
        for problem in _iter_damage(generation, deep=deep):
            if generation == current:
                yield failure(f"{generation.path}: {problem}", advice)
            else:
                yield warning(f"{generation.path}: {problem}", "Nobody sees it unless it is rolled back to; prune it.")


def _iter_damage(generation: Generation, *, deep: bool) -> Iterator[str]:
    try:
        _ = generation.manifest
        if not generation.store_path.is_dir():
            yield "the store is missing"
        yield from iter_damage(generation.path, deep=deep)
    except StorageError as error:
        yield str(error).rstrip(".")


def _fact(generation: Generation, name: str) -> object:
    try:
        return generation.manifest.get(name)
    except StorageError:
        return None  # the check of generations says so


def _is_held(folder: Path) -> bool:
    """Whether a process works in it."""
    try:
        with exclusive_lock(folder, wait=False):
            return False
    except StorageError:
        return True
