"""Data sets and graphs by their canonical hash: RDFC-1.0 with SHA-256, https://www.w3.org/TR/rdf-canon/.

Only quads with blank nodes have a say in how blank nodes are named. So only these are held in memory and named by the
algorithm; all others are lines already, sorted on disk where they are many.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import cast

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, Triple, serialize

from jobgraph.errors import InputError
from jobgraph.exports.sorted_quads import iter_sorted

_BATCH = 10_000
_BLANK = b"_:"
# Blank nodes alike and linked, for which it is measured: 6 take a tenth of a second, 8 up to 7 s; in a chain 200, 2 s.
_MAX_ALIKE = 6
_MAX_CHAIN = 200
_CHAIN_LINKS = 2


def dataset_hash(quads: Iterable[Quad]) -> str:
    """The hash of a data set in hexadecimal: the same for all that differ only in order, repeats and blank node labels.

    Raises
    ------
    InputError : it has so many blank nodes alike that naming them could take for ever.
    """
    digest = hashlib.sha256()
    for line in canonical_lines(quads):
        digest.update(line)
    return digest.hexdigest()


def triples_hash(triples: Iterable[Triple]) -> str:
    """The hash of a graph: that of the data set that has it as its default graph and nothing else.

    Raises
    ------
    InputError : as `dataset_hash` raises it.
    """
    return dataset_hash(Quad(triple.subject, triple.predicate, triple.object) for triple in triples)


def canonical_lines(quads: Iterable[Quad]) -> Iterator[bytes]:
    """The canonical N-Quads of a data set, line by line, sorted; each with its line end.

    Raises
    ------
    InputError : it has so many blank nodes alike that naming them could take for ever.
    """
    blank: list[Quad] = []
    return iter_sorted(_iter_named_then_blank(quads, blank))


def _iter_named_then_blank(quads: Iterable[Quad], blank: list[Quad]) -> Iterator[bytes]:
    """The lines of the quads without blank nodes, then those of the others with their canonical names."""
    source = iter(quads)
    while batch := list(islice(source, _BATCH)):
        text = _n_quads(batch)
        if _BLANK in text:
            blank += (quad for quad in batch if _has_blank(quad))
            text = _n_quads(quad for quad in batch if not _has_blank(quad))
        yield from _lines(text)
    if blank:
        _refuse_alike(blank)
        dataset = Dataset(blank)
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        yield from _lines(_n_quads(dataset))


def _n_quads(quads: Iterable[Quad]) -> bytes:
    return cast("bytes", serialize(quads, format=RdfFormat.N_QUADS))


def _lines(text: bytes) -> Iterator[bytes]:
    return (line + b"\n" for line in text.split(b"\n")[:-1])


def _has_blank(quad: Quad) -> bool:
    return bool(_blank_nodes(quad))


def _refuse_alike(quads: list[Quad]) -> None:
    """Refuse a cluster of blank nodes that look alike to the algorithm, which tries them in all orders."""
    for cluster in _clusters(quads):
        is_chain = all(len(links) <= _CHAIN_LINKS for links in cluster.values())
        if len(cluster) > (_MAX_CHAIN if is_chain else _MAX_ALIKE):
            raise InputError(
                f"{len(cluster)} blank nodes that are linked to each other are so alike that naming them could take "
                "for ever; give them IRIs, or say of each what the others are not."
            )


def _clusters(quads: list[Quad]) -> Iterator[dict[BlankNode, set[BlankNode]]]:
    """The blank nodes that look like another, with those of them that they are linked to; cluster by cluster."""
    looks = _looks(quads)
    counts = Counter(looks.values())
    links: dict[BlankNode, set[BlankNode]] = {node: set() for node, look in looks.items() if counts[look] > 1}
    for quad in quads:
        nodes = [node for node in _blank_nodes(quad) if node in links]
        for node in nodes:
            links[node].update(other for other in nodes if other != node)
    while links:
        waiting, cluster = [next(iter(links))], dict[BlankNode, set[BlankNode]]()
        while waiting:
            node = waiting.pop()
            if node in links:
                cluster[node] = links.pop(node)
                waiting += cluster[node]
        yield cluster


def _looks(quads: list[Quad]) -> dict[BlankNode, int]:
    """What is said of each blank node where all others have one name, as a number."""
    said: defaultdict[BlankNode, set[tuple[object, ...]]] = defaultdict(set)
    for quad in quads:
        for node in _blank_nodes(quad):
            said[node].add(tuple((term == node) if isinstance(term, BlankNode) else term for term in quad))
    return {node: hash(frozenset(facts)) for node, facts in said.items()}


def _blank_nodes(quad: Quad) -> list[BlankNode]:
    return [term for term in (quad.subject, quad.object, quad.graph_name) if isinstance(term, BlankNode)]
