from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.admission import SMALL

from jobgraph.errors import InputError, TurtleError
from jobgraph.vocabulary import JG, XSD, Column, Scheme, Table, Vocabulary, to_kebab_case, to_snake_case

COLOUR = "https://w3id.org/jobgraph/code/colour"
Changed = Callable[[str, str], Vocabulary]


def columns_of(table: Table) -> dict[str, Column]:
    return {f"{c.name} {c.path.removeprefix(JG)}": c for c in table.columns}


@pytest.mark.parametrize(
    ("term", "column", "step"),
    [
        ("importanceScore", "importance_score", "importance-score"),
        ("Job", "job", "job"),
        ("GenAiUseCase", "gen_ai_use_case", "gen-ai-use-case"),
        ("isAboutQ1", "is_about_q1", "is-about-q1"),
    ],
)
def test_names_change_case_between_worlds(term: str, column: str, step: str) -> None:
    assert (to_snake_case(term), to_kebab_case(term)) == (column, step)


def test_every_shape_with_a_table_is_one(small_vocabulary: Vocabulary) -> None:
    tables = small_vocabulary.tables
    assert {name: table.tenancy for name, table in tables.items()} == {
        "countries": "Shared",
        "country_profiles": "Shared",
        "notes": "Inherited",
        "odd \"things\" and 'more'": "Own",
        "team_countries": "Inherited",
        "teams": "Own",
        "tenants": "Itself",
        "tools": "OwnOrShared",
    }


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (
            "size size",
            Column(
                "size",
                JG + "size",
                "literal",
                datatype=XSD + "integer",
                bounds=((">=", "0"), ("<", "100")),
                message="A team has 0 to 99 members.",
            ),
        ),
        (
            "name http://www.w3.org/2000/01/rdf-schema#label",
            Column(
                "name",
                "http://www.w3.org/2000/01/rdf-schema#label",
                "literal",
                datatype=XSD + "string",
                required=True,
                message="A team must have one name.",
            ),
        ),
        ("manager_id manages", Column("manager_id", JG + "manages", "link", inverse=True, target=JG + "Team")),
        ("tags tags", Column("tags", JG + "tags", "literal", datatype=XSD + "string", repeated=True)),
        (
            "colour hasColour",
            Column(
                "colour",
                JG + "hasColour",
                "code",
                scheme=COLOUR,
                message="A team can have only one colour of the list.",
            ),
        ),
    ],
    ids=["bounds", "required", "inverse", "list", "code"],
)
def test_property_shape_is_a_column(small_vocabulary: Vocabulary, column: str, expected: Column) -> None:
    assert replace(columns_of(small_vocabulary.tables["teams"])[column], shape="") == expected


def test_column_that_states_two_properties_is_two(small_vocabulary: Vocabulary) -> None:
    kinds = {c.kind for c in small_vocabulary.tables["tools"].columns if c.name == "name"}
    assert kinds == {"code", "literal"}


def test_plain_junction_links_its_subject(small_vocabulary: Vocabulary) -> None:
    junction = small_vocabulary.tables["team_countries"]
    assert junction.subject == Column("team_id", "", "link", target=JG + "Team", required=True)
    assert [(c.name, c.path, c.target, c.repeated) for c in junction.columns] == [
        ("country_id", JG + "worksIn", JG + "Country", False)
    ]
    assert [link.name for link in junction.links] == ["team_id", "country_id"]


def test_known_columns_start_with_the_key(small_vocabulary: Vocabulary) -> None:
    assert small_vocabulary.tables["notes"].known_columns == ("id", "team_id", "tool_id", "wording")
    assert small_vocabulary.tables["team_countries"].known_columns == ("id", "team_id", "country_id")
    assert "search_text" in small_vocabulary.tables["teams"].known_columns


def test_waived_and_unique_columns_are_read(small_vocabulary: Vocabulary) -> None:
    teams = small_vocabulary.tables["teams"]
    assert teams.waived == {"search_text": "A copy of other columns."}
    assert teams.unique == (("tenant_id", "name"),)


def test_columns_are_found_by_what_they_state(small_vocabulary: Vocabulary) -> None:
    teams = small_vocabulary.tables["teams"]
    assert teams.column_of(JG + "belongsToTenant") == "tenant_id"
    assert teams.column_of(JG + "worksIn") is None


def test_tables_are_found_by_class(small_vocabulary: Vocabulary) -> None:
    assert small_vocabulary.table_of_class[JG + "Team"].name == "teams"
    assert "" not in small_vocabulary.table_of_class


def test_scheme_has_all_notations_and_spellings(small_vocabulary: Vocabulary) -> None:
    blue = "https://colours.example/blue"
    assert small_vocabulary.schemes[COLOUR] == Scheme(
        COLOUR,
        {"azure": blue, "blue": blue, "green": f"{COLOUR}/green", "red": f"{COLOUR}/red"},
        {"Green": f"{COLOUR}/green", "Red": f"{COLOUR}/red", 'it\'s "green"': f"{COLOUR}/green", "red": blue},
    )


def test_plain_notations_name_their_concepts_and_others_are_looked_up(small_vocabulary: Vocabulary) -> None:
    scheme = small_vocabulary.schemes[COLOUR]
    assert scheme.plain == ("green", "red")
    assert scheme.others.keys() == {"azure", "blue", "Green", "Red", 'it\'s "green"'}


