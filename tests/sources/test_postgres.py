"""A live Postgres: types as text, one snapshot, and the two kinds of failure: correct the input, or try again."""

from __future__ import annotations

import socket
import traceback
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from tests.postgres_server import PASSWORD, PostgresServer
from tests.sources.kinds import Load

from jobgraph.errors import InputError, JobgraphError, SourceGoneError, StorageError
from jobgraph.sources import PLACE, open_source
from jobgraph.sources.postgres import PostgresSource

NAME = "jobgraph_postgres"


@pytest.fixture
def url(postgres_server: PostgresServer) -> str:
    return postgres_server.make_database(NAME)


@pytest.fixture
def database(postgres_server: PostgresServer, url: str) -> Iterator[psycopg.Connection]:
    assert url
    with postgres_server.connect(NAME) as connection:
        yield connection


def tables_in(url: str, work_dir: Path, schema: str = "public") -> dict[str, tuple[str, ...]]:
    with closing(open_source(url, schema=schema, work_dir=work_dir)) as source:
        return dict(source.tables)


@pytest.mark.parametrize(
    ("kind", "value", "cell"),
    [
        pytest.param("numeric", "7.10", "7.10", id="numeric"),
        pytest.param("numeric(3, 1)", "7", "7.0", id="numeric_with_scale"),
        pytest.param("numeric", "12345678901234567890.12345678901234567890", None, id="long_numeric"),
        pytest.param("numeric", "NaN", "NaN", id="not_a_number"),
        pytest.param("float8", "0.1", "0.1", id="float8"),
        pytest.param("float8", "0.30000000000000004", "0.30000000000000004", id="float8_with_all_digits"),
        pytest.param("float4", "0.1", "0.1", id="float4"),
        pytest.param("bigint", "-9223372036854775808", None, id="bigint"),
        pytest.param("boolean", "true", "true", id="true"),
        pytest.param("boolean", "false", "false", id="false"),
        pytest.param("flag", "true", "true", id="domain_over_boolean"),
        pytest.param("boolean[]", "{t,f}", "{t,f}", id="array_of_booleans"),
        pytest.param("date", "2024-05-01", "2024-05-01", id="date"),
        pytest.param("time", "10:00", "10:00:00", id="time"),
        pytest.param("timestamp", "2024-05-01 10:00:00.125", "2024-05-01 10:00:00.125", id="timestamp"),
        pytest.param("timestamptz", "2024-05-01 10:00:00+02", "2024-05-01 08:00:00+00", id="timestamp_with_zone"),
        pytest.param("interval", "1 day 2 hours", "P1DT2H", id="interval"),
        pytest.param("uuid", "2F0C0000-0000-0000-0000-000000000001", "2f0c0000-0000-0000-0000-000000000001", id="uuid"),
        pytest.param("text[]", '{a,"b c","d\\"e",NULL,""}', '{a,"b c","d\\"e",NULL,""}', id="array_of_texts"),
        pytest.param(
            "uuid[]",
            "{2f0c0000-0000-0000-0000-000000000001}",
            "{2f0c0000-0000-0000-0000-000000000001}",
            id="array_of_uuids",
        ),
        pytest.param("text[]", "{}", "{}", id="empty_array"),
        pytest.param("jsonb", '{"b":1.50,"a":[null]}', '{"a": [null], "b": 1.50}', id="jsonb"),
        pytest.param("json", '{"b":1.50,  "a":1}', '{"b":1.50,  "a":1}', id="json"),
        pytest.param("ltree", "top.science", "top.science", id="ltree"),
        pytest.param("mood", "so so", "so so", id="enumeration"),
        pytest.param("mood[]", '{"so so"}', '{"so so"}', id="array_of_enumeration"),
        pytest.param("bytea", "\\x00ff", "\\x00ff", id="bytes"),
        pytest.param("inet", "10.0.0.1", "10.0.0.1", id="address"),
        pytest.param("varchar(9)", " x ", " x ", id="varchar"),
    ],
)
def test_type_becomes_text(
    database: psycopg.Connection, url: str, load: Load, kind: str, value: str, cell: str | None
) -> None:
    database.execute("CREATE EXTENSION ltree; CREATE TYPE mood AS ENUM ('so so'); CREATE DOMAIN flag AS boolean")
    # What a database may prefer must not show.
    for setting in (
        "TimeZone = 'Asia/Tokyo'",
        "DateStyle = 'German'",
        "IntervalStyle = 'sql_standard'",
        "extra_float_digits = 0",
        "bytea_output = 'escape'",
        "client_encoding = 'LATIN1'",
    ):
        database.execute(f"ALTER DATABASE {NAME} SET {setting}")
    database.execute(f"CREATE TABLE jobs (id text, v {kind})")
    database.execute("INSERT INTO jobs SELECT '1', $$" + value + f"$$::{kind}")
    assert load(url, "jobs").rows == [("1", cell or value)]


