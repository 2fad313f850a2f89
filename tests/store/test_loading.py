from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from pyoxigraph import Store
from tests.store.content import filled, many_quads

from jobgraph.errors import InputError, StorageError
from jobgraph.store import bulk_load, loading

GRAPH = "ex:graph"
QUADS = "<ex:a> <ex:b> <ex:1> <ex:g> .\n<ex:a> <ex:b> <ex:2> <ex:g> .\n"


def load(tmp_path: Path, *files: tuple[Path, str | None], name: str = "store", lenient: bool = False) -> list[str]:
    bulk_load(tmp_path / name, files, lenient=lenient)
    return sorted(map(str, Store.read_only(str(tmp_path / name))))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_quads_are_loaded(tmp_path: Path) -> None:
    file = write(tmp_path / "a.nq", QUADS)
    assert load(tmp_path, (file, None)) == [line.removesuffix(" .") for line in QUADS.splitlines()]


def test_no_file_makes_an_empty_store(tmp_path: Path) -> None:
    assert load(tmp_path) == []


def test_empty_file_is_loaded(tmp_path: Path) -> None:
    assert load(tmp_path, (write(tmp_path / "a.nq", ""), None)) == []


@pytest.mark.parametrize("block", [1, 100, 250, 5000, 1_000_000])
@pytest.mark.parametrize("lenient", [False, True])
def test_blocks_of_any_size_give_the_same_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, *, lenient: bool
) -> None:
    monkeypatch.setattr(loading, "_BLOCK_BYTES", block)
    lines = filled(many_quads(12)).splitlines(keepends=True)
    one = write(tmp_path / "one.nq", "".join(lines[:7]).rstrip("\n"))
    two = write(tmp_path / "two.nq", "".join(lines[6:]))
    loaded = load(tmp_path, (one, None), (two, None), lenient=lenient)
    assert loaded == sorted(line.removesuffix(" .\n") for line in lines)


@pytest.mark.parametrize("name", ["a.nq.gz", "a.nt.gz", "a.ttl.gz"])
def test_packed_file_is_loaded(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"<ex:a> <ex:b> <ex:1> ."))
    assert load(tmp_path, (path, None)) == ["<ex:a> <ex:b> <ex:1>"]


def test_triples_go_to_the_graph_that_they_came_with(tmp_path: Path) -> None:
    file = write(tmp_path / "a.ttl", "<ex:a> <ex:b> 1 .")
    assert load(tmp_path, (file, GRAPH)) == [f'<ex:a> <ex:b> "1"^^<http://www.w3.org/2001/XMLSchema#integer> <{GRAPH}>']


def test_blank_nodes_of_a_graph_are_the_same_each_time(tmp_path: Path) -> None:
    text = "<ex:a> <ex:b> [ <ex:c> [ <ex:d> 1 ] ] , [ <ex:c> 2 ] ."
    file = write(tmp_path / "a.ttl", text)
    assert load(tmp_path, (file, GRAPH)) == load(tmp_path, (file, GRAPH), (file, GRAPH), name="other")


def test_blank_nodes_of_two_files_are_different(tmp_path: Path) -> None:
    one = write(tmp_path / "a.ttl", "<ex:a> <ex:b> [ <ex:c> 1 ] .")
    two = write(tmp_path / "b.ttl", "<ex:a> <ex:b> [ <ex:c> 2 ] .")
    subjects = {quad.split()[0] for quad in load(tmp_path, (one, GRAPH), (two, GRAPH))}
    assert len(subjects) == 3


def test_blank_node_of_quads_is_one_node_in_the_whole_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_BLOCK_BYTES", 20)
    text = "<ex:a> <ex:b> _:x <ex:g> .\n" + QUADS + '_:x <ex:b> "a_:b" <ex:g> .\n'
    quads = load(tmp_path, (write(tmp_path / "a.nq", text), None))
    assert len({term for quad in quads for term in quad.split() if term.startswith("_:")}) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("_:a <ex:b> <ex:c> .", True, id="subject_at_the_start"),
        pytest.param("<ex:a> <ex:b> <ex:c> .\n_:a <ex:b> <ex:c> .", True, id="subject"),
        pytest.param("<ex:a> <ex:b>_:c .", True, id="without_space"),
        pytest.param('<ex:a> <ex:b> "c"_:g .', True, id="graph"),
        pytest.param("<ex:a> <ex:b>\t_:c .", True, id="tab"),
        pytest.param('<ex:a_:> <ex:b> "c_:d (_:e)" .', False, id="inside_of_texts"),
        pytest.param("", False, id="empty"),
    ],
)
@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 1000])
def test_blank_nodes_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, chunk: int, *, expected: bool
) -> None:
    monkeypatch.setattr(loading, "_CHUNK_BYTES", chunk)
    assert loading._has_blank_nodes(write(tmp_path / "a.nq", text)) is expected


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        pytest.param("a.nq", QUADS + "<ex:a> <ex:b .\n", 3, id="quads"),
        pytest.param("a.nq", QUADS + "<ex:a> <ex:b> <not an IRI> .\n", 3, id="iri"),
        pytest.param("a.nq", QUADS + "_:a <ex:b .\n", 3, id="blank_nodes"),
        pytest.param("a.ttl", "<ex:a>\n <ex:b> .", 2, id="turtle"),
    ],
)
@pytest.mark.parametrize("graph", [None, GRAPH])
def test_error_names_file_and_line(tmp_path: Path, name: str, text: str, line: int, graph: str | None) -> None:
    good, bad = write(tmp_path / "good.nq", QUADS), write(tmp_path / name, text)
    with pytest.raises(InputError, match=rf"{name}, line {line}: .*Correct the file"):
        load(tmp_path, (good, None), (bad, graph))


def test_error_in_a_packed_file_names_it(tmp_path: Path) -> None:
    path = tmp_path / "a.nq.gz"
    path.write_bytes(gzip.compress(b"<ex:a> <ex:b .\n"))
    with pytest.raises(InputError, match=r"a\.nq\.gz, line 1"):
        load(tmp_path, (path, None))


@pytest.mark.parametrize("cut", [slice(0, -12), slice(1, None), slice(0, 40)])
def test_file_that_cannot_be_unpacked_is_an_input_error(tmp_path: Path, cut: slice) -> None:
    path = tmp_path / "a.nq.gz"
    path.write_bytes(gzip.compress(filled(many_quads(100)).encode())[cut])
    with pytest.raises(InputError, match="cannot be unpacked"):
        load(tmp_path, (path, None))


@pytest.mark.parametrize("name", ["a.csv", "a", "a.gz"])
def test_unknown_suffix_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="is no RDF format"):
        load(tmp_path, (write(tmp_path / name, ""), None))


def test_missing_file_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"none\.nq: No such file"):
        load(tmp_path, (tmp_path / "none.nq", None))
