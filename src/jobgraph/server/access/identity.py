"""Who a request speaks for: a tenant, a role, and the key that says so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from jobgraph.errors import UsageError

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class Role(StrEnum):
    """What a key may do; each role may do what the ones before it may.

    They compare by what they allow. As text, "reader" would be more than "admin".

    >>> Role.READER < Role.WRITER < Role.ADMIN
    True
    """

    READER = "reader"
    WRITER = "writer"
    ADMIN = "admin"

    @classmethod
    def named(cls, name: str) -> Role:
        """The role of this name.

        Raises
        ------
        UsageError : there is none.
        """
        if name not in {*cls}:
            raise UsageError(f"There is no role {name!r}; choose one of {', '.join(cls)}.")
        return cls(name)

    def __lt__(self, other: str) -> bool:
        return self._rank < Role(other)._rank

    def __le__(self, other: str) -> bool:
        return self._rank <= Role(other)._rank

    def __gt__(self, other: str) -> bool:
        return self._rank > Role(other)._rank

    def __ge__(self, other: str) -> bool:
        return self._rank >= Role(other)._rank

    @property
    def _rank(self) -> int:
        return list(Role).index(self)


@dataclass(frozen=True)
class Identity:
    """Who a request speaks for.

    Parameters
    ----------
    tenant : short name of the only tenant that the request may see or change.
    role : what it may do there.
    key : what limits and the audit log count by: id of a token, `jwt:` and a subject, or `open`; never a secret.
    profiles : the only export profiles that the request may fetch, and then nothing else than these; None for no limit.
    """

    tenant: str
    role: Role
    key: str
    profiles: frozenset[str] | None = None

    def may_fetch(self, profile: str) -> bool:
        """Whether the request may have exports of a profile.

        Who is not limited may read the whole graph already, so no export shows them more than they have.
        """
        return self.profiles is None or profile in self.profiles


def is_tenant(home: Path, slug: str) -> bool:
    """Whether a tenant of this name has a published generation; looks at one file, however many tenants there are."""
    return _SLUG.fullmatch(slug) is not None and (home / "tenants" / slug / "CURRENT").is_file()
