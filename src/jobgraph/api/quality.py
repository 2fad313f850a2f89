"""What a build found wrong, as tables: what it could not state, and what it stated that breaks a shape."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from pyoxigraph import BlankNode, parse

from jobgraph.api.tables import to_text
from jobgraph.store.durable import storage_errors
from jobgraph.store.generations import QUARANTINE, REPORT
from jobgraph.vocabulary import JG, SH

# The columns of a table of results: the property of SHACL that each holds, and what its IRIs begin with.
_COLUMNS = {
    "severity": ("resultSeverity", SH),
    "focus": ("focusNode", ""),
    "path": ("resultPath", JG),
    "value": ("value", ""),
    "component": ("sourceConstraintComponent", SH),
    "shape": ("sourceShape", JG),
    "message": ("resultMessage", ""),
}
_SEVERITIES = ("Violation", "Warning", "Info")


def read_findings(folder: Path) -> pl.DataFrame:
    """The results of validating a generation, the gravest first; none where it was not validated.

    `path` is a property of ours, `^` before one that leads here.

    Raises
    ------
    StorageError : the report cannot be read.
    """
    path = folder / REPORT
    schema = pl.Schema(dict.fromkeys(_COLUMNS, pl.String()))
    with storage_errors(path):
        rows = list(_iter_results(path)) if path.is_file() else []
    table = pl.DataFrame(rows, schema=schema, orient="row")
    gravity = pl.col("severity").replace_strict({s: n for n, s in enumerate(_SEVERITIES)}, default=len(_SEVERITIES))
    return table.sort(gravity, "shape", "focus")


def read_quarantined(folder: Path) -> pl.DataFrame:
    """What could not be stated for a generation: table, key, column, value and rule; none where nothing was kept.

    Raises
    ------
    StorageError : it cannot be read.
    """
    path = folder / QUARANTINE
    with storage_errors(path):
        return pl.read_parquet(path) if path.is_file() else pl.DataFrame()


def _iter_results(path: Path) -> Iterator[tuple[str | None, ...]]:
    found: dict[BlankNode, dict[str, str]] = defaultdict(dict)
    for quad in parse(path=path):
        if isinstance(quad.subject, BlankNode) and quad.predicate.value.startswith(SH):
            found[quad.subject][quad.predicate.value.removeprefix(SH)] = to_text(quad.object)
    inverse = {
        str(node): f"^{facts['inversePath'].removeprefix(JG)}"
        for node, facts in found.items()
        if "inversePath" in facts
    }
    for facts in (facts for facts in found.values() if "resultSeverity" in facts):
        cells = ((facts.get(name), start) for name, start in _COLUMNS.values())
        yield tuple(cell and inverse.get(cell, cell.removeprefix(start)) for cell, start in cells)
