"""The record of the last build of changes, kept in the home: what each row of its source was, and what it published."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import duckdb

from jobgraph.contract.moments import settle
from jobgraph.contract.prints import read_prints, write_prints
from jobgraph.contract.record import COLUMNS
from jobgraph.contract.sql import text
from jobgraph.errors import StaleGenerationError, StorageError
from jobgraph.mapping.stated import shared_path
from jobgraph.pipeline.plan import Plan
from jobgraph.resources import terms_hash
from jobgraph.settings import Settings
from jobgraph.sources.csv_records import Prints
from jobgraph.store import Home
from jobgraph.store.durable import remove_tree, storage_errors, write_durably
from jobgraph.store.sums import SUMS, iter_damage, write_sums
from jobgraph.vocabulary import Vocabulary

RECORD = "last_build"  # the folder in the home
_FACTS = "facts.json"
_PRINTS = "prints"
_TABLES = (*COLUMNS, "owners")


@dataclass(frozen=True)
class LastBuild:
    """What the last build did and with what.

    `generations` are the names of those that it published, by tenant short name; `meaning` is a digest of the
    ontology, the rules and the shapes; `fingerprints` tell by table what its source held; `source` is where that was.
    """

    generations: Mapping[str, str]
    base: str
    only_tenant: str
    include_deleted: bool
    meaning: str
    fingerprints: Mapping[str, str]
    source: str

    def unchanged(self, fingerprints: Mapping[str, str]) -> list[str]:
        """The tables whose content is that of the last build, by what is known of it before it is read."""
        return [table for table, found in fingerprints.items() if found and found == self.fingerprints.get(table)]

    def obstacle(self, plan: Plan, settings: Settings, vocabulary: Vocabulary) -> str:
        """Why changes cannot be built on it; '' if they can.

        Raises
        ------
        StaleGenerationError : a tenant's graph is no longer the one that it published.
        """
        if self.meaning != meaning_of(vocabulary):
            return "the ontology, the rules, the shapes or the version is another one"
        if (self.base, self.only_tenant, self.include_deleted) != (
            settings.base,
            plan.only_tenant,
            plan.include_deleted,
        ):
            return "the options are others"
        if path := shared_path(vocabulary):
            return f"rows of several tables state {path}"
        for slug, name in self.generations.items():
            check_current(settings, slug, name)
        return ""


def check_current(settings: Settings, slug: str, name: str) -> None:
    """Make sure that the generation of this name is the tenant's current one.

    Raises
    ------
    StaleGenerationError : it is not.
    """
    generation = Home(settings.home).tenant(slug, missing_ok=True).current()
    current = generation.name if generation else ""
    if current != name:
        now = f"is at generation {current}" if current else "has no generation"
        raise StaleGenerationError(
            f"{slug} {now} and no longer at {name}, which the last build made; build without --changes to replace it.",
            current=current,
        )


def read_last_build(home: Path) -> LastBuild | None:
    """The last build of a home; None if it kept no record, another version did, or it is not as it was written."""
    path = home / RECORD / _FACTS
    try:
        with storage_errors(path, known_only=True):
            facts = json.loads(path.read_text(encoding="utf-8"))
        build = LastBuild(**facts)
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None
    files = [home / RECORD / _PRINTS, *(_file(home, table) for table in _TABLES)]
    return build if all(file.exists() for file in files) and _is_whole(home / RECORD) else None


def _is_whole(folder: Path) -> bool:
    """Whether all files of a record are as they were written."""
    try:
        return (folder / SUMS).exists() and not any(iter_damage(folder, deep=True))
    except StorageError:  # the list of their hashes is broken
        return False


def place_of(location: str, plan: Plan) -> str:
    """Where the tables of a source at `location` are; moments of another place say nothing of the rows here."""
    return f"{location} {plan.schema}"


def load_prints(home: Path) -> dict[str, Prints]:
    """The prints of the tables of the last build."""
    return read_prints(home / RECORD / _PRINTS)


def load_record(connection: duckdb.DuckDBPyConnection, home: Path, *, overlap_s: float | None) -> None:
    """Make the schema `base` with the record of the door and the rows that are settled.

    No rows are settled if `overlap_s` is None; else see `moments.settle`.
    """
    connection.execute("CREATE SCHEMA base")
    for table in _TABLES:
        file = text(str(_file(home, table)))
        connection.execute(f"CREATE VIEW base.{table} AS FROM read_parquet({file})")
    settle(connection, overlap_s=overlap_s)


def write_record(
    connection: duckdb.DuckDBPyConnection, prints: Mapping[str, Prints], owners: str, folder: Path
) -> None:
    """Write the record of the door to the new folder `folder`; `owners` is the SQL of the tenants."""
    folder.mkdir()
    write_prints(prints, folder / _PRINTS)
    for table in _TABLES:
        select = owners if table == "owners" else f"FROM {table}"
        file = text(str(folder / f"{table}.parquet"))
        connection.execute(f"COPY ({select}) TO {file} (FORMAT parquet, COMPRESSION zstd)")


def keep_record(build: LastBuild, folder: Path, home: Path) -> None:
    """Make a record that was written that of the home, once all of it is on the disk.

    Raises
    ------
    StorageError : the disk is full or cannot be written.
    """
    with storage_errors(home):
        write_durably(folder / _FACTS, json.dumps(asdict(build), sort_keys=True))
        write_sums(folder)
        forget_record(home)
        folder.rename(home / RECORD)


def forget_record(home: Path) -> None:
    """Leave no record: what is built now, it does not know of."""
    remove_tree(home / RECORD)


def _file(home: Path, table: str) -> Path:
    return home / RECORD / f"{table}.parquet"


@lru_cache(maxsize=1)
def meaning_of(vocabulary: Vocabulary) -> str:
    """A digest of this version and of all that says what data mean and must hold."""
    found = hashlib.sha256(f"{version('jobgraph')} {terms_hash()}".encode())
    for path in vocabulary.extensions:
        found.update(f"\0{path.name}\0".encode() + path.read_bytes())
    return found.hexdigest()
