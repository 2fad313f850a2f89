"""Validation after a change: the same results as a validation of everything, asked where the change can matter."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from jobgraph.shacl import Result, Shapes, ask_ahead, read_shapes, validate, validate_changes
from jobgraph.shacl.checks import Check
from jobgraph.shacl.engine import _Session
from jobgraph.shacl.kept import Found, Past, keep_found
from jobgraph.store.following import Delta
from jobgraph.store.scans import Counted

GRAPHS = [NamedNode("urn:graph:one"), NamedNode("urn:graph:two")]
NODES = [NamedNode(f"urn:n{n}") for n in range(5)]
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
SUBCLASS = NamedNode("http://www.w3.org/2000/01/rdf-schema#subClassOf")
P, Q, R = (NamedNode(f"urn:{name}") for name in "pqr")
THING, OTHER, BELOW = (NamedNode(f"urn:{name}") for name in ("Thing", "Other", "Below"))
PREFIXES = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <urn:> ."

PATHS = {
    "property": ":p",
    "inverse": "[ sh:inversePath :p ]",
    "sequence": "( :p :q :r )",
    "inverse_in_sequence": "( [ sh:inversePath :p ] :q [ sh:inversePath :r ] )",
    "inverse_of_sequence": "[ sh:inversePath ( :p :q ) ]",
    "alternative": "[ sh:alternativePath ( :p [ sh:inversePath :q ] ) ]",
    "alternative_of_sequences": "[ sh:alternativePath ( ( :p :q ) ( [ sh:inversePath :q ] :r ) ) ]",
    "alternative_in_sequence": "( :p [ sh:alternativePath ( :q :r ) ] )",
    "one_or_more": "( :q [ sh:oneOrMorePath :p ] )",
    "zero_or_more": "( :q [ sh:zeroOrMorePath [ sh:inversePath :p ] ] )",
    "zero_or_one": "( [ sh:zeroOrOnePath :p ] :q )",
}
END_IS_SUBJECT = {"inverse", "inverse_in_sequence", "inverse_of_sequence", "alternative", "zero_or_more"}
REPEATED = {"one_or_more", "zero_or_more", "zero_or_one"}
SELECT = "SELECT $this ?value WHERE { $this $PATH ?value . "
CONSTRAINTS = {
    "minCount": "sh:minCount 1",
    "minCount_two": "sh:minCount 2",
    "maxCount": "sh:maxCount 1",
    "maxCount_none": "sh:maxCount 0",
    "class": "sh:class :Other",
    "nodeKind": "sh:nodeKind sh:IRI",
    "maxInclusive": "sh:maxInclusive 3",
    "hasValue": "sh:hasValue :n1",
    "in": "sh:in ( :n0 :n1 5 )",
    "equals": "sh:equals :r",
    "disjoint": "sh:disjoint :r",
    "lessThan": "sh:lessThan :r",
    "node": "sh:node [ sh:property [ sh:path ( :r :q ) ; sh:minCount 1 ] ]",
    "not": "sh:not [ sh:property [ sh:path ( [ sh:inversePath :r ] :q ) ; sh:hasValue :n2 ] ]",
    "or": "sh:or ( [ sh:class :Other ] [ sh:property [ sh:path :r ; sh:maxCount 0 ] ] )",
    "qualified": "sh:qualifiedValueShape [ sh:property [ sh:path :r ; sh:minCount 1 ] ] ; sh:qualifiedMinCount 1",
    "inner_property": "sh:property [ sh:path ( :r :q ) ; sh:minCount 1 ]",
    "sparql": f'sh:sparql [ sh:select "{SELECT} ?value :r ?x . ?x :q ?y }}" ]',
    "sparql_not_exists": f'sh:sparql [ sh:select "{SELECT} FILTER NOT EXISTS {{ ?x :r ?value . ?x a :Other }} }}" ]',
    "sparql_optional": f'sh:sparql [ sh:select "{SELECT} OPTIONAL {{?value :r ?x . ?x :q ?y}} FILTER(!BOUND(?y))}}" ]',
    "sparql_count": """sh:sparql [ sh:select "SELECT $this (COUNT(?x) AS ?value) WHERE { $this $PATH ?v . ?v :r ?x }
                       GROUP BY $this HAVING (COUNT(?x) > 1)" ]""".replace("\n", " "),
    "sparql_inner": """sh:sparql [ sh:select "SELECT $this ?value WHERE { ?x :q ?value .
                       { SELECT $this ?x WHERE { $this $PATH ?x . ?x :r ?value } } }" ]""".replace("\n", " "),
    "sparql_shared": f'sh:sparql [ sh:select "{SELECT} $this :r ?x . ?y :q ?value ; :r ?x FILTER(?y != $this) }}" ]',
    "acyclic": """sh:sparql [ a <https://w3id.org/jobgraph/AcyclicityConstraint> ; sh:message "In a circle." ; sh:select
                  "SELECT $this WHERE { $this ($PATH)+ $this . $this ($PATH)+ ?member . ?member ($PATH)+ $this }
                  GROUP BY $this HAVING (MIN(STR(?member)) = STR($this))" ]""".replace("\n", " "),
    "closed_inside": "sh:node [ sh:closed true ; sh:property [ sh:path :q ] ; sh:property [ sh:path :p ] ]",
}


