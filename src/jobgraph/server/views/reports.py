"""What a build and a validation found, over HTTP in pages: validation results and quarantine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

import polars as pl
from pyoxigraph import NamedNode

from jobgraph.api.quality import read_findings, read_quarantined
from jobgraph.errors import UsageError
from jobgraph.server.rest.columns import QUARANTINE, QUARANTINE_FILTERS, SEVERITY_NAMES, VALIDATION, VALIDATION_FILTERS
from jobgraph.server.rest.paging import Asked, check_names, page, read_asked, without_paging
from jobgraph.server.rest.tables import JSON, TURTLE
from jobgraph.server.rest.things import Things, vocabulary
from jobgraph.server.views.answers import Linked
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.workers.jobs import AnswerError
from jobgraph.shacl.paths import Path, to_sparql
from jobgraph.store.durable import storage_errors
from jobgraph.store.generations import REPORT
from jobgraph.validation import read_all_shapes
from jobgraph.vocabulary import JG

_IRI = re.compile(r"<([^>]*)>")
_BLOCK = 1 << 16  # bytes of a report at once


def show_validation(tenant: Tenant, arguments: Mapping[str, str], media_type: str) -> Linked:
    """How many results of which kind, and one page of them; as Turtle the whole report.

    Raises
    ------
    UsageError : a parameter is unknown or does not fit.
    AnswerError : the generation was not validated, so that there is no report as Turtle.
    """
    if media_type == TURTLE:
        check_names(without_paging(arguments), ())
        return Linked(_report(tenant))
    asked = read_asked(tenant, arguments, VALIDATION_FILTERS)
    severity = asked.values.get("severity", SEVERITY_NAMES[0])
    if severity not in SEVERITY_NAMES:
        raise UsageError(f"severity {severity[:30]!r} is none of {', '.join(SEVERITY_NAMES)}.")
    found = _findings(tenant)
    chosen = _filtered(found, asked)
    things = Things(tenant)
    rows = [_result(row, things) for row in chosen.slice(asked.start, asked.limit).iter_rows()]
    facts = _summary(tenant, found) if media_type == JSON else {}
    return page(asked.table(tuple(VALIDATION), rows, facts, total=chosen.height), media_type)


def show_quarantine(tenant: Tenant, arguments: Mapping[str, str], media_type: str) -> Linked:
    """One page of what could not be stated for the tenant.

    Raises
    ------
    UsageError : a parameter is unknown or does not fit.
    """
    asked = read_asked(tenant, arguments, QUARANTINE_FILTERS)
    chosen = _filtered(quarantined(tenant), asked)
    rows = list(chosen.slice(asked.start, asked.limit).iter_rows())
    return page(asked.table(tuple(QUARANTINE), rows, {}, total=chosen.height), media_type)


@lru_cache(maxsize=1)
def quarantined(tenant: Tenant) -> pl.DataFrame:
    """The tenant's quarantine in one order; without rows where none was kept."""
    found = read_quarantined(tenant.generation.path)
    return found.sort(*QUARANTINE, nulls_last=True) if found.width else pl.DataFrame(schema=dict.fromkeys(QUARANTINE))


@lru_cache(maxsize=1)
def _findings(tenant: Tenant) -> pl.DataFrame:
    """The results in one order, so that pages fit together: the gravest first."""
    found = _with_paths(read_findings(tenant.generation.path))
    ranks = {name: rank for rank, name in enumerate(SEVERITY_NAMES)}
    gravity = pl.col("severity").replace_strict(ranks, default=len(ranks), return_dtype=pl.Int64)
    return found.sort(gravity, "shape", "focus", "path", "value", "component", "message")


def _with_paths(found: pl.DataFrame) -> pl.DataFrame:
    """The results with paths of several steps as SPARQL writes them; a shape has one path."""
    path = pl.col("path")
    composed = found.filter(path.str.starts_with("_:"))["shape"].drop_nulls().unique()
    if composed.is_empty():
        return found
    known = read_all_shapes(vocabulary()).by_node
    shapes = {name: known.get(NamedNode(JG + name)) for name in composed}
    paths = {name: path_text(shape.path) if shape and shape.path else None for name, shape in shapes.items()}
    by_shape = pl.col("shape").replace_strict(paths, default=None, return_dtype=pl.String)
    return found.with_columns(pl.when(path.str.starts_with("_:")).then(by_shape).otherwise(path).alias("path"))


def path_text(path: Path) -> str:
    """A path with the names of our properties and the IRIs of others.

    >>> from jobgraph.shacl.paths import Inverse, Predicate, Sequence
    >>> path_text(Sequence((Inverse(Predicate(JG + "mapsRole")), Predicate("urn:p"))))
    '(^mapsRole)/urn:p'
    """
    return _IRI.sub(lambda iri: iri[1].removeprefix(JG), to_sparql(path))


def _filtered(found: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    return found.filter(*(pl.col(name) == value for name, value in asked.values.items())) if asked.values else found


def _result(row: tuple[str | None, ...], things: Things) -> list[object]:
    severity, focus, path, value, component, shape, message = row
    return [severity, things.sourced(str(focus)), path, things.in_text(value), component, shape, message]


def _summary(tenant: Tenant, found: pl.DataFrame) -> dict[str, object]:
    """The results by severity, and by what they break; no verdict where the generation was not validated."""
    is_validated = (tenant.generation.path / REPORT).is_file()
    counts = dict(found["severity"].value_counts().iter_rows())
    kinds = found.group_by("severity", "shape", "component", maintain_order=True).len("count")
    return {
        "conforms": found.is_empty() if is_validated else None,
        "counts": {name: counts.get(name, 0) for name in SEVERITY_NAMES},
        "kinds": list(kinds.iter_rows(named=True)),
    }


def _report(tenant: Tenant) -> Iterator[bytes]:
    path = tenant.generation.path / REPORT
    if not path.is_file():
        raise AnswerError("missing", f"Generation {tenant.generation.name} was not validated, so there is no report.")
    with storage_errors(path), path.open("rb") as report:
        while block := report.read(_BLOCK):
            yield block
