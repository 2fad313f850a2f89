from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from owlrl import DeductiveClosure, OWLRL_Semantics
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse, serialize
from rdflib import Graph, URIRef

from jobgraph import reasoning
from jobgraph.errors import InputError, TurtleError
from jobgraph.inference import infer
from jobgraph.pipeline import Plan, run_mapping
from jobgraph.reasoning import (
    Conclusions,
    Finding,
    OntologyReport,
    check_ontology,
    contradicting,
    find_java,
    infer_links,
    reason,
)
from jobgraph.resources import resource_path
from jobgraph.settings import Settings
from jobgraph.turtle import read_turtle
from jobgraph.vocabulary import JG, RDF, RDFS, Vocabulary

needs_java = pytest.mark.skipif(find_java() is None, reason="the reasoner needs a Java")

ID = "https://jobgraph.example/id/"
TYPE, SUB_CLASS = NamedNode(RDF + "type"), NamedNode(RDFS + "subClassOf")
OWL = "http://www.w3.org/2002/07/owl#"
CLASS = NamedNode(OWL + "Class")
WHOLE = "<https://w3id.org/jobgraph/> a <http://www.w3.org/2002/07/owl#Ontology> .\n"
# The rules that OWL cannot express, and why; the others must agree with a reasoner.
BEYOND_OWL = {
    "computed_opportunity_score": "arithmetic",
    "has_computed_priority": "comparison of numbers",
    "has_job_origin": "makes an individual of its own for each pair",
    "relevance_score": "the greatest of several numbers",
    "is_primary": "the greatest of several values",
    "has_effective_department": "what holds only where something is missing",
    "has_effective_function": "what holds only where something is missing",
    "effective_seniority_level": "what holds only where something is missing",
    "effective_geographic_scope": "what holds only where something is missing",
    "demand": "the greatest of several numbers",
    "capability_coverage": "arithmetic",
    "capability_gap": "arithmetic",
    "needs_unrated_capability": "what holds only where something is missing",
    "lacks_required_capability": "what holds only where something is missing",
}
AXIOMS = {
    *(OWL + name for name in ("inverseOf", "propertyChainAxiom")),
    *(RDFS + name for name in ("subClassOf", "subPropertyOf")),
    *(RDF + name for name in ("first", "rest")),
}
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


def by_rules(triples: Iterable[Triple]) -> set[Triple]:
    """What the rules infer that OWL can express, too."""
    asserted, inferred = NamedNode("urn:asserted"), NamedNode("urn:inferred")
    store = Store()
    store.bulk_extend(Quad(t.subject, t.predicate, t.object, asserted) for t in triples)
    rules = [rule for rule in Vocabulary().rule_files() if rule.stem.partition("_")[2] not in BEYOND_OWL]
    infer(store, rules=rules, reads=[asserted], writes=inferred)
    return {quad.triple for quad in store.quads_for_pattern(None, None, None, inferred)}


@needs_java
def test_reasoner_and_rules_infer_the_same(terms: list[Triple]) -> None:
    links = {link for link in infer_links([*terms, *PATTERNS]) if is_about_entity(link) and link not in PATTERNS}
    does_job, closure = NamedNode(JG + "doesJob"), NamedNode(JG + "dependsTransitivelyOn")
    direct = {NamedNode(JG + name) for name in ("inheritsJob", "doesJobDirectly")}  # HermiT prints no super-properties
    links |= {Triple(link.subject, does_job, link.object) for link in links if link.predicate in direct}
    assert {link for link in links if link.predicate != closure} == by_rules(PATTERNS)


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
def test_axioms_of_a_contradiction_are_named(terms: list[Triple]) -> None:
    wrong = [Triple(NamedNode("urn:who"), TYPE, NamedNode(JG + name)) for name in ("Job", "Persona")]
    said = {"urn:who type Job", "urn:who type Persona", "Job disjointWith Persona"}
    assert set(contradicting([*terms, *PATTERNS, *wrong])) == said


@needs_java
@pytest.mark.parametrize(
    ("axioms", "said"),
    [
        pytest.param(("a type Job", "Job disjointWith Persona"), "itself: a type Job; Job disjoint", id="named"),
        pytest.param((), "itself. The axioms are not known; `pip install jobgraph[reasoner]`", id="not_known"),
    ],
)
def test_contradiction_is_a_finding(
    axioms: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "whole.ttl").write_text(WHOLE)
    monkeypatch.setattr(reasoning, "reason", lambda _: Conclusions(is_consistent=False))
    monkeypatch.setattr(reasoning, "contradicting", lambda _: axioms)
    assert said in next(f.problem for f in check_ontology(tmp_path).findings if f.check == "reasoner")


@needs_java
def test_contradiction_is_found_without_axioms_where_pellet_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasoning, "_EXPLAIN_TIMEOUT_S", 0.01)
    assert contradicting(PATTERNS) == ()


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


def closure(triples: Iterable[Triple]) -> set[Triple]:
    """What owlrl makes of triples: the links between, and the classes of, entities, closures left out."""
    graph = Graph()
    graph.parse(data=serialize(triples, format=RdfFormat.N_TRIPLES), format="nt")
    DeductiveClosure(OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(graph)
    found = [tuple(map(str, triple)) for triple in graph if isinstance(triple[2], URIRef)]
    return {
        Triple(NamedNode(subject), NamedNode(predicate), NamedNode(obj))
        for subject, predicate, obj in found
        if subject.startswith(ID) and (predicate == RDF + "type" or predicate.startswith(JG))
        if predicate != JG + "dependsTransitivelyOn" and obj != OWL + "Thing"
    }


def named(triple: Triple) -> Triple:
    """The triple with blank nodes by names: owlrl leaves out properties that are blank nodes, such as inverses."""
    subject, obj = (
        NamedNode(f"urn:blank:{term.value}") if isinstance(term, BlankNode) else term
        for term in (triple.subject, triple.object)
    )
    assert not isinstance(subject, Literal)
    return Triple(subject, triple.predicate, obj)


def stated_for(tenant: str, sample: Iterable[Triple]) -> set[Triple]:
    """What the rows of a tenant state that the rules which OWL can express look at."""
    rules = [rule for rule in Vocabulary().rule_files() if rule.stem.partition("_")[2] not in BEYOND_OWL]
    names = {JG + name for rule in rules for name in re.findall(r"jg:(\w+)", rule.read_text())} | {RDF + "type"}
    belongs = {t.subject: t.object for t in sample if t.predicate.value == JG + "belongsToTenant"}
    own = {t.subject for t in sample if t.predicate.value == JG + "slug" and t.object == Literal(tenant)}
    return {t for t in sample if t.predicate.value in names and belongs.get(t.subject) in {None, *own}}


def test_owl_entails_what_the_rules_infer(sample: list[Triple], terms: list[Triple]) -> None:
    stated = stated_for("alpine-therapeutics", sample)
    axioms = [named(t) for t in terms if t.predicate.value in AXIOMS]
    inferred, entailed = by_rules([*axioms, *stated]), closure([*axioms, *stated])
    # Jobs and personas share this property, so that no chain can roll up the jobs alone.
    named_by = [t for t in stated if t.predicate.value == JG + "belongsToFunction"]
    beyond = {t for t in inferred if any(u.subject == t.object and u.object == t.subject for u in named_by)}
    assert len(inferred) > 800
    assert inferred - entailed - beyond == set()
    assert entailed - inferred - stated == set()


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
