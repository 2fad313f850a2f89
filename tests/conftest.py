"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import duckdb
import pytest
from hypothesis import settings
from tests.admission import SMALL, Admission, Admit, Cells, write_tables

from jobgraph.contract import admit
from jobgraph.sources import open_source
from jobgraph.vocabulary import Vocabulary

# No deadline: a busy machine is no failure. Without chance under CI: one commit always gives one answer.
settings.register_profile("jobgraph", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("jobgraph")


@pytest.fixture(scope="session")
def shipped_vocabulary() -> Vocabulary:
    """The shipped shapes and codes."""
    return Vocabulary()


@pytest.fixture(scope="session")
def small_vocabulary() -> Vocabulary:
    """Eight tables that show every kind of column and of tenancy."""
    return Vocabulary(root=SMALL)


@pytest.fixture
def admit_tables(tmp_path: Path, small_vocabulary: Vocabulary) -> Iterator[Admit]:
    """Lets tables that are written in the test through the door."""
    with ExitStack() as stack:

        def make(
            tables: Mapping[str, Cells], *, vocabulary: Vocabulary = small_vocabulary, **options: Any
        ) -> Admission:
            folder = Path(mkdtemp(dir=tmp_path))
            work = folder / "work"
            work.mkdir()
            source = open_source(str(write_tables(folder / "tables", tables)), work_dir=work)
            stack.callback(source.close)
            connection = stack.enter_context(duckdb.connect(config={"threads": 2}))
            return Admission(admit(connection, source, vocabulary, **options), source, vocabulary, folder)

        yield make
