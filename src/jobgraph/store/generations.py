"""Tenants and their generations: immutable stores, of which one is published by an atomic rename.

    <home>/tenants/<slug>/CURRENT                the name of the published generation
    <home>/tenants/<slug>/generations/000007/    oxigraph/  manifest.json  SHA256SUMS  and what else its maker put there
    <home>/tenants/<slug>/cache/000007/          what was made of it and can be made again, such as packages
    <home>/tenants/<slug>/HELD                   why nothing may be written just now; missing where it may

A writer works in a hidden folder beside them, `.000008.<process>.partial`, under a lock on the tenant's folder that
ends with the process. Whenever it dies, readers see the old generation or the new one; what it left is removed by the
next writer. Between the last two renames a death leaves a whole generation that is not published; it is listed and
pruned like one that was rolled back. Readers lock the generation they opened, because a store opens its files only
when it needs them: `prune` leaves such a generation alone.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from pyoxigraph import Store

from jobgraph.errors import RefusedError, StorageError, TenantHeldError, UsageError
from jobgraph.store.durable import (
    broken_store_errors,
    exclusive_lock,
    remove_tree,
    shared_lock,
    storage_errors,
    sync,
    write_durably,
)
from jobgraph.store.graphs import GraphNames
from jobgraph.store.layout import mark_new
from jobgraph.store.oxigraph import copy_store, seal
from jobgraph.store.pruning import is_open, is_removed, may_go, read_pins, remove_pin, write_pin
from jobgraph.store.sums import write_sums

# In a generation: what could not be stated, what does not conform, the rows the door found something in, each check.
QUARANTINE, REPORT, FINDINGS, CHECKS = "quarantine.parquet", "report.ttl", "findings.parquet", "checks-1.json"
WORK = "work-1.json"  # the report for people; the number is raised with each change of what a work list says
_NAME = re.compile(r"[0-9]{6,}")
_HELD = "HELD"
_READ_ONLY = {
    False: "holds a partner's package and is read-only; load another one, or name another tenant.",
    True: "is a copy of what an endpoint holds and is read-only; build it there anew.",
}


@dataclass(frozen=True)
class Generation:
    """One generation of a tenant; it never changes."""

    slug: str
    path: Path

    @property
    def name(self) -> str:
        """The name of its folder, its number with leading zeros."""
        return self.path.name

    @property
    def number(self) -> int:
        """Its number; a later one is higher."""
        return int(self.path.name)

    @property
    def store_path(self) -> Path:
        """The folder of its store."""
        return self.path / "oxigraph"

    @property
    def cache_path(self) -> Path:
        """The folder for what is made of it and can be made again; it goes with the generation, and may be missing."""
        return self.path.parent.parent / "cache" / self.name

    @property
    def manifest(self) -> dict[str, object]:
        """What its maker wrote down, with `generation`, `created` (UTC), `parent` (a name or None) and `base`.

        Raises
        ------
        StorageError : it cannot be read.
        """
        path = self.path / "manifest.json"
        with storage_errors(path):
            text = path.read_text(encoding="utf-8")
        try:
            return cast("dict[str, object]", json.loads(text))
        except ValueError as error:
            raise StorageError(f"{path} is broken: {error}. Roll back to another generation.") from error

    @property
    def names(self) -> GraphNames:
        """The names of its graphs."""
        return GraphNames(str(self.manifest["base"]), self.slug)

    @property
    def triples(self) -> int | None:
        """The triples in all its graphs; None where its maker did not count them."""
        counts = cast("Mapping[str, int] | None", self.manifest.get("counts"))
        return None if counts is None else sum(counts.values())

    @property
    def is_read_only(self) -> bool:
        """Whether it holds a partner's package, on which only another package may follow."""
        return bool(self.manifest.get("readOnly"))

    @contextmanager
    def open(self) -> Iterator[Store]:
        """Its store to read, safe from `prune` inside the block.

        Raises
        ------
        StorageError : it was pruned in the meantime, or is broken, also where that shows only inside the block.
        """
        with shared_lock(self.path), broken_store_errors(self.store_path):
            with storage_errors(self.store_path):
                store = Store.read_only(os.fspath(self.store_path))
            yield store


