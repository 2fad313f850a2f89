from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, NamedNode, Store

from jobgraph.store import PREFIXES
from jobgraph.writing.reach import OneGraph, TextReach

TARGET = "https://example.org/id/graph/acme/asserted"
OTHER = "https://example.org/id/graph/other"


@pytest.mark.parametrize(
    ("text", "reaches", "writes"),
    [
        pytest.param(f"INSERT DATA {{ GRAPH <{TARGET}> {{ <ex:a> <ex:p> 1 }} }}", True, True, id="iri"),
        pytest.param("INSERT DATA { GRAPH <ex:g> { <ex:a> <ex:p> 1 } }", False, False, id="other_iri"),
        pytest.param(f"INSERT DATA {{ GRAPH <{TARGET}x> {{ <ex:a> <ex:p> 1 }} }}", False, False, id="longer_iri"),
        pytest.param(f"CLEAR GRAPH <{TARGET[:-1]}\\u0064>", True, True, id="escaped"),
        pytest.param(f"PREFIX x: <{TARGET[:-4]}> CLEAR GRAPH x:rted", True, True, id="prefix"),
        pytest.param("BASE <https://example.org/id/> CLEAR GRAPH <graph/acme/asserted>", True, True, id="relative"),
        pytest.param(f"INSERT {{ ?s ?p 1 }} WHERE {{ GRAPH <{TARGET}> {{ ?s ?p ?o }} }}", True, False, id="read"),
        pytest.param("INSERT { ?s ?p 1 } WHERE { GRAPH ?g { ?s ?p ?o } }", True, False, id="read_variable"),
        pytest.param(f"INSERT {{ ?s ?p 1 }} USING <{TARGET}> WHERE {{ ?s ?p ?o }}", True, True, id="using"),
        pytest.param("DELETE { GRAPH ?g { ?s ?p 1 } } WHERE { GRAPH ?g { ?s ?p ?o } }", True, True, id="variable"),
        pytest.param("DELETE WHERE { GRAPH#\n$g { ?s ?p ?o } }", True, True, id="variable_after_comment"),
        pytest.param("CLEARALL", True, True, id="clear_all"),
        pytest.param("drop silent\n#\nnamed", True, True, id="drop_named"),
        pytest.param("CLEAR DEFAULT", False, False, id="clear_default"),
        pytest.param("DELETE { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(?o < 3 || ?o > 5) }", False, False, id="less_than"),
    ],
)
def test_text_tells_what_it_may_alter(text: str, *, reaches: bool, writes: bool) -> None:
    reach = TextReach(text)
    assert (reach.may_alter(NamedNode(TARGET)), reach.writes(NamedNode(TARGET))) == (reaches, writes)


def test_unnamed_graph_may_always_be_altered() -> None:
    assert TextReach("CLEAR GRAPH <ex:g>").may_alter(DefaultGraph())


def test_one_graph_is_one_graph() -> None:
    reach = OneGraph(NamedNode(TARGET))
    assert (reach.may_alter(NamedNode(TARGET)), reach.writes(NamedNode(OTHER))) == (True, False)


def escaped(text: str) -> str:
    return "".join(f"\\u{ord(character):04X}" for character in text)


def spellings(iri: str) -> st.SearchStrategy[str]:
    """Ways to write an IRI, with the declarations that they need."""
    cuts = st.integers(min_value=8, max_value=len(iri))
    return st.one_of(
        st.just(f"<{iri}>"),
        cuts.map(lambda n: f"<{iri[:n]}{escaped(iri[n:])}>"),
        cuts.filter(lambda n: "/" not in iri[n:]).map(lambda n: f"PREFIX x: <{iri[:n]}> |x:{iri[n:]}"),
        st.just(f"BASE <{iri[:23]}> |<{iri[23:]}>"),
        st.just(f"BASE <{iri[:23]}a/b/> |<../../{iri[23:]}>"),
    )


GAPS = st.sampled_from([" ", "\n", "\t", " # a\n", "#\n", "#?g <ex:g>\n  "])
ENDS = {
    "INSERT DATA": "{gap}DATA{gap}{{{gap}GRAPH{gap}{graph}{gap}{{ <ex:n> <ex:p> 1 }} }}",
    "insert": "{gap}{{ graph{gap}{graph}{gap}{{ <ex:n> ?p 1 }} }} where {{ ?s ?p ?o }}",
    "Delete": "{gap}{{ GRAPH{gap}?g {{ ?s ?p ?o }} }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} GRAPH ?g {{ ?s ?p ?o }} }}",
    "DELETE": "{gap}WHERE{gap}{{ GRAPH{gap}{graph} {{ ?s ?p ?o }} }}",
    "WITH": "{gap}{graph} DELETE {{ ?s ?p ?o }} INSERT {{ <ex:n> <ex:p> ?o }} WHERE {{ ?s ?p ?o }}",
    "clear": "{gap}graph{gap}{graph}",
    "DROP": "{gap}SILENT{gap}GRAPH{gap}{graph}",
    "COPY": "{gap}DEFAULT{gap}TO{gap}{graph}",
    "MOVE": "{gap}GRAPH{gap}{graph}{gap}TO{gap}DEFAULT",
    "ADD": "{gap}DEFAULT{gap}TO{gap}GRAPH{gap}{graph}",
    "CREATE": "{gap}SILENT{gap}GRAPH{gap}{graph}",
    "CLEAR": "{gap}ALL",
    "drop": "{gap}silent{gap}named",
}


@settings(max_examples=300)
@given(start=st.sampled_from(sorted(ENDS)), gap=GAPS, graph=st.sampled_from([TARGET, OTHER]), data=st.data())
def test_graph_that_an_update_alters_is_one_that_it_may_alter(
    start: str, gap: str, graph: str, data: st.DataObject
) -> None:
    prologue, _, name = data.draw(spellings(graph)).rpartition("|")
    text = f"{prologue}{start.removesuffix(' DATA')}{ENDS[start].format(gap=gap, graph=name)}"
    store = Store()
    for each in (TARGET, OTHER):
        store.update(f"INSERT DATA {{ <ex:s> <ex:p> 2 . GRAPH <{each}> {{ <ex:s> <ex:p> 3 }} }}")
    before = {each: contents(store, each) for each in (TARGET, OTHER)}
    store.update(text, prefixes=dict(PREFIXES))
    reach = TextReach(text)
    for each in (TARGET, OTHER):
        if contents(store, each) != before[each]:
            assert (reach.may_alter(NamedNode(each)), reach.writes(NamedNode(each))) == (True, True)


def contents(store: Store, graph: str) -> tuple[bool, set[object]]:
    node = NamedNode(graph)
    return store.contains_named_graph(node), set(store.quads_for_pattern(None, None, None, node))


@pytest.mark.parametrize(("prefix", "iri"), list(product(["jg"], [PREFIXES["jg"]])))
def test_our_own_prefix_names_the_ontology(prefix: str, iri: str) -> None:
    assert TextReach(f"CLEAR GRAPH {prefix}:").may_alter(NamedNode(iri))
    assert not TextReach("CLEAR GRAPH <ex:g>").may_alter(NamedNode(iri))
