from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import pytest

from jobgraph.errors import StorageError
from jobgraph.server.access.reread_file import RereadFile


class Reader:
    """Reads a number, and counts how often."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, stream: BinaryIO) -> int:
        self.count += 1
        return int(stream.read())


def test_file_is_read_again_only_when_it_has_changed(tmp_path: Path) -> None:
    read = Reader()
    path = tmp_path / "number"
    file = RereadFile(path, read)
    path.write_text("1")
    assert [file.content() for _ in range(3)] == [1, 1, 1]
    path.with_suffix(".new").write_text("2")
    path.with_suffix(".new").rename(path)
    assert [file.content() for _ in range(3)] == [2, 2, 2]
    assert read.count == 2


def test_what_was_read_before_does_not_stand_in_for_a_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "number"
    path.write_text("1")
    file = RereadFile(path, Reader())
    file.content()
    path.write_text("one")
    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            file.content()


def test_missing_file_is_an_error_unless_it_has_a_meaning(tmp_path: Path) -> None:
    assert RereadFile(tmp_path / "none", Reader(), missing=0).content() == 0
    with pytest.raises(StorageError, match="none: No such file"):
        RereadFile(tmp_path / "none", Reader()).content()
    with pytest.raises(StorageError, match="Is a directory"):
        RereadFile(tmp_path, Reader()).content()
