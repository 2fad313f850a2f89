"""The settings of the server, read from the environment like all others."""

from __future__ import annotations

from pydantic import Field

from jobgraph.settings import Settings


class ServerSettings(Settings):
    """How much a server lets its users have."""

    query_seconds: float = Field(default=30, gt=0, description="Seconds that a query may take; a request may lower it.")
    memory_mb: int = Field(default=1500, ge=300, description="Address space, in MB, of a process that answers queries.")
    workers: int = Field(default=2, ge=1, description="Queries of one tenant that are answered at once.")
    all_workers: int = Field(default=32, ge=1, description="Processes that answer queries, of all tenants together.")
    waiting: int = Field(default=256, ge=0, description="Queries of one tenant that may wait for their turn.")
    answer_rows: int = Field(default=1_000_000, ge=1, description="Rows of an answer at most.")
    answer_mb: int = Field(default=512, ge=1, description="Size of an answer at most, in MB.")
    client_seconds: float = Field(
        default=15,
        gt=0,
        description="Seconds that a client may take for the head of a request; for a body, one more for each 5 kB.",
    )
    request_mb: int = Field(default=64, ge=1, description="Size of the body of a request at most, in MB.")
    requests_per_second: int = Field(default=5000, ge=1, description="Requests a second with one token, on average.")
    cache_mb: int = Field(default=128, ge=0, description="Memory for answers that are given again, in MB; 0 for none.")
    write_memory_mb: int = Field(default=6000, ge=1000, description="Address space, in MB, of a process that writes.")
    export_builds: int = Field(default=1, ge=1, description="Packages that are made at once, of all tenants together.")
    export_downloads: int = Field(
        default=32, ge=1, description="Packages that are sent at once, of all tenants together."
    )
    export_memory_mb: int = Field(
        default=6000, ge=500, description="Address space, in MB, of a process that makes one."
    )
    export_seconds: float = Field(default=1800, gt=0, description="Seconds that a package may take to be made.")
    export_wait_seconds: float = Field(
        default=20,
        gt=0,
        description="Seconds that a request waits for a package that is made; then it is told to come again.",
    )
    store_poll_seconds: float = Field(
        default=2, gt=0, description="Seconds between two looks at what an endpoint publishes for a tenant."
    )
    write_seconds: float = Field(default=600, gt=0, description="Seconds that a change may take, once it is its turn.")