def test_generated_column_is_read(database: psycopg.Connection, url: str, load: Load) -> None:
    database.execute(
        """CREATE TABLE jobs (a int, b numeric(4, 1) GENERATED ALWAYS AS (a * 1.5) STORED,
        c int GENERATED ALWAYS AS IDENTITY)"""
    )
    database.execute("INSERT INTO jobs (a) VALUES (3)")
    assert load(url, "jobs").rows == [("3", "4.5", "1")]


def test_tables_of_the_schema_alone_are_listed(database: psycopg.Connection, url: str, work_dir: Path) -> None:
    database.execute(
        """CREATE TABLE jobs (id int, gone int, name text); ALTER TABLE jobs DROP COLUMN gone;
        CREATE VIEW some_jobs AS SELECT * FROM jobs; CREATE MATERIALIZED VIEW few_jobs AS SELECT * FROM jobs;
        CREATE TABLE events (day int) PARTITION BY RANGE (day);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (1) TO (2);
        CREATE TABLE bare (); CREATE SCHEMA other; CREATE TABLE other.roles (id int); CREATE SEQUENCE s"""
    )
    assert tables_in(url, work_dir) == {"bare": (), "events": ("day",), "jobs": ("id", "name")}
    assert tables_in(url, work_dir, "other") == {"roles": ("id",)}


def test_partitioned_table_gives_the_rows_of_its_partitions(database: psycopg.Connection, url: str, load: Load) -> None:
    database.execute(
        """CREATE TABLE events (day int) PARTITION BY RANGE (day);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (1) TO (2);
        CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (2) TO (3);
        INSERT INTO events VALUES (1), (2)"""
    )
    assert load(url, "events").rows == [("1",), ("2",)]


def test_columns_that_differ_in_case_alone_are_an_input_error(
    database: psycopg.Connection, url: str, load: Load
) -> None:
    database.execute('CREATE TABLE jobs (id int, "ID" int)')
    with pytest.raises(InputError, match=r"public\.jobs: two columns"):
        load(url, "jobs")


def test_table_without_columns_loads(database: psycopg.Connection, url: str, load: Load) -> None:
    database.execute("CREATE TABLE bare ()")
    assert load(url, "bare").rows == []


def test_all_tables_are_of_one_moment(
    database: psycopg.Connection, url: str, work_dir: Path, engine: duckdb.DuckDBPyConnection
) -> None:
    database.execute(
        "CREATE TABLE a (id int); CREATE TABLE b (id int); INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)"
    )
    with closing(open_source(url, work_dir=work_dir)) as source:
        database.execute("INSERT INTO a VALUES (2)")
        source.load(engine, "a")
        database.execute("DELETE FROM b")
        source.load(engine, "b")
    assert engine.execute("FROM source.a UNION ALL FROM source.b").fetchall() == [("1",), ("1",)]


def test_snapshot_shows_another_source_the_same_rows(
    database: psycopg.Connection, url: str, work_dir: Path, engine: duckdb.DuckDBPyConnection
) -> None:
    database.execute("CREATE TABLE jobs AS SELECT 1 AS id")
    with closing(open_source(url, work_dir=work_dir)) as first:
        snapshot = first.snapshot
        database.execute("INSERT INTO jobs VALUES (2)")
        with closing(open_source(url, work_dir=work_dir, snapshot=snapshot)) as second:
            second.load(engine, "jobs")
    assert engine.execute("FROM source.jobs").fetchall() == [("1",)]


def test_location_shows_no_password(url: str, work_dir: Path, database: psycopg.Connection) -> None:
    database.execute("CREATE TABLE jobs (id int)")
    with closing(open_source(url + "?connect_timeout=5", work_dir=work_dir)) as source:
        assert source.location == f"postgresql://postgres@127.0.0.1:{database.info.port}/{NAME}"


def refused(url: str, work_dir: Path, schema: str = "public") -> JobgraphError:
    """The error of opening `url`, which is one line and shows no password, not even in a traceback."""
    with pytest.raises(JobgraphError) as caught:
        open_source(url, schema=schema, work_dir=work_dir)
    shown = "".join(traceback.format_exception(caught.value, chain=True)) + repr(caught.value)
    assert not any(secret in shown for secret in ("s3cret", "wr0ng"))
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param({"password": "wr0ng"}, "password authentication failed", id="wrong_password"),
        pytest.param({"user": "nobody", "password": "wr0ng"}, "password authentication failed", id="unknown_user"),
        pytest.param({"database": "nowhere"}, 'database "nowhere" does not exist', id="unknown_database"),
    ],
)
def test_refused_address_is_an_input_error(
    postgres_server: PostgresServer, work_dir: Path, change: dict[str, Any], sentence: str
) -> None:
    error = refused(postgres_server.url(**change), work_dir)
    assert isinstance(error, InputError)
    assert sentence in str(error)


