"""The columns of the reports, each with its JSON type and what it says; OpenAPI and the tables both use them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jobgraph.validation import SEVERITIES
from jobgraph.vocabulary import SH

SEVERITY_NAMES = tuple(severity.removeprefix(SH) for severity in SEVERITIES)
VALIDATION_FILTERS, QUARANTINE_FILTERS = ("severity", "shape", "component"), ("table", "rule")


@dataclass(frozen=True)
class ReportColumn:
    """The type in JSON (`thing` for an IRI with its label; with `?` where there may be none), and a sentence."""

    type: str
    sentence: str


VALIDATION: Mapping[str, ReportColumn] = {
    "severity": ReportColumn("string", "Violation, Warning or Info."),
    "focus": ReportColumn("thing", "The entity that does not conform, with the row that it comes from."),
    "path": ReportColumn("string?", "The property, ^ before one that leads to the entity."),
    "value": ReportColumn("any", "The value that is wrong."),
    "component": ReportColumn("string?", "The SHACL component of the constraint."),
    "shape": ReportColumn("string?", "The shape that the constraint belongs to."),
    "message": ReportColumn("string?", "What is wrong and what to do."),
}
QUARANTINE: Mapping[str, ReportColumn] = {
    "table": ReportColumn("string", "The table of the source."),
    "key": ReportColumn("string?", "The key of the row."),
    "row": ReportColumn("integer?", "The number of the row in the table."),
    "column": ReportColumn("string?", "The column of the cell; none where the whole row is meant."),
    "value": ReportColumn("string?", "The value as the source has it."),
    "rule": ReportColumn("string", "The rule that it breaks."),
    "sentence": ReportColumn("string?", "What is wrong and what to do."),
}
COVERAGE: Mapping[str, ReportColumn] = {
    "table": ReportColumn("string", "The table of the source."),
    "class": ReportColumn("thing?", "The class of its rows; none where each row is a plain link."),
    "tenancy": ReportColumn("string", "Whose its rows are: Own, OwnOrShared, Shared, Inherited or Itself."),
    "columns": ReportColumn("integer", "The columns that the ontology knows."),
    "stated": ReportColumn("integer", "Rows of the tenant that the last build stated."),
    "quarantinedRows": ReportColumn("integer", "Rows of the tenant with an entry in quarantine."),
    "quarantinedEntries": ReportColumn("integer", "Entries in quarantine: cells, links and whole rows."),
}
COVERAGE_OF_TABLE: Mapping[str, ReportColumn] = {
    "column": ReportColumn("string", "The column of the source."),
    "state": ReportColumn(
        "string",
        "key, mapped, waived, absent from the source, or unknown to the ontology; the last two as far as known.",
    ),
    "property": ReportColumn("thing?", "The property that states it."),
    "reason": ReportColumn("string?", "Why it is waived."),
    "quarantinedEntries": ReportColumn("integer", "Entries in quarantine that name it."),
}
CHANGES: Mapping[str, ReportColumn] = {
    "graph": ReportColumn("string", "The IRI of a graph that changed; '' for the unnamed one."),
    "added": ReportColumn("integer", "Triples that it has and did not have before."),
    "deleted": ReportColumn("integer", "Triples that it had and has no longer."),
}
GENERATIONS: Mapping[str, ReportColumn] = {
    "name": ReportColumn("string", "The name of the generation, its number with leading zeros."),
    "number": ReportColumn("integer", "A later one is higher."),
    "isCurrent": ReportColumn("boolean", "Whether this is the one that answers come from."),
    "created": ReportColumn("string", "When it was published, UTC."),
    "parent": ReportColumn("string?", "The name of the one before it; it may be gone."),
    "change": ReportColumn("string?", "What made it, where that was no build."),
    "triples": ReportColumn("integer", "Triples in all graphs."),
    "graphs": ReportColumn("object", "Triples by the IRI of the graph."),
    "severities": ReportColumn("object", "Validation results by severity; empty where it was not validated."),
    "quarantined": ReportColumn("integer", "Entries in quarantine."),
}
