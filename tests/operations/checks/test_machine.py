from __future__ import annotations

import json
import os
import resource
import socket
import tempfile
import threading
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from tests.operations.checks.subjects import problems, subject

from jobgraph.operations.checks import machine
from jobgraph.operations.checks.machine import (
    check_clock,
    check_disk,
    check_open_files,
    check_port,
    check_temporary_space,
)

Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(("free", "state"), [(1000, "failure"), (200_000, "warning"), (10**9, "")])
def test_disk_has_room_for_the_largest_generation(first_home: Path, free: int, state: str) -> None:
    with patch.object(machine, "disk_usage", return_value=Usage(1, 1, free)):
        found = problems(check_disk, subject(first_home))
    assert [each for each, _ in found] == ([state] if state else [])


@pytest.mark.parametrize(("left", "count"), [(100, 1), (1_000_000, 0)])
def test_disk_has_room_for_more_files(first_home: Path, left: int, count: int) -> None:
    usage = patch.object(machine, "disk_usage", return_value=Usage(1, 1, 10**9))
    with usage, patch.object(os, "statvfs", return_value=SimpleNamespace(f_files=10**7, f_favail=left)):
        assert len(problems(check_disk, subject(first_home))) == count


def test_temporary_folder_that_is_full_is_a_warning(first_home: Path) -> None:
    with patch.object(machine, "disk_usage", return_value=Usage(1, 1, 1000)):
        ((state, text),) = problems(check_temporary_space, subject(first_home))
    assert (state, text.endswith("has 0 MB free")) == ("warning", True)


def test_no_temporary_folder_fails(first_home: Path) -> None:
    with patch.object(tempfile, "gettempdir", side_effect=FileNotFoundError):
        ((state, _),) = problems(check_temporary_space, subject(first_home))
    assert state == "failure"


@pytest.mark.parametrize(("ahead", "count"), [(0, 0), (-60, 1), (60, 0)])
def test_clock_behind_what_was_published_fails(first_home: Path, ahead: int, count: int) -> None:
    now = datetime.now(UTC) + timedelta(minutes=ahead)
    assert [state for state, _ in problems(check_clock, subject(first_home, now=now))] == ["failure"] * count


def test_clock_of_a_machine_without_a_battery_fails(tmp_path: Path) -> None:
    ((state, _),) = problems(check_clock, subject(tmp_path, now=datetime(1970, 1, 1, tzinfo=UTC)))
    assert state == "failure"


def test_clock_is_not_judged_by_a_manifest_that_is_broken(home: Path) -> None:
    path = home / "tenants" / "acme" / "generations" / "000002" / "manifest.json"
    path.write_text(json.dumps({"created": "soon"}))
    assert problems(check_clock, subject(home)) == []


@pytest.mark.parametrize(("soft", "count"), [(256, 1), (1024, 0), (resource.RLIM_INFINITY, 0)])
def test_few_open_files_are_a_warning(first_home: Path, soft: int, count: int) -> None:
    with patch.object(resource, "getrlimit", return_value=(soft, 4096)):
        assert len(problems(check_open_files, subject(first_home))) == count


class Answer(BaseHTTPRequestHandler):
    """Answers every request with the same."""

    body = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(("body", "count"), [(b'{"status":"alive"}', 0), (b"hello", 1)])
def test_port_that_another_program_has_fails(first_home: Path, body: bytes, count: int) -> None:
    with HTTPServer(("127.0.0.1", 0), type("Fixed", (Answer,), {"body": body})) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        found = problems(check_port, subject(first_home, port=server.server_port))
        server.shutdown()
    assert [state for state, _ in found] == ["failure"] * count


def test_port_that_says_nothing_fails(first_home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, patch.object(machine, "_SECONDS", 0.2):
        found = problems(check_port, subject(first_home, port=listening.getsockname()[1]))
    assert [(state, "Address already in use" in text) for state, text in found] == [("failure", True)]


def test_free_port_is_no_problem(first_home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert problems(check_port, subject(first_home, port=port)) == []


def test_port_is_looked_at_only_if_asked(first_home: Path) -> None:
    assert list(check_port(subject(first_home))) == []
