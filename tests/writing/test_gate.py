from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse
from tests.store.content import NAMES, publish
from tests.writing.conftest import CONTENT, ONTOLOGY, Apply, files_of

from jobgraph.errors import ShapeRefusalError
from jobgraph.pipeline.review import read_results, read_work_list, review
from jobgraph.shacl import read_report
from jobgraph.store import Home, Tenant
from jobgraph.store.generations import WORK
from jobgraph.vocabulary import JG, SH
from jobgraph.writing import DeleteGraph, SparqlUpdate, gate

ASSERTED = NAMES.asserted
BROKEN = f"<ex:q> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{JG}CountryProfile> {{asserted}} .\n"
BREAK = "<ex:n> a jg:CountryProfile"
MEND = "<ex:n> a jg:CountryProfile ; jg:describesCountry <ex:f>"


def insert(triples: str, graph: str = ASSERTED) -> SparqlUpdate:
    return SparqlUpdate(f"INSERT DATA {{ GRAPH <{graph}> {{ {triples} }} }}")


def inferred(tenant: Tenant) -> set[str]:
    generation = tenant.current()
    assert generation
    with generation.open() as store:
        return {str(q.triple) for q in store.quads_for_pattern(None, None, None, NamedNode(NAMES.inferred))}


def test_new_violation_is_refused_with_its_report(home: Home, apply: Apply) -> None:
    before = files_of(home.path)
    with pytest.raises(ShapeRefusalError, match="<ex:n>: A profile must describe one country") as caught:
        apply(insert(BREAK))
    assert files_of(home.path) == before
    kept = pickle.loads(pickle.dumps(caught.value))
    report = {str(quad.predicate.value): quad.object for quad in parse(kept.report, RdfFormat.TURTLE)}
    assert (kept.count, report[f"{SH}focusNode"]) == (1, NamedNode("ex:n"))
    assert report[f"{SH}conforms"].value == "false"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"DELETE DATA {{ GRAPH <{ASSERTED}> {{ <ex:f> a jg:Country }} }}", id="delete_data"),
        pytest.param(f"WITH <{ASSERTED}> DELETE {{ ?s jg:describesCountry ?o }} WHERE {{ ?s ?p ?o }}", id="delete"),
        pytest.param(f"INSERT DATA {{ <ex:n> a jg:CountryProfile }} ; ADD DEFAULT TO <{ASSERTED}>", id="add"),
        pytest.param(f"PREFIX x: <{ASSERTED[:-4]}> INSERT DATA {{ GRAPH x:rted {{ {BREAK} }} }}", id="prefix"),
        pytest.param("DELETE WHERE { GRAPH ?g { ?s a jg:Country } }", id="variable"),
    ],
)
def test_no_form_of_update_goes_around_the_gate(text: str, apply: Apply) -> None:
    with pytest.raises(ShapeRefusalError):
        apply(SparqlUpdate(text))


def test_change_that_mends_what_it_breaks_is_published(tenant: Tenant, apply: Apply) -> None:
    assert apply(insert(MEND)).severities == {"violation": 0, "warning": 0, "info": 0}
    assert "<ex:f> <ex:isDescribedBy> <ex:n>" in inferred(tenant)


def test_inferred_graph_follows_what_is_asserted(tenant: Tenant, apply: Apply) -> None:
    apply(DeleteGraph(ASSERTED))
    assert inferred(tenant) == set()


@pytest.mark.parametrize("graph", ["ex:g", "DEFAULT"])
def test_free_graphs_are_free(graph: str, tenant: Tenant, apply: Apply) -> None:
    text = f"INSERT DATA {{ {BREAK} }}" if graph == "DEFAULT" else insert(BREAK, graph).text
    assert apply(SparqlUpdate(text)).is_changed
    assert inferred(tenant) == {"<ex:f> <ex:isDescribedBy> <ex:p>"}


def test_unnamed_graph_hides_nothing(apply: Apply) -> None:
    apply(SparqlUpdate("INSERT DATA { <ex:n> jg:describesCountry <ex:f> }"))
    with pytest.raises(ShapeRefusalError):
        apply(insert(BREAK))


def test_report_is_kept_in_the_generation(bare: Tenant, tmp_path: Path, apply_to_bare: Apply) -> None:
    publish(bare, CONTENT + BROKEN + ONTOLOGY, tmp_path)
    assert apply_to_bare(insert("<ex:n> <ex:p> 1")).severities["violation"] == 1
    generation = bare.current()
    assert generation
    assert [str(result.focus) for result in read_report(generation.path / "report.ttl")] == ["<ex:q>"]


def test_work_list_is_kept_with_the_report(bare: Tenant, tmp_path: Path, apply_to_bare: Apply) -> None:
    publish(bare, CONTENT + BROKEN + ONTOLOGY, tmp_path)
    apply_to_bare(insert("<ex:n> <ex:p> 1"))
    generation, (vocabulary, _, guide) = bare.current(), gate.standards()
    assert generation
    assert (generation.path / WORK).is_file()
    with generation.open() as store:
        kept = read_work_list(store, generation)
        made = review(store, generation, read_results(generation), guide=guide, vocabulary=vocabulary)
    assert kept == made
    assert [example.iri for item in kept.items for example in item.examples] == ["ex:q"]


def test_who_had_violations_can_still_write(bare: Tenant, tmp_path: Path, apply_to_bare: Apply) -> None:
    publish(bare, CONTENT + BROKEN + BROKEN.replace("ex:q", "ex:r") + ONTOLOGY, tmp_path)
    for number in range(2):
        assert apply_to_bare(insert(f"<ex:m> <ex:p> {number}")).severities["violation"] == 2
    with pytest.raises(ShapeRefusalError) as caught:
        apply_to_bare(insert(BREAK))
    assert caught.value.count == 1
    assert apply_to_bare(insert("<ex:q> jg:describesCountry <ex:f>")).severities["violation"] == 1
    with pytest.raises(ShapeRefusalError):  # what was mended is new when it is broken again
        apply_to_bare(SparqlUpdate(f"DELETE DATA {{ GRAPH <{ASSERTED}> {{ <ex:q> jg:describesCountry <ex:f> }} }}"))


def test_blank_node_that_had_a_violation_may_keep_it(bare: Tenant, tmp_path: Path, apply_to_bare: Apply) -> None:
    publish(bare, CONTENT + BROKEN.replace("<ex:q>", "_:q") + ONTOLOGY, tmp_path)
    for number in range(2):
        assert apply_to_bare(insert(f"<ex:m> <ex:p> {number}")).severities["violation"] == 1


def test_report_of_a_refusal_is_cut(apply: Apply, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "_MOST_REPORTED", 2)
    with pytest.raises(ShapeRefusalError, match=r"and 2 more\. .* has the first 2\.") as caught:
        apply(insert(" . ".join(f"<ex:n{n}> a jg:CountryProfile" for n in range(3))))
    assert (caught.value.count, caught.value.report.count("sh:focusNode")) == (3, 2)


def test_empty_tenant_gets_the_ontology_with_its_first_statement(bare: Tenant, apply_to_bare: Apply) -> None:
    apply_to_bare(SparqlUpdate("INSERT DATA { <ex:a> <ex:p> 1 }"))
    apply_to_bare(insert("<ex:f> a jg:Country"))
    generation = bare.current()
    assert generation
    with generation.open() as store:
        assert {graph.value for graph in store.named_graphs()} == {ASSERTED, NAMES.ontology, NAMES.metadata}
    with pytest.raises(ShapeRefusalError):
        apply_to_bare(insert(BREAK))
