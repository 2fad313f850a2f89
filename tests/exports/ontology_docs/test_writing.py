from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.exports.ontology_docs.conftest import is_inert, read_pages

from jobgraph.errors import InputError, StorageError, UsageError
from jobgraph.exports.ontology_docs.reference import Reference
from jobgraph.exports.ontology_docs.terms import ordered_codes
from jobgraph.exports.ontology_docs.writing import write_ontology_docs
from jobgraph.vocabulary import Vocabulary

# A tenant's codes: two levels, a circle, and names that try to get out.
CODES = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix : <https://tenant.example/codes/> .
:list a skos:ConceptScheme ; rdfs:label "<script>alert(1)</script>"@en ; skos:definition "a \\" onload=x \\""@en .
:animal a skos:Concept ; skos:inScheme :list ; skos:notation "animal" ; rdfs:label "animal"@en .
:cat a skos:Concept ; skos:inScheme :list ; skos:notation "cat" ; rdfs:label "cat"@en ; skos:broader :animal ;
    skos:altLabel "<img src=x onerror=alert(1)>" .
:tiger a skos:Concept ; skos:inScheme :list ; skos:notation "tiger" ; rdfs:label "tiger"@en ; skos:broader :cat .
:ant a skos:Concept ; skos:inScheme :list ; skos:notation "ant" ; rdfs:label "ant"@en .
:animal skos:narrower :ant .
:x a skos:Concept ; skos:inScheme :list ; skos:notation "x" ; rdfs:label "x"@en ; skos:broader :y .
:y a skos:Concept ; skos:inScheme :list ; skos:notation "y" ; rdfs:label "y"@en ; skos:broader :x .
"""


@pytest.fixture
def extended(tmp_path: Path) -> Vocabulary:
    path = tmp_path / "codes.ttl"
    path.write_text(CODES, encoding="utf-8")
    return Vocabulary(extensions=[path])


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_ontology_gives_the_same_bytes_whatever_the_hash_seed(docs: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "jobgraph", "ontology", "docs", "--out", str(tmp_path / "again")]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "7"}, stdout=subprocess.DEVNULL)
    assert contents(tmp_path / "again") == contents(docs)


def test_older_reference_is_replaced_whole(tmp_path: Path, small_vocabulary: Vocabulary) -> None:
    folder = tmp_path / "new" / "docs"
    write_ontology_docs(folder, small_vocabulary)
    folder.joinpath("gone.html").write_text("x", encoding="utf-8")
    files = write_ontology_docs(folder, small_vocabulary)
    assert sorted(contents(folder)) == files
    assert [path.name for path in folder.parent.iterdir()] == ["docs"]


@pytest.mark.parametrize("is_page", [True, False], ids=["page_of_others", "another_file"])
def test_folder_with_something_else_is_left_alone(
    tmp_path: Path, small_vocabulary: Vocabulary, *, is_page: bool
) -> None:
    other = tmp_path / ("index.html" if is_page else "thesis.odt")
    other.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="holds something else; name a folder that is new or empty"):
        write_ontology_docs(tmp_path, small_vocabulary)
    assert contents(tmp_path) == {other.name: b"mine"}


def test_full_disk_leaves_the_older_reference(
    tmp_path: Path, small_vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "docs"
    write_ontology_docs(folder, small_vocabulary)
    before = contents(folder)

    def fail(path: Path, _content: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(StorageError, match="No space left on device"):
        write_ontology_docs(folder, small_vocabulary)
    assert contents(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["docs"]


def test_names_from_a_tenant_cannot_become_markup(tmp_path: Path, extended: Vocabulary) -> None:
    write_ontology_docs(tmp_path / "docs", extended)
    pages = read_pages(tmp_path / "docs")
    assert all(map(is_inert, pages.values()))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages["a-z.html"].html


def test_narrower_codes_follow_their_broader_one(extended: Vocabulary) -> None:
    start = "https://tenant.example/codes/"
    codes = [(iri.removeprefix(start), depth) for iri, depth in ordered_codes(Reference(extended), f"{start}list")]
    assert codes == [("animal", 0), ("ant", 1), ("cat", 1), ("tiger", 2), ("x", 0), ("y", 1)]


def test_broken_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "codes.ttl"
    path.write_text("<a> <b> oops .", encoding="utf-8")
    with pytest.raises(InputError, match=r"codes\.ttl, line 1"):
        write_ontology_docs(tmp_path / "docs", Vocabulary(extensions=[path]))
    assert not tmp_path.joinpath("docs").exists()
