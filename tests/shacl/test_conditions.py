from __future__ import annotations

from pathlib import Path

import pytest
from tests.shacl.cases import keys, run, short

THING = ":shape a sh:NodeShape ; sh:targetClass :Thing"


def property_(constraints: str, path: str = ":p") -> str:
    return f"{THING} ; sh:property [ sh:path {path} ; {constraints} ] ."


# data about things; constraints on :p; who breaks it with which value
VALUES = [
    ("class", ':a :p :b . :b a :Sub . :Sub rdfs:subClassOf :C . :c :p 1 , :d .', "sh:class :C",
     ["<c> <d>", '<c> "1"^^<integer>']),
    ("datatype", ':a :p 1 . :b :p "x"^^xsd:integer , "s" , :a .', "sh:datatype xsd:integer",
     ['<b> "s"', '<b> "x"^^<integer>', "<b> <a>"]),
    ("datatype_derived", ':a :p "12"^^xsd:byte . :b :p "300"^^xsd:byte , 12 .', "sh:datatype xsd:byte",
     ['<b> "12"^^<integer>', '<b> "300"^^<byte>']),
    ("datatype_date", ':a :p "2024-02-29"^^xsd:date . :b :p "2023-02-29"^^xsd:date .', "sh:datatype xsd:date",
     ['<b> "2023-02-29"^^<date>']),
    ("datatype_boolean", ':a :p true , "1"^^xsd:boolean . :b :p "maybe"^^xsd:boolean , 1 .', "sh:datatype xsd:boolean",
     ['<b> "1"^^<integer>', '<b> "maybe"^^<boolean>']),
    ("node_kind", ':a :p :b . :b :p 1 .', "sh:nodeKind sh:BlankNodeOrIRI", ['<b> "1"^^<integer>']),
    ("min_inclusive", ':a :p 5 , 5.0 , "7"^^xsd:byte . :b :p 4 , "5" , :a .', "sh:minInclusive 5",
     ['<b> "4"^^<integer>', '<b> "5"', "<b> <a>"]),
    ("max_exclusive", ':a :p 4 . :b :p 5 , 5.5 .', "sh:maxExclusive 5", ['<b> "5"^^<integer>', '<b> "5.5"^^<decimal>']),
    ("time_zone", ':a :p "2020-01-01T00:00:00Z"^^xsd:dateTime . :b :p "2020-01-01T00:00:00"^^xsd:dateTime .',
     'sh:minInclusive "2020-01-01T00:00:00Z"^^xsd:dateTime', ['<b> "2020-01-01T00:00:00"^^<dateTime>']),
    ("min_length", ':a :p "abc" , :b . :b :p "ab" , [] .', "sh:minLength 3", ['<b> "ab"', "<b> _:"]),
    ("max_length", ':a :p "ab" . :b :p "abc" .', "sh:maxLength 2", ['<b> "abc"']),
    ("written_length", ':a :p 1.50 . :b :p 1.5 .', "sh:minLength 4", ['<b> "1.5"^^<decimal>']),
    ("pattern", ':a :p "OUT-001" . :b :p "out-001" .', 'sh:pattern "^OUT-[0-9]{3}$"', ['<b> "out-001"']),
    ("pattern_flags", ':a :p "out-1" . :b :p "in" .', 'sh:pattern "OUT" ; sh:flags "i"', ['<b> "in"']),
    ("pattern_look_ahead", ':a :p "ab" . :b :p "ac" .', 'sh:pattern "a(?=b)"', ['<b> "ac"']),
    ("language_in", ':a :p "x"@en-GB . :b :p "x"@fr , "x" .', 'sh:languageIn ( "en" )', ['<b> "x"', '<b> "x"@fr']),
    ("in", ':a :p :x , 1 . :b :p :y , "1" .', "sh:in ( :x 1 )", ['<b> "1"', "<b> <y>"]),
    ("not", ':a :p 1 . :b :p "s" .', "sh:not [ sh:datatype xsd:string ]", ['<b> "s"']),
    ("and", ':a :p 5 . :b :p 11 .', "sh:and ( [ sh:minInclusive 0 ] [ sh:maxInclusive 10 ] )", ['<b> "11"^^<integer>']),
    ("or", ':a :p 5 , :x . :b :p "s" .', "sh:or ( [ sh:datatype xsd:integer ] [ sh:nodeKind sh:IRI ] )", ['<b> "s"']),
    ("xone", ':a :p 5 . :b :p 15 .', "sh:xone ( [ sh:minInclusive 0 ] [ sh:minInclusive 10 ] )",
     ['<b> "15"^^<integer>']),
    ("node", ':a :p :c . :c :q 1 . :b :p :d .', "sh:node [ sh:property [ sh:path :q ; sh:minCount 1 ] ]", ["<b> <d>"]),
    ("node_count", ':a :p :c . :c :q 1 , 2 . :b :p :d . :d :q 1 , 2 , 3 .',
     "sh:node [ sh:property [ sh:path :q ; sh:minCount 2 ; sh:maxCount 2 ] ]", ["<b> <d>"]),
    ("node_has_value", ':a :p :c . :c :q :v . :b :p :d .', "sh:node [ sh:property [ sh:path :q ; sh:hasValue :v ] ]",
     ["<b> <d>"]),
    ("node_closed", ':a :p :c . :c :q 1 . :b :p :d . :d :r 1 .',
     "sh:node [ sh:closed true ; sh:ignoredProperties ( rdf:type ) ; sh:property [ sh:path :q ] ]", ["<b> <d>"]),
    ("property", ':a :p :c . :c :q 1 . :b :p :d . :d :q "s" .', "sh:property [ sh:path :q ; sh:datatype xsd:integer ]",
     ['<d> "s"']),
]  # fmt: skip
SETS = [
    ("min_count", ':a :p 1 , 2 . :b :p 1 .', "sh:minCount 2", ["<b>"]),
    ("min_count_none", ':a :p 1 . :b :q 1 .', "sh:minCount 1", ["<b>"]),
    ("max_count", ':a :p 1 . :b :p 1 , 2 .', "sh:maxCount 1", ["<b>"]),
    ("max_count_none", ':a :q 1 . :b :p 1 .', "sh:maxCount 0", ["<b>"]),
    ("unique_lang", ':a :p "x"@en , "y"@fr , "z" , "w" . :b :p "x"@en , "y"@en .', "sh:uniqueLang true", ["<b>"]),
    ("equals", ':a :p 1 ; :q 1 . :b :p 1 ; :q 2 .', "sh:equals :q", ['<b> "1"^^<integer>', '<b> "2"^^<integer>']),
    ("disjoint", ':a :p 1 ; :q 2 . :b :p 1 ; :q 1 .', "sh:disjoint :q", ['<b> "1"^^<integer>']),
    ("less_than", ':a :p 1 ; :q 2 , 3 . :b :p 2 ; :q 2 , 1 , "s" .', "sh:lessThan :q", ['<b> "2"^^<integer>'] * 3),
    ("less_than_or_equals", ':a :p 2 ; :q 2 . :b :p 2 ; :q 1 .', "sh:lessThanOrEquals :q", ['<b> "2"^^<integer>']),
    ("has_value", ':a :p 1 , 2 . :b :p 1 .', "sh:hasValue 2", ["<b>"]),
    ("qualified_min", ':a :p 1 , "s" . :b :p "s" , "t" .',
     "sh:qualifiedValueShape [ sh:datatype xsd:integer ] ; sh:qualifiedMinCount 1", ["<b>"]),
    ("qualified_min_two", ':a :p 1 , 2 . :b :p 1 , "t" .',
     "sh:qualifiedValueShape [ sh:datatype xsd:integer ] ; sh:qualifiedMinCount 2", ["<b>"]),
    ("qualified_max", ':a :p 1 , "s" . :b :p 1 , 2 .',
     "sh:qualifiedValueShape [ sh:datatype xsd:integer ] ; sh:qualifiedMaxCount 1", ["<b>"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "constraints", "wanted"), [pytest.param(*case[1:], id=case[0]) for case in (*VALUES, *SETS)]
)
def test_each_constraint_finds_what_breaks_it(data: str, constraints: str, wanted: list[str], tmp_path: Path) -> None:
    data = f":a a :Thing . :b a :Thing . :c a :{'Thing' if '<c>' in ' '.join(wanted) else 'Other'} . {data}"
    found = run(tmp_path, data, property_(constraints))
    plain = [row.replace("http://www.w3.org/2001/XMLSchema#", "") for row in short(found)]
    assert [row[: row.index("_:") + 2] if "_:" in row else row for row in plain] == sorted(wanted)
    assert not found.delegated


@pytest.mark.parametrize(("data", "constraints"), [pytest.param(*case[1:3], id=case[0]) for case in (*VALUES, *SETS)])
def test_each_constraint_agrees_with_the_reference(data: str, constraints: str, tmp_path: Path) -> None:
    data = f":a a :Thing . :b a :Thing . :c a :Thing . {data}".replace("[]", "<urn:x:named>")
    compiled = run(tmp_path, data, property_(constraints))
    assert keys(compiled) == keys(run(tmp_path, data, property_(constraints), engine="pyshacl"))


# the path, and the nodes of the chain :a :p :b :p :c (things all) for which it does not lead to :c
PATHS = [
    pytest.param("[ sh:inversePath :p ]", ["<a>", "<b>", "<c>"], id="inverse"),
    pytest.param("( :p :p )", ["<b>", "<c>"], id="sequence"),
    pytest.param("( :p [ sh:zeroOrMorePath :p ] )", ["<c>"], id="sequence_with_a_star"),
    pytest.param("[ sh:alternativePath ( ( :p :p ) :p ) ]", ["<c>"], id="alternative"),
    pytest.param("[ sh:zeroOrMorePath :p ]", [], id="zero_or_more"),
    pytest.param("[ sh:oneOrMorePath :p ]", ["<c>"], id="one_or_more"),
    pytest.param("[ sh:zeroOrOnePath :p ]", ["<a>"], id="zero_or_one"),
]


@pytest.mark.parametrize(("path", "wanted"), PATHS)
def test_each_path_leads_where_it_says(path: str, wanted: list[str], tmp_path: Path) -> None:
    data = ":a a :Thing ; :p :b . :b a :Thing ; :p :c . :c a :Thing ."
    assert short(run(tmp_path, data, property_("sh:hasValue :c", path))) == wanted


def test_an_empty_path_leads_to_a_node_that_the_data_does_not_have(tmp_path: Path) -> None:
    shape = ':s sh:targetNode "lonely" ; sh:property [ sh:path [ sh:zeroOrMorePath :p ] ; sh:nodeKind sh:IRI ] .'
    assert short(run(tmp_path, ":a :p :b .", shape)) == ['"lonely" "lonely"']


TARGETS = [
    pytest.param("sh:targetClass :Thing", ["<a> <a>", "<b> <b>"], id="class_and_below"),
    pytest.param("sh:targetNode :a , 5", ['"5"^^<http://www.w3.org/2001/XMLSchema#integer>', "<a> <a>"], id="node"),
    pytest.param("sh:targetSubjectsOf :p", ["<a> <a>"], id="subjects"),
    pytest.param("sh:targetObjectsOf :p", ["<c> <c>"], id="objects"),
    pytest.param("sh:targetObjectsOf :p ; sh:targetNode :c", ["<c> <c>"], id="each_node_once"),
    pytest.param("a rdfs:Class", ["<d> <d>"], id="implicit_class"),
    pytest.param("sh:targetClass :Nothing", [], id="none"),
    pytest.param("sh:targetClass :Thing ; sh:deactivated true", [], id="switched_off"),
]


@pytest.mark.parametrize(("target", "wanted"), TARGETS)
def test_targets_name_the_focus_nodes(target: str, wanted: list[str], tmp_path: Path) -> None:
    data = ":a a :Thing ; :p :c . :b a :Sub . :Sub rdfs:subClassOf :Thing . :d a :shape ."
    found = run(tmp_path, data, f":shape a sh:NodeShape ; {target} ; sh:in ( :other ) .")
    assert [row.partition(" ")[0] for row in short(found)] == [row.partition(" ")[0] for row in wanted]


def test_severity_message_and_shape_come_from_the_shape_that_says_the_constraint(tmp_path: Path) -> None:
    shapes = """:outer sh:targetNode :a ; sh:message "Outer."@en ; sh:property :inner .
        :inner sh:path :p ; sh:minCount 1 ; sh:severity sh:Warning ; sh:message "Innen."@de , "Inner."@en ."""
    (result,) = run(tmp_path, ":b :q :c .", shapes).results
    assert (result.message, result.severity.rpartition("#")[2], str(result.shape)) == (
        "Inner.",
        "Warning",
        "<urn:x:inner>",
    )


def test_sibling_shapes_take_values_from_each_other(tmp_path: Path) -> None:
    shapes = """:hand sh:targetNode :a ; sh:property
        [ sh:path :digit ; sh:qualifiedValueShape [ sh:class :Thumb ] ; sh:qualifiedMinCount 1 ;
          sh:qualifiedValueShapesDisjoint true ] ,
        [ sh:path :digit ; sh:qualifiedValueShape [ sh:class :Finger ] ; sh:qualifiedMinCount 1 ;
          sh:qualifiedValueShapesDisjoint true ] ."""
    data = ":a :digit :both , :finger . :both a :Thumb , :Finger . :finger a :Finger ."
    compiled = run(tmp_path, data, shapes)
    assert len(compiled.results) == 1
    assert keys(compiled) == keys(run(tmp_path, data, shapes, engine="pyshacl"))


def test_many_violations_are_found_as_few_are(tmp_path: Path) -> None:
    data = "".join(f":n{i} a :{'Thing' if i % 2 else 'Other'} ; :p {i % 7} ." for i in range(12_000))
    found = run(tmp_path, data, property_("sh:maxInclusive 3 ; sh:minCount 2"))
    assert len(found.results) == 6000 + sum(1 for i in range(1, 12_000, 2) if i % 7 > 3)
