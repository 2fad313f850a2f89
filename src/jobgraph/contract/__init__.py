"""The contract: the shapes, compiled to SQL checks at the door."""

from jobgraph.contract.door import Admitted, admit
from jobgraph.contract.tenants import SLUG

__all__ = ["SLUG", "Admitted", "admit"]
