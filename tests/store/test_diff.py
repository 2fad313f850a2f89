from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, Quad, Store
from tests.store.content import NAMES, Publish, many_quads, quads_in

from jobgraph.errors import InputError
from jobgraph.store import Generation, Tenant, apply_patch, count_changes, iter_patch
from jobgraph.store.diff import iter_changes

OLD = """
    <ex:a> <ex:p> "kept\\nin two lines . " {asserted} .
    <ex:a> <ex:p> "gone" {asserted} .
    <ex:a> <ex:q> _:node {shared} .
    <ex:a> <ex:p> <ex:b> {metadata} .
"""
NEW = """
    <ex:a> <ex:p> "kept\\nin two lines . " {asserted} .
    <ex:a> <ex:p> "new \\u0085 \\u2028 \\"x\\""@en-GB {asserted} .
    <ex:a> <ex:p> "12.5"^^<http://www.w3.org/2001/XMLSchema#decimal> {inferred} .
    <ex:a> <ex:q> _:node {shared} .
"""
HEAD = ["TX ."]
NODES = st.sampled_from([NamedNode(f"ex:{letter}") for letter in "abcd"])
STORES = st.lists(st.builds(Quad, NODES, NODES, NODES, NODES), max_size=30)


def canonical(quads: list[Quad]) -> str:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return "".join(sorted(f"{quad} .\n" for quad in dataset))


def content(generation: Generation) -> str:
    with generation.open() as store:
        return canonical(list(store))


def test_patch_makes_the_new_generation_of_the_old(tenant: Tenant, publish: Publish) -> None:
    old, new = publish(OLD), publish(NEW)
    patch = list(iter_patch(old, new))
    tenant.rollback(old.number)
    with tenant.begin(copy=True) as draft:
        apply_patch(Store(os.fspath(draft.store_path)), patch)
        patched = draft.publish({})
    assert content(patched) == content(new)


def test_patch_has_the_lines_of_an_rdf_patch(publish: Publish) -> None:
    head, *body, end = iter_patch(publish("<ex:a> <ex:b> <ex:1> {asserted} ."), publish(""))
    assert head.startswith("H id <urn:uuid:")
    assert (body, end) == (["TX .", f"D <ex:a> <ex:b> <ex:1> <{NAMES.asserted}> ."], "TC .")


def test_patch_of_the_same_two_generations_has_the_same_name(publish: Publish) -> None:
    old, new = publish(OLD), publish(NEW)
    assert next(iter_patch(old, new)) == next(iter_patch(old, new)) != next(iter_patch(new, old))


def test_changes_are_counted_by_graph(publish: Publish) -> None:
    old, new = publish(OLD.replace("_:node", "<ex:n>")), publish(NEW.replace("_:node", "<ex:n>"))
    assert count_changes(old, new) == {
        NAMES.asserted: {"added": 1, "deleted": 1},
        NAMES.inferred: {"added": 1, "deleted": 0},
        NAMES.metadata: {"added": 0, "deleted": 1},
    }


def test_same_content_has_no_changes(publish: Publish) -> None:
    text = many_quads(3000)
    assert count_changes(publish(text), publish("".join(reversed(text.splitlines(keepends=True))))) == {}


def test_changes_at_both_ends_are_found(publish: Publish) -> None:
    lines = many_quads(3000).splitlines(keepends=True)
    old, new = publish("".join(lines[:-5])), publish("".join(lines[5:]))
    assert count_changes(old, new) == {NAMES.asserted: {"added": 5, "deleted": 5}}


@given(old=STORES, new=STORES)
def test_changes_of_any_two_stores_lead_from_one_to_the_other(old: list[Quad], new: list[Quad]) -> None:
    one, two = Store(), Store()
    one.extend(old)
    two.extend(new)
    apply_patch(one, [*HEAD, *(f"{kind} {quad} ." for kind, quad in iter_changes(one, two)), "TC ."])
    assert set(one) == set(two)


def test_patch_applied_twice_changes_nothing_more(publish: Publish) -> None:
    old, new = publish(OLD), publish(NEW)
    patch, store = list(iter_patch(old, new)), Store()
    with old.open() as source:
        store.extend(source)
    assert apply_patch(store, patch) == apply_patch(store, patch) == {"added": 3, "deleted": 3}
    assert sorted(map(str, store)) == quads_in(new)


def test_patch_may_have_empty_lines_and_line_ends() -> None:
    store = Store()
    apply_patch(store, ["H id <urn:x> .\n", "\n", "TX .\r\n", "A <ex:a> <ex:b> <ex:c> .\n", "TC .\n"])
    assert list(map(str, store)) == ["<ex:a> <ex:b> <ex:c>"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        pytest.param(["A <ex:a> <ex:b> <ex:c> ."], "has no end", id="cut_off"),
        pytest.param([], "has no end", id="empty"),
        pytest.param(["TX .", "B <ex:a> ."], "no valid line 2", id="unknown_line"),
        pytest.param(["TX .", "A <ex:a> <ex:b> <ex:c> .", "A <ex:a> <ex:b ."], "quad in line 3", id="broken_quad"),
        pytest.param(["A <ex:a> <ex:b> <ex:c> . <ex:d> <ex:e> <ex:f> .", "TC ."], "quad in line 1", id="two_quads"),
    ],
)
def test_patch_that_is_broken_is_refused(lines: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        apply_patch(Store(), lines)
