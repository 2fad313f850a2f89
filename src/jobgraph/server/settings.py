"""The settings of the server, read from the environment like all others."""

from __future__ import annotations

from dataclasses import dataclass

from jobgraph.settings import Settings, setting


@dataclass(frozen=True, kw_only=True)
class ServerSettings(Settings):
    """How much a server lets its users have."""

    query_seconds: float = setting(30, "Seconds that a query may take; a request may lower it.", gt=0)
    memory_mb: int = setting(1500, "Address space, in MB, of a process that answers queries.", ge=300)
    workers: int = setting(2, "Queries of one tenant that are answered at once.", ge=1)
    all_workers: int = setting(32, "Processes that answer queries, of all tenants together.", ge=1)
    waiting: int = setting(256, "Queries of one tenant that may wait for their turn.", ge=0)
    answer_rows: int = setting(1_000_000, "Rows of an answer at most.", ge=1)
    answer_mb: int = setting(512, "Size of an answer at most, in MB.", ge=1)
    client_seconds: float = setting(
        15, "Seconds that a client may take for the head of a request; for a body, one more for each 5 kB.", gt=0
    )
    request_mb: int = setting(64, "Size of the body of a request at most, in MB.", ge=1)
    requests_per_second: int = setting(5000, "Requests a second with one token, on average.", ge=1)
    cache_mb: int = setting(128, "Memory for answers that are given again, in MB; 0 for none.", ge=0)
    write_memory_mb: int = setting(6000, "Address space, in MB, of a process that writes.", ge=1000)
    export_builds: int = setting(1, "Packages that are made at once, of all tenants together.", ge=1)
    export_downloads: int = setting(32, "Packages that are sent at once, of all tenants together.", ge=1)
    export_memory_mb: int = setting(6000, "Address space, in MB, of a process that makes one.", ge=500)
    export_seconds: float = setting(1800, "Seconds that a package may take to be made.", gt=0)
    export_wait_seconds: float = setting(
        20, "Seconds that a request waits for a package that is made; then it is told to come again.", gt=0
    )
    store_poll_seconds: float = setting(
        2, "Seconds between two looks at what an endpoint publishes for a tenant.", gt=0
    )
    write_seconds: float = setting(600, "Seconds that a change may take, once it is its turn.", gt=0)
