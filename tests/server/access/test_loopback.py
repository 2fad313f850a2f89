from __future__ import annotations

import pytest

from jobgraph.errors import UsageError
from jobgraph.server.access import Identity, Role, is_loopback_host, open_identity


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "localhost", "LOCALHOST", "::1"])
def test_everybody_is_admin_of_a_server_on_loopback(host: str) -> None:
    assert open_identity("acme", host) == Identity("acme", Role.ADMIN, "open")


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "", "10.0.0.1", "example.org", "localhost.example.org", "::ffff:127.0.0.1"]
)
def test_open_server_elsewhere_is_refused(host: str) -> None:
    with pytest.raises(UsageError, match=r"other machines may reach .*; listen at 127\.0\.0\.1\.$"):
        open_identity("acme", host)


@pytest.mark.parametrize(
    "header",
    [
        "localhost",
        "localhost:7878",
        "LocalHost:80",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.255.0.9:65535",
        "[::1]",
        "[::1]:80",
    ],
)
def test_host_of_this_machine(header: str) -> None:
    assert is_loopback_host(header)


@pytest.mark.parametrize(
    "header",
    [
        "",
        ":80",
        "example.org",
        "localhost.example.org",
        "127.0.0.1.example.org",
        "example.org#127.0.0.1",
        "127.0.0.1@example.org",
        "localhost:80@example.org",
        "localhost, example.org",
        "localhost example.org",
        " localhost",
        "localhost\n",
        "localhost:",
        "localhost:port",
        "localhost:123456",
        "localhost.",
        "a.localhost",
        "0.0.0.0",
        "0.0.0.0:7878",
        "127.1",
        "127.0.1",
        "127.0.0.256",
        "127.0.0.01",
        "127.0.0.1.1",
        ".........",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "128.0.0.1",
        "192.168.1.10",
        "10.20.30.40:7878",
        "169.254.169.254",
        "::1",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::1%eth0]",
        "127.0.0.1\0",
        "\u0661\u0662\u0667.0.0.1",
        "1\u066227.0.0.1",
        "localho\u017ft",
    ],
)
def test_any_other_host_is_refused(header: str) -> None:
    assert not is_loopback_host(header)
