from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pyoxigraph import Literal, NamedNode, Quad
from tests.exports.packages import (
    NQUADS,
    copied,
    make_package,
    manifest_of,
    problem_of,
    quads_of,
    resealed,
    thing,
    verified,
    with_data,
)

from jobgraph.exports.archive import write_zip
from jobgraph.exports.manifest import MANIFEST, SIGNATURE
from jobgraph.exports.profile import FORMAT_NAMES, Profile
from jobgraph.exports.signing import PublicKey, create_key, read_signing_key
from jobgraph.vocabulary import JG, RDF, RDFS, XSD

ALL = FORMAT_NAMES


@pytest.fixture(scope="module")
def key(folder: Path) -> PublicKey:
    return create_key(folder / "our.key")


@pytest.fixture(scope="module")
def signed(folder: Path, sample_home: Path, profile: Profile, key: PublicKey) -> Path:
    signing_key = read_signing_key(folder / "our.key")
    assert signing_key.public == key
    make_package(sample_home, profile, folder / "signed", formats=ALL, signing_key=signing_key)
    return folder / "signed"


@pytest.fixture(scope="module")
def plain(folder: Path, sample_home: Path, profile: Profile) -> Path:
    """A package with N-Quads alone, without a signature."""
    make_package(sample_home, profile, folder / "plain")
    return folder / "plain"


@pytest.fixture
def package(plain: Path, tmp_path: Path) -> Path:
    """A package to spoil."""
    return copied(plain, tmp_path / "package")


def test_sound_package_holds_what_it_says(signed: Path, key: PublicKey) -> None:
    found = verified(signed, key=key)
    assert found.checks[1] == f"signature: good, made with {key.name}"
    assert [line.partition(":")[0] for line in found.checks] == [
        "files",
        "signature",
        "policy",
        "data",
        "description",
        "profile",
        "copies",
        "contract",
    ]


def test_zip_of_a_package_is_that_package(signed: Path, key: PublicKey, tmp_path: Path) -> None:
    with (tmp_path / "package.zip").open("wb") as output:
        write_zip(signed, output)
    assert verified(tmp_path / "package.zip", key=key).checks == verified(signed, key=key).checks


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_packed_data_hold_too(
    sample_home: Path, profile: Profile, plain: Path, tmp_path: Path, compression: str
) -> None:
    made = make_package(sample_home, profile, tmp_path / "package", compression=compression, formats=("nquads", "csv"))
    assert made.hashes == manifest_of(plain).hashes
    assert problem_of(tmp_path / "package") == ""


def test_one_flipped_byte_anywhere_is_found(signed: Path, key: PublicKey) -> None:
    chance = random.Random(7)
    for path in sorted(path for path in signed.rglob("*") if path.is_file()):
        sound = path.read_bytes()
        for place in {0, len(sound) - 1, *(chance.randrange(len(sound)) for _ in range(3))}:
            spoiled = bytearray(sound)
            spoiled[place] ^= 1 << chance.randrange(8)
            path.write_bytes(spoiled)
            assert problem_of(signed, key=key), f"{path.name} at {place}"
        path.write_bytes(sound)
    assert problem_of(signed, key=key) == ""


def test_flipped_byte_in_a_manifest_is_found_without_a_signature(package: Path) -> None:
    sound = (package / MANIFEST).read_bytes()
    for place in range(0, len(sound), 97):
        spoiled = bytearray(sound)
        spoiled[place] ^= 1
        (package / MANIFEST).write_bytes(spoiled)
        assert problem_of(package), f"at {place}: {sound[place - 20 : place + 20]!r}"


def test_missing_file_is_named(signed: Path, key: PublicKey, tmp_path: Path) -> None:
    spoiled = copied(signed, tmp_path / "package")
    for name in (*manifest_of(signed).files, MANIFEST, SIGNATURE):
        (spoiled / name).rename(tmp_path / "aside")
        assert f"lacks the file {name}" in problem_of(spoiled, key=key)
        (tmp_path / "aside").rename(spoiled / name)


def test_file_too_many_is_named(package: Path) -> None:
    (package / "data" / "more.nq").touch()
    assert "has a file too many, data/more.nq" in problem_of(package)


@pytest.mark.parametrize("name", ["contract/shapes.ttl", "description.ttl", "policy.ttl", "profile.ttl"])
def test_part_that_every_package_has_cannot_be_left_out(package: Path, name: str) -> None:
    (package / name).unlink()
    facts = manifest_of(package)
    left = {each: file for each, file in facts.files.items() if each != name}
    (package / MANIFEST).write_bytes(facts.model_copy(update={"files": left}).sealed().to_bytes())
    assert f"lacks the file {name}" in problem_of(package)