class Draft:
    """A generation in the making: fill `path`, close the store at `store_path`, then publish."""

    def __init__(self, tenant: Tenant, parent: Generation | None, number: int) -> None:
        self.parent = parent
        self.name = f"{number:06}"
        self.path = tenant.path / "generations" / f".{self.name}.{os.getpid()}.partial"
        self._tenant = tenant

    @property
    def store_path(self) -> Path:
        """The folder of its store; there is none yet, unless the current one was copied."""
        return self.path / "oxigraph"

    def publish(self, manifest: Mapping[str, object]) -> Generation:
        """Make this the current generation, once all of it is on the disk.

        Parameters
        ----------
        manifest : facts to keep, fit for JSON; `base`, the start of all IRIs, is the parent's where it is left out.

        Raises
        ------
        StorageError : the disk is full, or the store is still open; the old generation stays current.
        UsageError : there is no `base`.
        """
        facts = {**({"base": self.parent.manifest["base"]} if self.parent else {}), **manifest}
        if "base" not in facts:
            raise UsageError(f"The first generation of {self._tenant.slug} needs a base for its IRIs; name it.")
        facts |= {
            "generation": self.name,
            "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "parent": self.parent.name if self.parent else None,
        }
        with storage_errors(self.path):
            self._complete(facts)
            with self._tenant.switching(self.name):
                return self._put_in_place()

    def add(self, manifest: Mapping[str, object]) -> Generation:
        """Put this among the generations with exactly these facts; what is current stays so.

        Raises
        ------
        StorageError : the disk is full, or the store is still open.
        """
        with storage_errors(self.path):
            self._complete(manifest)
            return self._put_in_place()

    def _complete(self, facts: Mapping[str, object]) -> None:
        seal(self.store_path)
        text = json.dumps(facts, indent=2, sort_keys=True, ensure_ascii=False)
        write_durably(self.path / "manifest.json", f"{text}\n")
        write_sums(self.path, parent=self.parent.path if self.parent else None)
        mark_new(self._tenant.path.parent.parent)

    def _put_in_place(self) -> Generation:
        published = self.path.rename(self.path.with_name(self.name))
        sync(published.parent)
        return Generation(self._tenant.slug, published)


