from __future__ import annotations

import hashlib
import io
import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from itertools import chain
from pathlib import Path

import polars as pl
import pyshacl
import pytest
import rdflib
from pyoxigraph import Literal, NamedNode, Quad
from rdflib.namespace import RDF as RDF_TERMS
from rdflib.namespace import VOID
from tests.commands import finish, start
from tests.exports.packages import (
    PROFILE,
    TENANT,
    TODAY,
    VOCABULARY,
    current,
    make_package,
    manifest_of,
    problem_of,
    small_profile,
    verified,
)
from tests.mounts import mounted, read_only

from jobgraph.errors import ExportRefusedError, StorageError, UsageError
from jobgraph.exports.compression import Compression, decompressed
from jobgraph.exports.manifest import MANIFEST, Previous
from jobgraph.exports.ontology_docs.writing import write_ontology_docs
from jobgraph.exports.package import PackageRequest, write_package
from jobgraph.exports.package_data import compression_of, fill_store
from jobgraph.exports.profile import FORMAT_NAMES, Profile, read_profile
from jobgraph.exports.signing import create_key, read_signing_key
from jobgraph.exports.terms import Terms
from jobgraph.store import GraphNames, Home
from jobgraph.turtle import read_turtle
from jobgraph.vocabulary import RDF

DCAT_AP = Path(__file__).with_name("dcat_ap.ttl")


@pytest.fixture(scope="module")
def small(folder: Path, sample_home: Path, profile: Profile) -> Path:
    make_package(sample_home, profile, folder / "small", formats=("nquads", "turtle", "csv"))
    return folder / "small"


@pytest.fixture(scope="module", params=["open", "partner", "full"])
def shipped(request: pytest.FixtureRequest, folder: Path, sample_home: Path) -> Path:
    profile = read_profile(request.param, vocabulary=VOCABULARY)
    make_package(sample_home, profile, folder / request.param, formats=("nquads",))
    return folder / str(request.param)


def test_shipped_profiles_make_packages_that_hold_what_they_say(shipped: Path) -> None:
    assert verified(shipped).checks[-1] == "contract: 0 violations, 0 warnings, 0 info, as stated"


ACTIVE = "sh:property [ sh:path jg:hasStatus ; sh:hasValue <https://w3id.org/jobgraph/code/job-status/active> ] , "
GRAPHS = "jg:includesGraph jg:AssertedGraph , jg:InferredGraph , jg:ReferenceGraph ;"
JOBS = "sh:targetClass jg:Job ;"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(f"{JOBS}\n    sh:property", f"{JOBS}\n    {ACTIVE}", id="some_things"),
        pytest.param(GRAPHS, "jg:includesGraph jg:InferredGraph ;", id="what_follows"),
        pytest.param(GRAPHS, "jg:includesGraph jg:AssertedGraph ;", id="what_is_stated"),
        pytest.param(GRAPHS, f"{GRAPHS[:-1]}, jg:OntologyGraph ; dcterms:language 'de' ;", id="another_language"),
        pytest.param(GRAPHS, f"{GRAPHS} void:uriSpace 'https://outside.example/' ;", id="another_base"),
        pytest.param(JOBS, f"{JOBS} jg:isPseudonymised true ;", id="pseudonyms"),
        pytest.param(JOBS, f"{JOBS} jg:includesAllProperties true ;", id="all_of_a_class"),
    ],
)
def test_data_hold_to_what_is_left_of_the_contract(sample_home: Path, tmp_path: Path, old: str, new: str) -> None:
    assert old in PROFILE
    profile = small_profile(tmp_path, f"@prefix void: <http://rdfs.org/ns/void#> .{PROFILE.replace(old, new)}")
    make_package(sample_home, profile, tmp_path / "package", pseudonym_key=bytes(32))
    assert verified(tmp_path / "package").checks[-1] == "contract: 0 violations, 0 warnings, 0 info, as stated"


