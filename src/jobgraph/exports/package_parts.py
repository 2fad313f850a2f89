"""The data files of a package: each format in its place, with what the manifest says of the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

from jobgraph.exports.compression import SUFFIXES, Compression, compressed
from jobgraph.exports.formats import FORMATS, write_format
from jobgraph.exports.json_ld_context import read_context
from jobgraph.exports.manifest import Content, FileFacts, digest_of
from jobgraph.exports.profile import Format, Profile
from jobgraph.exports.sorted_data import SortedQuads
from jobgraph.exports.tables import Survey, TableFormat, losses_of, survey_selection, write_tables
from jobgraph.vocabulary import Vocabulary

CONTEXT = "context.jsonld"
_FOLDERS: Mapping[str, str] = {"csv": "tables", "graphml": "data", "neo4j": "neo4j", "parquet": "parquet"}
_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".graphml": "application/graphml+xml",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".ttl": "text/turtle",
}


@dataclass(frozen=True)
class DataFiles:
    """The files of a format, and what it could not say."""

    files: Mapping[str, FileFacts]
    losses: tuple[str, ...]


@dataclass(frozen=True)
class DataWriter:
    """Writes a data set into the folder of a package; the same data give the same bytes."""

    folder: Path
    data: SortedQuads
    profile: Profile
    vocabulary: Vocabulary
    packing: Compression

    def write(self, format_: Format) -> DataFiles:
        """Write the data in a format; formats of tables are never packed.

        Raises
        ------
        UsageError : its library is not installed, or the frame of the profile cannot be used.
        OSError : the disk is full.
        """
        return self._statements(format_) if format_ in FORMATS else self._tables(cast("TableFormat", format_))

    def _statements(self, format_: Format) -> DataFiles:
        writer = FORMATS[format_]
        name = f"data/graph{writer.suffix}{SUFFIXES[self.packing]}"
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        context = read_context(self.vocabulary, address=f"../{CONTEXT}")
        with path.open("wb") as output, compressed(output, self.packing) as stream:
            measured = Measured(stream)
            losses = write_format(
                self.data, format_, cast("BinaryIO", measured), context=context, frame=self.profile.frame
            )
        content = None if self.packing == "none" else measured.content()
        facts = facts_of(path, media_type=writer.media_type, format_=format_, content=content)
        return DataFiles({name: facts}, tuple(f"{loss.what}: {loss.count}" for loss in losses))

    def _tables(self, format_: TableFormat) -> DataFiles:
        survey, folder = self._survey, self.folder / _FOLDERS[format_]
        paths = write_tables(self.data, format_, folder, vocabulary=self.vocabulary, survey=survey)
        files = {
            path.relative_to(self.folder).as_posix(): facts_of(path, format_="" if path.suffix == ".md" else format_)
            for path in paths
        }
        return DataFiles(files, tuple(f"{what}: {count}" for what, count in losses_of(format_, survey.unsaid).items()))

    @cached_property
    def _survey(self) -> Survey:
        """What all formats of tables need to know; found once."""
        return survey_selection(self.data, self.vocabulary)


def facts_of(path: Path, *, media_type: str = "", format_: str = "", content: Content | None = None) -> FileFacts:
    """What the manifest says of a file that was written; its media type follows from its suffix if none is given."""
    size, digest = digest_of(path)
    known = media_type or _MEDIA_TYPES.get(path.suffix, "application/octet-stream")
    return FileFacts(size=size, sha256=digest, media_type=known, format=format_, content=content)


class Measured:
    """A stream that hashes and counts what is written to it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._size, self._digest = stream, 0, sha256()

    def write(self, data: bytes) -> int:
        """Write some bytes; how many."""
        self._size += len(data)
        self._digest.update(data)
        return self._stream.write(data)

    def flush(self) -> None:
        """Let what was written pass on."""
        self._stream.flush()

    def content(self) -> Content:
        """What was written so far."""
        return Content(size=self._size, sha256=self._digest.hexdigest())
