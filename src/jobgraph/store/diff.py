"""What changed between two generations of a tenant, as counts and as RDF Patch (https://afs.github.io/rdf-patch/)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator
from itertools import chain, groupby, islice
from typing import NamedTuple

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse

from jobgraph.errors import InputError
from jobgraph.store.generations import Generation

_LINE = re.compile(r"(?P<kind>H|TX|TC|A|D)(?: (?P<rest>.*?))? ?\.\s*")
_BATCH = 10_000


class Change(NamedTuple):
    """One quad that was added (`A`) or deleted (`D`)."""

    kind: str
    quad: Quad


def iter_changes(old: Store, new: Store) -> Iterator[Change]:
    """The changes that make `new` of `old`, graph by graph, in memory that does not grow.

    A store gives the quads of a graph in an order that follows from their terms alone. So both are read side by side,
    and a quad is looked up in the other store only where the two differ.
    """
    graphs = {*old.named_graphs(), *new.named_graphs()}
    for graph in [DefaultGraph(), *sorted(graphs, key=str)]:
        yield from _iter_graph_changes(old, new, graph)


def count_changes(a: Generation, b: Generation) -> dict[str, dict[str, int]]:
    """How many triples were added and deleted from `a` to `b`, by the IRI of each graph that changed.

    Raises
    ------
    StorageError : a generation was pruned, or is broken.
    """
    counts: dict[str, dict[str, int]] = {}
    with a.open() as old, b.open() as new:
        for kind, quad in iter_changes(old, new):
            graph = "" if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name.value
            counts.setdefault(graph, {"added": 0, "deleted": 0})["added" if kind == "A" else "deleted"] += 1
    return counts


def iter_patch(a: Generation, b: Generation) -> Iterator[str]:
    """The lines of an RDF Patch that makes `b` of `a`, without line ends; both stay open until the last is read.

    Blank nodes keep the labels that they have in the store.

    Raises
    ------
    StorageError : a generation was pruned, or is broken.
    """
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"{b.names.asserted}#{a.name}-{b.name}")
    yield f"H id <urn:uuid:{identity}> ."
    yield "TX ."
    with a.open() as old, b.open() as new:
        for kind, quad in iter_changes(old, new):
            yield f"{kind} {quad} ."
    yield "TC ."


def apply_patch(store: Store, lines: Iterable[str]) -> dict[str, int]:
    """How many quads were added and deleted, after the patch is applied to `store`. Not atomic: apply it to a draft.

    Deleting what is not there and adding what is there change nothing.

    Raises
    ------
    InputError : a line is no line of a patch, or the patch has no end; the lines before it are applied.
    """
    counts = {"added": 0, "deleted": 0}
    last = ""
    for kind, group in groupby(_iter_parsed(lines), key=lambda line: line[0]):
        last = kind
        while kind in {"A", "D"} and (batch := list(islice(group, _BATCH))):
            quads = list(_iter_quads(batch))
            if kind == "A":
                store.extend(quads)
            else:
                for quad in quads:
                    store.remove(quad)
            counts["added" if kind == "A" else "deleted"] += len(quads)
    if last != "TC":
        raise InputError("The patch has no end, a line TC; it may be cut off. Make it again.")
    return counts


def _iter_graph_changes(old: Store, new: Store, graph: NamedNode | BlankNode | DefaultGraph) -> Iterator[Change]:
    left, right = (store.quads_for_pattern(None, None, None, graph) for store in (old, new))
    before, after = next(left, None), next(right, None)
    while before is not None or after is not None:
        if before == after:
            before, after = next(left, None), next(right, None)
        elif before is not None and before not in new:
            yield Change("D", before)
            before = next(left, None)
        elif after is not None and after not in old:
            yield Change("A", after)
            after = next(right, None)
        else:  # two orders after all, as stores in memory have them
            yield from (Change("D", quad) for quad in chain([before], left) if quad and quad not in new)
            yield from (Change("A", quad) for quad in chain([after], right) if quad and quad not in old)
            return


def _iter_parsed(lines: Iterable[str]) -> Iterator[tuple[str, int, str]]:
    for number, line in enumerate(lines, start=1):
        match = _LINE.fullmatch(line.strip())
        if match:
            yield match["kind"], number, match["rest"] or ""
        elif line.strip():
            raise InputError(f"The patch has no valid line {number}: {line.strip()[:60]!r}. Make it again.")


def _iter_quads(batch: list[tuple[str, int, str]]) -> Iterator[Quad]:
    text = "".join(f"{rest} .\n" for _, _, rest in batch)
    try:
        yield from parse(text, RdfFormat.N_QUADS)
    except SyntaxError as error:
        number = batch[(error.lineno or 1) - 1][1]
        raise InputError(f"The patch has no valid quad in line {number}: {error.msg}. Make it again.") from error