def test_package_has_its_parts(small: Path) -> None:
    names = {path.relative_to(small).as_posix() for path in small.rglob("*") if path.is_file()}
    assert names == {MANIFEST, *manifest_of(small).files}
    assert {
        "README.md",
        "context.jsonld",
        "contract/ontology.ttl",
        "contract/shapes.ttl",
        "data/graph.nq",
        "data/graph.ttl",
        "description.ttl",
        "policy.ttl",
        "profile.ttl",
        "tables/metadata.json",
    } < names


def export_elsewhere(home: Path, folder: Path, seed: int, key: Path, *options: str) -> bytes:
    """A package from a process of its own, with another seed, folder, time zone, language and umask."""
    place = folder / f"place {seed}"
    place.mkdir()
    copy = shutil.copytree(home, place / "home")
    environment = {"PYTHONHASHSEED": str(seed), "TZ": f"Etc/GMT+{seed}", "LANG": "C" if seed == 1 else "C.UTF-8"}
    arguments = ["export", "-p", folder / "small.ttl", "-o", "package.zip", "--home", copy, "-t", TENANT, "--key", key]
    formats = [
        "nquads",
        "turtle",
        "jsonld",
        "jsonld-compact",
        "jsonld-framed",
        "csv",
        "parquet",
        "graphml",
        "neo4j",
        "jelly",
    ]
    asked = [part for name in formats for part in ("--format", name)]
    outcome = finish(
        start(*arguments, *asked, *options, "--compression", "gzip", env=environment, cwd=place, umask=seed * 7)
    )
    assert outcome.code == 0, outcome.err
    return (place / "package.zip").read_bytes()


def digests(package: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}


@pytest.mark.parametrize(
    ("ends", "options"),
    [pytest.param("2099-12-31", (), id="good"), pytest.param("2026-02-01", ("--force",), id="forced")],
)
def test_bytes_follow_from_generation_and_profile_alone(
    sample_home: Path, tmp_path: Path, ends: str, options: tuple[str, ...]
) -> None:
    small_profile(tmp_path, PROFILE.replace("2099-12-31", ends))
    create_key(tmp_path / "our.key")
    key = tmp_path / "our.key"
    first, second = (export_elsewhere(sample_home, tmp_path, seed, key, *options) for seed in (1, 2))
    assert digests(first) == digests(second)
    assert first == second


def test_bytes_of_a_forced_package_do_not_hang_on_the_day(sample_home: Path, tmp_path: Path) -> None:
    profile = small_profile(tmp_path, PROFILE.replace("2099-12-31", "2026-02-01"))
    for day in (date(2026, 3, 1), date(2027, 4, 2)):
        make_package(sample_home, profile, tmp_path / f"{day}.zip", today=day, force=True)
    first, second = (path.read_bytes() for path in sorted(tmp_path.glob("*.zip")))
    assert digests(first) == digests(second)
    assert first == second


def test_stream_has_the_same_bytes_as_a_file(sample_home: Path, profile: Profile, tmp_path: Path) -> None:
    stream = io.BytesIO()
    make_package(sample_home, profile, tmp_path / "package.zip")
    write_package(current(sample_home), profile, stream, vocabulary=VOCABULARY, request=PackageRequest(today=TODAY))
    assert stream.getvalue() == (tmp_path / "package.zip").read_bytes()


def description(folder: Path) -> rdflib.Graph:
    return rdflib.Graph().parse(folder / "description.ttl")


