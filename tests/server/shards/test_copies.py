from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jobgraph.errors import InputError
from jobgraph.server.access import Role, Token
from jobgraph.server.shards.copies import iter_copy, known_generations, read_copy, read_tokens
from jobgraph.store import Home, Tenant

TOKEN = Token("0123456789", "acme", Role.READER, datetime(2026, 1, 1, tzinfo=UTC), None, None, "0" * 64)


@pytest.fixture
def tenant(tmp_path: Path) -> Tenant:
    """Two generations that share a file, a file of its own, and what is made again."""
    tenant = Home(tmp_path / "home").create_tenant("acme", base="https://acme.example/")
    first = tenant.current()
    assert first
    first.path.joinpath("shared.sst").write_bytes(b"shared" * 1_000)
    with tenant.begin(copy=True) as draft:
        draft.path.joinpath("shared.sst").hardlink_to(first.path / "shared.sst")
        draft.publish({})
    for name in ("profiles/partner.ttl", "cache/000001/made.zip"):
        path = tenant.path / name
        path.parent.mkdir(parents=True)
        path.write_text(name)
    return tenant


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "acme"
    folder.mkdir()
    return folder


def copied(tenant: Tenant, known: Mapping[str, str] | None = None) -> bytes:
    return b"".join(iter_copy(tenant, [TOKEN], known or {}))


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_copy_holds_all_but_what_can_be_made_again(tenant: Tenant, target: Path) -> None:
    read_copy(io.BytesIO(copied(tenant)), target)
    sent = {name: text for name, text in content(tenant.path).items() if not name.startswith("cache/")}
    assert read_tokens(target) == [TOKEN]
    target.joinpath("tokens.json").unlink()
    assert content(target) == sent


def test_what_generations_share_goes_once(tenant: Tenant, target: Path) -> None:
    read_copy(io.BytesIO(copied(tenant)), target)
    first, second = (target / "generations" / name / "shared.sst" for name in ("000001", "000002"))
    assert first.samefile(second)


def test_second_copy_brings_only_what_is_new(tenant: Tenant, target: Path) -> None:
    read_copy(io.BytesIO(copied(tenant)), target)
    known = known_generations(Tenant("acme", target))
    with tenant.begin(copy=True) as draft:
        draft.path.joinpath("shared.sst").hardlink_to(tenant.path / "generations/000001/shared.sst")
        draft.publish({})
    more = copied(tenant, known)
    assert b"shared" * 1_000 not in more
    read_copy(io.BytesIO(more), target)
    assert known_generations(Tenant("acme", target)) == known_generations(tenant)
    assert (target / "generations/000003/shared.sst").samefile(target / "generations/000001/shared.sst")


def test_copy_is_whole_whatever_is_pruned_meanwhile(tenant: Tenant, target: Path) -> None:
    tenant.path.joinpath("generations/000001/large").write_bytes(b"x" * 1_000_000)
    for _ in range(2):
        with tenant.begin(copy=True) as draft:
            draft.publish({})
    parts = iter_copy(tenant, [TOKEN], {})
    first = next(parts)
    tenant.prune(1)
    read_copy(io.BytesIO(first + b"".join(parts)), target)
    assert sorted(known_generations(Tenant("acme", target))) == ["000001", "000002", "000003", "000004"]


def test_flipped_bit_is_refused(tenant: Tenant, target: Path) -> None:
    stream = bytearray(copied(tenant))
    stream[stream.index(b"shared" * 100) + 99] ^= 1
    with pytest.raises(InputError, match="is not what was sent"):
        read_copy(io.BytesIO(bytes(stream)), target)
    assert not target.exists()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_copy_that_broke_off_is_refused(tenant: Tenant, target: Path, share: float) -> None:
    stream = copied(tenant)
    with pytest.raises(InputError, match="broke off"):
        read_copy(io.BytesIO(stream[: int(share * len(stream))]), target)
    assert not target.exists()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param("../outside", tarfile.REGTYPE, id="way_out"),
        pytest.param("/tmp/outside", tarfile.SYMTYPE, id="symbolic_link"),
        pytest.param("device", tarfile.CHRTYPE, id="device"),
    ],
)
def test_copy_never_leaves_its_folder(target: Path, name: str, kind: bytes) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, "elsewhere"
        tar.addfile(member)
    with pytest.raises(InputError):
        read_copy(io.BytesIO(stream.getvalue()), target)
    assert not target.with_name("outside").exists()
