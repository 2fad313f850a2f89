"""What commands print."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from jobgraph.cli.output import opened_output, say_rows, say_table
from jobgraph.errors import StorageError, UsageError


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        pytest.param("\x1b[31mred", "\\x1b[31mred", id="escape_sequence"),
        pytest.param("[bold]x[/bold] :smile:", "[bold]x[/bold] :smile:", id="markup"),
        pytest.param(None, "", id="nothing"),
        pytest.param(1.5, "1.5", id="number"),
    ],
)
def test_table_shows_a_cell_as_it_is(cell: object, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    say_table(("name",), [[cell]])
    assert f"│ {shown}" in capsys.readouterr().out


def test_rows_are_csv(capsys: pytest.CaptureFixture[str]) -> None:
    say_rows(("a", "b"), [['x"y', 1]], "csv")
    assert capsys.readouterr().out == 'a,b\n"x""y",1\n'


def test_rows_are_json(capsys: pytest.CaptureFixture[str]) -> None:
    say_rows(("a",), [["ü"]], "json")
    assert capsys.readouterr().out == '[\n  {\n    "a": "ü"\n  }\n]\n'


def test_other_formats_are_refused() -> None:
    with pytest.raises(UsageError, match="no format 'xml'"):
        say_rows(("a",), [], "xml")


def test_file_is_not_there_before_it_is_whole(tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    with opened_output(out) as stream:
        stream.write(b"half")
        assert not out.exists()
    assert out.read_bytes() == b"half"


def write_until_full(out: Path) -> None:
    with opened_output(out) as stream:
        stream.write(b"new")
        raise OSError(errno.ENOSPC, "No space left on device")


def test_file_stays_as_it_was_after_an_error(tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    out.write_bytes(b"old")
    with pytest.raises(StorageError, match=r"out\.txt: No space left on device"):
        write_until_full(out)
    assert (out.read_bytes(), len(list(tmp_path.iterdir()))) == (b"old", 1)
