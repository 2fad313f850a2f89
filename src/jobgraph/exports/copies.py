"""The files of a package that are not read back, made again from its data and compared: tables, networks, frames."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

import polars as pl

from jobgraph.exports.compression import SUFFIXES
from jobgraph.exports.manifest import Content, FileFacts
from jobgraph.exports.package_files import PackageFiles
from jobgraph.exports.package_parts import DataWriter
from jobgraph.exports.profile import FORMAT_NAMES, Format
from jobgraph.exports.tables.parquet import METADATA_KEY

_PARQUET = ".parquet"


@dataclass(frozen=True)
class Copies:
    """Files of a package by name, and what writes the data of the package in an empty folder."""

    package: PackageFiles
    files: Mapping[str, FileFacts]
    writer: DataWriter

    def different(self) -> list[str]:
        """The names of the files that have something else than the data of the package, in alphabetical order."""
        names = {*self.files, *self._made}
        return sorted(name for name in names if not self._is_same(name))

    @cached_property
    def _made(self) -> Mapping[str, FileFacts]:
        """The files as they should be, by the names that they have in the package."""
        formats = {file.format for file in self.files.values()}.intersection(FORMAT_NAMES)
        made = [self.writer.write(cast("Format", format_)).files for format_ in sorted(formats)]
        return {self._packed_name(name): file for files in made for name, file in files.items()}

    def _is_same(self, name: str) -> bool:
        found, made = self.files.get(name), self._made.get(name)
        if found is None or made is None:
            return False
        content = found.content or Content(size=found.size, sha256=found.sha256)
        if content == Content(size=made.size, sha256=made.sha256):
            return True
        return name.endswith(_PARQUET) and self._has_same_rows(name)

    def _has_same_rows(self, name: str) -> bool:
        """Whether two Parquet files differ only in how their writers lay them out, which versions of polars do."""
        ours = pl.scan_parquet(self.writer.folder / name)
        theirs = io.BytesIO(self.package.read(name))
        try:
            if pl.read_parquet_metadata(theirs).get(METADATA_KEY) != _metadata(self.writer.folder / name):
                return False
            found, length = pl.scan_parquet(theirs), pl.len()
            if not found.select(length).collect().equals(ours.select(length).collect()):
                return False  # before it is unpacked, for that may be more than fits
            return found.collect_schema() == ours.collect_schema() and found.collect().equals(ours.collect())
        except pl.exceptions.PolarsError:
            return False

    def _packed_name(self, name: str) -> str:
        """The name in the package of a file that was made without packing."""
        return next((f"{name}{end}" for end in SUFFIXES.values() if f"{name}{end}" in self.files), name)


def _metadata(path: Path) -> str | None:
    return pl.read_parquet_metadata(path).get(METADATA_KEY)
