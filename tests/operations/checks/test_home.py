from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from unittest.mock import patch

import pytest
from tests.mounts import read_only
from tests.operations.checks.subjects import problems, subject
from tests.operations.files import flip
from tests.store.content import BASE

from jobgraph.contract.record import COLUMNS
from jobgraph.errors import HomeFormatError
from jobgraph.operations.checks.home import (
    check_generations,
    check_layout,
    check_leftovers,
    check_moves,
    check_record,
    check_rights,
    check_terms,
)
from jobgraph.operations.checks.model import Subject
from jobgraph.pipeline.last_build import RECORD, LastBuild
from jobgraph.resources import terms_hash
from jobgraph.server.settings import ServerSettings
from jobgraph.store import Home
from jobgraph.store.layout import FORMAT, write_format
from jobgraph.store.sums import write_sums


@pytest.fixture
def published(home: Path) -> Path:
    """The published generation of acme."""
    return home / "tenants" / "acme" / "generations" / "000002"


@pytest.mark.parametrize("check", [check_layout, check_rights, check_generations, check_leftovers, check_terms])
def test_home_as_it_should_be_has_no_problem(first_home: Path, check: Callable[..., object]) -> None:
    if check is check_rights:
        for path in (first_home / "tenants" / "acme" / "keys").iterdir():
            path.chmod(0o600)
    assert problems(check, subject(first_home, deep=True)) == []  # type: ignore[arg-type]


def test_home_that_is_not_there_fails(tmp_path: Path) -> None:
    ((state, text),) = problems(check_layout, subject(tmp_path / "none"))
    assert (state, text) == ("failure", f"{tmp_path / 'none'} is no folder")


def test_older_home_is_to_be_upgraded(home: Path) -> None:
    (home / "FORMAT").unlink()
    assert problems(check_layout, subject(home)) == [("warning", f"{home} is of format 1")]


def test_newer_home_cannot_be_looked_at(home: Path) -> None:
    write_format(home, FORMAT + 1)
    with pytest.raises(HomeFormatError):
        problems(check_layout, subject(home))


def test_home_that_cannot_be_written_fails(tmp_path: Path) -> None:
    with read_only(tmp_path):
        ((state, text),) = problems(check_layout, subject(tmp_path))
    assert (state, "cannot be written by this user" in text) == ("failure", True)


@pytest.mark.parametrize("name", ["access/tokens.json", "audit/audit.jsonl", "tenants/acme/keys/signing.pem"])
def test_private_file_that_others_can_read_fails(home: Path, name: str) -> None:
    for path in (home / "tenants" / "acme" / "keys").iterdir():
        path.chmod(0o600)
    (home / name).chmod(0o640)
    ((state, text),) = problems(check_rights, subject(home))
    assert (state, text) == ("failure", f"{home / name} can be read or written by other users (mode 640)")


def test_home_of_another_user_is_named(first_home: Path) -> None:
    with patch.object(os, "geteuid", return_value=os.geteuid() + 1):
        assert any("belongs to user" in text for _, text in problems(check_rights, subject(first_home)))


def break_pointer(published: Path) -> None:
    published.parent.parent.joinpath("CURRENT").write_text("000009\n")


def break_manifest(published: Path) -> None:
    (published / "manifest.json").write_text("{")


def remove_store(published: Path) -> None:
    shutil.rmtree(published / "oxigraph")


def remove_file(published: Path) -> None:
    next(published.glob("oxigraph/*.sst")).unlink()


def remove_generation(published: Path) -> None:
    shutil.rmtree(published)


def break_sums(published: Path) -> None:
    (published / "SHA256SUMS").write_text("?")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (break_pointer, "names no generation: '000009'"),
        (break_manifest, "manifest.json is broken"),
        (remove_store, "the store is missing"),
        (remove_file, ".sst is missing"),
        (remove_generation, "names no generation: '000002'"),
        (break_sums, "SHA256SUMS is broken"),
    ],
)
def test_generation_that_is_not_whole_fails(
    home: Path, published: Path, spoil: Callable[[Path], None], words: str
) -> None:
    spoil(published)
    found = problems(check_generations, subject(home))
    assert {state for state, _ in found} == {"failure"}
    assert any(words in text for _, text in found)


def test_changed_byte_shows_where_every_byte_is_read(home: Path, published: Path) -> None:
    flip(next(published.glob("oxigraph/*.sst")), 50)
    assert problems(check_generations, subject(home)) == []
    ((state, text),) = problems(check_generations, subject(home, deep=True))
    assert (state, text.endswith(".sst has other bytes")) == ("failure", True)


