"""Where what is made for exports lies: in the cache of its generation, by profile and what the profile says."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jobgraph.errors import StorageError
from jobgraph.exports.profile import profile_names, profile_path
from jobgraph.store import Generation, Tenant
from jobgraph.store.durable import storage_errors, sync, write_durably

PACKAGE, PACKAGE_FACTS, FEED_FACTS = "package.zip", "package.json", "feed.json"
_KEYS, _SIGNING_KEY, _SECRET = "keys", "signing.pem", ".secret"


@dataclass(frozen=True)
class Place:
    """One profile of a tenant, and where its files are; `stamp` changes with all that they depend on but the data."""

    tenant: Tenant
    profile: str
    stamp: str

    @classmethod
    def of(cls, tenant: Tenant, profile: str) -> Place | None:
        """The place of a profile; None where there is no profile of this name.

        Raises
        ------
        StorageError : a file cannot be read.
        """
        if profile not in profile_names(tenant):
            return None
        parts = [profile_path(profile, tenant), *(path for path in _keys(tenant, profile) if path.is_file())]
        content = hashlib.sha256(_version().encode())
        for path in parts:
            with storage_errors(path):
                content.update(b"\0" + path.read_bytes())
        return cls(tenant, profile, content.hexdigest()[:16])

    def folder(self, generation: Generation) -> Path:
        """The folder of what was made of a generation."""
        return generation.cache_path / f"{self.profile}-{self.stamp}"

    @property
    def secret_path(self) -> Path:
        """The file with the secret for pseudonyms of this profile; there need be none."""
        return _keys(self.tenant, self.profile)[0]

    @property
    def signing_key_path(self) -> Path:
        """The file with the key that packages of this tenant are signed with; there need be none."""
        return _keys(self.tenant, self.profile)[1]


def read_facts(path: Path) -> dict[str, Any] | None:
    """What was written down about something that was made; None where it was not made, or not to its end."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise StorageError(f"{path} cannot be read; remove it, and it is made again.") from error


def write_facts(path: Path, facts: dict[str, Any]) -> None:
    """Write down facts; they are there as a whole or not at all."""
    new = path.with_suffix(".tmp")
    with storage_errors(path):
        write_durably(new, json.dumps(facts, sort_keys=True))
        new.replace(path)
        sync(path.parent)


def refusal_today(facts: dict[str, Any]) -> str:
    """Why what was made must not be sent today; '' where nothing is against it."""
    today = datetime.now(UTC).date()
    if facts["valid_from"] and today < date.fromisoformat(facts["valid_from"]):
        return f"The policy of this profile is valid from {facts['valid_from']} on."
    if facts["valid_until"] and today > date.fromisoformat(facts["valid_until"]):
        return f"The policy of this profile ended on {facts['valid_until']}."
    return ""


def _keys(tenant: Tenant, profile: str) -> tuple[Path, Path]:
    folder = tenant.path / _KEYS
    return folder / f"{profile}{_SECRET}", folder / _SIGNING_KEY


@cache
def _version() -> str:
    return version("jobgraph")
