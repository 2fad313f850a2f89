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
        for text in ("a", "b"):
            lines.take(0, "info", {"event": text})
        before = stream.getvalue()
        lines.end()
        return before

    assert asyncio.run(log()) == ""
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["a", "b"]


def test_line_is_written_at_once_where_nothing_else_runs() -> None:
    stream = io.StringIO()
    Lines(stream).take(1_700_000_000_123_456_789, "info", {"event": "a"})
    assert stream.getvalue() == '{"timestamp": "2023-11-14T22:13:20.123456Z", "level": "info", "event": "a"}\n'


def test_reader_that_went_away_ends_nothing() -> None:
    stream = io.StringIO()
    stream.close()
    Lines(stream).take(0, "info", {"event": "a"})


@pytest.mark.parametrize("text", ["a\nb", "\u2028", "\ud800", '"}'])
def test_fact_cannot_begin_a_line_of_its_own(text: str) -> None:
    line = to_json("info", {"event": "request", "path": text})
    assert "\n" not in line
    assert json.loads(line)["path"] == text