def test_signature_of_another_is_no_signature(
    signed: Path, key: PublicKey, package: Path, tmp_path: Path, folder: Path
) -> None:
    foreign = create_key(tmp_path / "foreign.key")
    assert "was signed with another key" in problem_of(signed, key=foreign)
    assert "is not signed" in problem_of(package, key=key)
    resealed(package, lambda facts: facts.update(signed_by=key.name))
    other = read_signing_key(tmp_path / "foreign.key")
    (package / SIGNATURE).write_bytes(other.sign((package / MANIFEST).read_bytes()))
    assert "has a signature that does not fit" in problem_of(package, key=key)
    (package / SIGNATURE).write_bytes(bytes(65))
    assert "65 bytes" in problem_of(package, key=key)
    (package / SIGNATURE).write_bytes(read_signing_key(folder / "our.key").sign((package / MANIFEST).read_bytes()))
    assert problem_of(package, key=key) == ""


def test_signature_without_a_key_to_check_it_is_not_called_good(signed: Path) -> None:
    assert "not checked" in verified(signed).checks[1]


@pytest.mark.parametrize(
    ("today", "problem"),
    [
        (date(2025, 12, 31), "holds from 2026-01-01 on only"),
        (date(2026, 1, 1), ""),
        (date(2099, 12, 31), ""),
        (date(2100, 1, 1), "ended on 2099-12-31"),
    ],
)
def test_policy_must_hold_today(plain: Path, today: date, problem: str) -> None:
    found = problem_of(plain, today=today)
    assert problem in found
    assert bool(problem) == bool(found)


def set_in(*path: str, to: object) -> Callable[[dict[str, Any]], None]:
    def change(facts: dict[str, Any]) -> None:
        for step in path[:-1]:
            facts = facts[step]
        facts[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (set_in("hashes", "dataset", to="0" * 64), "another canonical hash"),
        (set_in("hashes", "triples", to="0" * 64), "another canonical hash"),
        (set_in("counts", "triples", to=1), "counts are not those stated"),
        (set_in("counts", "subjects", to=1), "counts are not those stated"),
        (set_in("counts", "things", f"{JG}Job", to=1), "counts are not those stated"),
        (set_in("counts", "properties", f"{JG}hasOutcome", to=1), "counts are not those stated"),
        (set_in("counts", "graphs", to={}), "counts by graph are not those stated"),
        (set_in("findings", "package", "violation", to=3), "breaks its contract otherwise"),
        (set_in("profile", "iri", to="https://partner.example/other"), "states the profile"),
        (set_in("graphs", "asserted", to="https://partner.example/g"), "does not let out"),
        (set_in("package", to="9"), "is of version 9"),
        (set_in("files", "../out", to={"size": 1, "sha256": "0" * 64, "media_type": ""}), "lacks the file ../out"),
        (set_in("signed_by", to="ed25519:" + "0" * 64), f"lacks the file {SIGNATURE}"),
    ],
)
def test_manifest_that_lies_is_found(package: Path, change: Callable[[dict[str, Any]], None], problem: str) -> None:
    resealed(package, change)
    assert problem in problem_of(package)


def test_what_a_package_says_does_not_steer_the_terminal(package: Path) -> None:
    resealed(package, set_in("profile", "iri", to="https://partner.example/\x1b[31m\u202e\n"))
    assert "\\x1b[31m\\u202e\\n" in problem_of(package)


@pytest.mark.parametrize(
    "text",
    [b"", b"{}", b"[]", b"null", b"\xff", b'{"package": "1"}', b"[" * 100_000],
    ids=["empty", "object", "list", "null", "bytes", "short", "deep"],
)
def test_manifest_that_is_none_is_found(package: Path, text: bytes) -> None:
    (package / MANIFEST).write_bytes(text)
    assert "has a manifest that is none" in problem_of(package)


def test_field_given_twice_is_found(package: Path) -> None:
    text = (package / MANIFEST).read_text()
    (package / MANIFEST).write_text(text.replace("{\n", '{\n  "tenant": "other",\n', 1))
    assert "not as it was written" in problem_of(package)


def in_graph(kind: str, *terms: Any) -> Callable[[Path], Quad]:
    def make(folder: Path) -> Quad:
        subject, predicate, value = (term(folder) if callable(term) else term for term in terms)
        return Quad(subject, predicate, value, NamedNode(manifest_of(folder).graphs.get(kind, kind)))

    return make


def job(folder: Path) -> NamedNode:
    return thing(folder, "Job")


def outcome(folder: Path) -> NamedNode:
    return thing(folder, "Outcome")


