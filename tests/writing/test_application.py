from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Quad, RdfFormat, Store
from tests.store.content import BASE, NAMES, leftovers, publish
from tests.writing.conftest import CONTENT, ONTOLOGY, RESERVED, Apply, content, files_of, graph_of

from jobgraph.errors import (
    JobgraphError,
    RefusedError,
    ReservedGraphError,
    ShapeRefusalError,
    StaleGenerationError,
    UnknownGraphError,
    UsageError,
)
from jobgraph.settings import Settings
from jobgraph.store import Home, Tenant
from jobgraph.writing import (
    Change,
    DeleteGraph,
    PatchGraph,
    PostGraph,
    PutGraph,
    SparqlUpdate,
    apply_change,
    difference,
)

ASSERTED, INFERRED, SHARED = NAMES.asserted, NAMES.inferred, NAMES.shared
UPDATES = {
    "insert_data": "INSERT DATA { <ex:n> <ex:p> 1 . GRAPH <ex:g> { <ex:n> <ex:p> 2 } GRAPH <ex:m> { <ex:n> <ex:p> 3 }}",
    "insert_data_asserted": f"INSERT DATA {{ GRAPH <{ASSERTED}> {{ <ex:n> <ex:p> 1 }} }}",
    "delete_data": 'DELETE DATA { <ex:a> <ex:p> <ex:b> . GRAPH <ex:g> { <ex:b> <ex:p> "2" } }',
    "delete_where": "DELETE WHERE { <ex:a> ?p ?o }",
    "delete_where_graph": "DELETE WHERE { GRAPH <ex:g> { ?s ?p ?o } }",
    "delete_insert": "DELETE { ?s ?p ?o } INSERT { ?s <ex:was> ?o } WHERE { ?s ?p ?o FILTER(isLITERAL(?o)) }",
    "with": f"WITH <ex:g> DELETE {{ ?s ?p ?o }} INSERT {{ GRAPH <{ASSERTED}> {{ ?s ?p 1 }} }} WHERE {{ ?s ?p ?o }}",
    "using": f"INSERT {{ ?s ?p ?o }} USING <{SHARED}> WHERE {{ ?s ?p ?o }}",
    "using_named": f"INSERT {{ ?s ?p ?g }} USING NAMED <{INFERRED}> WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    "variable_graph": "INSERT { GRAPH ?o { ?s ?p ?o } } WHERE { ?s ?p ?o FILTER(isIRI(?o)) }",
    "variable_graph_own": "DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { VALUES ?g { <ex:g> } GRAPH ?g { ?s ?p ?o } }",
    "clear_default": "CLEAR DEFAULT",
    "clear_graph": "CLEAR GRAPH <ex:g>",
    "clear_asserted": f"CLEAR GRAPH <{ASSERTED}>",
    "clear_silent": "CLEAR SILENT GRAPH <ex:none>",
    "drop_default": "DROP DEFAULT",
    "drop_graph": "DROP GRAPH <ex:g>",
    "drop_silent": "DROP SILENT GRAPH <ex:none>",
    "create": "CREATE GRAPH <ex:new>",
    "create_silent": "CREATE SILENT GRAPH <ex:g>",
    "copy": "COPY <ex:g> TO <ex:h>",
    "copy_default": "COPY DEFAULT TO <ex:new>",
    "copy_to_default": "COPY <ex:g> TO DEFAULT",
    "copy_of_shared": f"COPY <{SHARED}> TO <ex:new>",
    "move": "MOVE <ex:g> TO <ex:new>",
    "move_asserted": f"MOVE <ex:g> TO <{ASSERTED}>",
    "move_silent": "MOVE SILENT <ex:none> TO <ex:h>",
    "add": "ADD <ex:g> TO <ex:h>",
    "add_inferred_to_asserted": f"ADD <{INFERRED}> TO <{ASSERTED}>",
    "sequence": "CREATE GRAPH <ex:new> ; INSERT DATA { GRAPH <ex:new> { <ex:n> <ex:p> 1 } } ; MOVE <ex:new> TO <ex:g>",
    "our_prefixes": "INSERT DATA { GRAPH <ex:g> { <ex:n> a jg:Job } }",
    "reads_asserted": f"INSERT {{ GRAPH <ex:h> {{ ?s <ex:seen> 1 }} }} WHERE {{ GRAPH <{ASSERTED}> {{ ?s ?p ?o }} }}",
}
ESCAPES = {
    "insert_data": f"INSERT DATA {{ GRAPH <{SHARED}> {{ <ex:n> <ex:p> 1 }} }}",
    "insert_escaped": f"INSERT DATA {{ GRAPH <{SHARED[:-1]}\\u0064> {{ <ex:n> <ex:p> 1 }} }}",
    "insert_prefixed": f"PREFIX x: <{SHARED[:-3]}> INSERT DATA {{ GRAPH x:red {{ <ex:n> <ex:p> 1 }} }}",
    "insert_relative": f"BASE <{BASE}> INSERT DATA {{ GRAPH <graph/shared> {{ <ex:n> <ex:p> 1 }} }}",
    "insert_dotted": f"BASE <{BASE}> INSERT DATA {{ GRAPH <x/../graph/shared> {{ <ex:n> <ex:p> 1 }} }}",
    "insert_ontology": "INSERT DATA { GRAPH jg: { <ex:n> <ex:p> 1 } }",
    "insert_metadata": f"INSERT DATA {{ GRAPH <{NAMES.metadata}> {{ <ex:n> <ex:p> 1 }} }}",
    "delete_variable": "DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }",
    "delete_where_variable": "DELETE WHERE { GRAPH ?g { ?s ?p ?o } }",
    "delete_where_other_variable": "DELETE WHERE { GRAPH # all\n $g { ?s ?p ?o } }",
    "insert_computed": f"INSERT {{ GRAPH ?g {{ <ex:n> <ex:p> 1 }} }} WHERE {{ BIND(IRI('{SHARED}') AS ?g) }}",
    "with": f"WITH <{INFERRED}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}",
    "using": f"DELETE {{ GRAPH <{SHARED}> {{ ?s ?p ?o }} }} USING <{SHARED}> WHERE {{ ?s ?p ?o }}",
    "clear_all": "CLEAR ALL",
    "clear_named": "clear silent # all\n named",
    "drop_all": "DROP ALL",
    "drop_named": "DROPSILENTNAMED",
    "clear_shared": f"CLEAR GRAPH <{SHARED}>",
    "drop_inferred": f"DROP GRAPH <{INFERRED}>",
    "copy": f"COPY <ex:g> TO <{SHARED}>",
    "copy_default": f"COPY DEFAULT TO <{NAMES.metadata}>",
    "move_to": f"MOVE <ex:g> TO <{NAMES.ontology}>",
    "move_from": f"MOVE <{SHARED}> TO <ex:new>",
    "move_nothing_to": f"MOVE SILENT <ex:none> TO <{SHARED}>",
    "add": f"ADD <ex:g> TO <{INFERRED}>",
    "last_of_many": f"INSERT DATA {{ <ex:n> <ex:p> 1 }} ; CLEAR DEFAULT ; ADD <ex:g> TO <{SHARED}>",
}
each_update = pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in UPDATES.items()])
each_escape = pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in ESCAPES.items()])