def shapes_of(path: str, constraint: str, folder: Path, target: str = "sh:targetClass :Thing") -> Shapes:
    file = Path(mkdtemp(dir=folder)) / "shapes.ttl"
    prefixes = 'sh:prefixes [ sh:declare [ sh:prefix "" ; sh:namespace "urn:" ] ] ; sh:select'
    file.write_text(
        f"{PREFIXES} :S {target} ; sh:property [ sh:path {path} ; {constraint.replace('sh:select', prefixes)} ] ."
    )
    return read_shapes([file])


def some_quads(chance: random.Random, count: int) -> set[Quad]:
    found = set()
    for _ in range(count):
        property_ = chance.choices((P, Q, R, TYPE), (3, 3, 3, 2))[0]
        values: list[NamedNode | Literal] = [*NODES, *NODES, Literal(1), Literal(5)]
        obj = chance.choice([THING, OTHER, BELOW]) if property_ == TYPE else chance.choice(values)
        found.add(Quad(chance.choice(NODES), property_, obj, chance.choice(GRAPHS)))
    return found


def keys(results: list[Result]) -> list[tuple[str, ...]]:
    return sorted(result.order_key() for result in results)


def check_change(store: Store, shapes: Shapes, added: set[Quad], removed: set[Quad], folder: Path) -> list[Result]:
    """Change the store in two steps; the results of everything, once those after the change have proved equal."""
    before, file = validate(store, GRAPHS, shapes), Path(mkdtemp(dir=folder)) / "checks.json"
    keep_found(file, before.checks, before.found, before.sizes)
    delta = Delta()
    first, second = (
        {"added": set(sorted(added, key=str)[n::2]), "removed": set(sorted(removed, key=str)[n::2])} for n in (1, 0)
    )
    apply(store, delta, **first)
    with ThreadPoolExecutor(1) as aside:
        ahead = ask_ahead(store, GRAPHS, shapes, past=Past(file, delta), aside=aside)
    apply(store, delta, **second)
    everything = validate(store, GRAPHS, shapes)
    for asked in (None, ahead):
        found = validate_changes(store, GRAPHS, shapes, past=Past(file, delta), ahead=asked)
        assert keys(found.results) == keys(everything.results)
    return everything.results


def apply(store: Store, delta: Delta, added: set[Quad], removed: set[Quad]) -> None:
    for quad in removed:
        store.remove(quad)
    store.extend(added)
    delta.note(added=added, removed=removed)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    path=st.sampled_from(sorted(PATHS)),
    constraint=st.sampled_from(sorted(CONSTRAINTS)),
    target=st.sampled_from(["sh:targetClass :Thing", "sh:targetSubjectsOf :p", "sh:targetObjectsOf :q"]),
)
def test_results_are_those_of_a_new_validation(
    seed: int, path: str, constraint: str, target: str, tmp_path: Path
) -> None:
    chance, store = random.Random(seed), Store()
    store.extend({Quad(BELOW, SUBCLASS, THING, GRAPHS[0]), *some_quads(chance, 25)})
    removed = set(chance.sample(sorted(store, key=str), chance.randrange(5)))
    added = {quad for quad in some_quads(chance, chance.randrange(5)) if quad not in store}
    check_change(store, shapes_of(PATHS[path], CONSTRAINTS[constraint], tmp_path, target), added, removed, tmp_path)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), path=st.sampled_from(sorted(PATHS)), count=st.integers(4, 30))
