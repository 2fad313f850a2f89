"""The audit log: what is changed does not fit, what was torn is told from it, and no secret gets in."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from tests.mounts import mounted

from jobgraph.errors import StorageError, TamperedError
from jobgraph.server import audit_log
from jobgraph.server.access import Identity, Role
from jobgraph.server.audit_log import AuditLog, Event

WHO = Identity("acme", Role.WRITER, "0123456789")
EVENT = Event("update", "INSERT DATA { <ex:a> <ex:b> <ex:c> }", "published", WHO, "000001", "000002")
TORN = b" (torn)\n"


def written(home: Path, count: int, *, max_file_bytes: int = audit_log.MAX_FILE_BYTES) -> AuditLog:
    log = AuditLog(home, max_file_bytes=max_file_bytes)
    for number in range(count):
        log.append(replace(EVENT, what=f"write {number}"))
    return log


def in_folder(content: bytes) -> AuditLog:
    log = AuditLog(Path(mkdtemp()))
    log.folder.mkdir()
    log.path.write_bytes(content)
    return log


def sampled(length: int) -> list[int]:
    """Places in a text: one in seven, and the first and the last."""
    return sorted({*range(1, length, 7), *range(1, 12), *range(length - 12, length)})


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """A log of six lines and, after the third, one that was torn; the fourth marks it."""
    log = written(tmp_path_factory.mktemp("audit"), 3)
    with log.path.open("ab") as stream:
        stream.write(f'{{"line":4,"previous":"{log.verify().head}","time":"2026'.encode())
    log.append(EVENT)
    log.append(EVENT)
    return log.path.read_bytes().splitlines(keepends=True)


@pytest.fixture(scope="module")
def content(lines: list[bytes]) -> bytes:
    return b"".join(lines)


def test_line_says_who_did_what_when_and_how_it_ended(tmp_path: Path) -> None:
    line = json.loads(written(tmp_path, 1).path.read_text())
    assert line.pop("time")[-5:-4] == "."
    assert [len(line.pop(name)) for name in ("previous", "hash")] == [64, 64]
    assert line == {
        "line": 1,
        "tenant": "acme",
        "key": "0123456789",
        "role": "writer",
        "action": "update",
        "what": "write 0",
        "outcome": "published",
        "before": "000001",
        "after": "000002",
    }


def test_refusal_of_nobody_is_on_record(tmp_path: Path) -> None:
    log = AuditLog(tmp_path)
    log.append(Event("query", "/sparql", "no valid token", None))
    line = json.loads(log.path.read_text())
    assert [line[name] for name in ("tenant", "key", "role", "before", "after")] == [None] * 5


def test_lines_are_chained_from_a_random_start(tmp_path: Path) -> None:
    logs = [written(tmp_path / name, 3) for name in ("a", "b")]
    first, second = ([json.loads(line) for line in log.path.read_text().splitlines()] for log in logs)
    assert [line["previous"] for line in first[1:]] == [line["hash"] for line in first[:-1]]
    assert first[0]["previous"] != second[0]["previous"]
    assert logs[0].verify().head == first[-1]["hash"]


def test_append_gives_the_hash_that_verify_finds(tmp_path: Path) -> None:
    log = written(tmp_path, 2)
    head = log.append(EVENT)
    log.append(EVENT)
    chain = log.verify(head=head)
    times = [json.loads(line)["time"] for line in log.path.read_text().splitlines()]
    assert (chain.lines, chain.first, chain.last, chain.torn, chain.unfinished) == (4, times[0], times[-1], 0, False)


def test_empty_log_fits(tmp_path: Path) -> None:
    assert AuditLog(tmp_path).verify() == audit_log.Chain()


def test_file_and_folder_are_for_their_owner_alone(tmp_path: Path) -> None:
    log = written(tmp_path, 1)
    assert [path.stat().st_mode & 0o777 for path in (log.folder, log.path)] == [0o700, 0o600]


def is_found(changed: bytes) -> bool:
    """Whether `verify` refuses a changed log, or at least says that it ends in a torn line."""
    try:
        return in_folder(changed).verify().unfinished
    except TamperedError:
        return True


@given(data=st.data())
def test_any_changed_byte_is_found(content: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda other: other != content[place]))
    with pytest.raises(TamperedError):
        in_folder(content[:place] + bytes([byte]) + content[place + 1 :]).verify()


@pytest.mark.parametrize("byte", [b"\n", b"\0", b" ", b"}", b"{", b"x", b"\r"])
def test_any_of_the_last_bytes_changed_is_found(content: bytes, byte: bytes) -> None:
    for place in range(len(content) - 200, len(content)):
        if content[place : place + 1] != byte:
            with pytest.raises(TamperedError):
                in_folder(content[:place] + byte + content[place + 1 :]).verify()


@given(data=st.data(), more=st.binary(min_size=1, max_size=20))
@example(data=None, more=b"{").via("the beginning of a line")
def test_any_bytes_put_in_are_found(content: bytes, data: st.DataObject | None, more: bytes) -> None:
    place = data.draw(st.integers(0, len(content))) if data else len(content)
    changed = content[:place] + more + content[place:]
    assert is_found(changed)


@given(data=st.data())
def test_any_bytes_taken_out_are_found_but_whole_lines_of_the_end(content: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(content) - 1))
    end = data.draw(st.integers(start + 1, len(content)))
    assume(not (end == len(content) and (start == 0 or content[start - 1 : start] == b"\n")))
    assert is_found(content[:start] + content[end:])


@given(order=st.permutations(range(7)))
def test_any_other_order_of_lines_is_found(lines: list[bytes], order: list[int]) -> None:
    assume(order != sorted(order))
    with pytest.raises(TamperedError):
        in_folder(b"".join(lines[n] for n in order)).verify()


@pytest.mark.parametrize("count", range(7))
def test_end_that_was_cut_off_shows_by_the_hash_that_was_kept(lines: list[bytes], count: int) -> None:
    """From the log alone it cannot be told."""
    kept = in_folder(b"".join(lines)).verify().head
    cut = in_folder(b"".join(lines[:count]))
    assert cut.verify().lines < 6
    with pytest.raises(TamperedError, match=f"no line before it has the hash {kept}; the end was cut off"):
        cut.verify(head=kept)


def test_first_line_that_does_not_fit_is_named(lines: list[bytes]) -> None:
    changed = [*lines]
    changed[1] = changed[1].replace(b"acme", b"bolt")
    with pytest.raises(TamperedError, match=r"audit\.jsonl, line 2: its hash is not that of its content\. Compare"):
        in_folder(b"".join(changed)).verify()
    with pytest.raises(TamperedError, match=r"audit\.jsonl, line 2: it does not follow the line before it\."):
        in_folder(b"".join([lines[0], *lines[2:]])).verify()


def test_line_of_another_log_is_found(tmp_path: Path) -> None:
    one, other = (written(tmp_path / name, 3).path.read_bytes().splitlines(keepends=True) for name in ("a", "b"))
    with pytest.raises(TamperedError, match="line 2: it does not follow"):
        in_folder(b"".join([one[0], other[1], one[2]])).verify()


def test_nothing_is_appended_to_a_last_line_that_does_not_fit(content: bytes) -> None:
    changed = in_folder(content.replace(b'"after":"000002"', b'"after":"000003"'))
    with pytest.raises(StorageError, match=r"does not end in a line of an audit log; run jobgraph audit verify"):
        changed.append(EVENT)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_line_torn_anywhere_is_marked_and_the_log_goes_on(tmp_path: Path, count: int) -> None:
    whole = written(tmp_path, count + 1).path.read_bytes().splitlines(keepends=True)
    for length in sampled(len(whole[-1])):
        log = in_folder(b"".join(whole[:-1]) + whole[-1][:length])
        assert (log.verify().lines, log.verify().unfinished) == (count, True)
        log.append(EVENT)
        log.append(EVENT)
        chain = log.verify()
        is_complete = length == len(whole[-1]) - 1  # but for its line end
        expected = (count + 3, 0) if is_complete else (count + 3, 1)
        assert (chain.lines, chain.torn, chain.unfinished) == (*expected, False)


def test_mending_may_be_torn_itself(lines: list[bytes]) -> None:
    """After a torn line come the mark that says so and the event, in one write."""
    torn = lines[3].removesuffix(TORN)
    mending = b"".join([TORN, *lines[4:]])
    for length in sampled(len(mending)):
        log = in_folder(b"".join(lines[:3]) + torn + mending[:length])
        log.append(EVENT)
        chain = log.verify()
        assert (chain.torn >= 1, chain.unfinished) == (True, False)


def test_zeros_after_a_loss_of_power_are_torn(content: bytes) -> None:
    log = in_folder(content + bytes(100))
    assert log.verify().unfinished
    log.append(EVENT)
    assert log.verify().torn == 2


@pytest.mark.parametrize(
    "more", [b"x", b"\n", b" {", b'{"line":99,', b'{"line":7,"previous":"00', TORN, b"{" + TORN + b"x"]
)
def test_end_that_is_no_beginning_of_a_line_is_not_torn(content: bytes, more: bytes) -> None:
    with pytest.raises(TamperedError):
        in_folder(content + more).verify()


@pytest.mark.parametrize("change", [lambda torn: torn.replace(b"2026", b"2025"), lambda _: b""])
def test_change_of_what_is_torn_is_found(lines: list[bytes], change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(TamperedError, match="what is torn before it is not what it says"):
        in_folder(b"".join([*lines[:3], change(lines[3]), *lines[4:]])).verify()


WRITER = """
import sys
from pathlib import Path
from jobgraph.server.audit_log import AuditLog, Event
log = AuditLog(Path(sys.argv[1]), max_file_bytes=4000)
while True:
    print(log.append(Event("update", "x" * 900, "published", None)), flush=True)
