from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, Triple

from jobgraph.errors import UsageError
from jobgraph.explanation import Derivation, Fact, explain
from jobgraph.inference import infer
from jobgraph.store import GraphNames
from jobgraph.vocabulary import JG, RDF, RDFS, Vocabulary

VOCABULARY = Vocabulary()
NAMES = GraphNames("https://jobgraph.example/id/", "acme")
ASSERTED, INFERRED, ONTOLOGY = (NamedNode(iri) for iri in (NAMES.asserted, NAMES.inferred, NAMES.ontology))
RULES = Path(__file__).parent / "rules"
EXAMPLES = sorted(path.parent for path in RULES.glob("*/given.ttl"))


def node(name: str) -> NamedNode:
    return NamedNode(NAMES.base + name)


@pytest.fixture(scope="module")
def ontology() -> list[Quad]:
    store = Store()
    for path in VOCABULARY.ontology_files():
        store.bulk_load(path=str(path), format=RdfFormat.TURTLE, to_graph=ONTOLOGY)
    return list(store)


def given_store(example: Path, ontology: list[Quad]) -> Store:
    store = Store()
    store.bulk_extend(ontology)
    store.load(path=str(example / "given.ttl"), format=RdfFormat.TURTLE, to_graph=ASSERTED)
    return store


def leaves(fact: Fact) -> Iterator[Fact]:
    """The facts below one that no rule made."""
    if not fact.derivations:
        yield fact
    for derivation in fact.derivations:
        for premise in derivation.premises:
            yield from leaves(premise)


def infer_all(store: Store) -> list[Quad]:
    infer(store, rules=VOCABULARY.rule_files(), reads=[ASSERTED, ONTOLOGY], writes=INFERRED)
    return list(store.quads_for_pattern(None, None, None, INFERRED))


def explain_first(store: Store, triple: Triple) -> Derivation:
    return explain(store, triple, names=NAMES, vocabulary=VOCABULARY).derivations[0]


@pytest.mark.parametrize("example", [pytest.param(path, id=path.name) for path in EXAMPLES])
def test_what_an_explanation_rests_on_is_enough(example: Path, ontology: list[Quad]) -> None:
    store = given_store(example, ontology)
    for quad in infer_all(store):
        fact = explain(store, quad.triple, names=NAMES, vocabulary=VOCABULARY)
        rest = Store()
        rest.extend(Quad(*_terms(leaf.triple), NamedNode(getattr(NAMES, leaf.graph))) for leaf in leaves(fact))
        assert quad in infer_all(rest)


def _terms(triple: Triple) -> tuple[NamedNode, NamedNode, NamedNode]:
    return triple.subject, triple.predicate, triple.object  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("example", "subject", "predicate", "obj", "premises"),
    [
        pytest.param("02_inherits_job", "persona", "inheritsJob", "job", ["playsRole", "performsJob"], id="chain"),
        pytest.param("04_does_job", "persona", "doesJob", "direct", ["doesJobDirectly"], id="only_what_holds"),
        pytest.param(
            "23_relevance_score",
            "lead",
            "doesJob",
            "unrated-job",
            ["inheritsJob"],
            id="inferred_premise",
        ),
    ],
)
def test_premises(
    example: str, subject: str, predicate: str, obj: str, premises: list[str], ontology: list[Quad]
) -> None:
    store = given_store(RULES / example, ontology)
    infer_all(store)
    triple = Triple(node(subject), NamedNode(JG + predicate), node(obj))
    (derivation,) = explain(store, triple, names=NAMES, vocabulary=VOCABULARY).derivations
    assert [p.triple.predicate.value.removeprefix(JG) for p in derivation.premises] == premises


def test_each_way_is_a_derivation_of_its_own(ontology: list[Quad]) -> None:
    store = given_store(RULES / "01_performs_job", ontology)
    infer_all(store)
    triple = Triple(node("role"), NamedNode(JG + "performsJob"), node("job"))
    fact = explain(store, triple, names=NAMES, vocabulary=VOCABULARY)
    assert [len(derivation.premises) for derivation in fact.derivations] == [2, 2]
    assert len(explain(store, triple, names=NAMES, vocabulary=VOCABULARY, most=1).derivations) == 1


def test_chain_of_classes_is_spelled_out(ontology: list[Quad]) -> None:
    store = given_store(RULES / "36_type", ontology)
    infer_all(store)
    triple = Triple(node("agent"), NamedNode(RDF + "type"), NamedNode("http://www.w3.org/ns/prov#Agent"))
    steps = [p.triple.predicate.value for p in explain_first(store, triple).premises]
    assert steps == [RDFS + "subClassOf", RDFS + "subClassOf", RDF + "type"]


@pytest.mark.parametrize(
    ("predicate", "obj", "problem"),
    [
        pytest.param("playsRole", "role", "is stated", id="stated"),
        pytest.param("inheritsJob", "role", "is not in the graph of acme", id="not_there"),
    ],
)
def test_what_cannot_be_explained_is_said(predicate: str, obj: str, problem: str, ontology: list[Quad]) -> None:
    store = given_store(RULES / "02_inherits_job", ontology)
    infer_all(store)
    triple = Triple(node("persona"), NamedNode(JG + predicate), node(obj))
    with pytest.raises(UsageError, match=problem):
        explain(store, triple, names=NAMES, vocabulary=VOCABULARY)


def test_triple_of_a_rule_that_is_gone_is_said(ontology: list[Quad]) -> None:
    store = given_store(EXAMPLES[0], ontology)
    triple = Triple(node("a"), NamedNode(JG + "usedTo"), node("b"))
    store.add(Quad(node("a"), NamedNode(JG + "usedTo"), node("b"), INFERRED))
    with pytest.raises(UsageError, match="follows from no rule of this version"):
        explain(store, triple, names=NAMES, vocabulary=VOCABULARY)
