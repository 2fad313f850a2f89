"""Framed JSON-LD: trees as a frame asks for them, thing by thing, https://www.w3.org/TR/json-ld11-framing/.

Each tree at the top is worked out for itself, as the algorithm has it, so that one tree at a time is in memory; the
statements lie in a file. Blank nodes keep their labels.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, BinaryIO, TypeAlias, cast

from pyoxigraph import Triple

from jobgraph.errors import UsageError
from jobgraph.exports.json_ld_compact import PREFIXED, Compaction, Json, one_or_all
from jobgraph.exports.json_ld_context import LINK, Context
from jobgraph.exports.json_ld_expanded import write_expanded
from jobgraph.exports.json_ld_frame import (
    Frame,
    default_frame,
    flag,
    iter_frames,
    matches,
    matches_value,
    subframe,
)
from jobgraph.exports.losses import Losses

Node: TypeAlias = "dict[str, Any]"  # a node object in expanded form

UNFRAMED = "a statement that the frame does not ask for"
_MOST_NODES = 100_000  # in one tree
_DEEPEST = 100
_MOST_KEPT = 10_000  # nodes that were read last


def write_framed(
    triples: Iterable[Triple], frame: Frame | None, context: Context, output: BinaryIO, losses: Losses
) -> None:
    """Write the trees that a frame makes of triples, grouped by subject, as one document, in the order of their IRIs.

    Parameters
    ----------
    frame : None gives each thing of which something is said, and what it links to by class and name.
    losses : takes what no tree has or can say.

    Raises
    ------
    UsageError : a tree grows too large or too deep.
    """
    mention = json.dumps(context.mention(), ensure_ascii=False, separators=(",", ":"))
    output.write(f'{{"@context":{mention},"@graph":['.encode())
    separator = "\n"
    with _written(triples) as nodes:
        asked = default_frame(sorted(nodes.links)) if frame is None else frame
        trees = _Trees(nodes, Compaction(context), losses, asked)
        for tree in trees.grown(nodes.stated() if frame is None else nodes.matching(frame)):
            output.write(f"{separator}{json.dumps(tree, ensure_ascii=False, separators=(',', ':'))}".encode())
            separator = ",\n"
        losses.add_many(UNFRAMED, nodes.statements - sum(trees.shown.values()))
    output.write(b"\n]}\n")


class _Nodes:
    """The nodes of a graph, in a file; in memory is where each begins."""

    def __init__(self, file: BinaryIO, triples: Iterable[Triple]) -> None:
        self._file = file
        self._places: dict[str, list[int]] = {}
        self.statements = 0
        self.links: set[str] = set()
        write_expanded(self._counted(triples), file)
        self.node = lru_cache(_MOST_KEPT)(self._read)
        file.seek(0)
        place = 0
        for line in file:
            self._note(_said(line), place)
            place += len(line)

    def _note(self, node: Node, place: int) -> None:
        """Where a node is; what it links to is a node, too, of which nothing may be said."""
        if node:
            self._places.setdefault(node["@id"], []).append(place)
        for key, values in node.items():
            if not key.startswith("@"):
                for value in values:
                    if "@id" in value:
                        self._places.setdefault(value["@id"], [])
                        self.links.add(key)

    def _counted(self, triples: Iterable[Triple]) -> Iterator[Triple]:
        for triple in triples:
            self.statements += 1
            yield triple

    def matching(self, frame: Frame) -> Iterator[str]:
        """The nodes that a frame looks for, sorted."""
        return (id_ for id_ in sorted(self._places) if matches(self.node(id_), frame, self.node))

    def stated(self) -> Iterator[str]:
        """The nodes of which something is said, sorted."""
        return (id_ for id_, places in sorted(self._places.items()) if places)

    def _read(self, id_: str) -> Node:
        node: Node = {"@id": id_}
        for place in self._places.get(id_, ()):
            self._file.seek(place)
            for key, values in _said(self._file.readline()).items():
                if key != "@id":
                    node.setdefault(key, []).extend(values)
        return node


def _said(line: bytes) -> Node:
    """What a line of an expanded document says of a thing; nothing where the document is empty."""
    node: Node = json.loads(line.strip(b"[],\n") or b"{}")
    return node


@contextmanager
def _written(triples: Iterable[Triple]) -> Iterator[_Nodes]:
    with tempfile.TemporaryFile() as file:
        yield _Nodes(cast("BinaryIO", file), triples)


class _Trees:
    """Trees as they grow, one after the other.

    `shown` has, for each thing, the most statements about it that one place has.
    """

    def __init__(self, nodes: _Nodes, names: Compaction, losses: Losses, frame: Frame) -> None:
        self._nodes, self._names, self._losses, self._frame = nodes, names, losses, frame
        # What each frame wants to stand where there is no value; a frame may name more than a thing has, by far.
        self._wanted = {id(each): _defaults_of(each) for each in iter_frames(frame)}
        self._path: list[str] = []
        self._embedded: set[str] = set()
        self._size = 0
        self.shown: dict[str, int] = {}

    def grown(self, tops: Iterable[str]) -> Iterator[dict[str, Json]]:
        """The trees of some things."""
        for id_ in tops:
            if self._can_say(id_):
                self._embedded, self._size = set(), 0
                yield self._tree(id_, self._frame)

    def _tree(self, id_: str, frame: Frame) -> dict[str, Json]:
        self._embedded.add(id_)
        self._path.append(id_)
        self._size += 1
        if len(self._path) > _DEEPEST or self._size > _MOST_NODES:
            raise UsageError(
                f"The frame makes a tree of {self._path[0]} that is deeper than {_DEEPEST} things or larger than "
                f'{_MOST_NODES:,}; stop it with "@embed": "@never" or "@explicit": true.'
            )
        node = self._nodes.node(id_)
        found: dict[str, list[Json]] = {}
        met = {key for key in sorted(node) if not key.startswith("@") and self._add(found, node, key, frame)}
        types = [self._names.name(type_) for type_ in node.get("@type", ()) if self._can_say(type_, id_, "a")]
        self.shown[id_] = max(self.shown.get(id_, 0), len(types) + sum(len(values) for values in found.values()))
        self._path.pop()
        classes: dict[str, Json] = {"@type": one_or_all(list(types))} if types else {}
        rest = {key: one_or_all(values) for key, values in found.items()}
        return {"@id": self._names.node(id_), **classes, **rest, **self._defaults(frame, met)}

    def _add(self, found: dict[str, list[Json]], node: Node, key: str, frame: Frame) -> bool:
        """Put the values of a property into what was found; whether there are any in the tree."""
        if key not in frame and flag(frame, "@explicit"):
            return False
        inner, before = subframe(frame, key), sum(map(len, found.values()))
        for value in node[key]:
            terms = [term for name, term in value.items() if name != "@value" and not name.startswith("@l")]
            if not all(self._can_say(term, node["@id"], key) for term in (key, *terms)):
                continue
            if "@value" not in value:
                pair = self._link(key, value["@id"], inner)
            elif matches_value(value, inner):
                pair = self._literal(key, value)
            else:
                pair = None
            if pair:
                found.setdefault(pair[0], []).append(pair[1])
        return sum(map(len, found.values())) > before

    def _link(self, key: str, id_: str, frame: Frame) -> tuple[str, Json] | None:
        """A link: with what is linked to inside, or only its name where the frame, or a way back, says so."""
        if not matches(self._nodes.node(id_), frame, self._nodes.node):
            return None
        embed = flag(frame, "@embed")
        if embed == "@never" or id_ in self._path or (embed == "@once" and id_ in self._embedded):
            return self._names.link(key, id_)
        tree = self._tree(id_, frame)
        return (self._names.key(key, LINK)[0], tree) if len(tree) > 1 else self._names.link(key, id_)

    def _literal(self, key: str, value: Node) -> tuple[str, Json]:
        typed = {"datatype": value["@type"]} if "@type" in value else {}
        return self._names.literal(key, value["@value"], language=value.get("@language"), **typed)

    def _defaults(self, frame: Frame, met: set[str]) -> dict[str, Json]:
        """What stands where a thing has no value for a property that the frame names."""
        wanted = self._wanted.get(id(frame), ())  # one that is worked out on the way names no property
        return dict(self._default(key, inner) for key, inner in wanted if key not in met)

    def _default(self, key: str, frame: Frame) -> tuple[str, Json]:
        value = next(iter(frame.get("@default", ())), None)
        if value is None or value == "@null":
            return self._names.key(key, LINK)[0], None
        if not isinstance(value, dict):
            return self._names.literal(key, str(value))
        return self._literal(key, value) if "@value" in value else self._names.link(key, value["@id"])

    def _can_say(self, iri: str, *of: str) -> bool:
        if self._names.can_say(iri):
            return True
        self._losses.add(PREFIXED, *of, iri)
        return False


def _defaults_of(frame: Frame) -> list[tuple[str, Frame]]:
    inner = ((key, subframe(frame, key)) for key in frame if not key.startswith("@"))
    return [(key, each) for key, each in inner if not flag(each, "@omitDefault")]
