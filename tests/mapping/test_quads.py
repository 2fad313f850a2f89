from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, RdfFormat, parse
from tests.admission import BASE, COUNTRIES, TENANTS, Admit, Cells, read_lines
from tests.benchmarks.plain_writer import Writer

from jobgraph.contract import Admitted, admit
from jobgraph.mapping import SHARED, quads, write_quads
from jobgraph.mapping.iris import entity_iri
from jobgraph.resources import resource_path
from jobgraph.sources import open_source
from jobgraph.vocabulary import JG, RDF, XSD, Vocabulary

SAMPLE = resource_path("data", "sample")
SAYABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
ODD_KEYS = ["a b", '"', "'", "<", ">", "%", "%20", "/", "\\", "é", "日本😀", ".", "..", "{}", "$1", "\n", "\x01"]
BLUE = "<https://colours.example/blue>"
COLOUR = "jg:code/colour/"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


def teams(*rows: str, columns: str = "") -> dict[str, Cells]:
    """The tenants, and teams of the first one: key and cells between bars, under the columns."""
    cells = (row.split("|") for row in rows)
    return {
        "tenants": TENANTS,
        "teams": [["id", "tenant_id", *columns.split()], *([key, "t1", *rest] for key, *rest in cells)],
    }


def test_row_is_an_entity_of_its_class_in_the_graph_of_its_tenant(admit_tables: Admit) -> None:
    lines = admit_tables(teams("a|Alpha", columns="name")).lines()
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    team, graph = f"<{BASE}team/a>", "<https://graph.example/acme> ."
    assert lines["acme"][:3] == [
        f"{team} {TYPE} <{JG}Team> {graph}",
        f'{team} {label} "Alpha" {graph}',
        f"{team} <{JG}belongsToTenant> <{BASE}tenant/t1> {graph}",
    ]


@pytest.mark.parametrize(
    ("column", "term", "cell", "objects"),
    [
        pytest.param("size", "size", "+07", [f'"+07"^^<{XSD}integer>'], id="integer"),
        pytest.param("score", "score", "7.50", [f'"7.50"^^<{XSD}decimal>'], id="decimal"),
        pytest.param("is_active", "isActive", "Yes", [f'"true"^^<{XSD}boolean>'], id="boolean"),
        pytest.param("founded", "founded", "2025-02-28", [f'"2025-02-28"^^<{XSD}date>'], id="date"),
        pytest.param("met_at", "metAt", "2025-02-28 10:00+00", [f'"2025-02-28T10:00:00Z"^^<{XSD}dateTime>'], id="time"),
        pytest.param("starts_at", "startsAt", "10:00", [f'"10:00:00"^^<{XSD}time>'], id="time_of_day"),
        pytest.param("colour", "hasColour", "red", [f"{COLOUR}red"], id="code"),
        pytest.param("colour", "hasColour", "Red", [f"{COLOUR}red"], id="other_spelling"),
        pytest.param("colour", "hasColour", 'it\'s "green"', [f"{COLOUR}green"], id="odd_spelling"),
        pytest.param("colour", "hasColour", "azure", [BLUE], id="concept_elsewhere"),
        pytest.param("colour", "hasColour", 'm"auve', [r'"m\"auve"'], id="unknown_code"),
        pytest.param("colours", "hasOtherColour", "{Green,azure}", [BLUE, f"{COLOUR}green"], id="codes"),
        pytest.param("colours", "hasOtherColour", "{red,mauve}", ['"mauve"', f"{COLOUR}red"], id="codes_unknown"),
        pytest.param("tags", "tags", "{b,a}", ['"a"', '"b"'], id="list"),
        pytest.param("tags", "tags", '{a,a,"a b",NULL,""}', ['""', '"a b"', '"a"'], id="list_with_quotes"),
        pytest.param("tags", "tags", '["a", 1.50, true, null]', ['"1.5"', '"a"', '"true"'], id="json_list"),
        pytest.param("tags", "tags", "{}", [], id="empty_list"),
        pytest.param("tags", "tags", "[]", [], id="empty_json_list"),
        pytest.param("tags", "tags", "{NULL}", [], id="list_of_null"),
        pytest.param("dice", "dice", "{1,06}", [f'"06"^^<{XSD}integer>', f'"1"^^<{XSD}integer>'], id="integers"),
        pytest.param("parent_id", "isPartOf", "a", ["team/a"], id="link"),
        pytest.param("parent_id", "isPartOf", "z", [], id="broken_link"),
        pytest.param("size", "size", "many", [], id="broken_cell"),
        pytest.param("size", "size", "", [], id="empty"),
    ],
)  # fmt: skip
def test_cell_is_stated(admit_tables: Admit, column: str, term: str, cell: str, objects: list[str]) -> None:
    assert admit_tables(teams(f"a|{cell}", columns=column)).objects(term) == objects