STRANGER = NamedNode("https://jobgraph.example/id/persona/1")
TYPE, LABEL, CREATED = NamedNode(RDF + "type"), NamedNode(RDFS + "label"), NamedNode("http://purl.org/dc/terms/created")
TEXT = Literal("secret")
HALF, THIRD = (Literal(text, datatype=NamedNode(XSD + "decimal")) for text in ("7.5", "7.3"))
MOMENT = Literal("2026-01-02T03:04:05Z", datatype=NamedNode(XSD + "dateTime"))


@pytest.mark.parametrize(
    ("stray", "reason"),
    [
        pytest.param(in_graph("asserted", job, NamedNode(f"{JG}notes"), TEXT), "a property", id="property"),
        pytest.param(in_graph("asserted", job, NamedNode(f"{JG}importanceScore"), HALF), "a property", id="of_another"),
        pytest.param(in_graph("asserted", STRANGER, LABEL, TEXT), "whose class does not leave", id="thing"),
        pytest.param(
            in_graph("asserted", STRANGER, TYPE, NamedNode(f"{JG}Persona")), "whose class does not leave", id="class"
        ),
        pytest.param(
            in_graph("asserted", job, TYPE, NamedNode(f"{JG}Persona")), "a class that does not leave", id="class_added"
        ),
        pytest.param(in_graph("asserted", job, NamedNode(f"{JG}hasOutcome"), STRANGER), "a link", id="link"),
        pytest.param(in_graph("https://other.example/g", job, LABEL, TEXT), "in the graph", id="graph"),
        pytest.param(in_graph(JG, job, LABEL, TEXT), "in the graph", id="graph_of_the_ontology"),
        pytest.param(in_graph("asserted", job, CREATED, MOMENT), "not masked", id="date"),
        pytest.param(
            in_graph("asserted", outcome, NamedNode(f"{JG}importanceScore"), THIRD), "not masked", id="number"
        ),
    ],
)
def test_what_the_profile_does_not_let_out_is_found(
    package: Path, profile: Profile, stray: Callable[[Path], Quad], reason: str
) -> None:
    with_data(package, [*quads_of(package), stray(package)], profile)
    found = problem_of(package)
    assert "has what its profile does not let out" in found
    assert reason in found


def test_what_the_profile_lets_out_is_no_stray(package: Path, profile: Profile) -> None:
    with_data(package, quads_of(package)[:-1], profile)
    assert "does not let out" not in problem_of(package)


def test_data_that_break_the_contract_are_found(package: Path, profile: Profile) -> None:
    second = in_graph("asserted", job, LABEL, TEXT)(package)
    with_data(package, [*quads_of(package), second], profile)
    assert "breaks its contract otherwise than stated: 1 violation" in problem_of(package)


def test_data_that_do_not_parse_are_named(package: Path) -> None:
    (package / NQUADS).write_bytes(b"no quads\n")
    resealed(package)
    assert f"in {NQUADS}, line 1" in problem_of(package)


def test_other_policy_than_that_of_the_profile_is_found(package: Path) -> None:
    path = package / "policy.ttl"
    path.write_text(path.read_text().replace("2099-12-31", "2199-12-31"))
    resealed(package)
    assert "has a policy that is not that of its profile" in problem_of(package)


def test_description_that_counts_otherwise_is_found(package: Path) -> None:
    path = package / "description.ttl"
    count = manifest_of(package).counts.triples
    path.write_text(path.read_text().replace(f"void:triples {count}", f"void:triples {count + 1}"))
    resealed(package)
    assert f"does not count {count} triples" in problem_of(package)


def test_query_of_a_contract_cannot_call_out(package: Path) -> None:
    path = package / "contract" / "shapes.ttl"
    shape = f"""
        <urn:calls> a sh:NodeShape ; sh:targetClass <{JG}Job> ; sh:sparql [ a sh:SPARQLConstraint ;
            sh:select "SELECT $this {{ SERVICE <http://127.0.0.1:9/> {{ ?s ?p ?o }} }}" ] ."""
    path.write_text(path.read_text() + shape)
    resealed(package)
    assert "SERVICE" in problem_of(package)


def packed(package: Path, content: bytes, *, stated: int) -> None:
    (package / NQUADS).rename(package / f"{NQUADS}.gz")
    (package / f"{NQUADS}.gz").write_bytes(gzip.compress(content))

    def change(facts: dict[str, Any]) -> None:
        facts["files"][f"{NQUADS}.gz"]["content"] = {"size": stated, "sha256": "0" * 64}

    facts = manifest_of(package)
    files = {name if name != NQUADS else f"{NQUADS}.gz": file for name, file in facts.files.items()}
    (package / MANIFEST).write_bytes(facts.model_copy(update={"files": files}).sealed().to_bytes())
    resealed(package, change)


