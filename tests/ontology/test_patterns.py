"""The four patterns of collection can be walked, over `patterns.ttl` and what follows from it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, QuerySolutions, RdfFormat, Store

from jobgraph.inference import infer
from jobgraph.vocabulary import Vocabulary

ASSERTED, INFERRED, ONTOLOGY = (NamedNode(f"urn:graph:{name}") for name in ("asserted", "inferred", "ontology"))
PREFIXES = """
PREFIX id: <https://jobgraph.example/id/>
PREFIX jg: <https://w3id.org/jobgraph/>
"""


@pytest.fixture(scope="module")
def store() -> Store:
    store, vocabulary = Store(), Vocabulary()
    store.bulk_load(path=str(Path(__file__).with_name("patterns.ttl")), format=RdfFormat.TURTLE, to_graph=ASSERTED)
    for path in vocabulary.ontology_files():
        store.bulk_load(path=str(path), format=RdfFormat.TURTLE, to_graph=ONTOLOGY)
    infer(store, rules=vocabulary.rule_files(), reads=[ASSERTED, ONTOLOGY], writes=INFERRED)
    return store


def ends_of(store: Store, start: str, path: str) -> set[str]:
    """The local names of what `path` reaches from `start`."""
    solutions = store.query(f"{PREFIXES} SELECT ?end {{ {start} {path} ?end }}", default_graph=[ASSERTED, INFERRED])
    assert isinstance(solutions, QuerySolutions)
    return {solution["end"].value.rpartition("/")[2] for solution in solutions}


@pytest.mark.parametrize(
    ("start", "path", "ends"),
    [
        pytest.param("id:role-lead", "^jg:mapsRole/jg:mapsJob", {"job-plan"}, id="role_to_job_by_mapping"),
        pytest.param("id:role-lead", "jg:performsJob", {"job-plan"}, id="role_to_job"),
        pytest.param("id:persona-pragmatist", "jg:playsRole/jg:performsJob", {"job-plan"}, id="persona_to_job_by_role"),
        pytest.param("id:persona-pragmatist", "jg:inheritsJob", {"job-plan"}, id="persona_inherits"),
        pytest.param("id:persona-pragmatist", "jg:doesJobDirectly", {"job-publish"}, id="persona_does_directly"),
        pytest.param("id:persona-pragmatist", "jg:doesJob", {"job-plan", "job-publish"}, id="persona_does"),
        pytest.param("id:job-publish", "jg:dependsOn+", {"job-collect", "job-plan"}, id="dependencies"),
    ],
)
def test_role_job_pattern(start: str, path: str, ends: set[str], store: Store) -> None:
    assert ends_of(store, start, path) == ends


@pytest.mark.parametrize(
    ("path", "ends"),
    [
        pytest.param("^jg:belongsToTenant", {"function-medical", "function-commercial"}, id="functions"),
        pytest.param("^jg:belongsToTenant/jg:hasDepartment", {"department-evidence"}, id="departments"),
        pytest.param("^jg:belongsToTenant/jg:hasDepartment/jg:includesRole", {"role-lead", "role-liaison"}, id="roles"),
        pytest.param("^jg:belongsToTenant/jg:hasDepartment/jg:includesRole/jg:performsJob", {"job-plan"}, id="jobs"),
        pytest.param(
            "^jg:belongsToTenant/jg:hasDepartment/jg:includesRole/^jg:playsRole", {"persona-pragmatist"}, id="personas"
        ),
    ],
)
def test_organizational_context(path: str, ends: set[str], store: Store) -> None:
    found = ends_of(store, "id:tenant-acme", path)
    assert {end for end in found if not path.endswith("Tenant") or end.startswith("function")} == ends


@pytest.mark.parametrize(
    ("path", "ends"),
    [
        pytest.param("jg:hasOutcome", {"outcome-cost", "outcome-time"}, id="outcomes"),
        pytest.param("jg:hasObstacle/jg:hasSeverity", {"high"}, id="obstacles"),
        pytest.param("jg:hasWorkflowStage/jg:hasWorkflowActivity", {"activity"}, id="stages_and_activities"),
        pytest.param("jg:hasGenAiOpportunity/jg:hasGenAiUseCase", {"use-case"}, id="ai_opportunities_and_use_cases"),
        pytest.param("^jg:supportsJob", {"use-case"}, id="use_cases"),
        pytest.param("jg:hasSuccessCriterion", {"criterion"}, id="success_criteria"),
        pytest.param("jg:hasKeyPerformanceIndicator", {"indicator"}, id="indicators"),
        pytest.param("jg:hasOutcome/jg:hasComputedPriority", {"high"}, id="priorities"),
        pytest.param("jg:needsCapability", {"capability-study"}, id="capabilities"),
    ],
)
def test_job_enrichment(path: str, ends: set[str], store: Store) -> None:
    assert ends_of(store, "id:job-plan", path) == ends


@pytest.mark.parametrize(
    ("path", "ends"),
    [
        pytest.param("jg:hasEvidenceSummary", {"summary"}, id="summary"),
        pytest.param("jg:hasPersonaEvidenceSource", {"source"}, id="sources"),
        pytest.param("jg:hasPublicResearch/jg:hasQuantitativeResult", {"result"}, id="research_and_results"),
        pytest.param("jg:hasExpertOpinion", {"opinion"}, id="opinions"),
        pytest.param("jg:hasCaseStudy/jg:hasCaseStudyResult", {"case-result"}, id="case_studies_and_results"),
    ],
)
def test_evidence_collection(path: str, ends: set[str], store: Store) -> None:
    assert ends_of(store, "id:persona-pragmatist", path) == ends
