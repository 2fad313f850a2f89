"""All formats of tables together: what is read again is what was written."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import pytest
from hypothesis import given, settings
from pyoxigraph import Literal, NamedNode, Triple
from tests.exports.tables.graphs import GRAPHS, MISFITS, Held
from tests.exports.tables.reading import (
    Graph,
    Stated,
    parsed,
    read_csvw,
    read_graphml,
    read_neo4j,
    read_parquet,
    stated,
)
from tests.mounts import mounted

from jobgraph.errors import StorageError
from jobgraph.exports import Selection, read_profile
from jobgraph.exports.tables import LOSSES, TableFormat, losses_of, survey_selection, write_tables
from jobgraph.exports.tables.losses import NOT_XML
from jobgraph.exports.tables.things import Triples
from jobgraph.store import Home
from jobgraph.vocabulary import Vocabulary

EXAMPLES = int(os.environ.get("JOBGRAPH_TABLE_EXAMPLES", "60"))  # 2,000 were run once


def _unchanged(fact: Stated) -> Stated:
    return fact


def _as_xml_has_it(fact: Stated) -> Stated:
    return *fact[:2], NOT_XML.sub("\ufffd", fact[2]), *fact[3:]


def _as_neo4j_has_it(fact: Stated) -> Stated:
    return *fact[:2], fact[2].replace("\x1f", "\ufffd"), *fact[3:]


READ: dict[TableFormat, Callable[[Path], Graph]] = {
    "csv": read_csvw,
    "graphml": read_graphml,
    "neo4j": read_neo4j,
    "parquet": read_parquet,
}
LESS: dict[TableFormat, Callable[[Stated], Stated]] = {"graphml": _as_xml_has_it, "neo4j": _as_neo4j_has_it}
each_format = pytest.mark.parametrize("name", get_args(TableFormat))


def read_again(selection: Triples, name: TableFormat, vocabulary: Vocabulary) -> Graph:
    with TemporaryDirectory() as folder:
        write_tables(selection, name, Path(folder), vocabulary=vocabulary)
        return READ[name](Path(folder))


def lessened(graph: Graph, name: TableFormat) -> Graph:
    """The facts without what a format is known to lose."""
    kept = (fact for fact in graph if fact[2] or name != "neo4j")
    return frozenset(map(LESS.get(name, _unchanged), kept))


@each_format
@settings(max_examples=EXAMPLES)
@given(selection=GRAPHS)
def test_any_graph_is_read_again(name: TableFormat, small_vocabulary: Vocabulary, selection: Held) -> None:
    read = read_again(selection, name, small_vocabulary)
    assert lessened(read, name) == lessened(stated(selection.triples(), MISFITS), name)


@pytest.fixture(scope="module")
def sample(sample_home: Path, shipped_vocabulary: Vocabulary) -> Held:
    """All that a tenant of the sample has, and the ontology with its blank nodes."""
    tenant = Home(sample_home).tenant("alpine-therapeutics")
    generation = tenant.current()
    assert generation
    profile = read_profile("full", vocabulary=shipped_vocabulary, tenant=tenant)
    with generation.open() as store:
        return Held(list(Selection(store, generation, profile, vocabulary=shipped_vocabulary).triples()))


@pytest.fixture(scope="module")
def stated_in_sample(sample: Held) -> Graph:
    return stated(sample.triples())


@each_format
def test_sample_is_read_again(
    name: TableFormat, sample: Held, stated_in_sample: Graph, shipped_vocabulary: Vocabulary, tmp_path: Path
) -> None:
    write_tables(sample, name, tmp_path, vocabulary=shipped_vocabulary)
    assert READ[name](tmp_path) == stated_in_sample


@each_format
def test_same_triples_give_the_same_bytes(
    name: TableFormat, small_vocabulary: Vocabulary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    selection = Held(parsed(EVERYTHING))
    digests = []
    for folder, piece in ((tmp_path / "a", 1 << 20), (tmp_path / "b", 3)):
        monkeypatch.setattr("jobgraph.exports.tables.text_files._PIECE", piece)
        paths = write_tables(selection, name, folder, vocabulary=small_vocabulary)
        assert paths == sorted(folder.iterdir())
        digests.append([(path.name, sha256(path.read_bytes()).hexdigest()) for path in paths])
    assert digests[0] == digests[1]


EVERYTHING = """
@prefix jg: <https://w3id.org/jobgraph/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<urn:a> a jg:Team, jg:Old ; jg:motto "one", "two"@en ; jg:score 7.5, 8 ; jg:leads <urn:b>, <urn:gone> ; jg:on true .
<urn:b> a jg:Team ; jg:since "2025-01-31"^^xsd:date ; jg:score 1.25 .
<urn:c> a jg:Tool ; jg:page <https://example.org/> .
"""


@each_format
def test_selection_of_nothing_is_read_as_nothing(name: TableFormat, small_vocabulary: Vocabulary) -> None:
    assert read_again(Held([]), name, small_vocabulary) == frozenset()


@pytest.mark.parametrize(
    ("turtle", "lost"),
    [
        pytest.param("[] a jg:Team .", {"blank nodes": 1}, id="blank"),
        pytest.param("<urn:a> jg:score '1,5'^^xsd:decimal, 'x' .", {"datatypes of misfits": 1}, id="misfit"),
        pytest.param("<urn:a> jg:page <urn:é>, <urn:b> .", {"IRIs beyond ASCII": 1}, id="letters"),
        pytest.param("<urn:a> jg:motto '=1', '-1', 'a=1' ; jg:n -1 .", {"cells like formulas": 2}, id="formula"),
        pytest.param("<urn:a> jg:motto '\\u0001', 'é\\n\\t' .", {"characters that XML lacks": 1}, id="control"),
        pytest.param("<urn:a> jg:motto '\\u001f' .", {"characters that XML lacks": 1, "unit separators": 1}, id="unit"),
        pytest.param(
            "<urn:a> jg:motto '' . <urn:b> jg:motto 'x', 'y' .", {"lists of an empty text": 1}, id="empty_list"
        ),
        pytest.param("<urn:a> jg:motto '' .", {}, id="empty"),
        pytest.param("<urn:a> jg:motto 'x'@ar--rtl .", {"text directions": 1}, id="direction"),
        pytest.param(
            "<urn:a> jg:says <<( <urn:a> <urn:b> <urn:c> )>>, 1 .", {"statements about statements": 1}, id="triple"
        ),
    ],
)
def test_losses_are_counted(turtle: str, lost: dict[str, int], small_vocabulary: Vocabulary) -> None:
    prefixes = EVERYTHING[: EVERYTHING.index("<urn:a>")]
    unsaid = survey_selection(Held(parsed(prefixes + turtle)), small_vocabulary).unsaid
    assert {name: count for name, count in unsaid.items() if count and name != "statements"} == lost


def test_losses_are_told_in_words() -> None:
    assert losses_of("graphml", {"statements": 2, "unit separators": 1}) == {LOSSES["graphml"]["statements"]: 2}


def test_triples_in_disorder_are_refused(small_vocabulary: Vocabulary) -> None:
    a, b, p = NamedNode("urn:a"), NamedNode("urn:b"), NamedNode("urn:p")

    class Disorder:
        def triples(self) -> list[Triple]:
            return [Triple(a, p, b), Triple(b, p, a), Triple(a, p, Literal("late"))]

    with pytest.raises(ValueError, match="do not stand together"):
        survey_selection(Disorder(), small_vocabulary)


@each_format
def test_folder_that_cannot_be_made_is_said(name: TableFormat, small_vocabulary: Vocabulary, tmp_path: Path) -> None:
    tmp_path.joinpath("file").write_text("")
    with pytest.raises(StorageError, match="file"):
        write_tables(Held([]), name, tmp_path / "file" / "tables", vocabulary=small_vocabulary)


@each_format
def test_full_disk_is_said(
    name: TableFormat, small_vocabulary: Vocabulary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobgraph.exports.tables.parquet._WAITING", 2_000)
    texts = (sha256(f"{n}".encode()).hexdigest() for n in range(3_000))
    things = [Triple(NamedNode(f"urn:{text}"), NamedNode("urn:p"), Literal(text)) for text in texts]
    for size_kb in (4, 64, 256):
        with mounted(tmp_path, f"size={size_kb}k"), pytest.raises(StorageError, match="Free some space"):
            write_tables(Held(things), name, tmp_path / "tables", vocabulary=small_vocabulary)