def test_void_counts_equal_counted_triples(shipped: Path) -> None:
    with (shipped / "data" / "graph.nq").open(encoding="utf-8") as lines:
        quads = [re.fullmatch(r"(\S+) <(\S+)> (.*) <(\S+)> \.\n", line) for line in lines]
    rows = [quad.groups() for quad in quads if quad]
    assert len(rows) == len(quads)
    merged = {row[:3] for row in rows}
    about, graph = rdflib.URIRef(manifest_of(shipped).iri), description(shipped)

    def number(subject: rdflib.term.Node, predicate: rdflib.URIRef) -> int:
        return int(str(graph.value(subject, predicate)))

    def parts(kind: str, unit: rdflib.URIRef) -> dict[str, int]:
        nodes = graph.objects(about, VOID[f"{kind}Partition"])
        return {str(graph.value(node, VOID[kind])): number(node, unit) for node in nodes}

    assert number(about, VOID.triples) == len(merged)
    assert number(about, VOID.distinctSubjects) == len({s for s, _, _ in merged})
    assert parts("property", VOID.triples) == Counter(p for _, p, _ in merged)
    assert parts("class", VOID.entities) == Counter(o[1:-1] for _, p, o in merged if p == str(RDF_TERMS.type))
    graphs = {str(part): number(part, VOID.triples) for part in graph.objects(about, VOID.subset)}
    assert graphs == Counter(name for *_, name in rows)


def test_description_conforms_to_dcat_ap(small: Path) -> None:
    conforms, _, text = pyshacl.validate(description(small), shacl_graph=rdflib.Graph().parse(DCAT_AP))
    assert conforms, text


def test_shapes_of_dcat_ap_can_fail(small: Path) -> None:
    graph = description(small)
    graph.remove((None, rdflib.DCTERMS.description, None))
    graph.remove((None, rdflib.DCAT.accessURL, None))
    _, _, text = pyshacl.validate(graph, shacl_graph=rdflib.Graph().parse(DCAT_AP))
    assert "accessURL" in text
    assert "description" in text


def test_each_distribution_has_size_and_hash_of_its_file(small: Path) -> None:
    graph, spdx = description(small), rdflib.Namespace("http://spdx.org/rdf/terms#")
    files = {name: file for name, file in manifest_of(small).files.items() if file.format}
    found = {}
    for node in graph.objects(None, rdflib.DCAT.distribution):
        name = str(graph.value(node, rdflib.DCAT.accessURL)).removeprefix(f"{manifest_of(small).iri}/")
        digest = str(graph.value(graph.value(node, spdx.checksum), spdx.checksumValue)).lower()
        found[name] = (str(graph.value(node, rdflib.DCAT.byteSize)), digest)
    assert found == {name: (str(file.size), file.sha256) for name, file in files.items()}


def test_data_conform_to_their_contract_by_the_reference_engine(small: Path) -> None:
    data = rdflib.Graph().parse(small / "data" / "graph.ttl").parse(small / "contract" / "ontology.ttl")
    conforms, _, text = pyshacl.validate(data, shacl_graph=rdflib.Graph().parse(small / "contract" / "shapes.ttl"))
    assert conforms, text


def test_contract_speaks_of_what_leaves_only(small: Path) -> None:
    text = (small / "contract" / "shapes.ttl").read_text()
    assert "jg:JobShape" in text
    assert "jg:hasOutcome" in text
    for kept_back in ("jg:notes", "jg:belongsToTenant", "jg:hasObstacle", "jg:Persona", "jg:column", "jg:table"):
        assert kept_back not in text
    assert "sh:datatype xsd:dateTime" not in text  # masked to a month


def test_contract_says_what_each_term_and_code_means(small: Path) -> None:
    ontology = rdflib.Graph().parse(small / "contract" / "ontology.ttl")
    data = rdflib.Graph().parse(small / "data" / "graph.ttl")
    ours = "https://w3id.org/jobgraph/"
    used = {term for triple in data for term in triple if isinstance(term, rdflib.URIRef) and term.startswith(ours)}
    assert len(used) > 10
    for term in used:
        assert ontology.value(term, rdflib.RDFS.label), term
        assert ontology.value(term, rdflib.SKOS.definition), term


def test_readme_shows_the_profile_as_it_is(small: Path) -> None:
    text = (small / "README.md").read_text()
    assert text.startswith("# Jobs \\| and their \\*outcomes\\*\n")
    assert "| for | Contoso |" in text
    assert "| valid | from 2026-01-01 until 2099-12-31 |" in text
    assert "| job to be done | 40 |" in text
    assert "the month only" in text
    assert "rounded to 0.5" in text


