"""The views of the REST interface by name; modules that need polars are imported when one is asked for."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import cast

from jobgraph.server.views import questions
from jobgraph.server.views.answers import Linked
from jobgraph.server.views.tenant import Tenant

_ARENAS = -8  # M_ARENA_MAX of malloc.h
_View = Callable[[Tenant, Mapping[str, str], str], Linked]


def _in_module(module: str, function: str) -> _View:
    def view(tenant: Tenant, arguments: Mapping[str, str], media_type: str) -> Linked:
        _share_memory()
        found = getattr(import_module(f"jobgraph.server.views.{module}"), function)
        return cast("_View", found)(tenant, arguments, media_type)

    return view


@cache
def _share_memory() -> None:
    """Let all threads take memory from one place: the libraries start many, and each would reserve 64 MB and more.

    With it a worker has 0.9 GB of addresses after all views, without it 1.5, which is its limit.
    """
    with suppress(AttributeError):  # not every C library has arenas
        ctypes.CDLL(None).mallopt(_ARENAS, 1)


REPORT_VIEWS: Mapping[str, _View] = {
    "analyses": _in_module("analysis", "list_analyses"),
    "analysis": _in_module("analysis", "answer_analysis"),
    "coverage": _in_module("reports_coverage", "show_coverage"),
    "coverage_of_table": _in_module("reports_coverage", "show_columns"),
    "docs": _in_module("reports_openapi", "show_docs"),
    "generation": _in_module("reports_generations", "show_generation"),
    "generations": _in_module("reports_generations", "list_generations"),
    "openapi": _in_module("reports_openapi", "show_openapi"),
    "quarantine": _in_module("reports", "show_quarantine"),
    "question": questions.answer_question,
    "questions": questions.list_questions,
    "validation": _in_module("reports", "show_validation"),
}
