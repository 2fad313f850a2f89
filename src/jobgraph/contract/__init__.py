"""The contract: the shapes, compiled to SQL checks at the door."""

from jobgraph.contract.door import SLUG, Admitted, admit

__all__ = ["SLUG", "Admitted", "admit"]
