from __future__ import annotations

import pytest
from pyoxigraph import Store

from jobgraph.errors import UsageError
from jobgraph.writing.operations import read_operations, with_dataset, within_graph

DATA = "INSERT DATA { <ex:a> <ex:p> 0 . GRAPH <ex:g> { <ex:a> <ex:p> 1 } GRAPH <ex:h> { <ex:a> <ex:p> 2 } }"
COPY = "INSERT { GRAPH <ex:new> { ?s <ex:q> ?o } }"


def run(text: str) -> list[str]:
    """What `text` leaves of the data, without datatypes."""
    store = Store()
    store.update(DATA)
    store.update(text)
    return sorted(str(quad).replace("^^<http://www.w3.org/2001/XMLSchema#integer>", "") for quad in store)


def added(text: str) -> list[str]:
    return [quad for quad in run(text) if quad not in run("")]


@pytest.mark.parametrize(
    ("text", "default", "named", "values"),
    [
        pytest.param(COPY + " WHERE { ?s ?p ?o }", ["ex:g"], [], "1", id="one_default"),
        pytest.param(COPY + "where{?s ?p ?o}", ["ex:g", "ex:h"], [], "12", id="two_defaults"),
        pytest.param(COPY + " WHERE { GRAPH ?g { ?s ?p ?o } }", [], ["ex:h"], "2", id="named"),
        pytest.param(COPY + " WHERE { ?s ?p ?o }", [], ["ex:h"], "", id="named_alone_leaves_no_default"),
        pytest.param(COPY + " WHERE { ?s ?p ?o }", [], [], "0", id="none"),
        pytest.param(COPY + ' WHERE { ?s ?p ?o FILTER("} WHERE {" != "#") }', ["ex:g"], [], "1", id="quoted"),
        pytest.param(COPY + " # WHERE {\n WHERE { { ?s ?p ?o } }", ["ex:g"], [], "1", id="comment"),
        pytest.param(
            f"PREFIX where: <ex:> {COPY} WHERE {{ ?s where:p ?o }}", ["ex:g"], [], "1", id="prefix_like_a_word"
        ),
        pytest.param(f"PREFIX with: <ex:> {COPY} WHERE {{ ?s ?p ?o }}", ["ex:g"], [], "1", id="prefix_with"),
        pytest.param(f"CLEAR DEFAULT ; {COPY} WHERE {{ ?s ?p ?o }}", ["ex:g"], [], "1", id="second_operation"),
        pytest.param("INSERT DATA { GRAPH <ex:new> { <ex:a> <ex:q> 0 } }", ["ex:g"], [], "0", id="data"),
    ],
)
def test_pattern_sees_the_graphs_of_the_parameters(
    text: str, default: list[str], named: list[str], values: str
) -> None:
    assert added(with_dataset(text, default, named)) == [f'<ex:a> <ex:q> "{value}" <ex:new>' for value in values]


@pytest.mark.parametrize(
    "text", ["DELETE WHERE { ?s ?p ?o }", "deletewhere{?s ?p ?o}", "DELETE # {\nWHERE { ?s ?p ?o }"]
)
def test_short_delete_sees_them_too(text: str) -> None:
    assert run(with_dataset(text, ["ex:g"], [])) == run("")  # what ex:g has is in no unnamed graph
    assert len(run(with_dataset(f"INSERT DATA {{ <ex:a> <ex:p> 1 }} ; {text}", ["ex:g"], []))) == 3


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"WITH <ex:g> {COPY} WHERE {{ ?s ?p ?o }}", id="with"),
        pytest.param(f"with<ex:g>{COPY}where{{ ?s ?p ?o }}", id="with_no_space"),
        pytest.param(f"PREFIX x: <ex:> WITHx:g {COPY} WHERE {{ ?s ?p ?o }}", id="with_runs_into_a_name"),
        pytest.param(f"{COPY} USING <ex:g> WHERE {{ ?s ?p ?o }}", id="using"),
        pytest.param(f"{COPY} using named <ex:g> WHERE {{ ?s ?p ?o }}", id="using_named"),
        pytest.param(f"CLEAR DEFAULT ; {COPY} USING <ex:g> WHERE {{ ?s ?p ?o }}", id="second_operation"),
    ],
)
def test_graphs_may_be_named_in_one_place_only(text: str) -> None:
    with pytest.raises(UsageError, match="use either"):
        with_dataset(text, [], ["ex:g"])


