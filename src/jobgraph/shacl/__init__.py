"""SHACL: shapes read, compiled to set-based SPARQL, and run on an Oxigraph store.

    shapes = read_shapes([Path("shapes.ttl")])
    validation = validate(read_data([Path("graph.ttl")]), [DefaultGraph()], shapes)
    write_report(validation.results, sys.stdout)

What cannot be compiled, pySHACL validates, shape by shape; `Validation.delegated` says which shapes and why.
"""

from jobgraph.shacl.data import read_data
from jobgraph.shacl.engine import ENGINES, Validation, ask_ahead, validate, validate_changes
from jobgraph.shacl.model import Constraint, Shape, Shapes, Target
from jobgraph.shacl.paths import Path, read_path, to_sparql
from jobgraph.shacl.reading import read_shapes
from jobgraph.shacl.results import INFO, VIOLATION, WARNING, Result, read_report, write_report

__all__ = [
    "ENGINES",
    "INFO",
    "VIOLATION",
    "WARNING",
    "Constraint",
    "Path",
    "Result",
    "Shape",
    "Shapes",
    "Target",
    "Validation",
    "ask_ahead",
    "read_data",
    "read_path",
    "read_report",
    "read_shapes",
    "to_sparql",
    "validate",
    "validate_changes",
    "write_report",
]
