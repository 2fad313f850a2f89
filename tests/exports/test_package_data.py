from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, NamedNode, Quad, Store, Triple
from tests.exports.graphs import LITERALS, PREDICATES

from jobgraph.exports.canonical import triples_hash
from jobgraph.exports.package_data import compression_of, iter_stored, take_census
from jobgraph.vocabulary import RDF

TYPE = NamedNode(RDF + "type")
NODES = st.sampled_from(
    [NamedNode("urn:a"), NamedNode("urn:ab"), NamedNode("urn:a/b c".replace(" ", "_")), BlankNode("x")]
)
TRIPLES = st.lists(
    st.builds(Triple, NODES, st.one_of(PREDICATES, st.just(TYPE)), st.one_of(NODES, LITERALS)), max_size=12
)


@given(triples=TRIPLES)
def test_census_counts_each_triple_once(triples: list[Triple]) -> None:
    census, once = take_census([*triples, *triples]), set(triples)
    assert census.triples == len(once)
    assert census.subjects == len({triple.subject for triple in once})
    assert census.properties == Counter(triple.predicate.value for triple in once)
    things = Counter(t.object for t in once if t.predicate == TYPE)
    assert sorted(census.things.values()) == sorted(things.values())
    named = {node.value: count for node, count in things.items() if isinstance(node, NamedNode)}
    assert {iri: census.things[iri] for iri in named} == named
    assert census.digest == triples_hash(triples)


@given(triples=TRIPLES)
def test_stored_quads_pass_on_and_stay(triples: list[Triple]) -> None:
    store, quads = Store(), [Quad(t.subject, t.predicate, t.object) for t in triples]
    assert list(iter_stored(quads, store)) == quads
    assert len(store) <= len(set(quads))


def test_packing_follows_from_the_name() -> None:
    names = {"data/graph.nq": "none", "data/graph.nq.gz": "gzip", "data/graph.nq.zst": "zstd"}
    assert {name: compression_of(name) for name in names} == names
