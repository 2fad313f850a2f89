from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Triple, serialize
from tests.exports.graphs import LITERALS, PREDICATES

from jobgraph.exports.canonical import canonical_lines, dataset_hash, triples_hash
from jobgraph.exports.sorted_data import SortedQuads, split_line
from jobgraph.vocabulary import RDF

TYPE = NamedNode(RDF + "type")
NAMES = [NamedNode(f"urn:{name}") for name in ("a", "ab", "a/b_c")]
NODES = st.sampled_from([*NAMES, BlankNode("x"), BlankNode("y")])
GRAPHS = st.sampled_from([*NAMES, DefaultGraph()])  # the same names, so that a value can look like a graph
QUADS = st.lists(
    st.builds(Quad, NODES, st.one_of(PREDICATES, st.just(TYPE)), st.one_of(NODES, LITERALS), GRAPHS), max_size=12
)


@given(quads=QUADS)
def test_census_counts_each_triple_once(quads: list[Quad]) -> None:
    with TemporaryDirectory() as folder:
        census = SortedQuads.write([*quads, *quads], Path(folder, "data")).census
    once = {quad.triple for quad in quads}
    assert census.triples == len(once)
    assert census.subjects == len({triple.subject for triple in once})
    assert census.properties == Counter(triple.predicate.value for triple in once)
    things = Counter(t.object for t in once if t.predicate == TYPE)
    assert sorted(census.things.values()) == sorted(things.values())
    named = {node.value: count for node, count in things.items() if isinstance(node, NamedNode)}
    assert {iri: census.things[iri] for iri in named} == named
    assert census.digest == triples_hash(once)


@given(quads=QUADS)
def test_data_are_read_as_they_were_written(quads: list[Quad]) -> None:
    with TemporaryDirectory() as folder:
        data = SortedQuads.write(quads, Path(folder, "data"))
        found, merged, graphs = list(data.quads()), list(data.triples()), data.graphs
    once = set(quads)
    assert data.sha256 == dataset_hash(quads) == dataset_hash(found)
    assert len(found) == len(once)
    assert sorted(graphs.values()) == sorted(Counter(quad.graph_name for quad in once).values())
    assert len(merged) == len({quad.triple for quad in once})
    assert are_grouped([(quad.graph_name, quad.subject) for quad in found])
    assert are_grouped([triple.subject for triple in merged])


def are_grouped(keys: list[object]) -> bool:
    changes = 1 + sum(one != other for one, other in pairwise(keys))
    return not keys or changes == len(set(keys))


@given(quads=QUADS)
def test_line_is_split_into_its_terms(quads: list[Quad]) -> None:
    for quad in quads:
        (line,) = canonical_lines([quad])
        graph = b"" if isinstance(quad.graph_name, DefaultGraph) else str(quad.graph_name).encode()
        assert split_line(line)[3] == graph
        assert b" ".join(filter(None, split_line(line))) + b" .\n" == line
        value = serialize([Triple(NAMES[0], NAMES[0], quad.object)], format=RdfFormat.N_TRIPLES) or b""
        if not isinstance(quad.object, BlankNode):
            assert split_line(line)[2] == value.split(b" ", 2)[2][:-3]
