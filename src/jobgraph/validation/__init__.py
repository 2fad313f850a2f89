"""Validation: what is stated but wrong, as standard SHACL results, for machines and for people."""

from jobgraph.validation.columns import Places
from jobgraph.validation.entities import Entities, Owner
from jobgraph.validation.findings import door_results, write_rows
from jobgraph.validation.graph import ask_graph_ahead, read_all_shapes, validate_graph, validate_graph_changes
from jobgraph.validation.repairs import Repair, Repairs
from jobgraph.validation.report import SEVERITIES, count_severities, severity_word, write_report
from jobgraph.validation.work_list import Example, Gathering, Guide, WorkItem, WorkList, to_work_list

__all__ = [
    "SEVERITIES",
    "Entities",
    "Example",
    "Gathering",
    "Guide",
    "Owner",
    "Places",
    "Repair",
    "Repairs",
    "WorkItem",
    "WorkList",
    "ask_graph_ahead",
    "count_severities",
    "door_results",
    "read_all_shapes",
    "severity_word",
    "to_work_list",
    "validate_graph",
    "validate_graph_changes",
    "write_report",
    "write_rows",
]
