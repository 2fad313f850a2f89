from __future__ import annotations

import os
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store
from tests.store.content import NAMES

from jobgraph.errors import StorageError, UsageError
from jobgraph.store import count_by_graph, describe
from jobgraph.store.oxigraph import copy_store, seal

A = NamedNode("ex:a")


def test_sealed_store_holds_data_only_and_all_of_it(tmp_path: Path) -> None:
    Store(os.fspath(tmp_path / "s")).add(Quad(A, A, A))
    seal(tmp_path / "s")
    names = {path.name for path in tmp_path.joinpath("s").iterdir()}
    assert not {name for name in names if name.startswith("LO")}
    assert len(Store.read_only(os.fspath(tmp_path / "s"))) == 1


@pytest.mark.parametrize("count", [1, 20_000])
def test_flushed_store_is_sealed_as_it_is(count: int, tmp_path: Path) -> None:
    quads = [Quad(A, A, Literal(number), NamedNode(f"ex:{number % 3}")) for number in range(count)]
    store = Store(os.fspath(tmp_path / "s"))
    store.extend(quads)
    store.flush()
    del store
    before = {path.name for path in tmp_path.joinpath("s").iterdir()}
    seal(tmp_path / "s", is_flushed=True)
    left = {path.name for path in tmp_path.joinpath("s").iterdir()}
    assert {name for name in before - left if not name.startswith("LO") and not name.endswith(".log")} == set()
    assert not {name for name in left if name.startswith("LO") or name.endswith(".log")}
    copy_store(tmp_path / "s", tmp_path / "t")
    for place in ("s", "t"):
        assert set(Store.read_only(os.fspath(tmp_path / place))) == set(quads)
        assert set(Store(os.fspath(tmp_path / place))) == set(quads)


def test_sealed_store_that_was_not_opened_since_is_not_opened_to_be_sealed_again(tmp_path: Path) -> None:
    Store(os.fspath(tmp_path / "s")).add(Quad(A, A, A))
    seal(tmp_path / "s")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.joinpath("s").iterdir()}
    seal(tmp_path / "s")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.joinpath("s").iterdir()} == before


def test_sealing_an_open_store_is_a_storage_error(tmp_path: Path) -> None:
    store = Store(os.fspath(tmp_path / "s"))
    with pytest.raises(StorageError, match="open for writing"):
        seal(tmp_path / "s")
    assert len(store) == 0


def test_copy_works_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, target: Path) -> None:
        raise OSError(f"no link from {target} to {path}")

    Store(os.fspath(tmp_path / "s")).bulk_extend([Quad(A, A, A)])
    seal(tmp_path / "s")
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    copy_store(tmp_path / "s", tmp_path / "t")
    assert [path.stat().st_nlink for path in tmp_path.joinpath("t").iterdir() if path.stat().st_nlink > 1] == []
    assert list(Store.read_only(os.fspath(tmp_path / "t"))) == [Quad(A, A, A)]


def test_counts_come_by_graph(store: Store) -> None:
    assert count_by_graph(store) == {NAMES.asserted: 2, NAMES.inferred: 1, NAMES.metadata: 1, NAMES.shared: 1}


def test_empty_store_has_no_counts() -> None:
    assert count_by_graph(Store()) == {}


def test_description_has_what_starts_and_what_ends_there(store: Store) -> None:
    description = describe(store, "ex:high", NAMES)
    assert [str(triple) for triple in description.outgoing] == ['<ex:high> <ex:label> "hoch"@de']
    assert [str(triple) for triple in description.incoming] == ["<ex:job> <ex:level> <ex:high>"]


@pytest.mark.parametrize("iri", ["ex:run", "ex:unknown"])
def test_description_of_what_the_merged_graphs_do_not_know_is_empty(store: Store, iri: str) -> None:
    description = describe(store, iri, NAMES)
    assert (description.outgoing, description.incoming) == ([], [])


def test_description_keeps_to_its_limit(store: Store) -> None:
    assert len(describe(store, "ex:job", NAMES, limit=2).outgoing) == 2


@pytest.mark.parametrize("iri", ["", "job", "ex:a b", "<ex:a>"])
def test_description_of_what_is_no_iri_is_refused(store: Store, iri: str) -> None:
    with pytest.raises(UsageError, match="is no IRI"):
        describe(store, iri, NAMES)
