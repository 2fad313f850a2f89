from __future__ import annotations

import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobgraph.exports.compression import SUFFIXES, Compression, ZstdError, compressed, decompressed

each_kind = pytest.mark.parametrize("kind", SUFFIXES)


def packed(data: bytes, kind: Compression) -> bytes:
    output = io.BytesIO()
    with compressed(output, kind) as stream:
        for start in range(0, len(data), 7):
            stream.write(data[start : start + 7])
    assert not output.closed
    return output.getvalue()


def unpacked(data: bytes, kind: Compression) -> bytes:
    with decompressed(io.BytesIO(data), kind) as stream:
        return stream.read()


@each_kind
@given(data=st.binary(max_size=200))
def test_what_goes_in_comes_out(kind: Compression, data: bytes) -> None:
    assert unpacked(packed(data, kind), kind) == data


def test_header_of_gzip_has_no_time_and_no_name() -> None:
    assert packed(b"a", "gzip")[:10] == bytes.fromhex("1f8b 0800 0000 0000 00ff")


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_damage_is_an_error(kind: Compression, damage: str) -> None:
    data = bytearray(packed(bytes(range(256)) * 40, kind))
    if damage == "cut":
        del data[-1]
    else:
        data[len(data) // 2] ^= 1
    with pytest.raises((EOFError, OSError, ZstdError, zlib.error)):
        unpacked(bytes(data), kind)


def test_texts_that_repeat_become_smaller() -> None:
    text = b"<https://example.com/id/job/1> a <https://example.com/Job> .\n" * 1_000
    assert max(len(packed(text, "gzip")), len(packed(text, "zstd"))) * 20 < len(text)