def test_circles_are_those_of_a_new_validation(seed: int, path: str, count: int, tmp_path: Path) -> None:
    chance, store = random.Random(seed), Store()
    store.extend({Quad(BELOW, SUBCLASS, THING, GRAPHS[0]), *some_quads(chance, count)})
    shapes = shapes_of(PATHS[path], CONSTRAINTS["acyclic"], tmp_path)
    for _ in range(3):
        removed = set(chance.sample(sorted(store, key=str), min(len(store), chance.randrange(4))))
        added = {quad for quad in some_quads(chance, chance.randrange(4)) if quad not in store}
        check_change(store, shapes, added, removed - added, tmp_path)


@pytest.mark.parametrize("is_closed", [False, True])
def test_only_ways_on_from_what_changed_are_followed_to_circles(
    *, is_closed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, three, *_ = NODES
    shapes, graph, store = shapes_of(":p", CONSTRAINTS["acyclic"], tmp_path), GRAPHS[0], Store()
    store.extend({Quad(one, P, two, graph), *(Quad(node, TYPE, THING, graph) for node in NODES)})
    whole, run = [], _Session.run

    def noted(session: _Session, checks: Sequence[Check], threads: int) -> Found:
        whole.append(len(checks))
        return run(session, checks, threads)

    monkeypatch.setattr(_Session, "run", noted)
    step = Quad(two, P, one if is_closed else three, graph)
    assert len(check_change(store, shapes, {step}, set(), tmp_path)) == is_closed
    assert whole[3] == is_closed  # after those before, ahead, and of everything


def chain(path: str) -> list[Quad]:
    """Steps of the longest way along a path from the first node, the last step last."""
    a, b, c, d = NODES[:4]
    triples = {
        "property": [(a, P, b)],
        "inverse": [(b, P, a)],
        "sequence": [(a, P, b), (b, Q, c), (c, R, d)],
        "inverse_in_sequence": [(b, P, a), (b, Q, c), (d, R, c)],
        "inverse_of_sequence": [(b, Q, a), (c, P, b)],
        "alternative": [(b, Q, a)],
        "alternative_of_sequences": [(b, Q, a), (b, R, c)],
        "alternative_in_sequence": [(a, P, b), (b, R, c)],
        "one_or_more": [(a, Q, b), (b, P, c), (c, P, d)],
        "zero_or_more": [(a, Q, b), (c, P, b), (d, P, c)],
        "zero_or_one": [(a, P, b), (b, Q, c)],
    }[path]
    return [Quad(*triple, GRAPHS[0]) for triple in triples]


@pytest.mark.parametrize("what", ["came", "went"])
@pytest.mark.parametrize("path", PATHS)
def test_step_at_the_end_of_a_path_concerns_its_focus_node(
    path: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, store, is_gone = chain(path), Store(), what == "went"
    filler = [Quad(NODES[4], TYPE, THING, GRAPHS[1]), Quad(NODES[4], P, NODES[4], GRAPHS[1])]
    store.extend([Quad(NODES[0], TYPE, THING, GRAPHS[0]), *filler, *(steps if is_gone else steps[:-1])])
    whole, run = [], _Session.run

    def noted(session: _Session, checks: Sequence[Check], threads: int) -> Found:
        whole.append(len(checks))
        return run(session, checks, threads)

    monkeypatch.setattr(_Session, "run", noted)
    end = steps[-1].subject if path in END_IS_SUBJECT else steps[-1].object
    changed = ({steps[-1]}, set()) if not is_gone else (set(), {steps[-1]})
    results = check_change(store, shapes_of(PATHS[path], f"sh:hasValue {end}", tmp_path), *changed, tmp_path)
    assert (NODES[0] in {result.focus for result in results}) is is_gone
    assert whole[3] == (1 if path in REPEATED else 0)  # after those before, ahead, and of everything


def test_what_is_shared_twice_is_asked_ahead_of_the_last_changes(tmp_path: Path) -> None:
    one, other, name, kind = NODES[:4]
    shapes, graph = shapes_of(":p", CONSTRAINTS["sparql_shared"], tmp_path), GRAPHS[0]
    store, delta = Store(), Delta()
    store.extend([Quad(one, TYPE, THING, graph), Quad(one, R, kind, graph), Quad(other, Q, name, graph)])
    with ThreadPoolExecutor(1) as aside:
        assert ask_ahead(store, GRAPHS, shapes, past=Past(tmp_path, delta), aside=aside).chosen == []
    apply(store, delta, {Quad(one, P, name, graph)}, set())
    with ThreadPoolExecutor(1) as aside:
        ahead = ask_ahead(store, GRAPHS, shapes, past=Past(tmp_path, delta), aside=aside)
    assert (ahead.chosen, ahead.asked.result()) == ([0], [[]])
    assert len(check_change(store, shapes, {Quad(other, R, kind, graph)}, set(), tmp_path)) == 1
    assert check_change(store, shapes, set(), {Quad(other, R, kind, graph)}, tmp_path) == []


@pytest.mark.parametrize("is_gone", [False, True])
def test_classes_below_others_that_change_after_some_was_asked(*, is_gone: bool, tmp_path: Path) -> None:
    shapes, graph = shapes_of(":p", CONSTRAINTS["minCount"], tmp_path), GRAPHS[0]
    below, store = {Quad(BELOW, SUBCLASS, THING, graph)}, Store()
    store.extend([Quad(NODES[0], TYPE, BELOW, graph), *(below if is_gone else ())])
    results = check_change(store, shapes, *((set(), below) if is_gone else (below, set())), tmp_path)
    assert len(results) == (0 if is_gone else 1)


def test_file_of_other_shapes_is_not_believed(tmp_path: Path) -> None:
    store = Store()
    store.extend([Quad(NODES[0], TYPE, THING, GRAPHS[0])])
    old, new = (shapes_of(":p", f"sh:minCount {n}", tmp_path) for n in (1, 2))
    before = validate(store, GRAPHS, old)
    keep_found(tmp_path / "checks.json", before.checks, before.found, before.sizes)
    past = Past(tmp_path / "checks.json", Delta())
    assert keys(validate_changes(store, GRAPHS, new, past=past).results) == keys(validate(store, GRAPHS, new).results)


@pytest.mark.parametrize(("changed", "is_known"), [(2, True), (3, False)])
def test_what_was_counted_holds_until_half_of_it_may_have_changed(
    changed: int, *, is_known: bool, tmp_path: Path
) -> None:
    file, pattern = tmp_path / "checks.json", "?sh_a <urn:p> ?sh_b"
    keep_found(file, (), (), {pattern: Counted(10, 50, changed=2)})
    added = {Quad(node, P, THING, GRAPHS[0]) for node in NODES[:changed]}
    sizes = Past(file, Delta(added=added)).sizes
    assert sizes == ({pattern: Counted(10, 50, changed=4)} if is_known else {})


def test_change_keeps_what_was_counted_before(tmp_path: Path) -> None:
    store, shapes, file = Store(), shapes_of(":p", CONSTRAINTS["sparql_shared"], tmp_path), tmp_path / "checks.json"
    store.extend(Quad(node, property_, THING, GRAPHS[0]) for node in NODES for property_ in (TYPE, P, Q, R))
    before = validate(store, GRAPHS, shapes)
    assert before.sizes
    keep_found(file, before.checks, before.found, before.sizes)
    after = validate_changes(store, GRAPHS, shapes, past=Past(file, Delta()))
    assert after.sizes == before.sizes
