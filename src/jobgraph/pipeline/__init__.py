"""The pipeline: from a source to one published generation per tenant, and the proof of where every row went.

`run_build` is in `jobgraph.pipeline.build`, for a mapping needs nothing of what validates and infers.
"""

from jobgraph.pipeline.mapped import run_mapping
from jobgraph.pipeline.plan import Plan, Progress
from jobgraph.pipeline.report import BuildReport, TenantReport, read_coverage, read_quarantine

__all__ = [
    "BuildReport",
    "Plan",
    "Progress",
    "TenantReport",
    "read_coverage",
    "read_quarantine",
    "run_mapping",
]
