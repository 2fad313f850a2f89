"""The folder of known defects: what the door puts into quarantine or reports is what was written down beforehand."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from jobgraph.contract import Admitted, admit
from jobgraph.contract.quarantine import SENTENCES
from jobgraph.resources import resource_path
from jobgraph.sources import open_source
from jobgraph.vocabulary import Vocabulary

FOLDER = resource_path("data", "defects")
EXPECTED = ("expected_quarantine", "expected_findings")
SMALLEST_VARIETY = 60
DELETED = {"industries": 1, "jobs_to_be_done": 1, "org_roles": 2, "strategic_priorities": 1, "tenants": 1}

Entry = tuple[str, ...]


def read_expected(name: str) -> list[Entry]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return [tuple(row) for row in csv.reader(stream)][1:]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary()


@pytest.fixture(scope="module")
def admitted(tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary) -> Iterator[Admitted]:
    source = open_source(str(FOLDER), work_dir=tmp_path_factory.mktemp("work"))
    with duckdb.connect(config={"threads": 2}) as connection:
        yield admit(connection, source, vocabulary)


def ask(admitted: Admitted, query: str) -> list[Entry]:
    rows = admitted.connection.execute(query).fetchall()
    return sorted(tuple("" if cell is None else str(cell) for cell in row) for row in rows)


def test_quarantine_is_as_expected(admitted: Admitted) -> None:
    found = ask(admitted, "SELECT table_name, key, row_number, column_name, value, rule FROM quarantine")
    assert found == sorted(read_expected("expected_quarantine"))


def test_findings_are_as_expected(admitted: Admitted) -> None:
    found = ask(admitted, "SELECT table_name, key, column_name, split_part(component, '#', 2), value FROM findings")
    assert found == sorted(read_expected("expected_findings"))


def test_every_entry_has_a_sentence(admitted: Admitted) -> None:
    query = "SELECT rule, sentence FROM quarantine WHERE sentence IS NULL OR regexp_matches(sentence, '%[vw]')"
    assert ask(admitted, query) == []


def test_only_sound_tenants_are_admitted(admitted: Admitted) -> None:
    assert admitted.tenants == {"t-alpha": "alpha", "t-beta": "beta"}


def test_odd_keys_survive(admitted: Admitted) -> None:
    live = {key for (key,) in ask(admitted, "SELECT id FROM live.org_roles")}
    odd = {"two words/and a slash", "\"quoted\" 'twice'", "<angle>", "100% a?b#c&d", "Ärztin 医師 😀", ".", ".."}
    assert odd <= live


def test_links_between_odd_keys_survive(admitted: Admitted) -> None:
    query = "SELECT reports_to_role_id FROM live.org_roles WHERE id = 'comma, semicolon; pipe|\\'"
    assert ask(admitted, query) == [("Ärztin 医師 😀",)]


def test_defects_stay_in_their_row(admitted: Admitted) -> None:
    rows = ask(admitted, "SELECT id, name FROM live.skill_categories WHERE id IN ('sc-2', 'sc-5')")
    assert rows == [("sc-2", "Data"), ("sc-5", "Quality")]


def test_link_of_a_key_leaves_the_key(admitted: Admitted) -> None:
    assert ask(admitted, "SELECT email FROM live.user_profiles WHERE id = 'u-77'") == [("ghost@alpha.example",)]


def test_files_of_expected_entries_are_no_tables(admitted: Admitted) -> None:
    assert admitted.tables.keys().isdisjoint(EXPECTED)


def test_every_row_is_stated_quarantined_or_deleted(admitted: Admitted) -> None:
    left_out = {}
    for table in admitted.tables:
        query = f"""SELECT (SELECT count(*) FROM source.{table}) - (SELECT count(*) FROM live.{table})
            - (SELECT count(DISTINCT row_number) FROM quarantine WHERE whole_row AND table_name = '{table}')"""
        left_out[table] = int(ask(admitted, query)[0][0])
    assert {table: count for table, count in left_out.items() if count} == DELETED


def test_every_rule_occurs() -> None:
    assert {entry[5] for entry in read_expected("expected_quarantine")} == set(SENTENCES)


def test_every_datatype_occurs(vocabulary: Vocabulary) -> None:
    spoiled = {
        (table, column) for table, _, _, column, _, rule in read_expected("expected_quarantine") if rule == "datatype"
    }
    found = {c.datatype for table, name in spoiled for c in vocabulary.tables[table].columns if c.name == name}
    every = {c.datatype for table in vocabulary.tables.values() for c in table.columns if c.kind == "literal"}
    assert {datatype.rpartition("#")[2] for datatype in every - found - {""}} == {"string"}


def test_there_are_at_least_sixty_different_defects() -> None:
    columns = {(table, column, rule) for table, _, _, column, _, rule in read_expected("expected_quarantine")}
    assert len(columns) >= SMALLEST_VARIETY


@pytest.mark.parametrize("name", EXPECTED)
def test_expected_entries_are_sorted_and_different(name: str) -> None:
    def place(entry: Entry) -> tuple[object, ...]:
        return entry[0], int(entry[2]) if name == "expected_quarantine" else entry[1], *entry[2:]

    entries = read_expected(name)
    assert (len(set(entries)), [entry[0] for entry in entries]) == (len(entries), sorted(entry[0] for entry in entries))
    assert [place(entry)[:2] for entry in entries] == sorted(place(entry)[:2] for entry in entries)


def test_folder_holds_tables_and_what_is_expected(vocabulary: Vocabulary) -> None:
    stems = {Path(path.name).stem for path in FOLDER.iterdir()}
    assert stems - vocabulary.tables.keys() == {*EXPECTED, "README"}