@dataclass(frozen=True)
class Tenant:
    """One tenant's folder."""

    slug: str
    path: Path

    def current(self) -> Generation | None:
        """The published generation; None where there is none yet.

        Raises
        ------
        StorageError : the file that names it is broken, or names none that there is.
        """
        pointer = self.path / "CURRENT"
        try:
            with storage_errors(pointer, known_only=True):
                name = pointer.read_text(encoding="utf-8", errors="replace").strip()
        except FileNotFoundError:
            return None
        generation = Generation(self.slug, self.path / "generations" / name)
        if not _NAME.fullmatch(name) or not generation.path.is_dir():
            raise StorageError(f"{pointer} names no generation: {name!r}. Roll back to one of {self._listed()}.")
        return generation

    def generations(self) -> list[Generation]:
        """All generations, the oldest first; the current one need not be the last."""
        with storage_errors(self.path):
            folder = self.path / "generations"
            paths = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)] if folder.is_dir() else []
        return sorted((Generation(self.slug, path) for path in paths), key=lambda generation: generation.number)

    def generation(self, which: str | int) -> Generation:
        """The generation with this name or number, or the one that is pinned under this name.

        Raises
        ------
        UsageError : there is none.
        """
        which = self.pins.get(str(which), which)
        for generation in self.generations():
            if str(which).isdecimal() and generation.number == int(which):
                return generation
        raise UsageError(f"{self.slug} has no generation {which}; choose one of {self._listed()}.")

    def rollback(self, which: str | int, *, wait: bool = False) -> Generation:
        """Make a generation current again, by the same atomic rename; the later ones stay.

        Raises
        ------
        UsageError : there is none of this name or number.
        StorageError : another process writes, or the disk is full; the current generation stays.
        """
        with self.alone(wait=wait):
            generation = self.generation(which)
            with storage_errors(self.path), self.switching(generation.name):
                pass
        return generation

    @property
    def pins(self) -> dict[str, str]:
        """The names of its pinned generations, by the names that they were pinned under."""
        return read_pins(self.path)

    def pin(self, which: str | int, name: str, *, wait: bool = False) -> Generation:
        """Keep a generation from pruning, under a name that stands for it; a pin of the same name moves.

        Raises
        ------
        UsageError : there is no such generation, or the name cannot be one.
        StorageError : another process writes, or the disk is full.
        """
        with self.alone(wait=wait):
            generation = self.generation(which)
            write_pin(self.path, name, generation.name)
        return generation

    def unpin(self, name: str, *, wait: bool = False) -> None:
        """Take a pin away.

        Raises
        ------
        UsageError : there is none of this name.
        StorageError : another process writes.
        """
        with self.alone(wait=wait):
            remove_pin(self.path, name)

    def prunable(self, keep: int, *, days: float = 0) -> list[Generation]:
        """The generations that `prune` would remove now, the oldest first."""
        return [generation for generation in self._old(keep, days) if not is_open(generation)]

    def prune(self, keep: int, *, days: float = 0, wait: bool = False) -> list[str]:
        """The names of the generations that it removed.

        All but the newest `keep`, those that are younger than `days`, the current, the pinned, and any that is open.

        Raises
        ------
        UsageError : `keep` is below 1, or `days` below 0.
        StorageError : another process writes.
        """
        with self.alone(wait=wait):
            return [generation.name for generation in self._old(keep, days) if is_removed(generation)]

    def _old(self, keep: int, days: float) -> list[Generation]:
        current = self.current()
        stay = {*self.pins.values(), *([current.name] if current else [])}
        return may_go(self.generations(), stay, keep=keep, days=days)

    def hold(self, why: str) -> None:
        """Let nobody write from now on, once the write that runs has ended; survives a crash.

        Parameters
        ----------
        why : the sentence that a writer is told.

        Raises
        ------
        StorageError : the disk is full or cannot be written, or there is no such tenant.
        """
        with exclusive_lock(self.path, wait=True), storage_errors(self.path):
            write_durably(self.path / _HELD, f"{why}\n")
            sync(self.path)

    def release(self) -> None:
        """Let writers in again."""
        with exclusive_lock(self.path, wait=True), storage_errors(self.path):
            self.path.joinpath(_HELD).unlink(missing_ok=True)
            sync(self.path)

    @property
    def is_held(self) -> bool:
        """Whether nothing may be written just now."""
        return self.path.joinpath(_HELD).exists()

    def refuse_if_held(self) -> None:
        """Let pass who finds the tenant open for writing.

        Raises
        ------
        TenantHeldError : it is held.
        """
        with storage_errors(self.path):
            if self.is_held:
                raise TenantHeldError(self.path.joinpath(_HELD).read_text(encoding="utf-8").strip())

    @contextmanager
    def begin(
        self, *, copy: bool = False, wait: bool = False, from_package: bool = False, number: int | None = None
    ) -> Iterator[Draft]:
        """A draft of the next generation; what is not published at the end of the block is removed.

        Parameters
        ----------
        copy : start from a copy of the current store, which costs no space, instead of from none.
        wait : wait for another writer instead of giving up.
        from_package : it is to hold a partner's package, which may follow on one.
        number : that of the generation; the next one if none.

        Raises
        ------
        RefusedError : the current generation holds a partner's package, and this one is not to.
        StorageError : another process writes, or the disk is full or cannot be written, also inside the block.
        """
        with storage_errors(self.path, known_only=True), self.alone(wait=wait):
            last = max((generation.number for generation in self.generations()), default=0)
            draft = Draft(self, self.current(), number or last + 1)
            if draft.parent and draft.parent.is_read_only and not from_package:
                raise RefusedError(f"{self.slug} {_READ_ONLY['remote' in draft.parent.manifest]}")
            try:
                draft.path.mkdir()
                if copy and draft.parent:
                    copy_store(draft.parent.store_path, draft.store_path)
                yield draft
            finally:
                remove_tree(draft.path)

    @contextmanager
    def switching(self, name: str) -> Iterator[None]:
        """Point CURRENT to `name` at the end of the block; all that can fill the disk is done before it."""
        pointer = self.path / "CURRENT"
        new = self.path / f"CURRENT.{os.getpid()}.tmp"
        try:
            write_durably(new, f"{name}\n")
            yield
            new.replace(pointer)
            sync(self.path)
        finally:
            new.unlink(missing_ok=True)

    @contextmanager
    def alone(self, *, wait: bool = False) -> Iterator[None]:
        """Be the only writer of this tenant inside the block, with nothing left of those that died.

        Raises
        ------
        StorageError : another process writes.
        """
        with storage_errors(self.path):
            self.path.joinpath("generations").mkdir(parents=True, exist_ok=True)
        with exclusive_lock(self.path, wait=wait):
            self.refuse_if_held()
            for path in [*self.path.glob("generations/.*.partial"), *self.path.glob("CURRENT.*.tmp")]:
                remove_tree(path) if path.is_dir() else path.unlink()
            yield

    def _listed(self) -> str:
        return ", ".join(generation.name for generation in self.generations()) or "none"
