"""The mapping: live rows to N-Quads, and the same mapping as an R2RML document."""

from jobgraph.mapping.quads import SHARED, tables_with_unsafe_keys, write_quads

__all__ = ["SHARED", "tables_with_unsafe_keys", "write_quads"]
