from __future__ import annotations

import asyncio
import io
import json

import pytest

from jobgraph.server.log import Lines, to_json


def test_lines_are_written_together_and_in_their_order() -> None:
    stream = io.StringIO()

    async def log() -> str:
        lines = Lines(stream)
        for text in ("a\n", "b\n"):
            lines.write(text)
            lines.flush()
        before = stream.getvalue()
        lines.end()
        return before

    assert (asyncio.run(log()), stream.getvalue()) == ("", "a\nb\n")


def test_line_is_written_at_once_where_nothing_else_runs() -> None:
    stream = io.StringIO()
    lines = Lines(stream)
    lines.write("a\n")
    lines.flush()
    assert stream.getvalue() == "a\n"


def test_reader_that_went_away_ends_nothing() -> None:
    stream = io.StringIO()
    stream.close()
    lines = Lines(stream)
    lines.write("a\n")
    lines.end()


@pytest.mark.parametrize("text", ["a\nb", "\u2028", "\ud800", '"}'])
def test_fact_cannot_begin_a_line_of_its_own(text: str) -> None:
    line = to_json(None, "info", {"event": "request", "path": text})
    assert "\n" not in line
    assert json.loads(line)["path"] == text
