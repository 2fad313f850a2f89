from __future__ import annotations

from decimal import Decimal
from math import prod
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from jobgraph.errors import InputError
from jobgraph.inference import Rule, infer
from jobgraph.vocabulary import JG, RDF, XSD, Vocabulary, to_snake_case

ASSERTED, SHARED, INFERRED, ONTOLOGY = (
    NamedNode(f"urn:{name}") for name in ("asserted", "shared", "inferred", "ontology")
)
READS = [ASSERTED, SHARED, ONTOLOGY]
RULES = Vocabulary().rule_files()
PATTERNS = Path(__file__).parent / "ontology" / "patterns.ttl"
EXAMPLES = sorted(path.parent for path in Path(__file__).parent.glob("rules/*/given.ttl"))
TYPE = NamedNode(RDF + "type")
CHAIN = NamedNode("http://www.w3.org/2002/07/owl#propertyChainAxiom")


def node(name: str) -> NamedNode:
    return NamedNode(f"https://jobgraph.example/id/{name}")


def link(subject: str, predicate: str, obj: str, graph: NamedNode = ASSERTED) -> Quad:
    return Quad(node(subject), NamedNode(JG + predicate), node(obj), graph)


def score(outcome: str, predicate: str, value: str) -> Quad:
    return Quad(node(outcome), NamedNode(JG + predicate), Literal(value, datatype=NamedNode(XSD + "decimal")), ASSERTED)


def name_of(term: object) -> str:
    assert isinstance(term, NamedNode | Literal)
    return term.value.removeprefix(JG)


def inferred(store: Store) -> set[Quad]:
    return set(store.quads_for_pattern(None, None, None, INFERRED))


@pytest.fixture(scope="module")
def ontology() -> list[Quad]:
    store = Store()
    for path in Vocabulary().ontology_files():
        store.bulk_load(path=str(path), format=RdfFormat.TURTLE, to_graph=ONTOLOGY)
    return list(store)


@pytest.fixture
def store(ontology: list[Quad]) -> Store:
    store = Store()
    store.bulk_extend(ontology)
    return store


@pytest.fixture
def filled(store: Store) -> Store:
    store.bulk_load(path=str(PATTERNS), format=RdfFormat.TURTLE, to_graph=ASSERTED)
    return store


def test_every_shortcut_of_the_ontology_has_a_rule_of_its_name(ontology: list[Quad]) -> None:
    shortcuts = {to_snake_case(name_of(quad.subject)) for quad in ontology if quad.predicate == CHAIN}
    assert shortcuts - {rule.stem.partition("_")[2] for rule in RULES} == set()


def test_every_rule_finds_something_in_the_example(filled: Store) -> None:
    counts = infer(filled, rules=RULES, reads=READS, writes=INFERRED)
    assert [name for name, count in counts.items() if not count] == []
    assert sum(counts.values()) == len(inferred(filled))


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in RULES])
def test_rule_is_called_after_a_property_of_its_results(path: Path) -> None:
    names = {predicate.value.rpartition("/")[2].rpartition("#")[2] for predicate in Rule.read(path).predicates}
    assert path.stem.partition("_")[2] in {to_snake_case(name) for name in names}


def test_every_rule_has_an_example() -> None:
    assert [path.name for path in EXAMPLES] == [rule.stem for rule in RULES]


@pytest.mark.parametrize("example", [pytest.param(path, id=path.name) for path in EXAMPLES])
def test_rule_adds_what_its_example_expects(example: Path, store: Store) -> None:
    number = [rule.stem for rule in RULES].index(example.name)
    store.load(path=str(example / "given.ttl"), format=RdfFormat.TURTLE, to_graph=ASSERTED)
    infer(store, rules=RULES[:number], reads=READS, writes=INFERRED)
    before = inferred(store)
    infer(store, rules=RULES[: number + 1], reads=READS, writes=INFERRED)
    expected = Store()  # a store, which writes numbers in its own way, too
    expected.load(path=str(example / "expected.ttl"), format=RdfFormat.TURTLE, to_graph=INFERRED)
    assert inferred(store) - before == set(expected)


def test_shared_rows_take_part(store: Store) -> None:
    store.extend([link("skill-row", "concernsAgent", "agent", SHARED), link("skill-row", "concernsSkill", "skill")])
    infer(store, rules=RULES, reads=READS, writes=INFERRED)
    assert inferred(store) == {link("agent", "hasSkill", "skill", INFERRED)}


def test_asserted_triples_are_left_out(store: Store) -> None:
    store.extend(
        [link("mapping", "mapsRole", "role"), link("mapping", "mapsJob", "job"), link("role", "performsJob", "job")]
    )
    assert infer(store, rules=RULES, reads=READS, writes=INFERRED)["01_performs_job"] == 0


def test_transitive_closure_is_left_to_queries(filled: Store) -> None:
    infer(filled, rules=RULES, reads=READS, writes=INFERRED)
    depends = set(filled.quads_for_pattern(None, NamedNode(JG + "dependsOn"), None, INFERRED))
    assert depends == {
        link("job-collect", "dependsOn", "job-plan", INFERRED),
        link("job-publish", "dependsOn", "job-collect", INFERRED),
    }


