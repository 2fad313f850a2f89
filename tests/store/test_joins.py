"""Queries with planned joins have the solutions of the queries as they were written."""

from __future__ import annotations

from collections import Counter
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from jobgraph.store import GraphName
from jobgraph.store.joins import plan_joins
from jobgraph.store.scans import Sizes
from jobgraph.vocabulary import RDF

GRAPHS: list[GraphName] = [NamedNode("urn:g:1"), NamedNode("urn:g:2")]
NODES = [f"<urn:{name}>" for name in "abc"]
TERMS: list[NamedNode | Literal] = [*(NamedNode(node[1:-1]) for node in NODES), Literal("one")]
VARIABLES = st.sampled_from(["?v", "?w", "?x", "?y"])
ENDS = st.sampled_from(["?v", "?w", "?x", "?y"] * 3 + [NODES[0], '"one"', "1"])
PATHS = st.sampled_from(
    ["<urn:p>", "<urn:q>", "a", "^<urn:p>", "<urn:p>/<urn:q>", "(^<urn:p>)/<urn:q>", "<urn:p>+", "<urn:p>|<urn:q>"]
)
TRIPLES = st.tuples(VARIABLES, PATHS, ENDS).map(lambda parts: f"{' '.join(parts)} . ")
LISTS = st.tuples(VARIABLES, PATHS, ENDS, PATHS, ENDS, ENDS).map(
    lambda p: f"{p[0]} {p[1]} {p[2]} ; {p[3]} {p[4]} , {p[5]} . "
)
TESTS = st.tuples(VARIABLES, VARIABLES)
FILTERS = st.one_of(
    TESTS.map(lambda v: f"FILTER({v[0]} != {v[1]}) "),
    TESTS.map(lambda v: f"FILTER REGEX(STR({v[0]}), 'a|1') "),
    TESTS.map(lambda v: f"FILTER(REGEX({v[0]}, 'o') || BOUND({v[1]})) "),
    TESTS.map(lambda v: f"FILTER NOT EXISTS {{ {v[0]} <urn:q> {v[1]} }} "),
    TESTS.map(lambda v: f"FILTER IF({v[0]} = {v[1]}, false, EXISTS {{ {v[0]} a ?class }}) "),
)
VALUES = VARIABLES.map(lambda name: f"VALUES {name} {{ {NODES[0]} {NODES[1]} }} ")
JOINED = st.lists(TRIPLES | TRIPLES | LISTS, min_size=1, max_size=2).map("".join)


