"""Generated data of any size, in the shape of the shipped sample."""

from jobgraph.sample.copies import SampleSize
from jobgraph.sample.defects import KINDS, DefectKind
from jobgraph.sample.writing import SampleReport, write_sample

__all__ = ["KINDS", "DefectKind", "SampleReport", "SampleSize", "write_sample"]