"""


def test_killed_writers_lose_nothing_that_was_written(tmp_path: Path) -> None:
    chance = random.Random(1)
    for _ in range(3):
        writers = [
            subprocess.Popen([sys.executable, "-c", WRITER, tmp_path], stdout=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        heads = [writer.stdout.readline().strip() for writer in writers if writer.stdout]
        time.sleep(chance.random() / 5)
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
        for writer in writers:
            heads += (writer.communicate()[0] or "").split("\n")[:-1][-1:]
        for head in heads:
            AuditLog(tmp_path).verify(head=head)


def test_many_writers_make_one_chain(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        heads = set(pool.map(lambda _: AuditLog(tmp_path, max_file_bytes=2000).append(EVENT), range(60)))
    chain = AuditLog(tmp_path).verify()
    assert (chain.lines, chain.torn, len(heads), chain.head in heads) == (60, 0, 60, True)


def test_full_disk_is_said_and_the_log_goes_on_after_it(tmp_path: Path) -> None:
    with mounted(tmp_path, "size=64k"):
        log = AuditLog(tmp_path)
        with pytest.raises(StorageError, match="No space left on device"):
            written(tmp_path, 1000)
        before = log.verify()
        subprocess.run(["mount", "-o", "remount,size=128k", tmp_path], check=True)
        log.append(EVENT)
        chain = log.verify(head=before.head)
        assert (chain.lines > before.lines, chain.unfinished) == (True, False)


def test_full_files_are_put_aside_and_the_chain_goes_on(tmp_path: Path) -> None:
    log = written(tmp_path, 12, max_file_bytes=1000)
    paths = sorted(log.folder.iterdir())
    assert [path.name for path in paths] == [*(f"audit-{n:06}.jsonl" for n in range(1, len(paths))), "audit.jsonl"]
    assert len(paths) > 2
    files = [[json.loads(line) for line in path.read_text().splitlines()] for path in paths]
    assert all(after[0]["previous"] == before[-1]["hash"] for before, after in pairwise(files))
    assert log.verify().lines == 12


@pytest.mark.parametrize("gone", ["audit-000001.jsonl", "audit-000002.jsonl"])
def test_file_that_is_gone_is_found(tmp_path: Path, gone: str) -> None:
    log = written(tmp_path, 12, max_file_bytes=1000)
    (log.folder / gone).unlink()
    with pytest.raises(TamperedError, match="line 1: it does not follow the line before it"):
        log.verify()


def test_torn_line_is_found_in_a_file_that_was_put_aside(tmp_path: Path) -> None:
    log = written(tmp_path, 12, max_file_bytes=1000)
    first = log.folder / "audit-000001.jsonl"
    first.write_bytes(first.read_bytes() + b"{")
    with pytest.raises(TamperedError, match=r"audit-000001\.jsonl, line \d: the file ends within a line"):
        log.verify()


def test_process_may_die_between_the_files(tmp_path: Path) -> None:
    log = written(tmp_path, 3, max_file_bytes=10)
    log.path.rename(log.folder / "audit-000003.jsonl")
    assert log.verify().lines == 3
    log.append(EVENT)
    log.path.write_bytes(log.path.read_bytes()[:40])
    log.append(EVENT)
    chain = log.verify()
    assert (chain.lines, chain.torn) == (5, 1)


def test_file_is_put_aside_only_once_its_end_is_mended(tmp_path: Path) -> None:
    log = written(tmp_path, 1, max_file_bytes=10)
    log.path.write_bytes(log.path.read_bytes() + b"{")
    log.append(EVENT)
    assert list(log.folder.iterdir()) == [log.path]
    log.append(EVENT)
    assert log.verify().torn == 1


SECRET = "jg_0123456789_" + "aB3" * 14 + "x"
JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "secret", "kept"),
    [
        (f"/sparql?access_token={SECRET}&x=1", SECRET[14:], "/sparql?access_token=jg_0123456789_[secret]&x=1"),
        (f"Bearer {SECRET}", SECRET[14:], "Bearer [secret]"),
        (f"{SECRET[:-5]} cut", SECRET[14:-5], "jg_0123456789_[secret] cut"),
        (f"token {JWT}.", "c2lnbmF0dXJl", "token eyJ[secret]"),
        ("authorization: basic dXNlcjpwYXNz", "dXNlcjpwYXNz", "authorization: basic [secret]"),
        ("postgresql://user:pa55@host/db", "pa55", "postgresql://user:[secret]@host/db"),
        ("x" * 990 + SECRET, SECRET[14:], "x" * 990 + "jg_0123456... (1047 characters)"),
    ],
)
@pytest.mark.parametrize("field", ["action", "what", "outcome"])
def test_no_secret_gets_in(tmp_path: Path, field: str, text: str, secret: str, kept: str) -> None:
    log = AuditLog(tmp_path)
    change: dict[str, Any] = {field: text}
    log.append(replace(EVENT, **change))
    assert secret not in log.path.read_text()
    assert json.loads(log.path.read_text())[field] == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('a\nb"\r\t\0', 'a\\x0ab"\\x0d\\x09\\x00'),
        ("\x1b[2J\x9b\x7f", "\\x1b[2J\\x9b\\x7f"),
        ("\u202eevil\u2028\ufeff", "\\x202eevil\\x2028\\xfeff"),
        ("Grüße 日本", "Grüße 日本"),
        ("\udcff", "\\xdcff"),
        ("y" * 5000, "y" * 1000 + "... (5000 characters)"),
        (f'","hash":"{"0" * 64}"}}', f'","hash":"{"0" * 64}"}}'),
    ],
)
def test_texts_are_bounded_and_printable(tmp_path: Path, text: str, kept: str) -> None:
    log = AuditLog(tmp_path)
    log.append(replace(EVENT, what=text, identity=replace(WHO, key=text)))
    log.append(EVENT)
    raw = log.path.read_bytes()
    line = json.loads(raw.splitlines()[0])
    assert (line["what"], line["key"]) == (kept, kept)
    assert all(0x20 <= byte < 0x7F or byte == 0x0A for byte in raw)
    assert log.verify().lines == 2


@given(texts=st.lists(st.text(), min_size=5, max_size=5))
def test_any_texts_make_a_line_that_fits(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    log = AuditLog(tmp_path_factory.mktemp("texts"))
    log.append(Event(texts[0], texts[1], texts[2], None, texts[3], texts[4]))
    log.append(EVENT)
    assert log.verify().lines == 2


def test_large_text_takes_time_in_proportion(tmp_path: Path) -> None:
    """Ratio of one text to another of a tenth of its size; a pattern that goes back over it would take 100 times."""

    def seconds(size: int, start: str) -> float:
        begin = time.process_time()
        AuditLog(tmp_path).append(replace(EVENT, what=start * size))
        return time.process_time() - begin

    for start in ("eyJ-", "jg_a", "://a:", "bearer ", "jg_" + "a" * 40, "-jg_a_"):
        small = max(min(seconds(5_000, start) for _ in range(3)), 0.01)
        assert seconds(50_000, start) < 40 * small


def test_log_is_only_ever_appended_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flags = []
    original = os.open

    def opened(path: Path, how: int, *more: int) -> int:
        flags.append((Path(path).name, how))
        return original(path, how, *more)

    monkeypatch.setattr(os, "open", opened)
    written(tmp_path, 1)
    (how,) = [how for name, how in flags if name == "audit.jsonl"]
    assert (how & os.O_APPEND, how & os.O_TRUNC) == (os.O_APPEND, 0)