@pytest.fixture(params=[pytest.param(50_000, id="compared"), pytest.param(0, id="too_large_to_compare")])
def _both_sizes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(difference, "_MOST_HELD", request.param)


def state(store: Store) -> tuple[list[str], list[str]]:
    """What writers may change: the graphs and their triples, with one name for all blank nodes."""
    quads = [_plain(quad) for quad in store if graph_of(quad) not in RESERVED]
    return sorted({graph.value for graph in store.named_graphs()} - RESERVED), sorted(quads)


def _plain(quad: Quad) -> str:
    return " ".join("_:" if str(term).startswith("_:") else str(term) for term in quad)


def published(home: Home) -> Store:
    """What is served, in memory."""
    generation = home.tenant("acme").current()
    assert generation
    with generation.open() as store:
        return copied(store)


def served(home: Home) -> tuple[list[str], list[str]]:
    return state(published(home))


def reserved(store: Store) -> tuple[set[str], set[Quad]]:
    """The graphs that are read-only, and what they hold."""
    graphs = {graph.value for graph in store.named_graphs()} & RESERVED
    return graphs, {quad for quad in store if graph_of(quad) in RESERVED}


@each_update
def test_update_does_what_a_store_does(text: str, home: Home, apply: Apply) -> None:
    plain = content()
    plain.update(text, prefixes={"jg": NAMES.ontology})
    apply(SparqlUpdate(text))
    assert served(home) == state(plain)
    assert leftovers(home) == []


