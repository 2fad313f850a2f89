"""A host as whoever moves tenants speaks to it, over HTTP and with the key of the hosts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import httpx

from jobgraph.errors import EndpointFailedError, RefusedError, SourceGoneError
from jobgraph.server.shards.table import Host

_CONNECT_S, _ANSWER_S = 3.0, 30.0
_HOLD_S = 660.0  # a change that runs may take as long
_SERVER_ERROR = 500


@dataclass(frozen=True)
class Stay:
    """A tenant in the home of a host: how large it is, and whether nobody may write to it just now."""

    tenant: str
    generation: str
    triples: int
    bytes: int
    held: bool


@dataclass(frozen=True)
class About:
    """What a host says of itself: the epoch of the table that it goes by, and the tenants in its home by name."""

    epoch: int
    stays: Mapping[str, Stay]


class HostClient:
    """Speaks to one host, in a `with` block."""

    def __init__(self, host: Host, key: str) -> None:
        self.host = host
        self._client = httpx.Client(
            base_url=f"http://{host.address}/shards",
            headers={"authorization": f"Bearer {key}"},
            timeout=httpx.Timeout(_ANSWER_S, connect=_CONNECT_S),
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.close()

    def about(self) -> About:
        """What it says of itself, after another look at the table.

        Raises
        ------
        SourceGoneError : it does not answer; so for all below.
        EndpointFailedError : it answers that it failed.
        RefusedError : it refuses, or another host answers at its address.
        """
        told = self._ask("GET", "/host").json()
        if told["name"] != self.host.name:
            raise RefusedError(f"At {self.host.address} is {told['name']}, not {self.host.name}; correct the table.")
        return About(told["epoch"], {each["tenant"]: Stay(**each) for each in told["tenants"]})

    @contextmanager
    def copy(self, slug: str, known: Mapping[str, str]) -> Iterator[Iterator[bytes]]:
        """The stream of a tenant without the generations that are known."""
        with self._errors(), self._client.stream("POST", f"/tenants/{slug}/copy", json=known) as answer:
            if answer.is_error:
                answer.read()
                raise self._refusal(answer)
            yield self._parts(answer)

    def take(self, slug: str, parts: Iterable[bytes], *, is_new: bool) -> dict[str, str]:
        """Send it a tenant, or more of one; give the generations that it has now."""
        path = f"/tenants/{slug}" + ("" if is_new else "?more")
        return dict(self._ask("PUT", path, content=parts, timeout=None).json()["generations"])

    def install(self, slug: str, *, origin: str, head: str) -> None:
        """Let it make a tenant of what was sent, which is held until it is released."""
        self._ask("POST", f"/tenants/{slug}/install", json={"from": origin, "head": head})

    def hold(self, slug: str) -> str:
        """Let nobody write to a tenant; give the hash of the last line of the audit log."""
        return str(self._ask("POST", f"/tenants/{slug}/hold", timeout=_HOLD_S).json()["head"])

    def release(self, slug: str) -> None:
        """Let writers in."""
        self._ask("POST", f"/tenants/{slug}/release")

    def retire(self, slug: str) -> bool:
        """Let it remove a copy; False where it is still read, or not there."""
        return bool(self._ask("POST", f"/tenants/{slug}/retire").json()["retired"])

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 options of httpx
        with self._errors():
            answer = self._client.request(method, path, **options)
        if answer.is_error:
            raise self._refusal(answer)
        return answer

    def _parts(self, answer: httpx.Response) -> Iterator[bytes]:
        with self._errors():
            yield from answer.iter_raw()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise SourceGoneError(
                f"Host {self.host.name} ({self.host.address}) does not answer: {reason.rstrip('.')}. Start it and run "
                "again."
            ) from None

    def _refusal(self, answer: httpx.Response) -> RefusedError | EndpointFailedError:
        try:
            detail = str(answer.json()["detail"])
        except (KeyError, TypeError, ValueError):
            detail = f"it answered {answer.status_code}."
        kind = EndpointFailedError if answer.status_code >= _SERVER_ERROR else RefusedError
        return kind(f"Host {self.host.name} ({self.host.address}): {detail}")