def test_source_is_named_without_its_place(sample_home: Path, small: Path) -> None:
    assert manifest_of(small).source == "sample"
    assert str(current(sample_home).manifest["source"]).encode() not in b"".join(
        path.read_bytes() for path in small.rglob("*") if path.is_file()
    )


def test_previous_package_is_named(sample_home: Path, profile: Profile, tmp_path: Path, small: Path) -> None:
    before = Previous(generation="000000", dataset=manifest_of(small).hashes.dataset)
    made = make_package(sample_home, profile, tmp_path / "package", previous=before)
    assert made.previous == before
    assert problem_of(tmp_path / "package") == ""


def test_policy_that_ended_refuses_and_force_is_written_down(
    sample_home: Path, profile: Profile, tmp_path: Path
) -> None:
    late = date(2100, 1, 1)
    with pytest.raises(ExportRefusedError, match="2099-12-31"):
        make_package(sample_home, profile, tmp_path / "package", today=late)
    assert list(tmp_path.iterdir()) == []
    made = make_package(sample_home, profile, tmp_path / "package", today=late, force=True)
    assert len(made.forced) == 1
    assert "although something spoke against it" in (tmp_path / "package" / "README.md").read_text()


def test_profile_that_lets_out_nothing_here_is_refused(sample_home: Path, tmp_path: Path) -> None:
    nothing = PROFILE.replace("sh:targetClass jg:Job ;", 'sh:targetClass jg:Job ; sh:hasValue "none" ;')
    nothing = nothing.replace("sh:targetClass jg:Outcome ;", 'sh:targetClass jg:Outcome ; sh:hasValue "none" ;')
    (tmp_path / "out").mkdir()
    with pytest.raises(ExportRefusedError, match="lets out nothing"):
        make_package(sample_home, small_profile(tmp_path, nothing), tmp_path / "out" / "package")
    assert list((tmp_path / "out").iterdir()) == []


