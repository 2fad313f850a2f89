"""The paths of the reports in OpenAPI: validation, quarantine, coverage and generations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jobgraph.server.rest.columns import (
    CHANGES,
    COVERAGE,
    COVERAGE_OF_TABLE,
    GENERATIONS,
    QUARANTINE,
    QUARANTINE_FILTERS,
    SEVERITY_NAMES,
    VALIDATION,
    VALIDATION_FILTERS,
    ReportColumn,
)
from jobgraph.server.rest.openapi import Schema, download, get, paging, parameter, table_content, table_of, typed
from jobgraph.server.rest.paging import LIMIT, MOST_PAGES, MOST_ROWS
from jobgraph.server.rest.tables import JSON, TURTLE
from jobgraph.server.rest.things import vocabulary

_PAGING = paging(LIMIT, MOST_ROWS, MOST_PAGES)
_COUNTS: Schema = {"type": "object", "additionalProperties": {"type": "integer"}}
_KIND: Schema = {
    "type": "object",
    "required": ["severity", "shape", "component", "count"],
    "properties": {name: typed("string?") for name in ("severity", "shape", "component")} | {"count": typed("integer")},
    "additionalProperties": False,
}


def report_paths() -> Iterator[tuple[str, Schema]]:
    """The path and the operation of every report."""
    yield "/validation", _validation()
    yield "/quarantine", _quarantine()
    yield "/coverage", _coverage()
    yield "/coverage/{table}", _coverage_of_table()
    yield "/changes", _changes()
    yield "/generations", _generations()
    yield "/generations/{number}", _generation()


def _validation() -> Schema:
    facts = {
        "conforms": {"type": ["boolean", "null"], "description": "null where the generation was not validated."},
        "counts": {**_COUNTS, "description": "All results by severity."},
        "kinds": {"type": "array", "items": _KIND, "description": "All results by what they break."},
    }
    severity: Schema = {"type": "string", "enum": list(SEVERITY_NAMES)}
    filters = [parameter(name, f"Only results of this {name}.", {"type": "string"}) for name in VALIDATION_FILTERS[1:]]
    return get(
        "What does not conform to the shapes: how many results of which kind, and the results, the gravest first.",
        tag="Reports",
        name="validation",
        description="As Turtle the whole SHACL report, which takes no parameter but `download`.",
        content={**table_content(table_of(_schemas(VALIDATION), facts)), TURTLE: {"type": "string"}},
        parameters=[parameter("severity", "Only results of this severity.", severity), *filters, *_PAGING],
    )


def _quarantine() -> Schema:
    filters = [parameter(name, f"Only entries of this {name}.", {"type": "string"}) for name in QUARANTINE_FILTERS]
    return get(
        "What of the tenant's rows could not be stated, and why.",
        tag="Reports",
        name="quarantine",
        content=table_content(table_of(_schemas(QUARANTINE), {})),
        parameters=[*filters, *_PAGING],
    )


def _coverage() -> Schema:
    facts = {
        "stated": typed("integer", "Rows of the tenant that the last build stated."),
        "quarantined": typed("integer", "Entries in quarantine."),
    }
    return get(
        "What became of the tenant's rows, table by table.",
        tag="Reports",
        name="coverage",
        content=table_content(table_of(_schemas(COVERAGE), facts)),
        parameters=_PAGING,
    )


def _coverage_of_table() -> Schema:
    facts = {"table": typed("string")}
    return get(
        "What became of the columns of a table.",
        tag="Reports",
        name="coverage-of-table",
        content=table_content(table_of(_schemas(COVERAGE_OF_TABLE), facts)),
        parameters=[
            _step("table", "The table of the source.", {"type": "string", "enum": sorted(vocabulary().tables)}),
            *_PAGING,
        ],
    )


def _changes() -> Schema:
    facts = {
        "since": typed("string?", "The name of the generation before; null for the first, and where it was pruned."),
        "added": typed("integer", "Triples that were added to all graphs."),
        "deleted": typed("integer", "Triples that were deleted from all graphs."),
    }
    return get(
        "What changed since the generation before the current one, graph by graph.",
        tag="Reports",
        name="changes",
        content=table_content(table_of(_schemas(CHANGES), facts)),
        parameters=_PAGING,
    )


def _generations() -> Schema:
    return get(
        "The generations that there are, the newest first.",
        tag="Reports",
        name="generations",
        content=table_content(table_of(_schemas(GENERATIONS), {"current": typed("string")})),
        parameters=_PAGING,
    )


def _generation() -> Schema:
    columns = _schemas(GENERATIONS)
    schema = {"type": "object", "required": list(columns), "properties": columns, "additionalProperties": False}
    return get(
        "One generation.",
        tag="Reports",
        name="generation",
        content={JSON: schema},
        parameters=[_step("number", "Its number or name.", {"type": "string", "pattern": "^[0-9]+$"}), download()],
    )


def _step(name: str, sentence: str, schema: Schema) -> Schema:
    return {"name": name, "in": "path", "description": sentence, "required": True, "schema": schema}


def _schemas(columns: Mapping[str, ReportColumn]) -> dict[str, Schema]:
    return {name: typed(column.type, column.sentence) for name, column in columns.items()}
