"""Generated samples, looked at with SQL of their own: sizes, keys, links, tenants, formulas, cycles and defects."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import duckdb
import networkx as nx
import pytest

from jobgraph.contract import admit
from jobgraph.errors import UsageError
from jobgraph.resources import resource_path
from jobgraph.sample import KINDS, SampleReport, SampleSize, write_sample
from jobgraph.sources import open_source
from jobgraph.vocabulary import Vocabulary

SIZE = SampleSize(jobs=150, tenants=3, seed=7)
SHIPPED = resource_path("data", "sample")
TENANT_TABLES = "jobs_to_be_done", "personas", "org_roles", "capabilities", "agents", "tasks"

Table = list[dict[str, str]]


@dataclass(frozen=True)
class Sample:
    folder: Path
    report: SampleReport
    connection: duckdb.DuckDBPyConnection

    def ask(self, query: str) -> list[tuple[object, ...]]:
        return self.connection.execute(query).fetchall()

    def one(self, query: str) -> object:
        return self.ask(query)[0][0]


def make_sample(folder: Path, size: SampleSize, vocabulary: Vocabulary) -> Sample:
    report = write_sample(folder, size, vocabulary=vocabulary)
    connection = duckdb.connect()
    for path in sorted(folder.glob("*.csv")):
        connection.execute(f"CREATE TABLE {path.stem} AS FROM read_csv('{path}', all_varchar = true, header = true)")
    return Sample(folder, report, connection)


def digests(folder: Path) -> Mapping[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def read_table(path: Path) -> Table:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary) -> Sample:
    return make_sample(tmp_path_factory.mktemp("sample"), SIZE, vocabulary)


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary) -> Sample:
    return make_sample(tmp_path_factory.mktemp("spoiled"), replace(SIZE, defect_rate=0.1), vocabulary)


@pytest.fixture(scope="module", params=[(1, 1), (7, 3), (99, 1)], ids=["one_job", "less_than_a_turn", "one_tenant"])
def odd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary) -> Sample:
    jobs, tenants = request.param
    return make_sample(tmp_path_factory.mktemp("odd") / f"{jobs} {tenants}", SampleSize(jobs, tenants), vocabulary)


def links(vocabulary: Vocabulary) -> Iterator[tuple[str, str, str, bool]]:
    """Table, column, target table, and whether the target has a tenant of its own, for every link."""
    for table in vocabulary.tables.values():
        for link in table.links:
            target = vocabulary.table_of_class[link.target]
            yield table.name, link.name, target.name, target.tenancy == "Own"


def test_equal_sizes_give_equal_files(tmp_path: Path, sample: Sample, vocabulary: Vocabulary) -> None:
    write_sample(tmp_path, SIZE, vocabulary=vocabulary)
    assert digests(tmp_path) == digests(sample.folder)


def test_other_seed_gives_other_keys(tmp_path: Path, sample: Sample, vocabulary: Vocabulary) -> None:
    write_sample(tmp_path, replace(SIZE, seed=8), vocabulary=vocabulary)
    keys = {row["id"] for row in read_table(tmp_path / "jobs_to_be_done.csv")}
    assert keys.isdisjoint(row["id"] for row in read_table(sample.folder / "jobs_to_be_done.csv"))


def test_every_table_stands_with_the_header_of_the_sample(sample: Sample) -> None:
    def headers(folder: Path) -> dict[str, str]:
        return {path.name: path.read_text(encoding="utf-8").partition("\n")[0] for path in folder.glob("*.csv")}

    assert headers(sample.folder) == headers(SHIPPED)


def test_folder_holds_nothing_else(sample: Sample) -> None:
    assert {path.suffix for path in sample.folder.iterdir()} == {".csv"}


def test_there_are_as_many_jobs_and_tenants_as_asked_for(odd: Sample) -> None:
    tables = ("jobs_to_be_done", "tenants")
    assert odd.folder.name == " ".join(str(odd.report.table_rows[table]) for table in tables)


def test_door_finds_nothing_wrong(tmp_path: Path, odd: Sample, vocabulary: Vocabulary) -> None:
    with duckdb.connect(config={"threads": 2}) as connection:
        admit(connection, open_source(str(odd.folder), work_dir=tmp_path), vocabulary)
        found = connection.execute("SELECT table_name, key, column_name, value, rule FROM quarantine").fetchall()
        found += connection.execute("SELECT table_name, key, column_name, value, component FROM findings").fetchall()
    assert found == []


def test_report_counts_the_rows(sample: Sample) -> None:
    counted = {path.stem: sample.one(f"SELECT count(*) FROM {path.stem}") for path in sample.folder.iterdir()}
    assert sample.report.table_rows == counted


def test_sample_of_the_shipped_size_has_as_many_rows(tmp_path: Path, vocabulary: Vocabulary) -> None:
    report = write_sample(tmp_path, SampleSize(60, 2), vocabulary=vocabulary)
    assert report.table_rows == {path.stem: len(read_table(path)) for path in SHIPPED.glob("*.csv")}


def test_shared_tables_stand_as_they_are(sample: Sample) -> None:
    names = ("countries", "users", "industries", "llm_models")
    assert {n: read_table(sample.folder / f"{n}.csv") for n in names} == {
        n: read_table(SHIPPED / f"{n}.csv") for n in names
    }


def test_keys_are_unique(sample: Sample) -> None:
    repeated = {
        table
        for table in sample.report.table_rows
        if sample.one(f"SELECT count(*) - count(DISTINCT id) FROM {table}") != 0
    }
    assert repeated == set()


def test_unique_columns_hold(sample: Sample, vocabulary: Vocabulary) -> None:
    repeated = []
    for table in vocabulary.tables.values():
        for columns in table.unique:
            names = ", ".join(columns)
            filled = " AND ".join(f"{column} IS NOT NULL" for column in columns)
            query = f"SELECT {names}, count(*) FROM {table.name} WHERE {filled} GROUP BY {names} HAVING count(*) > 1"
            repeated += [(table.name, *row) for row in sample.ask(f"{query} LIMIT 1")]
    assert repeated == []


def test_links_lead_to_rows(sample: Sample, vocabulary: Vocabulary) -> None:
    open_links = {
        (table, column)
        for table, column, target, _ in links(vocabulary)
        if sample.one(f"SELECT count(*) FROM {table} t WHERE {column} NOT IN (SELECT id FROM {target})")
    }
    assert open_links == set()


def test_links_stay_within_a_tenant(sample: Sample, vocabulary: Vocabulary) -> None:
    crossing = {
        (table, column)
        for table, column, target, is_own in links(vocabulary)
        if is_own
        and "tenant_id" in vocabulary.tables[table].known_columns
        and sample.one(
            f"SELECT count(*) FROM {table} s JOIN {target} t ON s.{column} = t.id WHERE s.tenant_id <> t.tenant_id"
        )
    }
    assert crossing == set()


def test_each_tenant_has_rows(sample: Sample) -> None:
    counts = {t: sample.one(f"SELECT count(DISTINCT tenant_id) FROM {t}") for t in TENANT_TABLES}
    assert set(counts.values()) == {3}


def test_tenants_share_the_jobs(sample: Sample) -> None:
    counts = sample.ask("SELECT count(*) FROM jobs_to_be_done GROUP BY tenant_id ORDER BY ALL")
    assert counts == [(30,), (60,), (60,)]


def test_new_tenant_has_slug_name_and_path_of_its_own(sample: Sample) -> None:
    query = "SELECT count(DISTINCT slug), count(DISTINCT name), count(DISTINCT tenant_path) FROM tenants"
    assert sample.ask(query) == [(3, 3, 3)]


def test_dependencies_have_no_cycle(sample: Sample) -> None:
    graph = nx.DiGraph(sample.ask("SELECT dependent_jtbd_id, source_jtbd_id FROM jtbd_dependencies"))
    assert nx.is_directed_acyclic_graph(graph)


def test_each_copy_depends_on_the_one_before(sample: Sample) -> None:
    copies = sample.one("SELECT count(DISTINCT dependent_jtbd_id[25:]) FROM jtbd_dependencies")
    following = sample.one(
        """SELECT count(DISTINCT dependent_jtbd_id[25:]) FROM jtbd_dependencies
           WHERE dependent_jtbd_id[25:] <> source_jtbd_id[25:]"""
    )
    assert following == int(str(copies)) - 3


def test_opportunity_scores_follow_from_importance_and_satisfaction(sample: Sample) -> None:
    query = """SELECT count(*) FROM jtbd_outcomes WHERE opportunity_score::DECIMAL(9, 2) <>
        importance_score::DECIMAL(9, 2)
        + greatest(importance_score::DECIMAL(9, 2) - satisfaction_score::DECIMAL(9, 2), 0)"""
    assert sample.one(query) == 0


def test_opportunity_scores_differ_between_copies(sample: Sample) -> None:
    query = "SELECT count(DISTINCT opportunity_score) FROM jtbd_outcomes GROUP BY id[1:23] HAVING count(*) > 1"
    assert max(sample.ask(query)) > (1,)


def test_order_of_outcomes_stays(sample: Sample) -> None:
    query = "SELECT max(n) FROM (SELECT count(*) AS n FROM jtbd_outcomes GROUP BY jtbd_id, sequence_order)"
    assert sample.one(query) == 1


def test_job_names_differ_within_a_tenant(sample: Sample) -> None:
    assert sample.one("SELECT count(*) - count(DISTINCT (tenant_id, name)) FROM jobs_to_be_done") == 0


def test_persona_repeats_the_name_of_its_role(sample: Sample) -> None:
    query = "SELECT count(*) FROM personas p JOIN org_roles r ON p.role_id = r.id WHERE p.role_name <> r.name"
    assert sample.one(query) == 0


def test_progress_is_told_every_table(tmp_path: Path, vocabulary: Vocabulary) -> None:
    told: dict[str, int] = {}
    report = write_sample(tmp_path, SampleSize(5, 1), vocabulary=vocabulary, progress=told.__setitem__)
    assert told == report.table_rows


def test_report_sums_up(spoiled: Sample) -> None:
    whole = spoiled.report.to_json()
    assert (whole["tables"], whole["rows"], whole["defects"]) == (
        len(spoiled.report.table_rows),
        sum(spoiled.report.table_rows.values()),
        sum(spoiled.report.kind_defects.values()),
    )


def test_sound_sample_reports_no_defects(sample: Sample) -> None:
    assert sample.report.defects == 0


def test_defects_change_one_cell_of_as_many_rows_as_reported(sample: Sample, spoiled: Sample) -> None:
    changed = {}
    for table in sample.report.table_rows:
        pairs = zip(
            read_table(sample.folder / f"{table}.csv"), read_table(spoiled.folder / f"{table}.csv"), strict=True
        )
        cells = [sum(sound[column] != bad[column] for column in sound) for sound, bad in pairs]
        assert max(cells, default=0) <= 1
        changed[table] = sum(cells)
    reported = {table: sum(kinds.values()) for table, kinds in spoiled.report.table_defects.items()}
    assert {table: count for table, count in changed.items() if count} == reported


def test_every_kind_of_defect_occurs(spoiled: Sample) -> None:
    assert set(spoiled.report.kind_defects) == set(KINDS)


def test_defects_keep_to_their_rate(spoiled: Sample) -> None:
    assert 0.09 < spoiled.report.defects / spoiled.report.rows < 0.11


def test_single_tenant_has_no_foreign_links(tmp_path: Path, vocabulary: Vocabulary) -> None:
    report = write_sample(tmp_path, SampleSize(90, 1, defect_rate=1.0), vocabulary=vocabulary)
    assert set(KINDS) - set(report.kind_defects) == {"foreign-tenant"}


def test_door_finds_the_reported_defects(tmp_path: Path, spoiled: Sample, vocabulary: Vocabulary) -> None:
    expected: dict[str, int] = {}
    for kind, count in spoiled.report.kind_defects.items():
        expected[KINDS[kind].becomes] = expected.get(KINDS[kind].becomes, 0) + count
    with duckdb.connect(config={"threads": 2}) as connection:
        admit(connection, open_source(str(spoiled.folder), work_dir=tmp_path), vocabulary)
        found = dict(connection.execute("SELECT rule, count(*) FROM quarantine GROUP BY ALL").fetchall())
        # A cell that is lost leaves its row without what it must have: that comes on top.
        findings = """SELECT split_part(component, '#', 2) AS name, count(*) FROM findings
                      WHERE name <> 'MinCountConstraintComponent' GROUP BY ALL"""
        found |= dict(connection.execute(findings).fetchall())
    assert found == expected


@pytest.mark.parametrize(
    "values",
    [
        pytest.param((0, 1, 0.0), id="no_jobs"),
        pytest.param((1, 0, 0.0), id="no_tenants"),
        pytest.param((1, 1, 1.5), id="rate_above_one"),
        pytest.param((1, 1, float("nan")), id="rate_not_a_number"),
    ],
)
def test_senseless_size_is_refused(values: tuple[int, int, float]) -> None:
    with pytest.raises(UsageError):
        SampleSize(*values)


def test_folder_in_use_is_refused(tmp_path: Path, vocabulary: Vocabulary) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(UsageError, match="is not empty"):
        write_sample(tmp_path, SIZE, vocabulary=vocabulary)


def test_file_in_place_of_a_folder_is_refused(tmp_path: Path, vocabulary: Vocabulary) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(UsageError, match="is a file"):
        write_sample(tmp_path / "mine.txt", SIZE, vocabulary=vocabulary)
