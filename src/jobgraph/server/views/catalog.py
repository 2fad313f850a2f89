"""All views by name; this module imports all of them, so only who makes views imports it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from jobgraph.server.views import (
    exports,
    linked_data,
    linked_data_history,
    pages,
    pages_editor,
    pages_reasons,
    search,
    terms,
)
from jobgraph.server.views.answers import Linked
from jobgraph.server.views.reports_views import REPORT_VIEWS, in_module
from jobgraph.server.views.tenant import Tenant

ViewFunction = Callable[[Tenant, Mapping[str, str], str], Iterable[bytes] | Linked]

VIEWS: Mapping[str, ViewFunction] = {
    "class_data": linked_data.class_data,
    "class_page": pages.class_page,
    "editor_page": pages_editor.editor_page,
    "exports": exports.export_list,
    "home_page": in_module("pages_home", "home_page"),
    "incoming_page": pages.incoming_page,
    "reason_page": pages_reasons.reason_page,
    "ontology_page": in_module("terms_areas", "ontology_page"),
    "search_answer": search.search_answer,
    "term_data": terms.term_data,
    "term_page": terms.term_page,
    "thing_data": linked_data.thing_data,
    "thing_history": linked_data_history.thing_history,
    "thing_page": pages.thing_page,
    "ask_page": in_module("workbench_ask", "ask_page"),
    "dependencies_page": in_module("workbench_dependencies", "dependencies_page"),
    "gaps_page": in_module("workbench_gaps", "gaps_page"),
    "inheritance_page": in_module("workbench_inheritance", "inheritance_page"),
    "landscape_page": in_module("workbench_landscape", "landscape_page"),
    "quality_page": in_module("workbench_quality", "quality_page"),
    "question_page": in_module("workbench_ask", "question_page"),
    **REPORT_VIEWS,
}
