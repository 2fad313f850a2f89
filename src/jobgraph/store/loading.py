"""RDF files into an Oxigraph store on disk, as fast as its cores allow."""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import re
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeVar, cast

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    Triple,
    parse,
)

from jobgraph.errors import InputError
from jobgraph.store.durable import storage_errors

_BLOCK_BYTES = 64 << 20  # about 300,000 quads; two blocks at once take 0.6 GB while they are sorted
_CHUNK_BYTES = 1 << 20
_BLANK_NODE = re.compile(rb'[ \t\r\n>"]_:')
_Term = TypeVar("_Term", bound=NamedNode | BlankNode | Literal | Triple)


def bulk_load(
    store_path: Path, files: Iterable[tuple[Path, str | None]], *, threads: int = 2, lenient: bool = False
) -> Store:
    """Load files into the store at `store_path`, which is made where there is none, and give it, still open.

    Not atomic: load into a draft. The engine goes on merging files for as long as the store is open.

    Each file comes with the IRI of the graph that its triples go to, or None where it has quads. The format follows
    from the suffix; `.gz` may follow. Plain N-Quads without blank nodes are cut into blocks that the threads load
    side by side: two load a million quads in half the time of one, in less memory. A file with a graph is held in
    memory, and its blank nodes get names that follow from its content, so that loading it twice adds nothing.

    Parameters
    ----------
    lenient : believe that IRIs and language tags are valid and that plain N-Quads have no blank nodes, as those of a
        mapping; this saves a sixth of the time.

    Raises
    ------
    InputError : a file does not parse, or its suffix is unknown.
    StorageError : the disk is full, or a file or the store cannot be opened.
    """
    blocks: list[Path] = []
    named: list[tuple[Path, NamedNode]] = []
    with storage_errors(store_path):
        store = Store(os.fspath(store_path))
        for path, graph in files:
            if graph is None and path.suffix == ".nq" and (lenient or not _has_blank_nodes(path)):
                blocks.append(path)
            elif graph is None:
                _load_quads(store, path, lenient=lenient)
            else:
                named.append((path, NamedNode(graph)))
        if named:  # at once: each bulk_extend waits for the disk
            store.bulk_extend(quad for path, node in named for quad in _iter_named(path, node))
        _load_blocks(store, blocks, threads, lenient=lenient)
    return store


def _load_quads(store: Store, path: Path, *, lenient: bool) -> None:
    with _opened(path) as stream:
        store.bulk_load(stream, _format_of(path), lenient=lenient)


def _iter_named(path: Path, graph: NamedNode) -> Iterator[Quad]:
    """The triples of a file as quads of `graph`; its blank nodes are named by a digest of all it says."""
    with _opened(path) as stream:
        parsed = parse(stream, _format_of(path))
        quads = Dataset(Quad(quad.subject, quad.predicate, quad.object, graph) for quad in parsed)
    if not any(isinstance(term, BlankNode) for quad in quads for term in (quad.subject, quad.object)):
        yield from quads
        return
    quads.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    digest = hashlib.sha256("".join(sorted(map(str, quads))).encode()).hexdigest()[:16]
    for quad in quads:
        yield Quad(_named(quad.subject, digest), quad.predicate, _named(quad.object, digest), graph)


def _named(term: _Term, digest: str) -> _Term | BlankNode:
    return BlankNode(f"b{digest}{term.value}") if isinstance(term, BlankNode) else term


def _format_of(path: Path) -> RdfFormat:
    suffix = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
    format_ = RdfFormat.from_extension(suffix.removeprefix("."))
    if format_ is None:
        raise InputError(f"{path}: {suffix or 'no suffix'} is no RDF format; name the file .nq, .ttl or another.")
    return format_


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """The file, unpacked; what does not parse in the body is an InputError with its line."""
    with cast("IO[bytes]", gzip.open(path)) if path.suffix == ".gz" else path.open("rb") as stream:
        try:
            yield stream
        except SyntaxError as error:
            raise InputError(f"{path}, line {error.lineno}: {error.msg}. Correct the file and run again.") from error
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise InputError(f"{path} cannot be unpacked: {error}. Pack the file again.") from error


def _has_blank_nodes(path: Path) -> bool:
    """Whether `_:` stands where a term can start; in a text it is a false alarm, which costs time only."""
    end = b"\n"
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            text = end + chunk
            if b"_:" in text and _BLANK_NODE.search(text):
                return True
            end = text[-2:]
    return False


def _load_blocks(store: Store, paths: Sequence[Path], threads: int, *, lenient: bool) -> None:
    """Load N-Quads in blocks of equal size, as many at once as there are threads."""

    def load(block: bytes) -> None:
        store.bulk_load(block, RdfFormat.N_QUADS, lenient=lenient)

    total = sum(path.stat().st_size for path in paths)
    rounds = math.ceil(total / (_BLOCK_BYTES * threads))
    running: deque[Future[None]] = deque()
    try:
        with ThreadPoolExecutor(threads) as pool:
            for block in _iter_blocks(paths, math.ceil(total / max(rounds * threads, 1))):
                running.append(pool.submit(load, block))
                if len(running) == threads:
                    running.popleft().result()
            for future in running:
                future.result()
    except SyntaxError:
        _find_error(paths, lenient=lenient)
        raise


def _iter_blocks(paths: Iterable[Path], size: int) -> Iterator[bytes]:
    """Whole lines of the files in order, `size` bytes and a line at a time; a block may hold several small files."""
    parts: list[bytes] = []
    held = 0
    for path in paths:
        with path.open("rb") as stream:
            while part := stream.read(size - held):
                part += stream.readline()
                parts.append(part if part.endswith(b"\n") else part + b"\n")
                held += len(part)
                if held >= size:
                    yield b"".join(parts)
                    parts, held = [], 0
    if parts:
        yield b"".join(parts)


def _find_error(paths: Iterable[Path], *, lenient: bool) -> None:
    """Parse the files again, for the name and the line of what does not parse."""
    for path in paths:
        with _opened(path) as stream:
            for _ in parse(stream, RdfFormat.N_QUADS, lenient=lenient):
                pass
