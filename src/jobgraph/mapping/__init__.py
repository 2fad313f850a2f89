"""The mapping: live rows to N-Quads, and the same mapping as an R2RML document."""

from jobgraph.mapping.quads import SHARED, write_quads

__all__ = ["SHARED", "write_quads"]