@pytest.mark.usefixtures("_both_sizes")
@each_escape
def test_read_only_graph_is_refused_and_nothing_changes(text: str, home: Home, apply: Apply) -> None:
    before = files_of(home.path)
    with pytest.raises(ReservedGraphError, match="read-only"):
        apply(SparqlUpdate(text))
    assert files_of(home.path) == before


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("LOAD <http://127.0.0.1:9/x>", id="load"),
        pytest.param("INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:9/x> { ?s ?p ?o } }", id="service"),
        pytest.param(f"INSERT {{ <ex:a> <ex:b> 1 }} WHERE {'{' * 2000}{'}' * 2000}", id="nesting"),
    ],
)
def test_text_that_must_not_be_parsed_is_refused(text: str, apply: Apply) -> None:
    with pytest.raises(RefusedError):
        apply(SparqlUpdate(text))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("INSERT DATA { <ex:a> ", "does not parse at line 1", id="cut_off"),
        pytest.param("CLEAR XYZ", "does not parse", id="no_update"),
        pytest.param("INSERT DATA { <a> <ex:p> 1 }", "does not parse", id="relative_without_base"),
        pytest.param("ASK {}", "does not parse", id="query"),
        pytest.param("CREATE GRAPH <ex:g>", "already exists", id="graph_that_is_there"),
        pytest.param("DROP GRAPH <ex:none>", "does not exist", id="graph_that_is_not_there"),
        pytest.param("INSERT DATA { <ex:z> <ex:p> 1 } ; CREATE GRAPH <ex:g>", "already exists", id="second_fails"),
        pytest.param("INSERT { <ex:a> <ex:p> ?x } WHERE { BIND(<ex:f>(1) AS ?x) }", "not supported", id="function"),
    ],
)
def test_update_that_cannot_run_says_why(text: str, sentence: str, home: Home, apply: Apply) -> None:
    before = files_of(home.path)
    with pytest.raises(UsageError, match=sentence):
        apply(SparqlUpdate(text))
    assert files_of(home.path) == before


GRAPHS = st.sampled_from(
    ["DEFAULT", "<ex:g>", "<ex:h>", f"<{ASSERTED}>", f"<{INFERRED}>", f"<{SHARED}>", f"<{NAMES.metadata}>"]
)
TERMS = st.sampled_from(["<ex:a>", "<ex:b>", "<ex:g>", "1"])


@st.composite
def operations(draw: st.DrawFn) -> str:
    source, target, silent = draw(GRAPHS), draw(GRAPHS), draw(st.sampled_from(["", "SILENT "]))
    named = target.replace("DEFAULT", "<ex:g>")
    triple = f"<ex:a> <ex:p> {draw(TERMS)}"
    return draw(
        st.sampled_from(
            [
                f"INSERT DATA {{ {triple} }}",
                f"INSERT DATA {{ GRAPH {named} {{ {triple} }} }}",
                f"DELETE DATA {{ GRAPH {named} {{ {triple} }} }}",
                f"DELETE WHERE {{ GRAPH {named} {{ ?s <ex:p> ?o }} }}",
                f"INSERT {{ GRAPH {named} {{ ?s <ex:r> ?o }} }} WHERE {{ ?s <ex:p> ?o }}",
                "INSERT { GRAPH ?o { ?s <ex:p> ?o } } WHERE { ?s <ex:p> ?o FILTER(isIRI(?o)) }",
                f"WITH {named} DELETE {{ ?s ?p ?o }} INSERT {{ ?s ?p <ex:b> }} WHERE {{ ?s ?p ?o }}",
                f"COPY {silent}{source} TO {target}",
                f"MOVE {silent}{source} TO {target}",
                f"ADD {silent}{source} TO {target}",
                f"CLEAR SILENT {target if target == 'DEFAULT' else f'GRAPH {target}'}",
                f"DROP SILENT {target if target == 'DEFAULT' else f'GRAPH {target}'}",
            ]
        )
    )