def test_missing_password_is_an_input_error(postgres_server: PostgresServer, work_dir: Path) -> None:
    error = refused(f"postgresql://postgres@127.0.0.1:{postgres_server.port}/postgres", work_dir)
    assert isinstance(error, InputError)


@pytest.mark.parametrize(
    "location",
    [
        "postgresql://anna:s3cret%zz@localhost/db",
        "postgresql://anna:s3cret@localhost:port/db",
        "postgresql://anna:s3cret@localhost/db?colour=red",
        "postgresql://anna:s3cret@[localhost/db",
        "postgresql://anna:s3cret@localhost:99999/db",
        "postgresql://anna:s3cret@localhost/db?sslmode=maybe",
    ],
)
def test_address_that_is_none_is_an_input_error(work_dir: Path, location: str) -> None:
    assert isinstance(refused(location, work_dir), InputError)


@pytest.mark.parametrize(
    ("schema", "sentence"),
    [
        pytest.param("nowhere", "has no schema 'nowhere'", id="unknown"),
        pytest.param("public", "the schema 'public' has no tables", id="empty"),
        pytest.param("Robert'); DROP TABLE jobs; --", "has no schema", id="hostile"),
    ],
)
def test_schema_without_tables_is_an_input_error(url: str, work_dir: Path, schema: str, sentence: str) -> None:
    error = refused(url, work_dir, schema)
    assert isinstance(error, InputError)
    assert sentence in str(error)


@pytest.mark.parametrize("what", ["TABLE jobs", "SCHEMA public"])
def test_table_that_may_not_be_read_is_an_input_error(
    postgres_server: PostgresServer, database: psycopg.Connection, load: Load, what: str
) -> None:
    database.execute(
        f"""CREATE TABLE jobs (id int); DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}';
        GRANT SELECT ON jobs TO reader; REVOKE ALL ON {what} FROM reader, public"""
    )
    with pytest.raises(InputError, match=r"public\.jobs cannot be read: permission denied"):
        load(postgres_server.url(NAME, user="reader"), "jobs")
    database.execute("DROP OWNED BY reader; DROP ROLE reader")


def test_closed_port_is_worth_a_retry(work_dir: Path) -> None:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        error = refused(f"postgresql://anna:s3cret@127.0.0.1:{taken.getsockname()[1]}/db", work_dir)
    assert isinstance(error, SourceGoneError)
    assert "refused" in str(error)


