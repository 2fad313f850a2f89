"""Any file made smaller on its way out, with nothing in its header that another run would change."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO, Literal, TypeAlias, cast

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ZstdError = zstd.ZstdError
Compression: TypeAlias = Literal["none", "gzip", "zstd"]
SUFFIXES: Mapping[Compression, str] = {"none": "", "gzip": ".gz", "zstd": ".zst"}

_GZIP_LEVEL = 6
_ZSTD_LEVEL = 3
_ZSTD_OPTIONS: Mapping[int, int] = {
    zstd.CompressionParameter.compression_level: _ZSTD_LEVEL,
    zstd.CompressionParameter.checksum_flag: 1,
}


@contextmanager
def compressed(output: BinaryIO, compression: Compression, *, threads: int = 0) -> Iterator[BinaryIO]:
    """What to write to, so that it arrives at `output` compressed; whole at the end of the body, `output` stays open.

    The same input gives the same bytes with the same version of zlib or zstd, and the same number of threads.

    Parameters
    ----------
    threads : how many work for zstd beside the one that writes; 0 for none.
    """
    if compression == "none":
        yield output
    elif compression == "gzip":
        with gzip.GzipFile(filename="", mode="wb", compresslevel=_GZIP_LEVEL, fileobj=output, mtime=0) as stream:
            yield cast("BinaryIO", stream)
    else:
        options = {**_ZSTD_OPTIONS, zstd.CompressionParameter.nb_workers: threads}
        with zstd.ZstdFile(output, "wb", options=options) as stream:
            stream.write(b"")  # so that nothing is a whole file, too
            yield cast("BinaryIO", stream)


@contextmanager
def decompressed(source: BinaryIO, compression: Compression) -> Iterator[BinaryIO]:
    """What to read from, to have what was compressed; `source` stays open.

    What is cut off or damaged raises EOFError, OSError, `zlib.error` or `ZstdError` while it is read.
    """
    if compression == "none":
        yield source
    elif compression == "gzip":
        with gzip.GzipFile(fileobj=source, mode="rb") as stream:
            yield cast("BinaryIO", stream)
    else:
        with zstd.ZstdFile(source, "rb") as stream:
            yield cast("BinaryIO", stream)
