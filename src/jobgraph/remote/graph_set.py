"""A generation at an endpoint: its graphs with what must be in them, as the pointer's graph describes it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any

from pyoxigraph import Triple

from jobgraph.errors import InputError

_DIGEST_BYTES = 32
_MODULUS = 1 << 8 * _DIGEST_BYTES


@dataclass(frozen=True)
class Part:
    """A graph at the endpoint: its IRI, its triples and their digest."""

    graph: str
    triples: int
    digest: str


class Digest:
    """The count and the digest of triples, in whatever order they come; constant memory.

    The digest is the sum of the hashes of their lines, so that it shows what was lost, changed or added by accident.
    """

    def __init__(self) -> None:
        self.count = self._sum = 0

    def add(self, triple: Triple) -> None:
        """Take note of a triple, each of which comes once."""
        line = blake2b(str(triple).encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()
        self._sum = (self._sum + int.from_bytes(line, "big")) % _MODULUS
        self.count += 1

    def part(self, graph: str) -> Part:
        """The graph that holds these triples."""
        return Part(graph, self.count, f"{self._sum:0{2 * _DIGEST_BYTES}x}")


def part_of(graph: str, triples: Iterable[Triple]) -> Part:
    """The graph that holds these triples."""
    digest = Digest()
    for triple in triples:
        digest.add(triple)
    return digest.part(graph)


@dataclass(frozen=True)
class GraphSet:
    """A generation at an endpoint.

    Parameters
    ----------
    manifest : what the generation's own manifest says, with its name, and that of its parent, there.
    graphs : the graphs by what they are called in a local store; '' is the unnamed one.
    files : the graph with the files of the generation.
    """

    iri: str
    manifest: Mapping[str, Any]
    graphs: Mapping[str, Part]
    files: Part

    @property
    def name(self) -> str:
        """Its number with leading zeros."""
        return str(self.manifest["generation"])

    @property
    def number(self) -> int:
        """Its number; a later one is higher, unless two writers were at work."""
        return int(self.name)

    @property
    def parts(self) -> list[Part]:
        """All its graphs."""
        return [*self.graphs.values(), self.files]

    def to_json(self) -> str:
        """The description as text; `from_json` is its inverse."""
        graphs = {local: asdict(part) for local, part in self.graphs.items()}
        facts = {"manifest": self.manifest, "graphs": graphs, "files": asdict(self.files)}
        return json.dumps(facts, sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_json(cls, iri: str, text: str) -> GraphSet:
        """The set with this description.

        Raises
        ------
        InputError : it is no description of a set.
        """
        try:
            facts = json.loads(text)
            graphs = {local: Part(**part) for local, part in facts["graphs"].items()}
            found = cls(iri, facts["manifest"], graphs, Part(**facts["files"]))
            found.number  # noqa: B018 there must be one
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InputError(
                f"{iri} is not described as a generation is; another program wrote to its graph."
            ) from None
        return found
