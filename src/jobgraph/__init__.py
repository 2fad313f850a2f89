"""jobgraph: a Jobs-To-Be-Done database as a validated, inferred knowledge graph, one per tenant.

import jobgraph as jg

kg = jg.open("northwind-bio")
kg.ask("jobs_of_persona", persona="Wren the Curious Liaison")
kg.persona("Wren the Curious Liaison").role.jobs
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobgraph.api import Answer, Entity, KnowledgeGraph, build, open_sample
    from jobgraph.api import open_graph as open  # noqa: A004 `jobgraph.open` opens a graph
    from jobgraph.errors import InputError, JobgraphError, RefusedError, SourceGoneError, StorageError, UsageError

__all__ = [
    "Answer",
    "Entity",
    "InputError",
    "JobgraphError",
    "KnowledgeGraph",
    "RefusedError",
    "SourceGoneError",
    "StorageError",
    "UsageError",
    "build",
    "open",
    "open_sample",
]

_OTHER_NAMES = {"open": "open_graph"}


def __getattr__(name: str) -> object:
    """What `__all__` names, imported when it is asked for: the command line starts without tables and plots."""
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module("jobgraph.errors" if name.endswith("Error") else "jobgraph.api")
    return getattr(module, _OTHER_NAMES.get(name, name))


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