def containing(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    groups = st.tuples(JOINED, st.lists(inner | FILTERS | VALUES | JOINED, max_size=2)).map(
        lambda parts: "".join((parts[0], *parts[1]))
    )
    return st.one_of(
        groups,
        groups.map("{{ {} }} ".format),
        groups.map("OPTIONAL {{ {} }} ".format),
        groups.map("MINUS {{ {} }} ".format),
        groups.map("{{ SELECT DISTINCT ?v ?x {{ {} }} }} ".format),
        groups.map("{{ SELECT ?w (COUNT(*) AS ?count) {{ {} }} GROUP BY ?w HAVING (COUNT(*) > 1) }} ".format),
        st.tuples(groups, groups).map(lambda pair: f"{{ {pair[0]} }} UNION {{ {pair[1]} }} "),
        st.tuples(groups, groups).map(lambda pair: f"{{ SELECT * {{ {pair[0]} }} }} UNION {{ {pair[1]} }} "),
    )


QUERIES = st.recursive(JOINED, containing, max_leaves=3)
BODIES = st.tuples(TRIPLES, QUERIES, TRIPLES | st.just("")).map("".join)
QUADS = st.tuples(
    st.sampled_from([NamedNode(node[1:-1]) for node in NODES]),
    st.sampled_from([NamedNode("urn:p"), NamedNode("urn:q"), NamedNode(f"{RDF}type")]),
    st.sampled_from(TERMS),
    st.sampled_from(GRAPHS),
).map(lambda parts: Quad(*parts))


def ask(store: Store, text: str) -> QuerySolutions:
    return cast("QuerySolutions", store.query(text, default_graph=GRAPHS, named_graphs=[]))


def solutions(store: Store, text: str) -> Counter[str]:
    found = ask(store, text)
    names = [variable.value for variable in found.variables]
    return Counter(str([solution[name] for name in names if name in "vwxy"]) for solution in found)


def sizes_of(store: Store) -> Sizes:
    return Sizes(lambda pattern, limit: min(limit, len(list(ask(store, f"SELECT * {{ {pattern} }}")))))


@settings(max_examples=400, deadline=None)
@given(quads=st.lists(QUADS, min_size=8, max_size=20), body=BODIES)
def test_a_planned_query_has_the_same_solutions(quads: list[Quad], body: str) -> None:
    store = Store()
    store.extend(quads)
    text = f"SELECT ?v ?w ?x ?y {{ {body} }}"
    assert solutions(store, plan_joins(text, sizes_of(store))) == solutions(store, text)


def test_variable_that_only_other_groups_give_values_leaves_a_query_as_it_is() -> None:
    test = "FILTER NOT EXISTS { ?v <urn:q> ?w }"
    query = "SELECT ?v { ?v <urn:p> ?w . { ?v a <urn:a> } UNION { ?v a <urn:b> . %s } } LIMIT 1"
    assert plan_joins(query % test, sizes()) == query % test
    for clear in ("FILTER NOT EXISTS { ?v <urn:q> ?x }", f"?v <urn:r> ?w . {test}", "FILTER(?v != ?w)"):
        assert plan_joins(query % clear, sizes()) != query % clear


def sizes(**counts: int) -> Sizes:
    """Sizes by the last letter of a property or class; 10 for others."""

    def count(pattern: str, limit: int) -> int:
        term = pattern.split()[1] if f"{RDF}type" not in pattern else pattern.split()[2]
        return min(limit, counts.get(term[-2], 10))

    return Sizes(count)


P, Q = "{ SELECT ?v ?x { ?v <urn:p> ?x . } }", "{ SELECT ?v ?y { ?v <urn:q> ?y . } }"


@pytest.mark.parametrize(
    ("body", "planned"),
    [
        pytest.param("?v <urn:p> ?x . ?v <urn:q> ?y", f"{P} {Q}", id="all_is_needed"),
        pytest.param(
            "?v <urn:p> ?x ; <urn:L> ?y ; a <urn:C>",
            f"{{ SELECT ?v {{ ?v a <urn:C> . }} }} {P} ?v <urn:L> ?y .",
            id="a_few_of_many",
        ),
        pytest.param("?v <urn:p> ?x", "?v <urn:p> ?x .", id="nothing_to_join"),
        pytest.param("?v <urn:p> ?x OPTIONAL { ?v <urn:q> ?y }", f"?v <urn:p> ?x . OPTIONAL {{ {Q} }}", id="optional"),
        pytest.param(
            "?v <urn:p> ?x OPTIONAL { ?v <urn:L> ?y }",
            "?v <urn:p> ?x . OPTIONAL { ?v <urn:L> ?y . }",
            id="a_few_are_optional",
        ),
        pytest.param(
            "?v <urn:p>/^<urn:q> ?y",
            "{ SELECT ?v ?y { { SELECT ?v ?sh_step1 { ?v <urn:p> ?sh_step1 . } } "
            "{ SELECT ?y ?sh_step1 { ?y <urn:q> ?sh_step1 . } } } }",
            id="steps",
        ),
        pytest.param(
            "?v <urn:q> ?y FILTER REGEX(?x, 'a') ?v <urn:p> ?x",
            f"{Q} {P} BIND( REGEX(?x, 'a') AS ?sh_holds1) FILTER(?sh_holds1)",
            id="costly_filter",
        ),
        pytest.param(
            "?v <urn:p> ?x OPTIONAL { ?v <urn:q> ?y FILTER REGEX(?x, ?y) }",
            f"?v <urn:p> ?x . OPTIONAL {{ {Q} FILTER  REGEX(?x, ?y) }}",
            id="costly_filter_that_sees_more_than_its_group",
        ),
        pytest.param(
            "VALUES ?c { <urn:C> <urn:L> } ?v a ?c . ?v <urn:p> ?x",
            f"VALUES  ?c {{ <urn:C> <urn:L> }} ?v a ?c . {P}",
            id="listed_classes",
        ),
    ],
)
def test_what_is_needed_as_a_whole_is_scanned(body: str, planned: str) -> None:
    found = plan_joins(f"SELECT * {{ {body} }}", sizes(L=1_000_000, C=20))
    assert found.split() == f"SELECT * {{ {planned} }}".split()


@pytest.mark.parametrize(
    "body",
    [
        "GRAPH ?g { ?v <urn:p> ?x . ?v <urn:q> ?y }",
        "?v ex:p ?x . ?v <urn:q> ?y",
        "_:b <urn:p> ?x . _:b <urn:q> ?y",
        "?v <urn:p> [ <urn:q> ?y ]",
        "VALUES (?v ?x) { (<urn:a> <urn:b>) } ?v <urn:p> ?x . ?v <urn:q> ?y",
        "SERVICE <urn:s> { ?v <urn:p> ?x }",
    ],
)
def test_what_is_not_understood_stays_as_it_is(body: str) -> None:
    assert plan_joins(f"SELECT ?v {{ {body} }}", sizes()) == f"SELECT ?v {{ {body} }}"
