"""What several pages need and takes long at first: read while a person looks at the first one."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

from jobgraph.errors import UsageError
from jobgraph.server.views.analysis import source_of
from jobgraph.server.views.quality_work import work_list_of
from jobgraph.server.views.reports_views import share_memory
from jobgraph.server.views.tenant import Tenant

_PAGES = ("terms_areas", "workbench_ask", "workbench_gaps", "workbench_landscape", "workbench_quality")


def read_ahead(tenant: Tenant) -> None:
    """Read what the pages of a tenant are made of.

    Raises
    ------
    InputError, OSError : it cannot be read; the pages will say so.
    """
    share_memory()
    source_of(tenant).views.read_all()
    for name in _PAGES:
        import_module(f"jobgraph.server.views.{name}")
    with suppress(UsageError):  # it was not validated
        work_list_of(tenant)
