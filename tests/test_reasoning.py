from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, Triple, parse

from jobgraph import reasoning
from jobgraph.errors import InputError, TurtleError
from jobgraph.inference import infer
from jobgraph.pipeline import Plan, run_mapping
from jobgraph.reasoning import Conclusions, Finding, OntologyReport, check_ontology, find_java, infer_links, reason
from jobgraph.resources import resource_path
from jobgraph.settings import Settings
from jobgraph.turtle import read_turtle
from jobgraph.vocabulary import JG, RDF, RDFS, Vocabulary

needs_java = pytest.mark.skipif(find_java() is None, reason="the reasoner needs a Java")

ID = "https://jobgraph.example/id/"
TYPE, SUB_CLASS = NamedNode(RDF + "type"), NamedNode(RDFS + "subClassOf")
CLASS = NamedNode("http://www.w3.org/2002/07/owl#Class")
WHOLE = "<https://w3id.org/jobgraph/> a <http://www.w3.org/2002/07/owl#Ontology> .\n"
PATTERNS = read_turtle(Path(__file__).parent / "ontology" / "patterns.ttl")


@pytest.fixture(scope="module")
def terms() -> list[Triple]:
    """The ontology without its code lists, which no axiom speaks of."""
    return [t for path in Vocabulary().ontology_files() if "codes" not in path.parts for t in read_turtle(path)]


@pytest.fixture
def no_java(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasoning, "find_java", lambda: None)


def is_about_entity(link: Triple) -> bool:
    return isinstance(link.subject, NamedNode) and link.subject.value.startswith(ID)


def links_by_rules() -> set[Triple]:
    asserted, inferred = NamedNode("urn:asserted"), NamedNode("urn:inferred")
    store = Store()
    store.bulk_extend(Quad(t.subject, t.predicate, t.object, asserted) for t in PATTERNS)
    rules = [rule for rule in Vocabulary().rule_files() if "computed" not in rule.stem]
    infer(store, rules=rules, reads=[asserted], writes=inferred)
    return {quad.triple for quad in store.quads_for_pattern(None, None, None, inferred)}


@needs_java
def test_reasoner_and_rules_infer_the_same(terms: list[Triple]) -> None:
    links = {link for link in infer_links([*terms, *PATTERNS]) if is_about_entity(link) and link not in PATTERNS}
    does_job, closure = NamedNode(JG + "doesJob"), NamedNode(JG + "dependsTransitivelyOn")
    direct = {NamedNode(JG + name) for name in ("inheritsJob", "doesJobDirectly")}  # HermiT prints no super-properties
    links |= {Triple(link.subject, does_job, link.object) for link in links if link.predicate in direct}
    assert {link for link in links if link.predicate != closure} == links_by_rules()


@needs_java
def test_ontology_and_example_are_consistent(terms: list[Triple]) -> None:
    assert reason([*terms, *PATTERNS]) == Conclusions(is_consistent=True)


@needs_java
@pytest.mark.parametrize(
    ("subject", "predicate", "obj"),
    [
        pytest.param(f"{ID}job-plan", RDF + "type", JG + "Persona", id="job_that_is_a_persona"),
        pytest.param(f"{ID}role-lead", JG + "hasOutcome", f"{ID}outcome-time", id="role_with_an_outcome"),
        pytest.param(f"{ID}job-plan", JG + "dependsOn", f"{ID}persona-pragmatist", id="job_that_depends_on_a_persona"),
    ],
)
def test_contradiction_is_found(subject: str, predicate: str, obj: str, terms: list[Triple]) -> None:
    wrong = Triple(NamedNode(subject), NamedNode(predicate), NamedNode(obj))
    assert reason([*terms, *PATTERNS, wrong]) == Conclusions(is_consistent=False)


@needs_java
def test_class_that_can_have_no_entity_is_found(terms: list[Triple]) -> None:
    monster = NamedNode(JG + "Monster")
    wrong = [Triple(monster, TYPE, CLASS), *(Triple(monster, SUB_CLASS, NamedNode(JG + n)) for n in ("Job", "Persona"))]
    assert reason([*terms, *wrong]) == Conclusions(is_consistent=True, unsatisfiable=(monster.value,))


