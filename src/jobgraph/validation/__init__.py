"""Validation: what is stated but wrong, as standard SHACL results."""

from jobgraph.validation.report import write_report

__all__ = ["write_report"]