def test_cells_of_one_row_do_not_mix_with_those_of_another(admit_tables: Admit) -> None:
    columns = "size dice tags colours founded score parent_id colour settings met_at starts_at is_active"
    full = "a|1|{2,3}|{x,y}|{red}|2025-01-01|4.5|a|green|[1]|2025-01-01T10:00:00Z|10:00:00|true"
    statements = admit_tables(teams(full, "b" + "|" * 12, columns=columns)).statements
    assert {s for s in statements if s.startswith("team/b")} == {
        f"team/b {TYPE} jg:Team",
        "team/b jg:belongsToTenant tenant/t1",
    }
    assert {s.removeprefix("team/a ") for s in statements if s.startswith("team/a")} == {
        f"{TYPE} jg:Team",
        "jg:belongsToTenant tenant/t1",
        f'jg:size "1"^^<{XSD}integer>',
        f'jg:dice "2"^^<{XSD}integer>',
        f'jg:dice "3"^^<{XSD}integer>',
        'jg:tags "x"',
        'jg:tags "y"',
        f"jg:hasOtherColour {COLOUR}red",
        f"jg:hasColour {COLOUR}green",
        f'jg:founded "2025-01-01"^^<{XSD}date>',
        f'jg:score "4.5"^^<{XSD}decimal>',
        "jg:isPartOf team/a",
        f'jg:settings "[1]"^^<{RDF}JSON>',
        f'jg:metAt "2025-01-01T10:00:00Z"^^<{XSD}dateTime>',
        f'jg:startsAt "10:00:00"^^<{XSD}time>',
        f'jg:isActive "true"^^<{XSD}boolean>',
    }


def test_inverse_link_is_said_of_the_linked_entity(admit_tables: Admit) -> None:
    statements = admit_tables(teams("a|", "b|a", columns="manager_id")).statements
    assert [s for s in statements if "manages" in s] == ["team/a jg:manages team/b"]


def test_plain_junction_row_is_one_line(admit_tables: Admit) -> None:
    tables = {**teams("a"), "countries": COUNTRIES, "team_countries": "team_id,country_id\na,c1\na,c2\nz,c1\n"}
    admission = admit_tables(tables)
    assert admission.objects("worksIn") == ["country/c1", "country/c2"]
    assert sum("worksIn" in line for line in admission.lines(folder="again")["acme"]) == 2


def test_code_that_is_a_label_too_is_stated_as_both(admit_tables: Admit) -> None:
    tools = "id,tenant_id,name\nh,t1,Red\ni,t1,mauve\nj,t1,azure\n"
    statements = admit_tables({"tenants": TENANTS, "tools": tools}).statements
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    assert {s for s in statements if "label" in s or "isNamedAfter" in s} == {
        f'tool/h {label} "Red"',
        f'tool/i {label} "mauve"',
        f'tool/j {label} "azure"',
        f"tool/h jg:isNamedAfter {COLOUR}red",
        'tool/i jg:isNamedAfter "mauve"',
        f"tool/j jg:isNamedAfter {BLUE}",
    }


def test_link_in_the_column_of_keys_is_stated_where_it_leads_somewhere(admit_tables: Admit) -> None:
    tables = {"tenants": TENANTS, "countries": COUNTRIES, "country_profiles": "id,motto\nc1,Firm\nzz,Happy\n"}
    admission = admit_tables(tables)
    assert admission.objects("describesCountry") == ["country/c1"]
    assert admission.objects("motto") == ['"Firm"', '"Happy"']


def test_deleted_and_quarantined_rows_are_not_stated(admit_tables: Admit) -> None:
    rows = "id,tenant_id,name,deleted_at\na,t1,A,\nb,t1,B,2025-01-01T00:00:00Z\na,t1,C,\n,t1,D,\ne,,E,\n"
    statements = admit_tables({"tenants": TENANTS, "teams": rows}).statements
    assert {s.split()[0] for s in statements} == {"team/a", "tenant/t1", "tenant/t2"}


