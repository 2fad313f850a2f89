from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from multiprocessing.process import BaseProcess

import pytest

from jobgraph.server.workers.jobs import BROKEN, OUT_OF_MEMORY, AnswerError
from jobgraph.server.workers.line import Line
from jobgraph.server.workers.worker import Worker

PRELOADING = """
import sys
from importlib import import_module
from pathlib import Path
from jobgraph.server.workers.worker import PRELOADED
for name in PRELOADED:
    import_module(name)
print(sorted({"networkx", "polars", "pyarrow", "pyshacl", "rdflib"} & sys.modules.keys()))
print(len(list(Path("/proc/self/task").iterdir())))
"""
LAST_WORDS = "from jobgraph.server.workers.process import LastWords\nwith LastWords('acme'):\n    {0}"


@pytest.mark.parametrize(
    ("what", "code", "said"),
    [("1 / 0", BROKEN, "ZeroDivisionError"), ("raise MemoryError", OUT_OF_MEMORY, ""), ("pass", 0, "")],
)
def test_process_says_what_nobody_caught(what: str, code: int, said: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", LAST_WORDS.format(what)], capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == code
    lines = [json.loads(line) for line in run.stderr.splitlines()]
    assert [(line["level"], line["tenant"], said in line["exception"]) for line in lines] == (
        [("error", "acme", True)] if said else []
    )


class Gone(BaseProcess):
    """A process that is over."""

    def __init__(self, code: int) -> None:
        self._code = code

    def join(self, timeout: float | None = None) -> None:
        assert timeout

    @property
    def exitcode(self) -> int:
        return self._code


@pytest.mark.parametrize(
    ("code", "reason"), [(BROKEN, "internal"), (OUT_OF_MEMORY, "memory"), (-6, "memory"), (-9, "memory")]
)
def test_worker_that_is_gone_says_why(code: int, reason: str) -> None:
    async def ask() -> None:
        ours, theirs = socket.socketpair()
        worker = Worker(Gone(code), await Line.over(ours))
        theirs.close()
        await worker.receive()

    with pytest.raises(AnswerError) as caught:
        asyncio.run(ask())
    assert caught.value.reason == reason


def test_processes_are_forked_from_one_that_is_small_and_has_one_thread() -> None:
    run = subprocess.run([sys.executable, "-c", PRELOADING], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.split("\n")[:2] == ["[]", "1"]
