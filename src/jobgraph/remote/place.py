"""Where tenants are that are not on this machine: an endpoint, who may use it, and the folder of local copies."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jobgraph.errors import UsageError
from jobgraph.remote.credentials import read_credentials
from jobgraph.remote.names import RemoteNames
from jobgraph.settings import Settings
from jobgraph.store import Home

if TYPE_CHECKING:
    from jobgraph.exports.endpoint import Addresses, Endpoint

PREFIX = "sparql+"
TENANT = "{tenant}"  # in an address: a server for each tenant
_ADVICE = "give the tenant a user with the right to write, in a file of the folder JOBGRAPH_STORE_CREDENTIALS"


@dataclass(frozen=True)
class Place:
    """An endpoint and the settings that count there; its addresses may hold `{tenant}` for a tenant's short name."""

    addresses: Addresses
    settings: Settings

    @classmethod
    def from_settings(cls, settings: Settings) -> Place:
        """The place that the settings name.

        Raises
        ------
        UsageError : they name none, or the address does not fit.
        """
        from jobgraph.exports.endpoint import find_addresses  # a client for HTTP takes 0.1 s to load

        text = settings.store or ""
        if not text.startswith((f"{PREFIX}http://", f"{PREFIX}https://")):
            raise UsageError("A store has an address like sparql+https://host/store; name it with --store.")
        address = text.removeprefix(PREFIX)
        if not urlsplit(address).path.strip("/"):
            address = f"{address.rstrip('/')}/store"
        return cls(find_addresses(address, update=settings.store_update, query=settings.store_query), settings)

    @property
    def home(self) -> Home:
        """The home of the local copies, in a folder of the settings' home that no other endpoint shares."""
        key = sha256(f"{self.addresses.graphs} {self.settings.base}".encode()).hexdigest()[:16]
        return Home(self.settings.home / "remote" / key)

    def names(self, slug: str) -> RemoteNames:
        """What the graphs of a tenant are called there.

        Raises
        ------
        UsageError : `slug` cannot name a tenant.
        """
        return RemoteNames(self.settings.base, self.home.tenant(slug, missing_ok=True).slug)

    def open(self, slug: str) -> Endpoint:
        """The endpoint, used as one tenant, whose password alone is read.

        Raises
        ------
        UsageError, InputError : the tenant has no password there, or it or the certificates cannot be read.
        """
        from jobgraph.exports.endpoint import Addresses, Endpoint, Patience

        settings, name = self.settings, self.names(slug).slug
        folder: Path | None = settings.store_credentials
        return Endpoint(
            Addresses(*(address.replace(TENANT, name) for address in astuple(self.addresses))),
            credentials=read_credentials(folder, name) if folder else None,
            patience=Patience(timeout_s=settings.store_timeout_s),
            ca_file=settings.store_ca_file,
            login_advice=_ADVICE,
        )