def test_shared_rows_have_a_file_of_their_own(admit_tables: Admit) -> None:
    tables = {"tenants": TENANTS, "countries": COUNTRIES, "tools": "id,tenant_id\ns,\nh,t2\n"}
    lines = admit_tables(tables).lines()
    assert {name: {line.split()[0] for line in found} for name, found in lines.items()} == {
        "acme": {f"<{BASE}tenant/t1>"},
        "bolt": {f"<{BASE}tenant/t2>", f"<{BASE}tool/h>"},
        SHARED: {f"<{BASE}country/c1>", f"<{BASE}country/c2>", f"<{BASE}tool/s>"},
    }
    assert {line.split()[-2] for line in lines[SHARED]} == {f"<https://graph.example/{SHARED}>"}


def test_odd_names_of_terms_are_quoted(admit_tables: Admit) -> None:
    column = '100% "odd", isn\'t it; {x} \\ é'
    tables: dict[str, Cells] = {
        "tenants": TENANTS,
        "odd \"things\" and 'more'": [["id", "tenant_id", column, "select"], ["a", "t1", 'it\'s "odd"', "7"]],
    }
    statements = admit_tables(tables).statements
    assert r"odd-thing/a jg:it" + "'s " + r'"it' + "'s " + r'\"odd\""' in statements
    assert f'odd-thing/a jg:select "7"^^<{XSD}integer>' in statements


def test_keys_are_encoded_in_rows_and_in_links_to_them(admit_tables: Admit, small_vocabulary: Vocabulary) -> None:
    rows = [["id", "tenant_id", "parent_id", "manager_id"], *([key, "t1", key, key] for key in ODD_KEYS)]
    tables: dict[str, Cells] = {
        "tenants": TENANTS,
        "teams": rows,
        "countries": COUNTRIES,
        "team_countries": [["team_id", "country_id"], *([key, "c1"] for key in ODD_KEYS)],
    }
    admission = admit_tables(tables)
    iris = {f"<{entity_iri(BASE, small_vocabulary, JG + 'Team', key)}>" for key in ODD_KEYS}
    lines = admission.lines()["acme"]
    assert admission.quarantine == []
    for term, at in (("isPartOf", 0), ("isPartOf", 2), ("manages", 0), ("manages", 2), ("worksIn", 0)):
        assert {line.split()[at] for line in lines if f"{term}>" in line} == iris


def test_odd_key_of_an_only_tenant_is_encoded(admit_tables: Admit) -> None:
    rows = [["id", "tenant_id"], ["a", "t<1> x"]]
    statements = admit_tables({"teams": rows}, only_tenant="acme").statements
    assert "team/a jg:belongsToTenant tenant/t%3C1%3E%20x" in statements


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(SAYABLE, min_size=1, max_size=30))
@example(texts=["\\u0041", '\\"', "\x01", "\x7f", "\u2028", "\ufeff", "a\r\nb", "<a>", "^^", "{a", "NULL", "%v", "\\"])
def test_any_text_and_any_key_can_be_stated(admit_tables: Admit, texts: list[str]) -> None:
    rows = [[f"{number}{text}", "t1", text, json.dumps([text])] for number, text in enumerate(texts)]
    admission = admit_tables({"tenants": TENANTS, "teams": [["id", "tenant_id", "name", "tags"], *rows]})
    path = admission.write()["acme"]
    stated = [quad.object for quad in parse(path=str(path), format=RdfFormat.N_QUADS)]
    assert admission.quarantine == []
    assert sorted(o.value for o in stated if isinstance(o, Literal) and o.value != "acme") == sorted(texts * 2)


def test_cell_of_ten_megabytes_is_stated_whole(admit_tables: Admit) -> None:
    long = "é" * 5_000_000
    rows = [["id", "tenant_id", "name", "tags"], ["a", "t1", long, "{x}"], ["b", "t1", "B", json.dumps(["y", long])]]
    admission = admit_tables({"tenants": TENANTS, "teams": rows})
    objects = [q.object.value for q in parse(path=str(admission.write()["acme"]), format=RdfFormat.N_QUADS)]
    assert objects.count(long) == 2


