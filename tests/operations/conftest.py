"""A home with two small tenants, tokens, an audit log and keys, and backups of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.store.content import BASE, publish

from jobgraph.operations.backup import Choice, write_backup
from jobgraph.server.access import Role, TokenFile
from jobgraph.server.audit_log import AuditLog, Event
from jobgraph.settings import Settings
from jobgraph.store import Home

Write = Callable[..., Path]


@pytest.fixture(scope="session")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tenants acme, of two generations, and bolt; to read only."""
    path = tmp_path_factory.mktemp("operations") / "home"
    home = Home(path)
    for slug in ("acme", "bolt"):
        home.create_tenant(slug, base=BASE)
    publish(home.tenant("acme"), "<ex:a> <ex:b> <ex:1> {asserted} .\n", path.parent)
    TokenFile(path).create("acme", Role.READER, lasts=timedelta(days=90))
    for number in range(3):
        AuditLog(path).append(Event("update", f"write {number}", "published", None))
    for name in ("keys/signing.pem", "keys/partner.secret", "profiles/own.ttl", "cache/000001/made-again.parquet"):
        file = path / "tenants" / "acme" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{name}\n")
    (path / "build.json").write_text("{}")
    for name in ("last_build/facts.json", "incoming/cargo/CURRENT", "aside/cargo.1/CURRENT", "remote/0f/FORMAT"):
        (path / name).parent.mkdir(parents=True)
        (path / name).write_text("{}")
    return path


@pytest.fixture
def home(first_home: Path, tmp_path: Path) -> Path:
    """A copy that may be changed."""
    return shutil.copytree(first_home, tmp_path / "home")


@pytest.fixture(scope="session")
def first_backup(first_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of both tenants, to read only."""
    path = tmp_path_factory.mktemp("backup") / "all.tar.zst"
    write_backup(Settings(home=first_home), path, Choice())
    return path


@pytest.fixture
def back_up(home: Path, tmp_path: Path) -> Write:
    """Writes a backup of the home to a new file."""

    def write(*tenants: str, name: str = "backup.tar.zst", **choice: bool) -> Path:
        write_backup(Settings(home=home), tmp_path / name, Choice(tenants, **choice))
        return tmp_path / name

    return write
