"""The views of the REST interface by name; modules that need polars are imported when one is asked for."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import cast

from jobgraph.server.views import questions
from jobgraph.server.views.answers import Linked
from jobgraph.server.views.tenant import Tenant

_ARENAS = -8  # M_ARENA_MAX of malloc.h
_View = Callable[[Tenant, Mapping[str, str], str], Iterable[bytes] | Linked]


def in_module(module: str, function: str) -> _View:
    """A view whose module is imported when it is asked for."""

    def view(tenant: Tenant, arguments: Mapping[str, str], media_type: str) -> Iterable[bytes] | Linked:
        share_memory()
        found = getattr(import_module(f"jobgraph.server.views.{module}"), function)
        return cast("_View", found)(tenant, arguments, media_type)

    return view


@cache
def share_memory() -> None:
    """Let all threads take memory from one place: the libraries start many, and each would reserve 64 MB and more.

    With it a worker has 0.9 GB of addresses after all views, without it 1.5, which is its limit.
    """
    with suppress(AttributeError):  # not every C library has arenas
        ctypes.CDLL(None).mallopt(_ARENAS, 1)


REPORT_VIEWS: Mapping[str, _View] = {
    "analyses": in_module("analysis", "list_analyses"),
    "analysis": in_module("analysis", "answer_analysis"),
    "changes": in_module("generation_changes", "show_changes"),
    "coverage": in_module("reports_coverage", "show_coverage"),
    "coverage_of_table": in_module("reports_coverage", "show_columns"),
    "docs": in_module("reports_openapi", "show_docs"),
    "generation": in_module("reports_generations", "show_generation"),
    "generations": in_module("reports_generations", "list_generations"),
    "openapi": in_module("reports_openapi", "show_openapi"),
    "quarantine": in_module("reports", "show_quarantine"),
    "question": questions.answer_question,
    "questions": questions.list_questions,
    "validation": in_module("reports", "show_validation"),
}
