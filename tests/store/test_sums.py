from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest
from tests.store.content import Publish, many_quads

from jobgraph.errors import StorageError
from jobgraph.store import Generation, Tenant, sums
from jobgraph.store.sums import SUMS, iter_damage, read_sums, write_sums


@pytest.fixture
def generation(publish: Publish) -> Generation:
    return publish(many_quads(10))


def test_other_programs_can_check_a_generation(generation: Generation) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", SUMS], cwd=generation.path, check=True)


def test_every_file_has_its_hash(generation: Generation) -> None:
    files = {str(path.relative_to(generation.path)) for path in generation.path.rglob("*") if path.is_file()}
    assert set(read_sums(generation.path) or {}) == files - {SUMS}


def flip(folder: Path) -> None:
    path = next(folder.glob("oxigraph/*.sst"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def add(folder: Path) -> None:
    (folder / "more.txt").write_text("more")


def remove(folder: Path) -> None:
    (folder / "manifest.json").unlink()


@pytest.mark.parametrize(
    ("spoil", "words", "seen_at_once"),
    [(flip, "has other bytes", 0), (add, "more.txt was added", 1), (remove, "manifest.json is missing", 1)],
)
def test_damage_is_named(generation: Generation, spoil: Callable[[Path], None], words: str, seen_at_once: int) -> None:
    assert list(iter_damage(generation.path, deep=True)) == []
    spoil(generation.path)
    (found,) = iter_damage(generation.path, deep=True)
    assert found.endswith(words)
    assert len(list(iter_damage(generation.path, deep=False))) == seen_at_once


@pytest.mark.usefixtures("generation")
def test_file_that_is_shared_with_the_parent_is_not_read_again(tenant: Tenant) -> None:
    with tenant.begin(copy=True) as draft, patch.object(sums, "_sum", wraps=sums._sum) as hashed:
        new = draft.publish({})
    assert not [call for call in hashed.call_args_list if call.args[0].suffix == ".sst"]
    assert list(iter_damage(new.path, deep=True)) == []


def test_generation_from_before_there_were_hashes_has_no_damage(generation: Generation) -> None:
    (generation.path / SUMS).unlink()
    flip(generation.path)
    assert (read_sums(generation.path), list(iter_damage(generation.path, deep=True))) == (None, [])


def test_list_that_is_none_is_a_storage_error(generation: Generation) -> None:
    (generation.path / SUMS).write_text("nothing\n")
    with pytest.raises(StorageError, match="SHA256SUMS is broken"):
        read_sums(generation.path)


def test_full_disk_leaves_no_half_of_a_list(generation: Generation) -> None:
    before = (generation.path / SUMS).read_bytes()
    with (
        patch.object(sums, "write_durably", side_effect=OSError(28, "No space left")),
        pytest.raises(OSError, match="28"),
    ):
        write_sums(generation.path)
    assert (generation.path / SUMS).read_bytes() == before
    assert sorted(path.name for path in generation.path.parent.iterdir()) == ["000001", "000002"]
