"""What changed from the generation before to the current one: triples by graph, things by class, and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jobgraph.errors import StorageError
from jobgraph.server.rest.columns import CHANGES
from jobgraph.server.rest.paging import page, read_asked
from jobgraph.server.views.answers import Linked
from jobgraph.server.views.linked_data_things import Things
from jobgraph.server.views.tenant import Tenant
from jobgraph.store import Generation
from jobgraph.store.diff import count_changes


@dataclass(frozen=True)
class Classes:
    """How many things belong to each class, by IRI, in the generation before and now."""

    before: Mapping[str, int]
    now: Mapping[str, int]

    def changed(self) -> list[tuple[str, int, int]]:
        """The classes whose number differs with both numbers, the largest difference first."""
        found = [(iri, self.before.get(iri, 0), self.now.get(iri, 0)) for iri in {*self.before, *self.now}]
        differing = [each for each in found if each[1] != each[2]]
        return sorted(differing, key=lambda each: (-abs(each[2] - each[1]), each[0]))


def show_changes(tenant: Tenant, arguments: Mapping[str, str], media_type: str) -> Linked:
    """One page of the graphs that changed, with how many triples were added and deleted.

    Raises
    ------
    UsageError : a parameter is unknown or does not fit.
    """
    asked = read_asked(tenant, arguments)
    before = previous(tenant)
    counts = count_changes(before, tenant.generation) if before else {}
    rows = [[graph, each["added"], each["deleted"]] for graph, each in sorted(counts.items())]
    facts = {
        "since": before.name if before else None,
        "added": sum(each["added"] for each in counts.values()),
        "deleted": sum(each["deleted"] for each in counts.values()),
    }
    return page(asked.table(tuple(CHANGES), rows[asked.start : asked.stop], facts, total=len(rows)), media_type)


def previous(tenant: Tenant) -> Generation | None:
    """The generation that the current one followed; None for the first, and where it was pruned."""
    name = tenant.generation.manifest.get("parent")
    if not isinstance(name, str):
        return None
    found = Generation(tenant.generation.slug, tenant.generation.path.with_name(name))
    return found if found.path.is_dir() else None


def class_changes(before: Generation, now: Mapping[str, int]) -> Classes | None:
    """The things by class in two generations; None where the one before was pruned meanwhile."""
    try:
        with before.open() as store:
            counts = Things(Tenant(store, before, before.names)).count("class_counts", "class")
    except StorageError:
        return None
    return Classes(counts, now)
