"""A feed of changes as pages of versions: what a Linked Data Event Stream is made of.

The feed follows from the generations that are kept: all things of the oldest as it is, then, generation by generation,
the things that changed. Each step has pages of its own, which never change; a step goes when one of its generations
is pruned, so that nothing outlives the data that it was made of. Somebody who starts later begins with what is the
oldest then, and arrives at the same.

A member is a version of a thing: the default graph says of what (`dcterms:isVersionOf`), when (`dcterms:created`) and
whether it is new, changed or gone (`as:Create`, `as:Update`, `as:Delete`), and the graph with the name of the member
holds what is said of the thing, under its own IRI. Source: https://w3id.org/ldes/server-primer
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, serialize

from jobgraph.exports.differences import ThingChange, iter_changed_things
from jobgraph.exports.manifest import digest_of
from jobgraph.exports.sorted_data import SortedQuads
from jobgraph.exports.sorted_quads import iter_quads
from jobgraph.store import PREFIXES, Generation
from jobgraph.store.durable import remove_tree, storage_errors, sync_tree
from jobgraph.vocabulary import RDF, XSD

FOLDER = "feed"
PAGE_MEMBERS = 500
AS = "https://www.w3.org/ns/activitystreams#"
CREATE, UPDATE, DELETE = (NamedNode(AS + kind) for kind in ("Create", "Update", "Delete"))
IS_VERSION_OF, CREATED = (NamedNode(PREFIXES["dcterms"] + name) for name in ("isVersionOf", "created"))
_TYPE, _DATE_TIME = NamedNode(RDF + "type"), NamedNode(XSD + "dateTime")


class Selected(Protocol):
    """What leaves of a generation."""

    def quads(self) -> Iterable[Quad]:
        """The quads, from the first on."""


Select = Callable[[Generation, Store], Selected]


def write_feed(
    generations: Sequence[Generation],
    select: Select,
    *,
    folder_of: Callable[[Generation], Path],
    page_members: int = PAGE_MEMBERS,
) -> list[dict[str, Any]]:
    """What each step of a feed holds, the oldest first, after the pages that are missing are written.

    Parameters
    ----------
    generations : those that the feed follows, the oldest first.
    folder_of : where the pages of the step to a generation lie, in a folder below.

    Raises
    ------
    InputError : what leaves has blank nodes.
    StorageError : the disk is full or cannot be written; steps that are there stay.
    """
    steps = []
    work = folder_of(generations[-1])
    with storage_errors(work):
        work.mkdir(parents=True, exist_ok=True)
    with _Sorted(select, work) as sorted_quads:
        for older, newer in zip([None, *generations], generations, strict=False):
            folder = folder_of(newer) / FOLDER / step_name(older, newer)
            if not folder.is_dir():
                before = sorted_quads.of(older) if older else None
                _write_step(folder, newer, before, sorted_quads.of(newer), page_members)
            steps.append(_facts(folder, newer))
    return steps


def step_name(older: Generation | None, newer: Generation) -> str:
    """The name of the step between two generations, or of the start with one."""
    return f"{older.name}-{newer.name}" if older else newer.name


class _Sorted:
    """Sorts what leaves of generations, and keeps the last two."""

    def __init__(self, select: Select, work: Path) -> None:
        self._select, self._work = select, work
        self._done: dict[Generation, SortedQuads] = {}
        self._files = ExitStack()

    def __enter__(self) -> _Sorted:
        self._folder = Path(self._files.enter_context(TemporaryDirectory(dir=self._work)))
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def of(self, generation: Generation) -> SortedQuads:
        if generation not in self._done:
            for done in [each for each in self._done if each.number < generation.number][:-1]:
                self._done.pop(done).path.unlink()
            with generation.open() as store, storage_errors(self._folder):
                quads = self._select(generation, store).quads()
                self._done[generation] = SortedQuads.write(quads, self._folder / generation.name)
        return self._done[generation]


def _write_step(
    folder: Path, newer: Generation, before: SortedQuads | None, after: SortedQuads, page_members: int
) -> None:
    """All pages of a step, beside their place first, so that a step is there as a whole or not at all."""
    work = folder.with_name(f".{folder.name}.partial")
    remove_tree(work)
    created = str(newer.manifest["created"])
    things = iter_changed_things(before.lines() if before else (), after.lines())
    members = filter(None, (_member(thing, newer.name, created) for thing in things))
    with storage_errors(folder):
        work.mkdir(parents=True)
        number = 0
        while page := list(islice(members, page_members)):
            number += 1
            quads = (quad for member in page for quad in member)
            with work.joinpath(f"{number}.nq").open("wb") as output:
                serialize(quads, output, RdfFormat.N_QUADS)
        sync_tree(work)
        work.rename(folder)


def _member(thing: ThingChange, generation: str, created: str) -> list[Quad]:
    """The version of a thing; nothing where only the graphs of its statements changed, or it has no name."""
    if isinstance(thing.subject, BlankNode):
        return []
    before, after = ({quad.triple for quad in iter_quads(lines)} for lines in (thing.before, thing.after))
    if before == after:
        return []
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{thing.subject.value} {generation} {created}")
    member = NamedNode(f"urn:uuid:{name}")
    kind = CREATE if not before else UPDATE if after else DELETE
    return [
        Quad(member, _TYPE, kind),
        Quad(member, IS_VERSION_OF, thing.subject),
        Quad(member, CREATED, Literal(created, datatype=_DATE_TIME)),
        *(Quad(t.subject, t.predicate, t.object, member) for t in sorted(after, key=str)),
    ]


def _facts(folder: Path, newer: Generation) -> dict[str, Any]:
    """What a step holds: its name, when its generation was made, and the hash of each page."""
    return {
        "step": folder.name,
        "generation": newer.name,
        "created": str(newer.manifest["created"]),
        "pages": [digest_of(page)[1] for page in _pages(folder)],
    }


def _pages(folder: Path) -> Iterator[Path]:
    count = sum(1 for _ in folder.glob("*.nq"))
    return (folder / f"{number}.nq" for number in range(1, count + 1))
