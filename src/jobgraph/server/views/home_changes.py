"""The newest generation on the overview: what made it, and what differs from the one before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pyoxigraph import NamedNode

from jobgraph.errors import StorageError
from jobgraph.exports.markup import Child, Markup, said, tag
from jobgraph.server.html.workbench import Column, data_table, number
from jobgraph.server.views.generation_changes import class_changes, previous
from jobgraph.server.views.linked_data_things import Things
from jobgraph.server.views.pages import class_address
from jobgraph.server.views.tenant import Tenant
from jobgraph.store import Generation
from jobgraph.store.diff import count_changes
from jobgraph.validation import SEVERITIES
from jobgraph.vocabulary import JG

_COUNTED = 400_000  # triples of both generations that are compared at once; of more, the page asks later
_MOST_CLASSES = 20
_COLUMNS = (Column("What"), *(Column(name, is_number=True) for name in ("Before", "Now", "Difference")))


def changes_section(tenant: Tenant, things: Things, counts: Mapping[str, int]) -> Markup:
    """What changed since the generation before."""
    before = previous(tenant)
    heading = tag("h2", "What changed", id="changes")
    return tag("section", heading, *_content(tenant, before, things, counts), aria_labelledby="changes")


def _content(tenant: Tenant, before: Generation | None, things: Things, counts: Mapping[str, int]) -> Iterable[Child]:
    about = _about(tenant.generation.manifest)
    if before is None:
        parent = tenant.generation.manifest.get("parent")
        gone = f"Generation {parent} before it is no longer kept." if parent else "It is the first one."
        return [tag("p", f"Generation {tenant.generation.name}, {about}. {gone}")]
    try:
        old = before.manifest
    except StorageError:  # it was pruned since
        return [tag("p", f"Generation {tenant.generation.name}, {about}. The one before it is no longer kept.")]
    rows = [*_figures(old, tenant.generation.manifest), *_classes(before, things, counts)]
    caption = f"Generation {before.name} and generation {tenant.generation.name}"
    lead = f"Generation {tenant.generation.name}, {about}, follows generation {before.name}. "
    return [tag("p", lead, _triples(before, tenant.generation)), data_table(_COLUMNS, rows, caption)]


def _about(manifest: Mapping[str, Any]) -> str:
    made = str(manifest["created"]).replace("T", " ").removesuffix("Z")
    change = manifest.get("change")
    return f"made {made} UTC by {change}" if change else f"built {made} UTC"


def _triples(before: Generation, now: Generation) -> Markup:
    """How many statements were added and deleted; of large generations a script asks that later."""
    if (before.triples or 0) + (now.triples or 0) > _COUNTED:
        words = tag("a", "Count the statements that were added and removed", href="/changes")
        return tag("span", words, id="triples")
    try:
        found = count_changes(before, now).values()
    except StorageError:
        return tag("span", "It is no longer kept.")
    added, deleted = (sum(each[kind] for each in found) for kind in ("added", "deleted"))
    return tag("span", f"{added:,} statements were added and {deleted:,} removed.", id="triples")


def _figures(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[list[Child]]:
    """Statements, results of validation by severity, and entries in quarantine."""
    triples = [sum((each.get("counts") or {}).values()) for each in (old, new)]
    yield ["Statements in all graphs", *_numbers(*triples)]
    severities = [each.get("severities") or {} for each in (old, new)]
    for word in (word for word in SEVERITIES.values() if any(word in each for each in severities)):
        yield [f"Validation results of severity {word}", *_numbers(*(each.get(word, 0) for each in severities))]
    yield ["Entries in quarantine", *_numbers(*(each.get("quarantined") or 0 for each in (old, new)))]


def _classes(before: Generation, things: Things, counts: Mapping[str, int]) -> Iterable[list[Child]]:
    found = class_changes(before, counts)
    for iri, old, new in found.changed()[:_MOST_CLASSES] if found else ():
        name = said(things.name(NamedNode(iri)))
        ours = iri.startswith(JG)
        yield [tag("a", name, href=class_address(iri)) if ours else name, *_numbers(old, new)]


def _numbers(old: int, new: int) -> list[Markup]:
    return [number(old), number(new), tag("span", f"{new - old:+,}" if new != old else "same", class_="number")]