def test_second_run_changes_nothing(filled: Store) -> None:
    first_counts = infer(filled, rules=RULES, reads=READS, writes=INFERRED)
    first = inferred(filled)
    assert infer(filled, rules=RULES, reads=READS, writes=INFERRED) == first_counts
    assert inferred(filled) == first


def test_what_no_longer_follows_is_removed(filled: Store) -> None:
    infer(filled, rules=RULES, reads=READS, writes=INFERRED)
    filled.remove(link("mapping-plan", "mapsJob", "job-plan"))
    counts = infer(filled, rules=RULES, reads=READS, writes=INFERRED)
    assert (counts["01_performs_job"], counts["02_inherits_job"], counts["04_does_job"]) == (0, 0, 1)
    assert link("persona-pragmatist", "doesJob", "job-plan", INFERRED) not in filled


def test_classes_above_one_that_no_longer_follows_are_removed(store: Store) -> None:
    stated = Quad(node("role"), TYPE, NamedNode(JG + "Role"), ASSERTED)
    store.add(stated)
    assert infer(store, rules=RULES, reads=READS, writes=INFERRED)["36_type"] == 2  # org:Role and skos:Concept
    store.remove(stated)
    assert infer(store, rules=RULES, reads=READS, writes=INFERRED)["36_type"] == 0
    assert inferred(store) == set()


def test_triples_of_a_rule_that_is_gone_are_removed(filled: Store) -> None:
    infer(filled, rules=RULES, reads=READS, writes=INFERRED)
    counts = infer(filled, rules=RULES[:1], reads=READS, writes=INFERRED)
    assert (counts, len(inferred(filled))) == ({"01_performs_job": 1}, 1)


def test_on_disk_and_in_memory_agree(filled: Store, tmp_path: Path) -> None:
    on_disk = Store(str(tmp_path / "store"))
    on_disk.bulk_extend(filled)
    infer(on_disk, rules=RULES, reads=READS, writes=INFERRED)
    infer(filled, rules=RULES, reads=READS, writes=INFERRED)
    assert inferred(on_disk) == inferred(filled)


@pytest.mark.parametrize(
    ("importance", "satisfaction", "opportunity", "priority"),
    [
        pytest.param("9.2", "3.1", "15.3", "high", id="underserved"),
        pytest.param("5.0", "8.0", "5.0", "low", id="overserved_counts_importance_only"),
        pytest.param("8.0", "4.0", "12.0", "medium", id="twelve_is_medium"),
        pytest.param("8.1", "4.1", "12.1", "high", id="above_twelve_is_high"),
        pytest.param("8.0", "8.0", "8.0", "medium", id="eight_is_medium"),
        pytest.param("7.9", "9.9", "7.9", "low", id="below_eight_is_low"),
        pytest.param("0", "0", "0", "low", id="zero_is_low"),
        pytest.param("10", "0", "20", "high", id="twenty_is_high"),
    ],
)
def test_opportunity(importance: str, satisfaction: str, opportunity: str, priority: str, store: Store) -> None:
    store.extend([score("outcome", "importanceScore", importance), score("outcome", "satisfactionScore", satisfaction)])
    infer(store, rules=RULES, reads=READS, writes=INFERRED)
    assert {(name_of(quad.predicate), name_of(quad.object)) for quad in inferred(store)} == {
        ("computedOpportunityScore", opportunity.removesuffix(".0")),
        ("hasComputedPriority", f"code/opportunity-priority/{priority}"),
    }


@pytest.mark.parametrize(
    ("importance", "satisfaction"),
    [
        pytest.param("9.2", None, id="satisfaction_missing"),
        pytest.param(None, "3.1", id="importance_missing"),
        pytest.param("11", "3.1", id="importance_too_high"),
        pytest.param("9.2", "-0.1", id="satisfaction_too_low"),
    ],
)
def test_no_opportunity(importance: str | None, satisfaction: str | None, store: Store) -> None:
    scores = {"importanceScore": importance, "satisfactionScore": satisfaction}
    store.extend(score("outcome", name, value) for name, value in scores.items() if value)
    infer(store, rules=RULES, reads=READS, writes=INFERRED)
    assert inferred(store) == set()


@given(st.lists(st.tuples(*[st.integers(0, 100)] * 2), min_size=1, max_size=8))
def test_opportunity_is_exact(pairs: list[tuple[int, int]]) -> None:
    store = Store()
    for index, (importance, satisfaction) in enumerate(pairs):
        store.add(score(f"outcome-{index}", "importanceScore", str(Decimal(importance) / 10)))
        store.add(score(f"outcome-{index}", "satisfactionScore", str(Decimal(satisfaction) / 10)))
    infer(store, rules=[rule for rule in RULES if "score" in rule.stem], reads=READS, writes=INFERRED)
    found = {name_of(quad.subject): Decimal(name_of(quad.object)) for quad in inferred(store)}
    expected = [Decimal(i + max(i - s, 0)) / 10 for i, s in pairs]
    assert found == {node(f"outcome-{index}").value: value for index, value in enumerate(expected)}


