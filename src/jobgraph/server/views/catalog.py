"""All views by name; this module imports all of them, so only who makes views imports it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from jobgraph.server.views import exports, linked_data, pages, pages_editor, pages_home, pages_reasons, search, terms
from jobgraph.server.views.answers import Linked
from jobgraph.server.views.reports_views import REPORT_VIEWS
from jobgraph.server.views.tenant import Tenant

ViewFunction = Callable[[Tenant, Mapping[str, str], str], Iterable[bytes] | Linked]

VIEWS: Mapping[str, ViewFunction] = {
    "class_data": linked_data.class_data,
    "class_page": pages.class_page,
    "editor_page": pages_editor.editor_page,
    "exports": exports.export_list,
    "home_page": pages_home.home_page,
    "incoming_page": pages.incoming_page,
    "reason_page": pages_reasons.reason_page,
    "ontology_page": terms.ontology_page,
    "search_answer": search.search_answer,
    "term_data": terms.term_data,
    "term_page": terms.term_page,
    "thing_data": linked_data.thing_data,
    "thing_page": pages.thing_page,
    **REPORT_VIEWS,
}
