from __future__ import annotations

import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad
from tests.exports.quads import GRAPHS, NODES, QUADS

from jobgraph.errors import InputError, JobgraphError, RefusedError
from jobgraph.exports.canonical import dataset_hash
from jobgraph.exports.differences import iter_changed_things
from jobgraph.exports.patch_application import apply_to_quads
from jobgraph.exports.patches import Patch, PatchHeader, read_patch, write_patch
from jobgraph.exports.sorted_data import SortedQuads

QUAD_SETS = st.frozensets(QUADS, max_size=12)
BLANK = st.sampled_from([*(NamedNode(f"urn:{name}") for name in "ab"), *(BlankNode(f"x{n}") for n in range(3))])
BLANK_SETS = st.frozensets(st.one_of(st.builds(Quad, BLANK, NODES, BLANK, GRAPHS), QUADS), max_size=8)
NODE = NamedNode("urn:n")
ONE, TWO, THREE = (Quad(NODE, NODE, Literal(text)) for text in "123")


def sorted_quads(quads: frozenset[Quad], path: Path) -> SortedQuads:
    return SortedQuads.write(quads, path)


def patch_between(old: SortedQuads, new: SortedQuads) -> Patch:
    output = io.BytesIO()
    things = iter_changed_things(old.lines(), new.lines())
    write_patch(PatchHeader(new.sha256, old.sha256), (line for thing in things for line in thing.lines()), output)
    return read_patch(io.BytesIO(output.getvalue()))


@given(old=QUAD_SETS, new=QUAD_SETS)
def test_what_a_patch_makes_of_the_old_is_the_new(old: frozenset[Quad], new: frozenset[Quad]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        before, after = sorted_quads(old, folder / "old"), sorted_quads(new, folder / "new")
        result = apply_to_quads(before, patch_between(before, after), folder / "result")
        assert result.path.read_bytes() == after.path.read_bytes()
        assert set(result.quads()) == new
        assert result.sha256 == dataset_hash(new)


@given(old=BLANK_SETS, new=BLANK_SETS)
def test_blank_nodes_come_out_as_they_should_by_whatever_label(old: frozenset[Quad], new: frozenset[Quad]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        before, after = sorted_quads(old, folder / "old"), sorted_quads(new, folder / "new")
        result = apply_to_quads(before, patch_between(before, after), folder / "result")
        assert dataset_hash(result.quads()) == dataset_hash(new) == result.sha256


@given(old=QUAD_SETS, new=QUAD_SETS, other=QUAD_SETS)
def test_a_patch_for_another_data_set_is_refused(
    old: frozenset[Quad], new: frozenset[Quad], other: frozenset[Quad]
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        before, after, third = (sorted_quads(q, folder / str(i)) for i, q in enumerate((old, new, other)))
        if before.sha256 == third.sha256:
            return
        with pytest.raises(RefusedError, match="The patch is for the data set"):
            apply_to_quads(third, patch_between(before, after), folder / "result")
        assert not (folder / "result").exists()


@given(old=QUAD_SETS, new=QUAD_SETS)
def test_changes_are_sorted_by_thing_and_say_what_left(old: frozenset[Quad], new: frozenset[Quad]) -> None:
    with TemporaryDirectory() as name:
        before, after = sorted_quads(old, Path(name, "old")), sorted_quads(new, Path(name, "new"))
        things = list(iter_changed_things(before.lines(), after.lines()))
    subjects = {quad.subject for quad in old ^ new}
    assert [thing.subject for thing in things] == sorted(subjects, key=lambda node: f"{node} ".encode())
    left = {thing.subject for thing in things if not thing.after}
    assert left == {quad.subject for quad in old} - {quad.subject for quad in new}


@pytest.mark.parametrize(
    ("changes", "id_of", "problem"),
    [
        pytest.param([("D", THREE)], {ONE, TWO}, "deletes what is not there", id="not_there"),
        pytest.param([("A", ONE)], {ONE, TWO}, "adds what is there already", id="there"),
        pytest.param([("A", THREE), ("D", THREE)], {ONE, TWO}, "adds and deletes", id="both"),
        pytest.param([("A", THREE)], {ONE, TWO}, "leads to a data set with the hash", id="another_result"),
    ],
)
def test_a_patch_that_does_not_fit_leaves_nothing(
    tmp_path: Path, changes: list[tuple[str, Quad]], id_of: set[Quad], problem: str
) -> None:
    base = sorted_quads(frozenset({ONE, TWO}), tmp_path / "base")
    lines = [f"{kind} {quad} .\n" for kind, quad in changes]
    head = f"H id <urn:sha256:{dataset_hash(id_of)}> .\nH prev <urn:sha256:{base.sha256}> .\nTX .\n"
    patch = read_patch(io.BytesIO("".join([head, *lines, "TC .\n"]).encode()))
    with pytest.raises(InputError, match=problem):
        apply_to_quads(base, patch, tmp_path / "result")
    assert [path.name for path in tmp_path.iterdir()] == ["base"]


def test_a_patch_that_is_cut_off_leaves_nothing(tmp_path: Path) -> None:
    base = sorted_quads(frozenset({ONE}), tmp_path / "base")
    text = f"H id <urn:sha256:{'0' * 64}> .\nH prev <urn:sha256:{base.sha256}> .\nTX .\nA {TWO} .\n"
    with pytest.raises(JobgraphError, match="has no end"):
        apply_to_quads(base, read_patch(io.BytesIO(text.encode())), tmp_path / "result")
    assert not (tmp_path / "result").exists()