@needs_java
def test_ontology_outside_owl_dl_is_refused(terms: list[Triple]) -> None:
    asymmetric = NamedNode("http://www.w3.org/2002/07/owl#AsymmetricProperty")
    with pytest.raises(InputError, match=r"HermiT refuses the ontology: Non-simple property '<.*hasDepartment>'"):
        reason([*terms, Triple(NamedNode(JG + "hasDepartment"), TYPE, asymmetric)])


@needs_java
def test_slow_reasoner_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasoning, "_TIMEOUT_S", 0.01)
    with pytest.raises(InputError, match=r"no answer within 0\.01 s"):
        reason(PATTERNS)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> list[Triple]:
    plan = Plan(str(resource_path("data", "sample")))
    files = run_mapping(plan, tmp_path_factory.mktemp("sample"), Settings())
    return [quad.triple for file in files.values() for quad in parse(path=str(file), format=RdfFormat.N_QUADS)]


@needs_java
def test_shipped_ontology_with_sample_is_sound(sample: list[Triple]) -> None:
    assert len(sample) > 50_000
    report = check_ontology(data=sample)
    assert report.findings == ()
    assert report.skipped == {}
    assert {"labels_present", "ontology_style", "reasoner"} <= set(report.ran)


@pytest.mark.usefixtures("no_java")
def test_missing_java_is_said(tmp_path: Path) -> None:
    path = tmp_path / "whole.ttl"
    path.write_text(WHOLE)
    report = check_ontology(path)
    assert report.skipped["reasoner"].startswith("There is no Java")
    assert "reasoner" not in report.ran


@pytest.mark.usefixtures("no_java")
def test_code_list_of_a_tenant_is_checked_with_the_shipped_ontology(tmp_path: Path) -> None:
    path = tmp_path / "sizes.ttl"
    path.write_text(
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> ."
        '<https://w3id.org/jobgraph/code/job-status/on_ice> a skos:Concept ; skos:notation "on ice" ;'
        "    skos:inScheme <https://w3id.org/jobgraph/code/job-status> ."
    )
    found = {(finding.check, finding.term.rpartition("/")[2]) for finding in check_ontology(path).findings}
    checks = {"code_notations", "definitions_present", "labels_present", "ontology_style", "terms_in_one_module"}
    assert found == {(check, "on_ice") for check in checks}


@pytest.mark.usefixtures("no_java")
def test_style_shapes_find_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "terms.ttl"
    path.write_text(
        WHOLE + "@prefix jg: <https://w3id.org/jobgraph/> . @prefix owl: <http://www.w3.org/2002/07/owl#> ."
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> ."
        'jg:badClass a owl:Class ; rdfs:label "x " ; skos:definition "too short"@en ; rdfs:isDefinedBy jg: .'
        "jg:BadProperty a owl:ObjectProperty ; rdfs:domain jg:Job , jg:Role ; rdfs:range jg:Job , jg:Role ."
    )
    messages = {f.problem for f in check_ontology(path).findings if f.check == "ontology_style"}
    starts = [
        "A term must have exactly one label",
        "A term must have exactly one definition",
        "The name of a class of ours",
        "The name of a property of ours",
        "A property can have only one domain",
        "A property can have only one range",
    ]
    assert [start for start in starts if not any(message.startswith(start) for message in messages)] == []


def test_syntax_error_names_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.ttl"
    path.write_text("@prefix jg: <https://w3id.org/jobgraph/> .\njg:Job a .\n")
    with pytest.raises(TurtleError, match=r"broken\.ttl, line 2: ") as caught:
        check_ontology(tmp_path)
    assert (caught.value.path, caught.value.line) == (path, 2)


def test_report_reads_as_lines() -> None:
    finding = Finding("labels_present", JG + "Job", "It has no label.")
    report = OntologyReport(("labels_present",), {"reasoner": "There is no Java."}, (finding,))
    assert report.lines() == [
        "labels_present: <https://w3id.org/jobgraph/Job> It has no label.",
        "Skipped reasoner: There is no Java.",
        "1 check ran and found 1 problem.",
    ]


def test_report_is_json() -> None:
    report = OntologyReport(("a",), {"b": "no Java"}, (Finding("a", "t", "p"),))
    assert report.to_json() == {
        "ran": ("a",),
        "skipped": {"b": "no Java"},
        "findings": ({"check": "a", "term": "t", "problem": "p"},),
    }


def test_java_of_the_path_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    java = tmp_path / "java"
    java.write_text("#!/bin/sh\n")
    java.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(reasoning, "find_spec", lambda _: None)
    assert find_java() == java