LEVELS = {"foundational": 2, "intermediate": 4, "advanced": 6, "expert": 8, "thought_leader": 10, "unheard_of": 0}


@given(st.lists(st.tuples(st.integers(0, 100), st.sampled_from(list(LEVELS))), max_size=9))
def test_coverage_is_the_complement_of_the_product(ontology: list[Quad], mappings: list[tuple[int, str]]) -> None:
    store = Store()
    store.bulk_extend(quad for quad in ontology if quad.predicate.value == JG + "maturityValue")
    store.add(Quad(node("job"), TYPE, NamedNode(JG + "Job"), ASSERTED))
    for index, (relevance, level) in enumerate(mappings):
        code = NamedNode(f"{JG}code/maturity-level/{level}")
        store.extend([link(f"mapping-{index}", "mapsJob", "job"), score(f"mapping-{index}", *relevant(relevance))])
        store.add(link(f"mapping-{index}", "mapsCapability", f"capability-{index}"))
        store.add(Quad(node(f"capability-{index}"), NamedNode(JG + "hasMaturityLevel"), code, ASSERTED))
    infer(store, rules=[rule for rule in RULES if "coverage" in rule.stem], reads=READS, writes=INFERRED)
    (found,) = inferred(store)
    open_shares = [1 - Decimal(relevance * LEVELS[level]) / 1000 for relevance, level in mappings]
    assert Decimal(name_of(found.object)) == 1 - prod(open_shares, start=Decimal(1)).quantize(Decimal("1e-15"))


def relevant(percent: int) -> tuple[str, str]:
    return "relevanceScore", str(Decimal(percent) / 100)


@given(*[st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=8)] * 3)
def test_each_pair_says_how_it_came(
    plays: set[tuple[int, int]], performs: set[tuple[int, int]], direct: set[tuple[int, int]]
) -> None:
    store = Store()
    store.extend(link(f"persona/{p}", "playsRole", f"role/{r}") for p, r in plays)
    for kind, other, pairs in (("mapsRole", "role", performs), ("mapsPersona", "persona", direct)):
        for one, job in pairs:
            mapping = f"{kind}/{one}-{job}"
            store.extend([link(mapping, kind, f"{other}/{one}"), link(mapping, "mapsJob", f"job/{job}")])
    infer(store, rules=RULES, reads=READS, writes=INFERRED)
    inherited = {(p, job) for p, played in plays for r, job in performs if played == r}
    origins = dict.fromkeys(direct, "direct") | dict.fromkeys(inherited, "inherited")
    origins |= dict.fromkeys(direct & inherited, "both")
    found = set(store.quads_for_pattern(None, NamedNode(JG + "hasJobOrigin"), None, INFERRED))
    assert {(name_of(quad.subject), name_of(quad.object).rpartition("/")[2]) for quad in found} == {
        (node(f"persona-job/{p}/{job}").value, origin) for (p, job), origin in origins.items()
    }


def test_two_rules_can_write_one_property(tmp_path: Path, store: Store) -> None:
    rules = [write_rule(tmp_path / f"{n}_needs.rq", source) for n, source in enumerate(("mapsJob", "mapsRole"))]
    store.extend([link("a", "mapsJob", "x"), link("a", "mapsRole", "x"), link("b", "mapsRole", "x")])
    assert infer(store, rules=rules, reads=READS, writes=INFERRED) == {"0_needs": 1, "1_needs": 1}
    assert infer(store, rules=rules, reads=READS, writes=INFERRED) == {"0_needs": 1, "1_needs": 1}
    store.remove(link("a", "mapsJob", "x"))
    assert infer(store, rules=rules, reads=READS, writes=INFERRED) == {"0_needs": 0, "1_needs": 2}
    store.remove(link("a", "mapsRole", "x"))
    infer(store, rules=rules, reads=READS, writes=INFERRED)
    assert inferred(store) == {link("b", "needs", "x", INFERRED)}


def write_rule(path: Path, source: str) -> Path:
    path.write_text(
        f"PREFIX jg: <{JG}>\n\nCONSTRUCT {{\n    ?s jg:needs ?o .\n}}\nWHERE {{\n    ?s jg:{source} ?o .\n}}\n"
    )
    return path


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("CONSTRUCT {", "is no SPARQL query", id="broken"),
        pytest.param("SELECT ?s { ?s ?p ?o }", "is no CONSTRUCT query", id="select"),
        pytest.param(None, "cannot be read", id="missing"),
        pytest.param("CONSTRUCT { ?s a ?o ; ?p ?o } { ?s ?p ?o }", "the template needs one triple", id="two_a_line"),
    ],
)
def test_bad_rule_is_named(text: str | None, problem: str, tmp_path: Path) -> None:
    rule = tmp_path / "01_bad.rq"
    if text:
        rule.write_text(text)
    with pytest.raises(InputError, match=rf"01_bad\.rq:? {problem}"):
        infer(Store(), rules=[rule], reads=READS, writes=INFERRED)
