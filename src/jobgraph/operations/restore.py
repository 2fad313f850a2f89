"""A backup brought back: read and compared with all that it says of itself first, then switched to in one step.

It is unpacked to a hidden folder in the home, brought up to the format of this program there, and each store is opened.
Whatever goes wrong until then, the home is as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from filecmp import cmp
from pathlib import Path
from shutil import disk_usage

from jobgraph.errors import RefusedError, StorageError
from jobgraph.operations.archive import check_seal
from jobgraph.operations.manifest import Manifest, TenantFacts
from jobgraph.operations.unpacking import check_tenant, unpack
from jobgraph.operations.upgrade import PRIVATE, make_private, upgrade
from jobgraph.pipeline.last_build import forget_record
from jobgraph.pipeline.plan import Progress
from jobgraph.pipeline.work_folder import work_folder
from jobgraph.store import Draft, Generation, Home, Tenant
from jobgraph.store.durable import storage_errors, sync, sync_tree
from jobgraph.store.layout import mark_new, write_format
from jobgraph.store.sums import SUMS, iter_damage

_OF_PLACE = {"created", "generation", "parent"}  # what each generation says anew
_MANIFEST_OF_GENERATION = "manifest.json"


@dataclass(frozen=True)
class Wish:
    """What is to be restored.

    Parameters
    ----------
    tenants : their short names; none for all in the backup.
    replace_newer : also where the home has a later generation than the backup; it stays, and can be rolled back to.
    """

    tenants: tuple[str, ...] = ()
    replace_newer: bool = False


@dataclass(frozen=True)
class Restored:
    """A tenant after it: its generation in the backup, and the one published now; None where it was that already."""

    slug: str
    was: str
    generation: str | None


def verify_backup(path: Path, *, progress: Progress = lambda _stage, _count, _unit="": None) -> Manifest:
    """The manifest of a backup of which every byte and every file is as it was written; nothing is unpacked.

    Raises
    ------
    BackupError : something is not; the sentence says what.
    HomeFormatError : a newer program made it.
    InputError : it cannot be read.
    """
    return unpack(path, check_seal(path, _counting(progress)), None, (), progress)


def restore_backup(
    path: Path, home: Path, wish: Wish, *, progress: Progress = lambda _stage, _count, _unit="": None
) -> tuple[Manifest, list[Restored]]:
    """Bring tenants of a backup into a home; give its manifest, and what became of each tenant.

    A tenant that the home lacks comes as it was; another gets the graphs as a new generation. The backup's own files,
    such as tokens and audit log, come into a home without tenants, where all of the backup is asked for.

    Raises
    ------
    BackupError : something in it is not as it was written.
    HomeFormatError : a newer program made it, or the home.
    RefusedError : a tenant has a later generation, or a file of the home would be replaced.
    UsageError : the backup has no such tenant.
    StorageError : the disk is full, or another process writes.
    """
    size = check_seal(path, _counting(progress))
    is_new = not Home(home).tenants()
    with work_folder(home) as work:
        _check_space(path, work, size)
        staged = work / "home"
        manifest = unpack(path, size, staged, wish.tenants, progress)
        slugs = wish.tenants or tuple(manifest.tenants)
        for slug in slugs:
            check_tenant(path, staged, slug, manifest)
        write_format(staged, manifest.home_format)
        upgrade(staged, progress=progress)
        with storage_errors(staged):
            sync_tree(staged)
        with ExitStack() as stack:
            returns = [_Return(Home(staged).tenant(slug), Home(home), manifest.tenants[slug], wish) for slug in slugs]
            for each in returns:
                stack.enter_context(each.prepared())
            if is_new and not wish.tenants:
                _move_own(staged, home)
            mark_new(home)
            if any(each.is_new for each in returns):  # one of this number may have been another
                forget_record(home)
            return manifest, [each.switched() for each in returns]


@dataclass
class _Return:
    """One tenant on its way from the unpacked backup into the home."""

    staged: Tenant
    home: Home
    facts: TenantFacts
    wish: Wish
    draft: Draft | None = None
    is_there: bool = False

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """Inside the block all that can fail is done, and nobody else writes to the tenant."""
        target = self._target()
        if not target.path.exists():
            yield
            return
        generation = self._generation()
        with target.begin(from_package=generation.is_read_only) as draft:
            self.is_there = self._is_current(draft.parent)
            if not self.is_there:
                for path in generation.path.iterdir():
                    if path.name not in {_MANIFEST_OF_GENERATION, SUMS}:
                        path.rename(draft.path / path.name)
                self.draft = draft
            yield

    @property
    def is_new(self) -> bool:
        """Whether the home lacks the tenant, so that its generation keeps its number."""
        return self.draft is None and not self.is_there

    def switched(self) -> Restored:
        """Publish it; give what became of it."""
        target, was = self._target(), self.facts.generation
        if self.is_there:
            return Restored(target.slug, was, None)
        if self.is_new or self.draft is None:
            with storage_errors(target.path):
                target.path.parent.mkdir(exist_ok=True)
                self.staged.path.rename(target.path)
                sync(target.path.parent)
            return Restored(target.slug, was, was)
        old = self._generation().manifest
        manifest = {name: value for name, value in old.items() if name not in _OF_PLACE}
        origin = {"generation": was, "created": self.facts.created}
        return Restored(target.slug, was, self.draft.publish({**manifest, "restored": origin}).name)

    def _is_current(self, current: Generation | None) -> bool:
        """Whether the home publishes this very generation, whole.

        Raises
        ------
        RefusedError : it has a later one.
        """
        if current is None:
            return False
        created = str(current.manifest["created"])
        if created > self.facts.created and not self.wish.replace_newer:
            raise RefusedError(
                f"{current.slug} has generation {current.name} of {created}, and the backup has one of "
                f"{self.facts.created}, so nothing was restored; --replace-newer publishes it, and keeps the later one."
            )
        is_same = (current.name, created) == (self.facts.generation, self.facts.created)
        return is_same and not any(iter_damage(current.path, deep=True))

    def _generation(self) -> Generation:
        return self.staged.generation(self.facts.generation)

    def _target(self) -> Tenant:
        return self.home.tenant(self.staged.slug, missing_ok=True)


def _check_space(path: Path, folder: Path, size: int) -> None:
    free = disk_usage(folder).free
    if size > free:
        raise StorageError(
            f"{folder.parent} has {free:,} bytes free, and the backup {path} unpacks to {size:,}; "
            "free some space, or name another --home. Nothing was changed."
        )


def _move_own(staged: Path, home: Path) -> None:
    """Move the home's own files into it.

    Raises
    ------
    RefusedError : one of them is there with other content; none was moved.
    """
    for name in PRIVATE:
        make_private(staged / name)
    with storage_errors(home):
        top = [path for path in sorted(staged.iterdir()) if path.name not in {"FORMAT", "tenants"}]
        files = [inner for path in top for inner in (path.rglob("*") if path.is_dir() else [path]) if inner.is_file()]
        targets = {path: home / path.relative_to(staged) for path in files}
        for path, target in targets.items():
            if target.exists() and not (target.is_file() and cmp(path, target, shallow=False)):
                raise RefusedError(
                    f"{target} is there with other content, so nothing was restored; move it away first."
                )
        for path, target in targets.items():
            if not target.parent.exists():
                target.parent.mkdir(mode=path.parent.stat().st_mode & 0o777, parents=True)
            path.replace(target)
        for folder in {target.parent for target in targets.values()}:
            sync(folder)


def _counting(progress: Progress) -> Callable[[int], None]:
    return lambda count: progress("check", count // 1000, "kB")
