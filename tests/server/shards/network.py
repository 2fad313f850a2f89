"""Three hosts and a proxy, each with a network of its own on this machine: names of their own, wires between them."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")
HOSTS = {"a": 1, "b": 2, "c": 3}  # the third number of their addresses
_NETWORK = 0x40000000  # CLONE_NEWNET


class Network:
    """The networks; the proxy has a wire to each host, and hosts have none to each other."""

    def __init__(self) -> None:
        self._prefix = f"jg{os.getpid()}"

    def name(self, part: str) -> str:
        return f"{self._prefix}{part}"

    def within(self, part: str) -> list[str]:
        """What to put before a command that runs there."""
        return ["ip", "netns", "exec", self.name(part)]

    def call(self, part: str, work: Callable[[], T]) -> T:
        """What `work` gives, done in the network of a part by a thread of its own."""
        with ThreadPoolExecutor(1, initializer=self.enter, initargs=(part,)) as threads:
            return threads.submit(work).result()

    def enter(self, part: str) -> None:
        """Let the sockets that this thread makes from now on be of the network of a part."""
        with open(f"/run/netns/{self.name(part)}") as handle:  # noqa: PTH123 only for its number
            if ctypes.CDLL(None, use_errno=True).setns(handle.fileno(), _NETWORK):
                raise OSError(ctypes.get_errno(), "setns")

    def make(self) -> None:
        for part in ("p", *HOSTS):
            _ip("netns", "add", self.name(part))
            _ip("-n", self.name(part), "link", "set", "lo", "up")
        for part, number in HOSTS.items():
            ends = ["link", "add", f"to-{part}", "netns", self.name("p"), "type", "veth"]
            _ip(*ends, "peer", "name", "to-p", "netns", self.name(part))
            for at, wire, last in (("p", f"to-{part}", 1), (part, "to-p", 2)):
                _ip("-n", self.name(at), "address", "add", f"10.7.{number}.{last}/24", "dev", wire)
                _ip("-n", self.name(at), "link", "set", wire, "up")

    def cut(self, part: str) -> None:
        """Let the wire to a host hang down."""
        _ip("-n", self.name("p"), "link", "set", f"to-{part}", "down")

    def mend(self, part: str) -> None:
        _ip("-n", self.name("p"), "link", "set", f"to-{part}", "up")

    def remove(self) -> None:
        for part in ("p", *HOSTS):
            subprocess.run(["ip", "netns", "delete", self.name(part)], capture_output=True, check=False)


@contextmanager
def networks() -> Iterator[Network]:
    """The networks; skips with the reason where there can be none."""
    if os.geteuid() != 0:
        pytest.skip("only root may make networks")
    for program in ("ip", "nginx"):
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program} here")
    network = Network()
    try:
        network.make()
    except subprocess.CalledProcessError as error:
        network.remove()
        pytest.skip(f"no networks can be made here: {error.stderr.strip()}")
    try:
        yield network
    finally:
        network.remove()


@contextmanager
def proxy(network: Network, configuration: Path, folder: Path, table: Path) -> Iterator[None]:
    """nginx between the networks, by a configuration as it is shown, but for two folders."""
    text = configuration.read_text(encoding="utf-8")
    places = {"/var/cache/nginx/jobgraph": str(folder / "cache"), "/etc/jobgraph": str(table.parent)}
    for shown, used in places.items():
        assert shown in text
        text = text.replace(shown, used)
    main = folder / "nginx.conf"
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main.write_text(
        f"user root; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;"
        f"events {{ }} http {{ access_log {folder}/access.log; {temporary}\n{text}\n}}",
        encoding="utf-8",
    )
    process = subprocess.Popen([*network.within("p"), "nginx", "-c", str(main), "-e", f"{folder}/error.log"])
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], capture_output=True, text=True, check=True)
