from __future__ import annotations

import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad
from tests.exports.graphs import DATA

from jobgraph.errors import InputError
from jobgraph.exports.canonical import canonical_lines, dataset_hash, triples_hash

LINK = NamedNode("urn:p")


def node(name: object) -> BlankNode:
    return BlankNode(f"n{name}")


def links(pairs: list[tuple[object, object]]) -> list[Quad]:
    return [Quad(node(one), LINK, node(other)) for one, other in pairs]


@given(DATA)
def test_lines_are_those_of_the_whole_data_set_in_order(quads: list[Quad]) -> None:
    whole = Dataset(quads)
    whole.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    assert [line.decode() for line in canonical_lines(quads)] == sorted(
        f"{line}\n" for line in str(whole).split("\n")[:-1]
    )


@given(DATA, st.randoms(use_true_random=False))
def test_hash_does_not_hang_on_order_repeats_and_labels(quads: list[Quad], chance: random.Random) -> None:
    labels = dict.fromkeys(term for quad in quads for term in quad if isinstance(term, BlankNode))
    names = dict(zip(labels, map(node, chance.sample(range(100), len(labels))), strict=True))
    renamed = [Quad(*(names.get(term, term) for term in quad)) for quad in quads]
    again = renamed + renamed[:2]
    chance.shuffle(again)
    assert dataset_hash(again) == dataset_hash(quads)


@given(DATA, st.data())
def test_hash_tells_a_data_set_from_one_with_a_quad_less(quads: list[Quad], data: st.DataObject) -> None:
    if quads:
        gone = data.draw(st.sampled_from(quads))
        assert dataset_hash(quad for quad in quads if quad != gone) != dataset_hash(quads)


def test_hash_is_that_of_the_canonical_document() -> None:
    quads = [Quad(node(1), LINK, Literal("a\u007f\t")), Quad(LINK, LINK, node(1))]
    document = b'<urn:p> <urn:p> _:c14n0 .\n_:c14n0 <urn:p> "a\\u007F\\t" .\n'
    assert dataset_hash(quads) == hashlib.sha256(document).hexdigest()
    assert triples_hash(quad.triple for quad in quads) == dataset_hash(quads)


@pytest.mark.parametrize(
    "pairs",
    [
        pytest.param([(one, other) for one in range(20) for other in range(20) if one != other], id="all_to_all"),
        pytest.param([(f"root{star}", f"{star} {leaf}") for star in "ab" for leaf in range(12)], id="two_stars"),
        pytest.param([(one, one ^ (1 << bit)) for one in range(64) for bit in range(6)], id="cube"),
        pytest.param([(one, (one + 1) % 1_000) for one in range(1_000)], id="long_ring"),
    ],
)
def test_blank_nodes_that_cannot_be_told_apart_in_useful_time_are_refused(pairs: list[tuple[object, object]]) -> None:
    pairs = [(str(one).replace(" ", "x"), str(other).replace(" ", "x")) for one, other in pairs]
    with pytest.raises(InputError, match="so alike"):
        dataset_hash(links(pairs))


@pytest.mark.parametrize(
    "quads",
    [
        pytest.param(links([(one, (one + 1) % 100) for one in range(100)]), id="ring"),
        pytest.param(links([("root", leaf) for leaf in range(1_000)]), id="star"),
        pytest.param(
            [
                quad
                for one in range(500)
                for quad in (Quad(node(one), LINK, Literal(str(one))), *links([(one, one + 1)]))
            ],
            id="chain_of_what_differs",
        ),
    ],
)
def test_blank_nodes_in_a_row_or_around_one_have_a_hash(quads: list[Quad]) -> None:
    assert dataset_hash(quads) == dataset_hash(reversed(quads))
