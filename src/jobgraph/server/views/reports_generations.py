"""The generations of a tenant over HTTP: which there are, which is current, and what each holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jobgraph.server.rest.columns import GENERATIONS
from jobgraph.server.rest.paging import check_names, page, read_asked, without_paging
from jobgraph.server.rest.tables import write_json
from jobgraph.server.views.answers import Linked
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.workers.jobs import AnswerError
from jobgraph.store import Generation
from jobgraph.store import Tenant as TenantFolder


def list_generations(tenant: Tenant, arguments: Mapping[str, str], media_type: str) -> Linked:
    """One page of the generations that there are, the newest first."""
    asked = read_asked(tenant, arguments)
    found = _all(tenant)
    rows = [list(_described(each, tenant).values()) for each in found[asked.start : asked.stop]]
    facts = {"current": tenant.generation.name}
    return page(asked.table(tuple(GENERATIONS), rows, facts, total=len(found)), media_type)


def show_generation(tenant: Tenant, arguments: Mapping[str, str], _media_type: str) -> Linked:
    """The generation whose number the path names.

    Raises
    ------
    AnswerError : there is none.
    """
    check_names(without_paging(arguments), ())
    name = arguments[":name"]
    found = [each for each in _all(tenant) if name.isascii() and name.isdecimal() and each.number == _number(name)]
    if not found:
        raise AnswerError("missing", f"There is no generation {name[:20]!r}; /generations lists them.")
    return Linked([write_json(_described(found[0], tenant))])


def _number(name: str) -> int:
    return int(name[-18:]) if len(name.lstrip("0")) <= 18 else -1


def _all(tenant: Tenant) -> list[Generation]:
    folder = tenant.generation.path.parents[1]
    found = TenantFolder(tenant.names.slug, folder).generations()[::-1]
    return [each for each in found if each.path.is_dir()]  # one may have been removed since they were listed


def _described(generation: Generation, tenant: Tenant) -> dict[str, object]:
    manifest: dict[str, Any] = generation.manifest
    graphs = manifest.get("counts") or {}
    facts = (
        generation.name,
        generation.number,
        generation == tenant.generation,
        manifest["created"],
        manifest.get("parent"),
        manifest.get("change"),
        sum(graphs.values()),
        graphs,
        manifest.get("severities") or {},
        manifest.get("quarantined", 0),
    )
    return dict(zip(GENERATIONS, facts, strict=True))