def test_silent_server_is_worth_a_retry(work_dir: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        location = f"postgresql://anna:s3cret@127.0.0.1:{silent.getsockname()[1]}/db?connect_timeout=2"
        assert isinstance(refused(location, work_dir), SourceGoneError)


def test_unknown_host_is_worth_a_retry(work_dir: Path) -> None:
    error = refused("postgresql://anna:s3cret@nowhere.invalid/db", work_dir)
    assert isinstance(error, SourceGoneError)


def test_full_server_is_worth_a_retry(
    postgres_server: PostgresServer, database: psycopg.Connection, work_dir: Path
) -> None:
    database.execute(f"DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}' CONNECTION LIMIT 0")
    error = refused(postgres_server.url(NAME, user="guest"), work_dir)
    database.execute("DROP ROLE guest")
    assert isinstance(error, SourceGoneError)


def test_connection_dropped_in_mid_read_is_worth_a_retry(
    database: psycopg.Connection,
    url: str,
    work_dir: Path,
    engine: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database.execute("CREATE TABLE jobs AS SELECT n AS id, repeat('x', 200) AS name FROM generate_series(1, 100000) n")
    whole = PostgresSource._chunks

    def cut(source: PostgresSource, *arguments: Any) -> Iterator[bytes | bytearray | memoryview]:
        for number, chunk in enumerate(whole(source, *arguments)):
            if number == 1000:
                pid = source._connection.info.backend_pid
                database.execute("SELECT pg_terminate_backend(%s)", [pid])
            yield chunk

    monkeypatch.setattr(PostgresSource, "_chunks", cut)
    with closing(open_source(url, work_dir=work_dir)) as source:
        with pytest.raises(SourceGoneError, match=r"public\.jobs.*try again"):
            source.load(engine, "jobs")
        assert list(work_dir.iterdir()) == []
        assert engine.execute("SHOW TABLES FROM source").fetchall() == []
        with pytest.raises(SourceGoneError):
            source.load(engine, "jobs")


def test_stopped_server_is_worth_a_retry(
    postgres_server: PostgresServer, url: str, work_dir: Path, engine: duckdb.DuckDBPyConnection
) -> None:
    with postgres_server.connect(NAME) as connection:
        connection.execute("CREATE TABLE jobs AS SELECT 1 AS id")
    with closing(open_source(url, work_dir=work_dir)) as source:
        postgres_server.stop()
        try:
            with pytest.raises(SourceGoneError):
                source.load(engine, "jobs")
            assert isinstance(refused(url, work_dir), SourceGoneError)
        finally:
            postgres_server.start()


def test_cancelled_query_is_worth_a_retry(
    database: psycopg.Connection, url: str, work_dir: Path, engine: duckdb.DuckDBPyConnection
) -> None:
    database.execute("CREATE TABLE jobs (id int)")
    with closing(open_source(url + "?options=-c%20lock_timeout%3D0", work_dir=work_dir)) as source:
        assert isinstance(source, PostgresSource)
        source._connection.execute("SET statement_timeout = 50")
        with database.transaction():
            database.execute("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(SourceGoneError, match="statement timeout"):
                source.load(engine, "jobs")


def test_missing_work_folder_is_a_storage_error(
    database: psycopg.Connection, url: str, tmp_path: Path, engine: duckdb.DuckDBPyConnection
) -> None:
    database.execute("CREATE TABLE jobs (id int)")
    with closing(open_source(url, work_dir=tmp_path / "nowhere")) as source, pytest.raises(StorageError):
        source.load(engine, "jobs")


def test_text_that_the_server_cannot_decode_is_a_defect(postgres_server: PostgresServer, load: Load) -> None:
    with postgres_server.connect() as connection:
        connection.execute("DROP DATABASE IF EXISTS raw_bytes")
        connection.execute("CREATE DATABASE raw_bytes ENCODING 'SQL_ASCII' TEMPLATE template0")
    with postgres_server.connect("raw_bytes") as connection:
        connection.execute("CREATE TABLE jobs AS SELECT 1 AS id, E'caf\\xe9' AS name")
    loaded = load(postgres_server.url("raw_bytes"), "jobs")
    assert (loaded.rows, loaded.defects) == ([("1", None)], [(1, "name", r"caf\xe9", "invalid-utf8")])


@pytest.mark.parametrize("partitions", ["", "PARTITION BY HASH (id)"], ids=["one_table", "partitions"])
def test_rows_are_found_again_at_their_places(
    database: psycopg.Connection, url: str, work_dir: Path, engine: duckdb.DuckDBPyConnection, partitions: str
) -> None:
    database.execute(f"CREATE TABLE jobs (id text, is_done boolean, name char(5), note text) {partitions}")
    for number in range(3 if partitions else 0):
        database.execute(
            f"CREATE TABLE jobs_{number} PARTITION OF jobs FOR VALUES WITH (MODULUS 3, REMAINDER {number})"
        )
    database.execute("INSERT INTO jobs SELECT n, n % 2 = 0, 'x', E'a,\"b\\n' || n FROM generate_series(1, 20) n")
    database.execute("UPDATE jobs SET note = NULL WHERE id = '3'; DELETE FROM jobs WHERE id = '4'")
    for schema in ("listed", "fetched"):
        engine.execute(f"CREATE SCHEMA {schema}")
    with closing(open_source(url, work_dir=work_dir)) as source:
        rows = source.placed_rows("jobs")
        assert rows is not None
        listed, whole = rows.list_all(engine, ("id",)), source.load(engine, "jobs")
        in_order = engine.execute(f"SELECT id FROM {listed} ORDER BY rowid").fetchall()
        assert in_order == engine.execute(f"SELECT id FROM {whole} ORDER BY rowid").fetchall()
        wanted = ["3", "10", "19"]
        query = f'SELECT "{PLACE}" FROM {listed} WHERE id IN (SELECT unnest(?))'
        database.execute("UPDATE jobs SET note = 'later'")
        found = rows.load(engine, [place for (place,) in engine.execute(query, [wanted]).fetchall()])
    same = f"""(SELECT * EXCLUDE "{PLACE}" FROM {found}) EXCEPT ALL (FROM {whole})"""
    assert engine.execute(same).fetchall() == []
    assert engine.execute(f"SELECT id FROM {found} ORDER BY id::INT").fetchall() == [(key,) for key in wanted]


def test_rows_of_a_database_without_an_encoding_have_no_places(postgres_server: PostgresServer, work_dir: Path) -> None:
    with postgres_server.connect() as connection:
        connection.execute("DROP DATABASE IF EXISTS raw_places")
        connection.execute("CREATE DATABASE raw_places ENCODING 'SQL_ASCII' TEMPLATE template0")
    with postgres_server.connect("raw_places") as connection:
        connection.execute("CREATE TABLE jobs (id int)")
    with closing(open_source(postgres_server.url("raw_places"), work_dir=work_dir)) as source:
        assert source.placed_rows("jobs") is None
