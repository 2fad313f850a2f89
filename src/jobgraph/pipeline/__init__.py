"""The pipeline: from a source to one published generation per tenant, and the proof of where every row went."""

from jobgraph.pipeline.build import run_build, run_mapping
from jobgraph.pipeline.plan import Plan, Progress
from jobgraph.pipeline.report import BuildReport, TenantReport, read_coverage, read_quarantine

__all__ = [
    "BuildReport",
    "Plan",
    "Progress",
    "TenantReport",
    "read_coverage",
    "read_quarantine",
    "run_build",
    "run_mapping",
]
