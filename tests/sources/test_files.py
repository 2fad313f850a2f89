"""A folder of files: what is a table, and what is refused in one sentence."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from tests.sources.kinds import FILE_KINDS, Load, Loaded, Table

from jobgraph.errors import InputError, StorageError, UsageError
from jobgraph.sources import open_source

ROWS = Table(("id", "name"), [("1", "a")])


def tables_in(folder: Path, work_dir: Path) -> dict[str, tuple[str, ...]]:
    with closing(open_source(str(folder), work_dir=work_dir)) as source:
        return dict(source.tables)


def test_kinds_of_files_mix_freely(folder: Path, load: Load) -> None:
    for number, (kind, write) in enumerate(FILE_KINDS.items()):
        write(folder / f"t{number}.{kind}", ROWS)
    loaded = {load(str(folder), f"t{number}").rows == ROWS.rows for number in range(len(FILE_KINDS))}
    assert loaded == {True}


def test_other_files_are_passed_over(folder: Path, work_dir: Path) -> None:
    for name in ("jobs.csv", "notes.txt", "README.md", ".hidden.csv", "._jobs.csv", "jobs.csv.bak", "csv"):
        (folder / name).write_text("id\n", encoding="utf-8")
    (folder / "more").mkdir()
    assert tables_in(folder, work_dir) == {"jobs": ("id",)}


def test_ending_may_be_in_capitals(folder: Path, work_dir: Path) -> None:
    (folder / "Jobs.CSV").write_text("id\n", encoding="utf-8")
    assert list(tables_in(folder, work_dir)) == ["Jobs"]


def test_file_without_anything_is_a_table_without_columns(folder: Path, load: Load) -> None:
    (folder / "jobs.csv").touch()
    assert load(str(folder), "jobs") == Loaded((), [], [])


def test_header_alone_is_a_table_without_rows(folder: Path, load: Load) -> None:
    (folder / "jobs.csv").write_text("id,name", encoding="utf-8")
    assert load(str(folder), "jobs") == Loaded(("id", "name"), [], [])


def nothing(_: Path) -> None:
    """Leave the folder as it is."""


def no_folder(folder: Path) -> None:
    folder.rmdir()


def a_file(folder: Path) -> None:
    folder.rmdir()
    folder.write_text("id\n", encoding="utf-8")


def no_table(folder: Path) -> None:
    (folder / "notes.txt").touch()


def two_of_a_name(folder: Path) -> None:
    for name in ("jobs.csv", "jobs.parquet"):
        (folder / name).touch()


def two_but_for_case(folder: Path) -> None:
    for name in ("jobs.csv", "Jobs.jsonl"):
        (folder / name).touch()


def folder_for_a_file(folder: Path) -> None:
    (folder / "jobs.parquet").mkdir()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (no_folder, "does not exist; name a folder"),
        (a_file, "is a file; name the folder"),
        (nothing, "is empty; put one file per table there"),
        (no_table, r"holds no table file; put .*\.csv\.gz, \.parquet"),
        (two_of_a_name, r"jobs\.csv and jobs\.parquet are both for the table jobs; remove one"),
        (two_but_for_case, r"Jobs\.jsonl and jobs\.csv are both for the table jobs; remove one"),
        (folder_for_a_file, r"jobs\.parquet is a folder"),
    ],
)
def test_folder_that_cannot_be_read_is_an_input_error(
    folder: Path, work_dir: Path, make: Callable[[Path], None], sentence: str
) -> None:
    make(folder)
    with pytest.raises(InputError, match=sentence) as caught:
        open_source(str(folder), work_dir=work_dir)
    assert (caught.value.exit_code, str(caught.value).count("\n")) == (65, 0)


def test_address_with_a_slip_does_not_show_its_password(work_dir: Path) -> None:
    with pytest.raises(InputError, match="does not exist") as caught:
        open_source("postgres:/anna:s3cret@host/db", work_dir=work_dir)
    assert "s3cret" not in str(caught.value)


def damaged(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]


def wrong_checksum(content: bytes) -> bytes:
    return content[:-8] + bytes(4) + content[-4:]


@pytest.mark.parametrize("name", ["jobs.csv.gz", "jobs.jsonl.gz"])
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda content: content[: len(content) // 2], id="truncated"),
        pytest.param(lambda content: content[:-4], id="without_its_last_bytes"),
        pytest.param(lambda content: content[:5], id="cut_in_its_head"),
        pytest.param(damaged, id="damaged"),
        pytest.param(wrong_checksum, id="wrong_checksum"),
        pytest.param(gzip.decompress, id="not_packed"),
    ],
)
def test_broken_gzip_file_is_an_input_error(
    folder: Path, load: Load, work_dir: Path, name: str, spoil: Callable[[bytes], bytes]
) -> None:
    FILE_KINDS[name.removeprefix("jobs.")](folder / name, Table(("id",), [(str(n * n),) for n in range(9999)]))
    (folder / name).write_bytes(spoil((folder / name).read_bytes()))
    with pytest.raises(InputError, match=name):
        load(str(folder), "jobs")
    assert list(work_dir.iterdir()) == []


def test_file_that_vanished_is_an_input_error(folder: Path, work_dir: Path, engine: duckdb.DuckDBPyConnection) -> None:
    (folder / "jobs.csv").write_text("id,name\n", encoding="utf-8")
    source = open_source(str(folder), work_dir=work_dir)
    (folder / "jobs.csv").unlink()
    with pytest.raises(InputError, match=r"jobs\.csv cannot be read"):
        source.load(engine, "jobs")


def test_missing_work_folder_is_a_storage_error(
    folder: Path, tmp_path: Path, engine: duckdb.DuckDBPyConnection
) -> None:
    (folder / "jobs.csv").write_bytes(b"id,name\n1,\xe9\n")
    source = open_source(str(folder), work_dir=tmp_path / "nowhere")
    with pytest.raises(StorageError, match="nowhere"):
        source.load(engine, "jobs")


def test_fingerprint_is_that_of_the_content(folder: Path, work_dir: Path) -> None:
    found = []
    for content in ("id\n1\n", "id\n2\n", "id\n1\n"):
        (folder / "jobs.csv").write_text(content, encoding="utf-8")
        with closing(open_source(str(folder), work_dir=work_dir)) as source:
            found.append(source.fingerprint("jobs"))
    assert found[0] == found[2] != found[1]


def test_table_that_is_missing_has_no_fingerprint(folder: Path, work_dir: Path) -> None:
    (folder / "jobs.csv").write_text("id\n", encoding="utf-8")
    with closing(open_source(str(folder), work_dir=work_dir)) as source, pytest.raises(UsageError, match="teams"):
        source.fingerprint("teams")