@pytest.mark.parametrize(
    ("stated", "problem"), [(100, "has more in data/graph.nq.gz"), (100_000_000, "as a bomb does")]
)
def test_packed_bomb_is_found(package: Path, stated: int, problem: str) -> None:
    packed(package, bytes(100_000_000), stated=stated)
    assert problem in problem_of(package)


def test_document_type_in_xml_is_found(sample_home: Path, profile: Profile, tmp_path: Path) -> None:
    folder = tmp_path / "package"
    make_package(sample_home, profile, folder, formats=("rdfxml",))
    path = folder / "data" / "graph.rdf"
    entities = '<!DOCTYPE rdf:RDF [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    path.write_text(path.read_text().replace("<rdf:RDF", f"{entities}<rdf:RDF", 1))
    resealed(folder)
    assert "has a document type" in problem_of(folder)


def test_tables_alone_are_not_called_checked(sample_home: Path, profile: Profile, tmp_path: Path) -> None:
    make_package(sample_home, profile, tmp_path / "package", formats=("csv",))
    found = verified(tmp_path / "package")
    assert found.data is None
    assert "only hashes checked" in found.checks[-1]


STRAYS: list[tuple[str, bytes, bytes]] = [
    ("data/graph.compact.jsonld", b'"@graph":[', b'"@graph":[{"@id":"urn:stray","label":"stray"},'),
    ("data/graph.framed.jsonld", b'"@graph":[', b'"@graph":[{"@id":"urn:stray","label":"stray"},'),
    ("data/graph.graphml", b"</graph>", b'<node id="urn:stray"/></graph>'),
    ("tables/job.csv", b"\r\n", b"\r\nurn:stray\r\n"),
    ("tables/metadata.json", b'"tables"', b'"notes": ["stray"], "tables"'),
]


@pytest.mark.parametrize(("name", "old", "new"), STRAYS, ids=[name for name, _, _ in STRAYS])
def test_stray_in_a_file_that_is_no_plain_rdf_is_found(
    signed: Path, tmp_path: Path, name: str, old: bytes, new: bytes
) -> None:
    spoiled = copied(signed, tmp_path / "package")
    sound = (spoiled / name).read_bytes()
    assert old in sound
    (spoiled / name).write_bytes(sound.replace(old, new, 1))
    resealed(spoiled, lambda facts: facts.update(signed_by=None))
    (spoiled / SIGNATURE).unlink()
    assert f"has other data in {name} than in data/graph.nq" in problem_of(spoiled)


def test_files_of_another_version_are_not_called_the_same(signed: Path, tmp_path: Path) -> None:
    other = copied(signed, tmp_path / "package")
    (other / "data" / "graph.graphml").write_bytes(b"<graphml/>")
    resealed(other, lambda facts: facts.update(signed_by=None, tool="jobgraph 0.0.1"))
    (other / SIGNATURE).unlink()
    (line,) = [line for line in verified(other).checks if line.startswith("copies")]
    assert line == "copies: not compared, for nothing here writes them the same way: data/graph.graphml"


def test_jelly_is_not_called_the_same_without_its_library(
    signed: Path, key: PublicKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobgraph.exports.jelly.find_spec", lambda _: None)
    (line,) = [line for line in verified(signed, key=key).checks if line.startswith("copies")]
    assert line.endswith("not compared, for nothing here writes them the same way: data/graph.jelly")


def test_parquet_of_another_writer_is_held_to_its_rows(signed: Path, tmp_path: Path) -> None:
    other, name = copied(signed, tmp_path / "package"), "parquet/job.parquet"
    frame = pl.read_parquet(other / name)
    notes = {key: text for key, text in pl.read_parquet_metadata(other / name).items() if key == "jobgraph"}
    (other / SIGNATURE).unlink()
    frame.write_parquet(other / name, compression="snappy", metadata=notes)
    resealed(other, lambda facts: facts.update(signed_by=None))
    assert problem_of(other) == ""
    frame.head(-1).write_parquet(other / name, metadata=notes)
    resealed(other)
    assert f"has other data in {name}" in problem_of(other)
    pl.concat([frame.head(-1), frame.head(1)]).write_parquet(other / name, metadata=notes)
    resealed(other)
    assert f"has other data in {name}" in problem_of(other)
    (other / name).write_bytes(b"PAR1 but nothing more PAR1")
    resealed(other)
    assert f"has other data in {name}" in problem_of(other)


def test_data_too_large_for_memory_are_held_to_their_contract_on_disk(
    plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_memory = verified(plain)
    monkeypatch.setattr("jobgraph.exports.package_data._MOST_IN_MEMORY", 10)
    monkeypatch.setattr("jobgraph.exports.package_data._AT_ONCE", 100)
    assert verified(plain).checks == in_memory.checks