def test_damage_of_an_old_generation_is_a_warning(home: Path) -> None:
    flip(next((home / "tenants" / "acme" / "generations" / "000001" / "oxigraph").glob("OPTIONS-*")), 50)
    ((state, text),) = problems(check_generations, subject(home, deep=True))
    assert (state, "generations/000001: oxigraph/OPTIONS" in text) == ("warning", True)


def test_tenant_without_a_generation_is_named(home: Path) -> None:
    (home / "tenants" / "cargo").mkdir()
    assert problems(check_generations, subject(home)) == [("warning", "cargo has no published generation")]


@pytest.mark.parametrize(
    "name", [".work.abc.partial", "tenants/acme/generations/.000003.1.partial", "tenants/acme/CURRENT.1.tmp"]
)
def test_what_a_dead_command_left_is_named(home: Path, name: str) -> None:
    (home / name).mkdir()
    ((state, text),) = problems(check_leftovers, subject(home))
    assert (state, text) == ("warning", f"{home / name} was left by a command that died")


@pytest.mark.parametrize(
    ("name", "words", "advice"),
    [
        ("tenants/acme/HELD", "nothing may be written to it", "run jobgraph shards move acme again"),
        ("incoming/cargo", "has arrived in part, or a move goes on", "shards move cargo again, or remove this"),
        ("aside/cargo.1", "was taken out of the tenants by a move, and no backup has it", "is whole on its host"),
    ],
)
def test_what_a_move_left_is_named(home: Path, name: str, words: str, advice: str) -> None:
    for folder in ("incoming", "aside"):
        shutil.rmtree(home / folder)
    assert problems(check_moves, subject(home)) == []
    (home / name).parent.mkdir(exist_ok=True)
    (home / name).write_text("It moves.\n")
    (finding,) = check_moves(subject(home))
    assert (finding.state.value, finding.text.startswith(f"{home / name}"), words in finding.text) == (
        "warning",
        True,
        True,
    )
    assert advice in finding.advice


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (None, ["cannot be read"]),
        ({"acme": "000002", "bolt": "000001"}, []),
        ({"acme": "000001", "bolt": "000001"}, ["acme published another generation since the last build"]),
        ({"cargo": "000001"}, ["cargo published another"]),
    ],
)
def test_record_of_the_last_build_is_of_what_is_published(
    home: Path, names: dict[str, str] | None, expected: list[str]
) -> None:
    if names:
        facts = LastBuild(names, BASE, "", False, "", {}, "")
        (home / RECORD / "facts.json").write_text(json.dumps(asdict(facts)))
        for name in ("prints", "owners.parquet", *(f"{table}.parquet" for table in COLUMNS)):
            (home / RECORD / name).touch()
        write_sums(home / RECORD)
    found = problems(check_record, subject(home))
    assert [words in text for words, (_, text) in zip(expected, found, strict=True)] == [True] * len(expected)
    assert len(list(check_record(subject(home)))) == 1


def test_home_without_a_record_has_none_to_look_at(home: Path) -> None:
    shutil.rmtree(home / RECORD)
    assert problems(check_record, subject(home)) == []


def test_passwords_at_endpoints_that_others_can_read_fail(home: Path, tmp_path: Path) -> None:
    for path in (home / "tenants" / "acme" / "keys").iterdir():
        path.chmod(0o600)
    (tmp_path / "acme").write_text("someone\nsecret\n")
    (tmp_path / "acme").chmod(0o644)
    looked_at = Subject(ServerSettings(home=home, store_credentials=tmp_path / "acme"))
    assert problems(check_rights, looked_at) == []
    looked_at = Subject(ServerSettings(home=home, store_credentials=tmp_path))
    ((state, text),) = [each for each in problems(check_rights, looked_at) if "acme can" in each[1]]
    assert (state, "acme can be read or written by other users (mode 644)" in text) == ("failure", True)


def test_what_a_living_command_works_in_is_not(home: Path) -> None:
    with Home(home).tenant("acme").begin():
        assert problems(check_leftovers, subject(home)) == []


@pytest.mark.parametrize(("terms", "count"), [(terms_hash(), 0), ("0" * 64, 1), (None, 1)])
def test_graph_that_was_built_by_other_terms_is_named(
    home: Path, published: Path, terms: str | None, count: int
) -> None:
    path = published / "manifest.json"
    facts = {"source": "x", "version": "0.0.9", "terms": terms}
    path.write_text(json.dumps({**json.loads(path.read_text()), **facts}))
    found = problems(check_terms, subject(home))
    assert (len(found), all(text.endswith("acme (version 0.0.9)") for _, text in found)) == (count, True)