def test_scheme_of_a_column(small_vocabulary: Vocabulary) -> None:
    columns = columns_of(small_vocabulary.tables["teams"])
    assert small_vocabulary.scheme_of(columns["colour hasColour"]) is small_vocabulary.schemes[COLOUR]
    assert small_vocabulary.scheme_of(columns["tags tags"]) is None


def test_tenant_extends_a_scheme_with_a_file(tmp_path: Path) -> None:
    extension = tmp_path / "teal.ttl"
    extension.write_text(
        f"""@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        <https://tenant.example/teal> skos:inScheme <{COLOUR}> ; skos:notation "teal" ; skos:hiddenLabel "Teal" ."""
    )
    vocabulary = Vocabulary(root=SMALL, extensions=[extension])
    assert vocabulary.schemes[COLOUR].others["Teal"] == "https://tenant.example/teal"
    assert vocabulary.ontology_files()[-1] == extension


@pytest.fixture
def changed(tmp_path: Path) -> Changed:
    """The small vocabulary with one text of its shapes replaced, or some added at their end."""

    def change(old: str, new: str) -> Vocabulary:
        root = tmp_path / "root"
        shutil.copytree(SMALL, root)
        shapes = root / "shapes" / "teams.ttl"
        text = shapes.read_text(encoding="utf-8")
        assert old in text
        shapes.write_text(text.replace(old, new, 1) if old else text + new, encoding="utf-8")
        return Vocabulary(root=root)

    return change


def shape_of(table: str, iri: str) -> str:
    return f'[] a sh:NodeShape ; jg:table "{table}" ; jg:tenancy jg:SharedTenancy ; sh:targetClass {iri} .'


TOOL_LINK = "sh:class jg:Tool ;\n            sh:maxCount 1 ;"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        pytest.param("", shape_of("teams", "jg:Other"), "2 shapes name the table teams", id="two_shapes"),
        pytest.param("", shape_of("x", "jg:country"), "country does not tell one class", id="one_step_of_two"),
        pytest.param("", shape_of("x", "<ex:Thing>"), "rename a class", id="class_that_is_not_ours"),
        pytest.param("jg:SharedTenancy", "jg:OddTenancy", "has no tenancy that is known", id="unknown_tenancy"),
        pytest.param("jg:SharedTenancy", "jg:OwnTenancy", "no column for jg:belongsToTenant", id="no_owner_column"),
        pytest.param('( "team_id" "tool_id" )', "()", "no jg:tenantColumn", id="no_tenant_column"),
        pytest.param('( "team_id" "tool_id" )', '( "wording" )', "is not a link", id="tenant_column_of_text"),
        pytest.param("sh:datatype xsd:decimal ;", "", "exactly one of a datatype", id="nothing_said"),
        pytest.param("sh:class jg:Tool ;", "sh:class jg:Lost ;", "no shape with a table describes", id="lost_class"),
        pytest.param(TOOL_LINK, "sh:class jg:Tool ;", "is a list of links", id="list_of_links"),
    ],
)
def test_shapes_that_cannot_be_mapped_are_refused(changed: Changed, old: str, new: str, fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        changed(old, new).tables  # noqa: B018 reading is the act


def test_code_list_without_codes_is_refused(changed: Changed) -> None:
    vocabulary = changed("sh:hasValue code:colour", "sh:hasValue code:smell")
    with pytest.raises(InputError, match="code/smell, which a shape names"):
        vocabulary.schemes  # noqa: B018


def test_folder_without_shapes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"No shape in .* names a table"):
        Vocabulary(root=tmp_path).tables  # noqa: B018


def test_syntax_error_names_file_and_line(changed: Changed) -> None:
    with pytest.raises(TurtleError, match=r"teams\.ttl, line 10: ") as caught:
        changed("jg:ColourCodeShape\n    a ", "jg:ColourCodeShape\n    a a ").tables  # noqa: B018
    assert caught.value.line == 10


def test_blank_nodes_of_two_files_are_different(changed: Changed) -> None:
    labelled = '_:b sh:path jg:extra ; sh:datatype xsd:string ; sh:maxCount 1 ; jg:column "extra" .\n'
    vocabulary = changed("", f"jg:CountryShape sh:property _:b . {labelled}")
    prefixes = "".join(f"@prefix {p}: <{iri}> .\n" for p, iri in (("sh", "http://www.w3.org/ns/shacl#"), ("jg", JG)))
    (vocabulary.shapes_path / "more.ttl").write_text(f'{prefixes}_:b jg:column "another" .', encoding="utf-8")
    assert [c.name for c in vocabulary.tables["countries"].columns] == ["extra", "name"]


def test_shipped_shapes_know_every_table(shipped_vocabulary: Vocabulary) -> None:
    assert len(shipped_vocabulary.tables) == 129


def test_no_shipped_class_has_a_step_that_other_iris_have(shipped_vocabulary: Vocabulary) -> None:
    steps = {shipped_vocabulary.class_step(iri) for iri in shipped_vocabulary.table_of_class}
    assert steps.isdisjoint({"build", "dataset", "graph", "r2rml"})


def test_shipped_rules_run_in_the_order_of_their_names(shipped_vocabulary: Vocabulary) -> None:
    names = [path.name for path in shipped_vocabulary.rule_files()]
    assert names == sorted(names) != []
