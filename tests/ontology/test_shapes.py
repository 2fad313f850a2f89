"""The shapes agree with `source_schema.tsv`, the project's own copy of what the source says of its columns."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from jobgraph.vocabulary import RDF, RDFS, XSD, Column, Table, Vocabulary

Facts = Mapping[str, str]


def read_schema() -> dict[str, dict[str, Facts]]:
    schema: dict[str, dict[str, Facts]] = {}
    with Path(__file__).with_name("source_schema.tsv").open(encoding="utf-8", newline="") as lines:
        for facts in csv.DictReader(lines, delimiter="\t"):
            schema.setdefault(facts["table"], {})[facts["column"]] = facts
    return schema


SCHEMA = read_schema()
TABLES = [pytest.param(name, id=name) for name in SCHEMA]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary()


@pytest.fixture
def table(name: str, vocabulary: Vocabulary) -> Table:
    return vocabulary.tables[name]


def stated_columns(table: Table) -> list[Column]:
    """The columns that state a fact of the source by its own kind, the plain name beside a code left out."""
    codes = {column.name for column in table.columns if column.kind == "code"}
    return [c for c in table.columns if not (c.path == RDFS + "label" and c.name in codes)]


def kind_of(facts: Facts) -> str:
    if facts["references"] in SCHEMA:
        return "link"
    return "code" if facts["values"] else "literal"


def bounds_of(facts: Facts) -> set[tuple[str, float]]:
    low, high = facts["minimum"], facts["maximum"]
    lower = {(">" if low.startswith(">") else ">=", float(low.lstrip(">")))} if low else set()
    return lower | ({("<=", float(high))} if high else set())


def test_schema_is_whole() -> None:
    assert (len(SCHEMA), sum(map(len, SCHEMA.values()))) == (129, 1994)


def test_shapes_name_every_table_and_no_other(vocabulary: Vocabulary) -> None:
    assert set(vocabulary.tables) == set(SCHEMA)


@pytest.mark.parametrize("name", TABLES)
def test_every_column_is_mapped_or_waived_once(name: str, table: Table) -> None:
    subject = [table.subject.name] if table.subject else []
    mapped = Counter([column.name for column in stated_columns(table)] + subject)
    waived = set(table.waived)
    assert set(mapped) | waived | {table.key} == set(SCHEMA[name])
    assert set(mapped) & waived == set()
    assert max(mapped.values()) == 1


def test_every_waiver_has_a_reason(vocabulary: Vocabulary) -> None:
    reasons = [reason for table in vocabulary.tables.values() for reason in table.waived.values()]
    assert [reason for reason in reasons if not re.fullmatch(r"[A-Z].{30,}\.", reason)] == []


@pytest.mark.parametrize("name", TABLES)
def test_columns_are_of_the_kind_of_the_source(name: str, table: Table) -> None:
    columns = stated_columns(table)
    assert {c.name: c.kind for c in columns} == {c.name: kind_of(SCHEMA[name][c.name]) for c in columns}


@pytest.mark.parametrize("name", TABLES)
def test_links_lead_to_the_table_of_the_source(name: str, table: Table, vocabulary: Vocabulary) -> None:
    for column in table.links:
        assert column.target == vocabulary.tables[SCHEMA[name][column.name]["references"]].class_iri


@pytest.mark.parametrize("name", TABLES)
def test_datatypes_agree(name: str, table: Table) -> None:
    literals = [c for c in stated_columns(table) if c.kind == "literal"]
    short = {c.name: c.datatype.replace(XSD, "xsd:").replace(RDF, "rdf:") for c in literals}
    assert short == {c.name: SCHEMA[name][c.name]["datatype"] for c in literals}


@pytest.mark.parametrize("name", TABLES)
def test_bounds_and_scale_agree(name: str, table: Table) -> None:
    for column in stated_columns(table):
        facts = SCHEMA[name][column.name]
        assert {(sign, float(number)) for sign, number in column.bounds} == bounds_of(facts)
        scale = re.search(r"\{0,(\d+)\}", column.pattern)
        assert (scale[1] if scale else "") == facts["scale"].partition(",")[2]


@pytest.mark.parametrize("name", TABLES)
def test_counts_agree(name: str, table: Table) -> None:
    columns = [] if table.subject else stated_columns(table)
    counts = {c.name: (c.required, c.repeated) for c in columns}
    facts = SCHEMA[name]
    assert counts == {c.name: (facts[c.name]["required"] == "yes", facts[c.name]["list"] == "yes") for c in columns}


@pytest.mark.parametrize("name", TABLES)
def test_every_enumerated_value_is_a_code_or_a_spelling(name: str, table: Table, vocabulary: Vocabulary) -> None:
    for column in table.columns:
        if column.kind == "code":
            scheme = vocabulary.schemes[column.scheme]
            values = SCHEMA[name][column.name]["values"].split("|")
            assert [v for v in values if v not in scheme.notations and v not in scheme.spellings] == []


def test_every_code_list_is_used(vocabulary: Vocabulary) -> None:
    used = {column.scheme for table in vocabulary.tables.values() for column in table.columns if column.scheme}
    rules = "".join(path.read_text(encoding="utf-8") for path in vocabulary.rule_files())
    concluded = {iri for iri in vocabulary.schemes if f"<{iri}/>" in rules}
    assert used | concluded == set(vocabulary.schemes)
