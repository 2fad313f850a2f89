from __future__ import annotations

import os
import tarfile
from pathlib import Path
from unittest.mock import patch

import pytest
from tests.operations.files import files_of
from tests.store.content import BASE, quads_in

from jobgraph.errors import HomeFormatError, StorageError
from jobgraph.operations import upgrade as module
from jobgraph.operations.upgrade import upgrade
from jobgraph.store import Home
from jobgraph.store.layout import FORMAT, read_format, write_format
from jobgraph.store.sums import SUMS, iter_damage, write_sums

QUADS = [f"<ex:a> <ex:b> <ex:1> <{BASE}graph/acme/asserted>"]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A home that version 0.1.0 of 2026-11-22 (commit 1247702) wrote, before homes said their format."""
    with tarfile.open(Path(__file__).with_name("home_of_format_1.tar.xz")) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "home"


def current_quads(home: Path) -> list[str]:
    generation = Home(home).tenant("acme").current()
    assert generation
    return quads_in(generation)


def test_old_home_is_read_and_written_as_it_is(old: Path) -> None:
    assert (read_format(old), current_quads(old)) == (1, QUADS)
    with Home(old).tenant("acme").begin(copy=True) as draft:
        draft.publish({})
    assert (read_format(old), current_quads(old)) == (1, QUADS)


def test_upgrade_adds_hashes_and_changes_nothing_else(old: Path) -> None:
    before = files_of(old)
    assert upgrade(old) == (1, FORMAT)
    after = files_of(old)
    added = {name for name in after if name not in before}
    assert added == {"FORMAT", *(f"tenants/acme/generations/00000{n}/{SUMS}" for n in (1, 2))}
    assert {name: after[name] for name in before} == before
    for generation in Home(old).tenant("acme").generations():
        assert list(iter_damage(generation.path, deep=True)) == []


def test_upgrade_makes_secrets_private(old: Path) -> None:
    for name in ("access/tokens.json", "audit/audit.jsonl", "tenants/acme/keys/signing.pem"):
        (old / name).parent.mkdir()
        (old / name).write_text("x")
    upgrade(old)
    for name in ("access/tokens.json", "audit/audit.jsonl", "tenants/acme/keys/signing.pem"):
        assert [(old / name).stat().st_mode & 0o777, (old / name).parent.stat().st_mode & 0o777] == [0o600, 0o700]


def test_upgrade_of_what_is_new_does_nothing(first_home: Path) -> None:
    before = files_of(first_home)
    assert upgrade(first_home) == (FORMAT, FORMAT)
    assert files_of(first_home) == before


def test_upgrade_that_was_broken_off_goes_on(old: Path) -> None:
    def write_one(folder: Path) -> None:
        if folder.name == "000002":
            raise OSError(28, os.strerror(28))
        write_sums(folder)

    with patch.object(module, "write_sums", write_one), pytest.raises(StorageError, match="No space left"):
        upgrade(old)
    assert (read_format(old), len(list(old.rglob(SUMS))), current_quads(old)) == (1, 1, QUADS)
    assert upgrade(old) == (1, FORMAT)
    assert len(list(old.rglob(SUMS))) == 2


def test_tenant_that_is_written_to_is_not_upgraded_meanwhile(old: Path) -> None:
    with Home(old).tenant("acme").begin(), pytest.raises(StorageError, match="in use by another process"):
        upgrade(old)
    assert read_format(old) == 1


def test_newer_home_is_not_touched(home: Path) -> None:
    write_format(home, FORMAT + 1)
    with pytest.raises(HomeFormatError):
        upgrade(home)
    assert (home / "FORMAT").read_text() == f"{FORMAT + 1}\n"
