"""What the REST interface offers a tenant: for programs, and as a page for people."""

from __future__ import annotations

from collections.abc import Mapping

from jobgraph.server.rest.description import describe
from jobgraph.server.rest.docs import to_page
from jobgraph.server.rest.openapi import Schema
from jobgraph.server.rest.paging import check_names, without_paging
from jobgraph.server.rest.tables import write_json
from jobgraph.server.rest.wording import Wording
from jobgraph.server.views.answers import Linked
from jobgraph.server.views.pages import frame
from jobgraph.server.views.tenant import Tenant

_OPEN = "open"  # the key of those who need no token


def show_openapi(tenant: Tenant, arguments: Mapping[str, str], _media_type: str) -> Linked:
    """The OpenAPI document.

    Raises
    ------
    UsageError : a parameter is unknown.
    """
    return Linked([write_json(_document(tenant, arguments))])


def show_docs(tenant: Tenant, arguments: Mapping[str, str], _media_type: str) -> Linked:
    """The same for people.

    Raises
    ------
    UsageError : a parameter is unknown.
    """
    return Linked([to_page(_document(tenant, arguments), frame(tenant, arguments))])


def _document(tenant: Tenant, arguments: Mapping[str, str]) -> Schema:
    check_names(without_paging(arguments), ())
    wording = Wording.of(tenant)
    return describe(wording, address=arguments[":address"], needs_token=arguments[":key"] != _OPEN)