@pytest.mark.parametrize("iri", ["", "no iri", "relative", "ex:a> WHERE {} ; DROP ALL #"])
def test_parameter_must_be_an_iri(iri: str) -> None:
    with pytest.raises(UsageError, match="absolute IRI"):
        with_dataset(f"{COPY} WHERE {{}}", [iri], [])


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        pytest.param("INSERT DATA { <ex:n> <ex:p> 1 }", None, id="insert_data"),
        pytest.param("DELETE DATA { <ex:a> <ex:p> 0, 1 }", None, id="delete_data"),
        pytest.param("DELETE WHERE { ?s ?p ?o }", None, id="delete_where"),
        pytest.param("DELETE { ?s ?p ?o } INSERT { ?s <ex:q> ?o } WHERE { ?s ?p ?o }", None, id="modify"),
        pytest.param("PREFIX e: <ex:> INSERT { ?s e:q 1 } WHERE { ?s ?p ?o } ;", None, id="prologue"),
        pytest.param("INSERT DATA { <ex:n> <ex:p> 1 } ; DELETE WHERE { <ex:n> ?p ?o }", None, id="sequence"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_patch_of_a_graph_does_to_it_what_the_text_does_to_the_unnamed_one(text: str, outside: None) -> None:
    del outside
    alone = Store()
    alone.update("INSERT DATA { <ex:a> <ex:p> 1 }")
    alone.update(text)
    store = Store()
    store.update(DATA)
    store.update(within_graph(text, "ex:g"))
    assert {q.triple for q in store if str(q.graph_name) == "<ex:g>"} == {q.triple for q in alone}
    assert {q for q in run("") if not q.endswith("<ex:g>")} == {
        q for q in run(within_graph(text, "ex:g")) if not q.endswith("<ex:g>")
    }


@pytest.mark.parametrize("graph", ["ex:g", None])
@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { GRAPH <ex:h> { <ex:n> <ex:p> 1 } }",
        "INSERT { ?s ?p 1 } WHERE { graph ?g { ?s ?p ?o } }",
        "WITH <ex:h> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "INSERT { ?s ?p 1 } USING <ex:h> WHERE { ?s ?p ?o }",
        "INSERT { <ex:a> <ex:p> trueGRAPH <ex:h> { <ex:n> <ex:p> 1 } } WHERE {}",
        "CLEAR DEFAULT",
        "INSERT DATA { <ex:n> <ex:p> 1 } ; DROP ALL",
        "COPY DEFAULT TO <ex:h>",
    ],
)
def test_patch_names_no_graph(text: str, graph: str | None) -> None:
    with pytest.raises(UsageError, match="one graph"):
        within_graph(text, graph)


def test_operations_are_told_apart() -> None:
    text = """PREFIX insert: <ex:;> CLEAR DEFAULT ; DELETE { ?s ?p ";" } WHERE { ?s ?p ?o ; ?q ?r } # ; DROP ALL
        ; INSERT DATA { <ex:a;b> <ex:p> '''{''' }"""
    found = read_operations(text)
    assert [operation.head for operation in found] == [["CLEAR", "DEFAULT"], ["DELETE", "WHERE"], ["INSERT", "DATA"]]
    assert [text[operation.verb : operation.verb + 6] for operation in found[1:]] == ["DELETE", "INSERT"]
    assert [len(operation.groups) for operation in found] == [0, 2, 1]
