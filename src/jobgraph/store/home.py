"""The folder of all tenants: who is there, and who is new."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from jobgraph.errors import UsageError
from jobgraph.store.durable import storage_errors
from jobgraph.store.generations import Tenant
from jobgraph.store.layout import read_format

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True)
class Home:
    """The folder that holds all tenants."""

    path: Path

    def tenants(self) -> list[str]:
        """The short names of the tenants that have a published generation, in alphabetical order.

        Raises
        ------
        HomeFormatError : a newer program wrote the home.
        """
        read_format(self.path)
        with storage_errors(self.path):
            return sorted(pointer.parent.name for pointer in self.path.glob("tenants/*/CURRENT"))

    def tenant(self, slug: str, *, missing_ok: bool = False) -> Tenant:
        """The tenant with this short name.

        Parameters
        ----------
        missing_ok : also one without a generation; the first that is published makes it a tenant.

        Raises
        ------
        UsageError : there is none, or the name cannot be one.
        """
        if not _SLUG.fullmatch(slug):
            raise UsageError(
                f"{slug!r} cannot name a tenant; use 1 to 63 of a-z, 0-9 and hyphens, and no hyphen at the start."
            )
        known = self.tenants()
        if slug not in known and not missing_ok:
            near = difflib.get_close_matches(slug, known) or known[:10]
            listed = f"did you mean {', '.join(near)}?" if near else "there are no tenants yet; build or create one."
            raise UsageError(f"There is no tenant {slug}; {listed}")
        return Tenant(slug, self.path / "tenants" / slug)

    def create_tenant(self, slug: str, *, base: str) -> Tenant:
        """A new tenant with an empty store as its first generation.

        Parameters
        ----------
        base : the start of its IRIs, ending with a slash.

        Raises
        ------
        UsageError : there is one of this name, or the name cannot be one.
        StorageError : the disk is full or cannot be written.
        """
        tenant = self.tenant(slug, missing_ok=True)
        with tenant.begin() as draft:
            if draft.parent:
                raise UsageError(f"There is a tenant {slug} already; choose another name.")
            draft.publish({"base": base})
        return tenant