def test_list_of_many_elements_is_stated_in_reasonable_time(admit_tables: Admit) -> None:
    long = "{" + ",".join(f"element{n}" for n in range(50_000)) + "}"
    rows = [["id", "tenant_id", "tags"], ["a", "t1", long]]
    assert len(admit_tables({"tenants": TENANTS, "teams": rows}).objects("tags")) == 50_000


def test_rows_are_written_in_batches_without_a_seam(admit_tables: Admit, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f"a{n}|{{x,y z}}|{n % 7}|a{n // 2}|{{}}" for n in range(2_500)]
    admission = admit_tables({**teams(*rows, columns="tags size parent_id settings"), "countries": COUNTRIES})
    whole = admission.lines()
    monkeypatch.setattr(quads, "_FETCHED_ROWS", 7)
    assert admission.lines(folder="batched") == whole
    assert len(whole["acme"]) == 2_500 * 7 + 2


def test_nothing_but_the_files_is_left(admit_tables: Admit) -> None:
    files = admit_tables(teams("a", "b")).write()
    assert {path.name for path in files["acme"].parent.iterdir()} == {"acme.nq", "bolt.nq", f"{SHARED}.nq"}


def test_progress_tells_each_table_and_its_rows(admit_tables: Admit, tmp_path: Path) -> None:
    admission, told = admit_tables(teams("a", "b")), dict[str, int]()
    graphs = {SHARED: "https://graph.example/shared"}
    write_quads(admission.admitted, admission.vocabulary, tmp_path, base=BASE, graphs=graphs, progress=told.__setitem__)
    assert told == {"teams": 2, "tenants": 2}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, shipped_vocabulary: Vocabulary) -> Iterator[Admitted]:
    with closing(open_source(str(SAMPLE), work_dir=tmp_path_factory.mktemp("work"))) as source, duckdb.connect() as c:
        yield admit(c, source, shipped_vocabulary)


@pytest.fixture(scope="module")
def sample_lines(
    sample: Admitted, shipped_vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    return lines_of(sample, shipped_vocabulary, tmp_path_factory.mktemp("sample"))


def lines_of(admitted: Admitted, vocabulary: Vocabulary, out: Path, *slugs: str) -> dict[str, list[str]]:
    """The sorted lines of some tenants, or of all."""
    graphs = {slug: f"{BASE}graph/{slug}/asserted" for slug in slugs or admitted.tenants.values()}
    files = write_quads(admitted, vocabulary, out, base=BASE, graphs={**graphs, SHARED: f"{BASE}graph/shared"})
    return {slug: sorted(read_lines(path)) for slug, path in files.items()}


def shuffle_cells(source: Path, target: Path, chance: random.Random) -> None:
    """Copy a CSV file with its rows and columns in another order."""
    with source.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    order = chance.sample(range(len(header)), len(header))
    chance.shuffle(rows)
    with target.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([row[i] for i in order] for row in [header, *rows])


def test_sample_gives_the_lines_of_a_writer_that_goes_row_by_row(
    sample_lines: dict[str, list[str]], shipped_vocabulary: Vocabulary, tmp_path: Path
) -> None:
    Writer(BASE, shipped_vocabulary).write(SAMPLE, tmp_path / "plain.nq")
    assert sorted(line for found in sample_lines.values() for line in found) == sorted(
        read_lines(tmp_path / "plain.nq")
    )


def test_part_of_the_tenants_gives_the_same_lines_for_them(
    sample: Admitted, sample_lines: dict[str, list[str]], shipped_vocabulary: Vocabulary, tmp_path: Path
) -> None:
    slug = max(sample.tenants.values())
    part = lines_of(sample, shipped_vocabulary, tmp_path, slug)
    assert part == {name: sample_lines[name] for name in (slug, SHARED)}


def test_order_of_rows_and_columns_never_matters(
    sample_lines: dict[str, list[str]], shipped_vocabulary: Vocabulary, tmp_path: Path
) -> None:
    shuffled, chance = tmp_path / "shuffled", random.Random(1)
    shuffled.mkdir()
    for path in sorted(SAMPLE.glob("*.csv")):
        shuffle_cells(path, shuffled / path.name, chance)
    with closing(open_source(str(shuffled), work_dir=tmp_path)) as source, duckdb.connect() as connection:
        other = admit(connection, source, shipped_vocabulary)
        assert lines_of(other, shipped_vocabulary, tmp_path / "out") == sample_lines