def copied(store: Store) -> Store:
    copy = Store()
    copy.extend(store)
    for graph in store.named_graphs():
        copy.add_graph(graph)
    return copy


def outcome_of(store: Store, text: str) -> tuple[Store, type[JobgraphError] | None]:
    """A store after an update, and the error with which it should be refused."""
    after = copied(store)
    try:
        after.update(text)
    except RuntimeError:
        return store, UsageError
    return after, None if reserved(store) == reserved(after) else ReservedGraphError


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.lists(operations(), min_size=1, max_size=3).map(" ;\n".join), min_size=1, max_size=3))
def test_changes_equal_those_of_a_store_that_refuses_what_is_read_only(
    texts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("law")
    home = Home(folder / "home")
    tenant = home.create_tenant("acme", base=BASE)
    publish(tenant, CONTENT + ONTOLOGY, folder)
    for text in texts:
        plain = published(home)
        after, error = outcome_of(plain, text)
        refusal = refusal_of(tenant, text, home)
        if refusal is ShapeRefusalError:
            assert (error, state(after) == state(plain), served(home)) == (None, False, state(plain))
        else:
            assert (refusal, served(home)) == (error, state(plain if refusal else after))


def refusal_of(tenant: Tenant, text: str, home: Home) -> type[JobgraphError] | None:
    try:
        apply_change(tenant, SparqlUpdate(text), Settings(home=home.path))
    except JobgraphError as error:
        return type(error)
    return None


@pytest.mark.parametrize(
    ("change", "is_new", "added", "removed"),
    [
        pytest.param(PutGraph("ex:new", b"<ex:n> <ex:p> 1 .", RdfFormat.TURTLE), True, 1, 0, id="put_new"),
        pytest.param(PutGraph("ex:new", b"", RdfFormat.TURTLE), True, 0, 0, id="put_new_and_empty"),
        pytest.param(PutGraph("ex:h", b'<ex:c> <ex:p> "3", 4 .', RdfFormat.TURTLE), False, 1, 0, id="put_more"),
        pytest.param(PutGraph("ex:h", b"<ex:n> <ex:p> 1 .", RdfFormat.TURTLE), False, 1, 1, id="put_other"),
        pytest.param(PutGraph(None, b"<ex:n> <ex:p> 1 .", RdfFormat.TURTLE), False, 1, 2, id="put_unnamed"),
        pytest.param(PostGraph("ex:new", b"<ex:n> <ex:p> 1 .", RdfFormat.TURTLE), True, 1, 0, id="post_new"),
        pytest.param(PostGraph("ex:h", b"<ex:n> <ex:p> 1 .", RdfFormat.TURTLE), False, 1, 0, id="post_more"),
        pytest.param(PostGraph("ex:h", b"[] <ex:p> 1 .", RdfFormat.TURTLE), False, 1, 0, id="post_blank_node"),
        pytest.param(DeleteGraph("ex:g"), False, 0, 2, id="delete"),
        pytest.param(DeleteGraph(None), False, 0, 2, id="delete_unnamed"),
        pytest.param(PatchGraph("ex:h", "DELETE WHERE { ?s ?p ?o }"), False, 0, 1, id="patch"),
        pytest.param(PatchGraph("ex:new", "INSERT DATA { <n> <ex:p> 1 }", "ex:x"), True, 1, 0, id="patch_new"),
        pytest.param(PatchGraph(None, "DELETE DATA { <ex:a> <ex:p> <ex:b> }"), False, 0, 1, id="patch_unnamed"),
    ],
)
def test_graph_is_written(change: Change, *, is_new: bool, added: int, removed: int, apply: Apply) -> None:
    written = apply(change)
    assert (written.created, written.added, written.removed) == (is_new, added, removed)
    assert (written.generation_after, written.growth) == ("000003", added - removed)


@pytest.mark.parametrize("graph", sorted(RESERVED))
def test_read_only_graph_is_not_written_to(graph: str, home: Home, apply: Apply) -> None:
    before = files_of(home.path)
    body = b"<ex:n> <ex:p> 1 ."
    changes = [PutGraph(graph, body, RdfFormat.TURTLE), PostGraph(graph, body, RdfFormat.TURTLE), DeleteGraph(graph)]
    for change in (*changes, PatchGraph(graph, "INSERT DATA { <ex:n> <ex:p> 1 }")):
        with pytest.raises(ReservedGraphError):
            apply(change)
    assert files_of(home.path) == before


def test_graph_that_is_not_there_cannot_be_deleted(apply: Apply) -> None:
    with pytest.raises(UnknownGraphError, match="no graph <ex:none>"):
        apply(DeleteGraph("ex:none"))


def test_name_of_a_graph_must_be_an_iri(apply: Apply) -> None:
    with pytest.raises(UsageError, match="absolute IRI"):
        apply(DeleteGraph("no iri"))


@pytest.mark.parametrize("text", ["", "CLEAR SILENT GRAPH <ex:none>", "INSERT DATA { <ex:a> <ex:p> <ex:b> }"])
def test_change_that_changes_nothing_publishes_nothing(text: str, home: Home, apply: Apply) -> None:
    before = files_of(home.path)
    written = apply(SparqlUpdate(text))
    assert (written.is_changed, written.generation_after, files_of(home.path)) == (False, "000002", before)


def test_empty_tenant_may_clear_all_again_and_again(home: Home, apply_to_bare: Apply) -> None:
    for number in range(3):
        apply_to_bare(
            SparqlUpdate(f"CLEAR ALL ; INSERT DATA {{ <ex:a> <ex:p> {number} . GRAPH <ex:g> {{ <ex:a> <ex:p> 1 }} }}")
        )
        apply_to_bare(SparqlUpdate("DROP ALL"))
    assert served(home) == ([], [])


def test_writer_that_saw_the_current_generation_may_write(apply: Apply) -> None:
    assert apply(SparqlUpdate("CLEAR DEFAULT"), expected="000002").generation_after == "000003"


def test_writer_that_saw_an_older_generation_may_not(home: Home, apply: Apply) -> None:
    before = files_of(home.path)
    with pytest.raises(StaleGenerationError, match="at generation 000002 and no longer at 000001") as caught:
        apply(SparqlUpdate("CLEAR DEFAULT"), expected="000001")
    assert pickle.loads(pickle.dumps(caught.value)).current == "000002"
    assert files_of(home.path) == before


def test_tenant_without_a_graph_cannot_be_written_to(tmp_path: Path) -> None:
    tenant = Home(tmp_path).tenant("acme", missing_ok=True)
    with pytest.raises(UsageError, match="no graph yet"):
        apply_change(tenant, SparqlUpdate("CLEAR DEFAULT"), Settings(home=tmp_path))


def test_writers_queue(home: Home, apply_to_bare: Apply) -> None:
    texts = [f"INSERT DATA {{ <ex:a> <ex:p> {number} }}" for number in range(6)]
    with ThreadPoolExecutor(3) as pool:
        written = list(pool.map(lambda text: apply_to_bare(SparqlUpdate(text)), texts))
    assert len(served(home)[1]) == len({each.generation_after for each in written}) == len(texts)


def test_old_generations_are_pruned(bare: Tenant, apply_to_bare: Apply) -> None:
    for number in range(7):
        apply_to_bare(SparqlUpdate(f"INSERT DATA {{ <ex:a> <ex:p> {number} }}"))
    assert [generation.name for generation in bare.generations()] == [f"00000{n}" for n in (4, 5, 6, 7, 8)]
