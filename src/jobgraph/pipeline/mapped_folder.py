"""A source that was read, checked and mapped elsewhere: the folder of a build on Spark, to be published from here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from jobgraph.contract import Admitted
from jobgraph.contract.coverage import Coverage
from jobgraph.contract.sql import text
from jobgraph.errors import InputError, UsageError
from jobgraph.mapping import SHARED
from jobgraph.pipeline.last_build import meaning_of
from jobgraph.pipeline.mapped import Mapped, Task, chosen_tenants, table_engine
from jobgraph.pipeline.plan import Plan
from jobgraph.settings import Settings
from jobgraph.sources.tables import first_line
from jobgraph.store.durable import storage_errors
from jobgraph.vocabulary import Vocabulary

# What is in the folder: N-Quads by tenant, tables in Parquet, and a validation report for each tenant.
QUADS, QUARANTINE, COVERAGE, COLUMNS = "quads", "quarantine", "coverage", "columns"
RESULTS, REPORTS = "results", "reports"
_FACTS = "mapped.json"
_CHUNK_BYTES = 1 << 20

# The tables of the door, of what `QUARANTINE` and `RESULTS` hold; a tenant's short name is its key here.
_TABLES = {
    QUARANTINE: """SELECT "table" AS table_name, key, "row" AS row_number, "column" AS column_name, value, rule, tenant,
                          sentence""",
    RESULTS: """SELECT "table" AS table_name, key, "row" AS row_number, "column" AS column_name, path, value, component,
                       shape, severity, message, tenant""",
}
_NAMES = {QUARANTINE: "quarantine", RESULTS: "findings"}


@dataclass(frozen=True)
class Facts:
    """With what a folder was made: the base of its IRIs, whether deleted rows are stated, the digest of its meaning.

    `quads` counts those of each tenant by short name, and those that all share; `source` is where the rows were.
    """

    base: str
    include_deleted: bool
    meaning: str
    source: str
    quads: Mapping[str, int]
    coverage: Mapping[str, Any]

    def write(self, folder: Path) -> None:
        """Put them into the folder."""
        (folder / _FACTS).write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def is_mapped(location: str) -> bool:
    """Whether a source is such a folder."""
    return "://" not in location and (Path(location) / _FACTS).is_file()


@contextmanager
def open_mapped(task: Task, *, vocabulary: Vocabulary) -> Iterator[Mapped]:
    """What `map_source` gives of the rows, of the folder that the plan names; the quads are unpacked below `work`.

    Raises
    ------
    UsageError : there is no such tenant, or the folder was made with another base or other options.
    InputError : the folder is of another ontology or version, not whole, or cannot be read.
    StorageError : the disk is full.
    """
    plan, work = task.plan, task.work
    folder = Path(plan.location)
    facts = _read_facts(folder)
    _check(facts, plan, task.settings, vocabulary)
    with table_engine(work, task.settings) as connection, storage_errors(folder, known_only=True):
        slugs = [slug for slug in facts.quads if slug != SHARED]
        admitted = Admitted(connection, {}, {}, {}, {slug: slug for slug in slugs})
        tenants = chosen_tenants(admitted, plan)
        for name in _TABLES:
            _load(connection, folder, name)
        task.progress("map", 0, "quads")
        (work / "quads").mkdir()
        files = {}
        for slug in (SHARED, *tenants):
            files[slug] = _unpack(folder, slug, work / "quads", count=facts.quads[slug])
            task.progress("map", facts.quads[slug], "quads")
        coverage = Coverage.from_json(facts.coverage)
        yield Mapped(vocabulary, admitted, facts.source, tenants, files, count=lambda: coverage)


def _read_facts(folder: Path) -> Facts:
    path = folder / _FACTS
    try:
        return Facts(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise InputError(f"{path} cannot be read: {error}. Build the source on Spark again.") from error


def _check(facts: Facts, plan: Plan, settings: Settings, vocabulary: Vocabulary) -> None:
    if facts.base != settings.base:
        raise UsageError(
            f"{plan.location} has IRIs below {facts.base} and not {settings.base}; set JOBGRAPH_BASE to it."
        )
    if plan.include_deleted != facts.include_deleted:
        made = "with" if facts.include_deleted else "without"
        raise UsageError(f"{plan.location} was made {made} --include-deleted; do the same here, or make it anew.")
    if facts.meaning != meaning_of(vocabulary):
        raise InputError(
            f"{plan.location} was made by another version, or with other codes, ontology or shapes; give the same "
            "--codes, or build the source on Spark again."
        )


def _load(connection: duckdb.DuckDBPyConnection, folder: Path, name: str) -> None:
    """Make the table of the door that the files in a folder of the folder hold."""
    files = text(str(folder / name / "*.parquet"))
    try:
        connection.execute(f"CREATE TABLE {_NAMES[name]} AS {_TABLES[name]} FROM read_parquet({files})")
    except duckdb.Error as error:
        raise InputError(f"{folder / name} cannot be read: {first_line(error)} Copy the folder again.") from error


def _unpack(folder: Path, slug: str, out: Path, *, count: int) -> Path:
    """One file of N-Quads of all those of a tenant, which are `count` quads."""
    from jobgraph.exports.compression import ZstdError, decompressed  # exports take 7 ms, and few builds need them

    path, found = out / f"{slug}.nq", 0
    with path.open("wb") as lines:
        for packed in sorted((folder / QUADS / f"tenant={slug}").glob("*.nq.zst")):
            try:
                with packed.open("rb") as stream, decompressed(stream, "zstd") as unpacked:
                    while chunk := unpacked.read(_CHUNK_BYTES):
                        found += chunk.count(b"\n")
                        lines.write(chunk)
            except (EOFError, ZstdError) as error:
                raise InputError(f"{packed} cannot be unpacked: {error}. Copy the folder again.") from error
    if found != count:
        raise InputError(f"{folder} has {found:,} of the {count:,} quads of {slug}; copy the folder again.")
    return path
