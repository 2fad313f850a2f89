"""What a build did, kept in the home: its tenants, where every row and column went, and the quarantine."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from jobgraph.contract.coverage import Coverage
from jobgraph.contract.quarantine import COLUMNS, write_parquet
from jobgraph.contract.sql import text, texts
from jobgraph.errors import UsageError
from jobgraph.store import Home
from jobgraph.store.durable import storage_errors, write_durably
from jobgraph.store.generations import QUARANTINE
from jobgraph.vocabulary import Vocabulary

# In the home: what the last build did, and the quarantine of rows that all tenants share or that have no tenant.
_REPORT, _SHARED, _UNPLACED = "build.json", "shared.parquet", "unplaced.parquet"
_SHOWN = 10  # names in a sentence


@dataclass(frozen=True)
class TenantReport:
    """What a build published for one tenant.

    `quads` counts its asserted and shared triples, `findings` the results of validating its own and shared rows,
    `severities` the same by severity.
    """

    slug: str
    generation: str
    quads: int
    inferred: int
    quarantined: int
    findings: int
    severities: Mapping[str, int]


@dataclass(frozen=True)
class BuildReport:
    """What a build did: its tenants, the coverage of its source, and the entries in quarantine of no single tenant.

    `shared` counts those of rows that all tenants share, `unplaced` those of rows without a tenant. `reason` is why a
    build of changes built everything, '' if it did not.
    """

    tenants: tuple[TenantReport, ...]
    coverage: Coverage
    shared: int
    unplaced: int
    reason: str = ""

    @property
    def quarantined(self) -> int:
        """The entries in quarantine."""
        return self.shared + self.unplaced + sum(tenant.quarantined for tenant in self.tenants)

    def coverage_totals(self) -> dict[str, int]:
        """The rows read, stated, quarantined and deleted, over all tables."""
        return self.coverage.totals()

    def remarks(self) -> Iterator[str]:
        """Sentences on what a reader should look at."""
        if self.reason:
            yield f"Everything was built and not only changes, for {self.reason}."
        if self.quarantined:
            yield f"{self.quarantined:,} entries are in quarantine; see jobgraph quarantine."
        severities = Counter(word for tenant in self.tenants for word in Counter(tenant.severities).elements())
        if severities:
            shown = ", ".join(f"{count:,} of severity {word}" for word, count in severities.items())
            yield f"Validation results: {shown}; see jobgraph validate."
        if self.coverage.unknown_tables:
            yield f"Unknown tables, left out: {_listed(self.coverage.unknown_tables)}."
        for state, words in (("unknown", "Unknown columns, left out"), ("absent", "Columns that the source lacks")):
            found = [f"{t}.{c}" for t, known in self.coverage.columns.items() for c, s in known.items() if s == state]
            if found:
                yield f"{words}: {_listed(found)}."

    def to_json(self) -> dict[str, Any]:
        """The same as plain dictionaries and lists."""
        return {
            "tenants": [asdict(tenant) for tenant in self.tenants],
            "shared": self.shared,
            "unplaced": self.unplaced,
            "reason": self.reason,
            "coverage": self.coverage.to_json(),
        }


class Unowned(NamedTuple):
    """The entries in quarantine of no single tenant: of rows that all tenants share, and of rows without a tenant."""

    shared: int
    unplaced: int

    @classmethod
    def write(cls, connection: duckdb.DuckDBPyConnection, work: Path) -> Unowned:
        """Those of a build, once they are in the folder `work` for `write_build_report`."""
        shared = write_parquet(connection, work / _SHARED, tenant="")
        return cls(shared, write_parquet(connection, work / _UNPLACED, tenant=None))


def write_build_report(
    coverage: Coverage, tenants: Iterable[TenantReport], unowned: Unowned, *, work: Path, home: Path, reason: str = ""
) -> BuildReport:
    """Put the report on a build, and the quarantine of no single tenant, into the home in place of those before.

    `reason` is that of the report.

    Raises
    ------
    StorageError : the disk is full or cannot be written.
    """
    report = BuildReport(tuple(tenants), coverage, unowned.shared, unowned.unplaced, reason)
    with storage_errors(home):
        write_durably(work / _REPORT, json.dumps(report.to_json(), sort_keys=True))
        for name in (_SHARED, _UNPLACED, _REPORT):
            (work / name).replace(home / name)
    return report


def read_coverage(home: Path) -> dict[str, Any]:
    """The coverage of the last build, as `Coverage.to_json` gives it.

    Raises
    ------
    UsageError : nothing was built yet.
    StorageError : the report cannot be read.
    """
    path = home / _REPORT
    if not path.exists():
        raise _nothing_built(home)
    with storage_errors(path):
        report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return dict(report["coverage"])


def read_quarantine(home: Path, *, tenant: str | None, table: str | None) -> tuple[tuple[str, ...], list[list[Any]]]:
    """What the last builds could not state: of one tenant, or of all and of none; columns and rows.

    Raises
    ------
    UsageError : there is no such tenant or table, or nothing was built yet.
    """
    if table:
        _check_table(table)
    tenants = Home(home)
    slugs = [tenant] if tenant else tenants.tenants()
    current = [generation for slug in slugs if (generation := tenants.tenant(slug).current())]
    files = [generation.path / QUARANTINE for generation in current]
    if not tenant:
        files += [home / _SHARED, home / _UNPLACED]
    present = [str(path) for path in files if path.exists()]
    if not present:
        raise _nothing_built(home)
    where = f"""WHERE "table" = {text(table)}""" if table else ""
    with duckdb.connect() as connection:
        rows = connection.execute(f"FROM read_parquet([{texts(present)}]) {where} ORDER BY ALL").fetchall()
    return COLUMNS, [list(row) for row in rows]


def _check_table(table: str) -> None:
    known = Vocabulary().tables
    if table not in known:
        near = difflib.get_close_matches(table, known) or sorted(known)[:3]
        raise UsageError(f"There is no table {table!r}; did you mean {', '.join(near)}?")


def _nothing_built(home: Path) -> UsageError:
    return UsageError(f"Nothing was built in {home} yet; run jobgraph build SOURCE first, or name another --home.")


def _listed(names: Iterable[str]) -> str:
    first, *rest = [", ".join(list(names)[:_SHOWN]), *list(names)[_SHOWN:]]
    return f"{first} and {len(rest)} more" if rest else first