def failed(action: Callable[[], object]) -> str:
    try:
        action()
    except StorageError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("name", "size_kb"),
    list(zip(["package", "package.zip"] * 5, [20, 100, 200, 300, 400, 600, 700, 900, 60_000, 60_000], strict=True)),
)
def test_full_disk_leaves_the_whole_or_nothing(
    sample_home: Path, profile: Profile, tmp_path: Path, name: str, size_kb: int
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with mounted(disk, f"size={size_kb}k"):
        problem = failed(lambda: make_package(sample_home, profile, disk / name))
        left = [path.name for path in disk.iterdir()]
        if problem:
            assert "No space left on device" in problem
            assert left == []
            assert size_kb < 10_000
        else:
            assert left == [name]
            assert problem_of(disk / name) == ""
            assert size_kb > 300


def test_read_only_and_taken_places_are_named(sample_home: Path, profile: Profile, tmp_path: Path) -> None:
    (tmp_path / "fixed").mkdir()
    with read_only(tmp_path / "fixed"), pytest.raises(StorageError, match="cannot be written"):
        make_package(sample_home, profile, tmp_path / "fixed" / "package.zip")
    (tmp_path / "taken.zip").touch()
    with pytest.raises(UsageError, match="is there already"):
        make_package(sample_home, profile, tmp_path / "taken.zip")


SECRET = "planted-secret"


def planted(profile: Profile, names: GraphNames) -> Iterator[Quad]:
    """A thing of each class with all its properties: what the profile keeps back is a secret, in text and in names."""
    terms, places = Terms(VOCABULARY), [names.asserted, names.inferred, names.shared]
    hidden = [names.metadata, f"{names.base}graph/other/asserted", f"{names.base}graph/mine"]
    stray = NamedNode(f"{names.base}job/{SECRET}")
    for class_iri in sorted(VOCABULARY.table_of_class):
        rule = profile.classes.get(class_iri)
        node = NamedNode(f"{names.base}{VOCABULARY.class_step(class_iri)}/{'1' if rule else SECRET}")
        for graph in places:
            yield Quad(node, NamedNode(RDF + "type"), NamedNode(class_iri), NamedNode(graph))
        for path in sorted(terms.properties_of(class_iri) | terms.personal_of(class_iri)):
            leaves = rule is not None and path in rule.properties
            text = Literal(f"{'plain' if leaves else SECRET} {path}")
            for graph in places:
                yield Quad(node, NamedNode(path), text, NamedNode(graph))
                if path in terms.links:
                    yield Quad(node, NamedNode(path), stray, NamedNode(graph))
            yield from (Quad(node, NamedNode(path), Literal(SECRET), NamedNode(graph)) for graph in hidden)


def unpacked(path: Path) -> bytes:
    """What is in a file, whatever packs it; of Parquet, which packs by itself, the names, cells and notes."""
    with path.open("rb") as packed, decompressed(packed, compression_of(path.name)) as stream:
        content = stream.read()
    if path.suffix != ".parquet":
        return content
    frame = pl.read_parquet(path)
    return repr([frame.to_dict(as_series=False), pl.read_parquet_metadata(path)]).encode()


@pytest.mark.parametrize(("name", "compression"), [("open", "none"), ("partner", "gzip"), ("partner", "zstd")])
def test_nothing_that_is_kept_back_is_in_any_byte(tmp_path: Path, name: str, compression: Compression) -> None:
    profile = read_profile(name, vocabulary=VOCABULARY)
    tenant = Home(tmp_path / "home").tenant("planted", missing_ok=True)
    with tenant.begin() as draft:
        names = GraphNames("https://graph.example/id/", "planted")
        ontology = (triple for path in VOCABULARY.ontology_files() for triple in read_turtle(path))
        terms = (Quad(t.subject, t.predicate, t.object, NamedNode(names.ontology)) for t in ontology)
        fill_store(draft.store_path, chain(planted(profile, names), terms))
        facts = {"base": names.base, "source": f"/srv/{SECRET}/tables", "severities": {"violation": 0}}
        generation = draft.publish(facts)
    request = PackageRequest(formats=FORMAT_NAMES, compression=compression, today=TODAY)
    write_package(generation, profile, tmp_path / "package", vocabulary=VOCABULARY, request=request)
    write_ontology_docs(tmp_path / "package" / "html", VOCABULARY)
    files = [path for path in (tmp_path / "package").rglob("*") if path.is_file()]
    contents = {path.relative_to(tmp_path).as_posix(): unpacked(path) for path in files}
    told = {suffix for key, each in contents.items() if b"plain" in each for suffix in Path(key).suffixes}
    assert {".nq", ".jelly", ".framed", ".rdf", ".csv", ".parquet", ".graphml"} <= told
    assert [key for key, each in contents.items() if SECRET.encode() in each] == []


def test_progress_names_each_part(sample_home: Path, profile: Profile, tmp_path: Path) -> None:
    told: list[str] = []

    def progress(stage: str, _count: int, _unit: str = "", /) -> None:
        told.append(stage)

    write_package(
        current(sample_home),
        profile,
        tmp_path / "package",
        vocabulary=VOCABULARY,
        request=PackageRequest(today=TODAY),
        progress=progress,
    )
    assert list(dict.fromkeys(told)) == ["select", "write nquads", "contract", "validate"]


def test_signature_is_of_the_manifest(sample_home: Path, profile: Profile, tmp_path: Path) -> None:
    public = create_key(tmp_path / "our.key")
    made = make_package(sample_home, profile, tmp_path / "package", signing_key=read_signing_key(tmp_path / "our.key"))
    assert made.signed_by == public.name
    text = (tmp_path / "package" / MANIFEST).read_bytes()
    assert public.signed(text, (tmp_path / "package" / f"{MANIFEST}.sig").read_bytes())
