"""`jobgraph serve`: the line by which people find their way to the pages."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from tests.commands import Outcome, finish, start

from jobgraph.server.run import address_at

TENANT = "northwind-bio"


@contextmanager
def first_line(home: Path, *options: object) -> Iterator[tuple[str, list[Outcome]]]:
    """What a server says first; the list holds how it ended, after the block."""
    ended: list[Outcome] = []
    process = start("serve", "--home", home, "--port", 0, *options)
    assert process.stdout
    try:
        yield process.stdout.readline().decode(), ended
    finally:
        process.send_signal(signal.SIGTERM)
        ended.append(finish(process))


@pytest.mark.parametrize("quiet", [[], ["--quiet"]], ids=["loud", "quiet"])
def test_first_line_of_an_open_server_is_the_way_in(sample_home: Path, quiet: list[str]) -> None:
    with first_line(sample_home, "--open", "--tenant", TENANT, *quiet) as (line, ended):
        address, _, rest = line.partition(" ")
        with urlopen(Request(address, headers={"Accept": "text/html"}), timeout=30) as answer:
            assert (answer.status, answer.url) == (200, address)
            assert TENANT in answer.read().decode()
    assert rest == f"shows {TENANT} and asks for no token; Ctrl-C ends it.\n"
    assert ended[0].out == ""
    assert not (quiet and ended[0].err)


def test_server_of_tokens_says_that_it_asks_for_one(sample_home: Path) -> None:
    with first_line(sample_home, "--quiet") as (line, _):
        address, _, rest = line.partition(" ")
        with urlopen(Request(address, headers={"Accept": "text/html"}), timeout=30) as answer:
            assert answer.url.startswith(f"{address}sign-in")
    assert rest == "asks for a token (jobgraph token create); Ctrl-C ends it.\n"


def test_server_behind_a_proxy_is_named_as_people_call_it(sample_home: Path) -> None:
    with first_line(sample_home, "--quiet", "--public-url", "https://graph.example/map/") as (line, _):
        assert line.startswith("https://graph.example/map/ ")


def test_server_that_cannot_listen_says_no_address(sample_home: Path) -> None:
    with first_line(sample_home, "--quiet", "--host", "127.0.0.256") as (line, ended):
        assert line == ""
    assert ended[0].code != 0
    assert "Cannot listen at 127.0.0.256" in ended[0].err


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:7878/"),
        ("::1", "http://[::1]:7878/"),
        ("0.0.0.0", "http://127.0.0.1:7878/"),
        ("::", "http://[::1]:7878/"),
        ("graph.example", "http://graph.example:7878/"),
    ],
)
def test_address_is_one_that_a_browser_can_open(host: str, address: str) -> None:
    assert address_at(host, 7878) == address
