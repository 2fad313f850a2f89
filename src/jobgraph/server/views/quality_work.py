"""The work list: what does not conform to the shapes, in groups, with examples, their rows and repairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jobgraph.analysis.answers import plural
from jobgraph.errors import UsageError
from jobgraph.exports.markup import Child, Markup, join, said, tag
from jobgraph.pipeline.review import read_work_list
from jobgraph.server.html.links import link
from jobgraph.server.html.workbench import Choice, choice_form, data_table, empty_state
from jobgraph.server.rest.things import vocabulary
from jobgraph.server.views.tenant import Tenant
from jobgraph.validation import SEVERITIES, Example, WorkItem, WorkList
from jobgraph.vocabulary import JG

_WORDS = {"violation": "Violations", "warning": "Warnings", "info": "Remarks"}
_NOBODY = "Nobody in particular"
_COLUMNS = ("Example", "Row of the source", "Value", "Certain repair")


@dataclass(frozen=True)
class Chosen:
    """What is shown: results of a severity, of a shape, of an owner, and by which of them they are grouped."""

    severity: str = ""
    shape: str = ""
    owner: str = ""
    by: str = "severity"

    @classmethod
    def of(cls, arguments: Mapping[str, str]) -> Chosen:
        """What a request chooses; a value that there is not is found nowhere, and said so."""
        by = arguments.get("by", "")
        return cls(
            arguments.get("severity", ""),
            arguments.get("shape", ""),
            arguments.get("owner", ""),
            by if by in _GROUPS else "severity",
        )

    def fits(self, item: WorkItem) -> bool:
        """Whether an item is of the severity, the shape and the owner."""
        is_owned = self.owner in {"", *_owners(item)}
        return is_owned and self.severity in {"", item.severity} and self.shape in {"", _shape_name(item)}


def work_section(tenant: Tenant, chosen: Chosen) -> Markup:
    """The work list of what is chosen."""
    heading = tag("h2", "Work list", id="work")
    try:
        whole = work_list_of(tenant)
    except UsageError:
        nothing = empty_state(
            "This generation has no report of a validation.", "Build it again: jobgraph build FOLDER."
        )
        return tag("section", heading, nothing, aria_labelledby="work")
    if not whole.items:
        nothing = empty_state("Everything conforms to the shapes.", "There is nothing to repair.")
        return tag("section", heading, nothing, aria_labelledby="work")
    found = whole.narrowed(chosen.fits).beginning()
    shown = _groups(found.items, chosen.by, tenant.names.base) or [_nothing()]
    return tag("section", heading, _lead(), _form(whole, chosen), shown, _left_out(found), aria_labelledby="work")


@lru_cache(maxsize=1)
def work_list_of(tenant: Tenant) -> WorkList:
    """The whole work list of a generation.

    Raises
    ------
    UsageError : it has no report of a validation.
    StorageError : the report cannot be read.
    """
    return read_work_list(tenant.store, tenant.generation, vocabulary=vocabulary())


def _lead() -> Markup:
    patch = tag("code", "jobgraph repair --dry-run --out patch.csv")
    return tag("p", "Repair the rows in the source and build again. What is certain stands in a patch: ", patch, ".")


def _form(whole: WorkList, chosen: Chosen) -> Markup:
    severities = [(word, f"{_WORDS[word]} ({whole.counts[word]:,})") for word in SEVERITIES.values()]
    shapes: Counter[tuple[str, str]] = Counter()
    for item in whole.items:
        shapes[item.shape, _shape_name(item)] += item.count
    by_label = [(name, f"{label} ({count:,})") for (label, name), count in sorted(shapes.items())]
    owners = sorted({owner for item in whole.items for owner in _owners(item)})
    fields = (
        Choice("severity", "Severity", [("", "All"), *severities], chosen.severity),
        Choice("shape", "Shape", [("", "All"), *by_label], chosen.shape),
        Choice("owner", "Owner", [("", "All"), *((owner, owner) for owner in owners)], chosen.owner),
        Choice("by", "Group by", [(name, name.capitalize()) for name in _GROUPS], chosen.by),
    )
    return choice_form("/quality#work", fields)


def _groups(items: Sequence[WorkItem], by: str, base: str) -> list[Markup]:
    """The items under what they are grouped by; one of several owners stands under each."""
    groups: dict[str, list[WorkItem]] = {}
    for item in items:
        for name in _GROUPS[by](item):
            groups.setdefault(name, []).append(item)
    names = list(groups) if by == "severity" else sorted(groups)
    return [_group(name, groups[name], base) for name in names]


def _severities(item: WorkItem) -> Sequence[str]:
    return (_WORDS[item.severity],)


def _owners(item: WorkItem) -> Sequence[str]:
    return item.owners or (_NOBODY,)


_GROUPS: Mapping[str, Callable[[WorkItem], Sequence[str]]] = {
    "severity": _severities,
    "owner": _owners,
    "shape": lambda item: (item.shape.partition(":")[0],),
}


def _group(name: str, items: Sequence[WorkItem], base: str) -> Markup:
    count = tag("span", f"{sum(item.count for item in items):,}", class_="n")
    return tag("section", tag("h3", said(name), " ", count), [_item(item, base) for item in items], class_="findings")


def _item(item: WorkItem, base: str) -> Markup:
    badges = [tag("span", word, class_="badge") for word in (item.severity, plural(item.count, "result"), *item.rules)]
    columns = join("in ", [(tag("code", column), " ") for column in item.columns]) if item.columns else None
    owners = join("Owners: ", said("; ".join(item.owners)), ". ") if item.owners else None
    return tag(
        "article",
        tag("h4", said(item.message or item.shape)),
        tag("p", badges, " ", columns, class_="badges"),
        tag("p", owners, tag("small", said(item.shape))),
        data_table(_COLUMNS, [_example(each, base) for each in item.examples], f"Examples of {item.shape}"),
    )


def _example(example: Example, base: str) -> list[Child]:
    name = example.label or example.iri.removeprefix(base)
    row = f", row {example.row:,}" if example.row else ""
    source = join(tag("code", example.table), " ", said(example.key), row) if example.table else said(example.iri)
    repair = tag("b", said(example.repair), class_="good") if example.repair is not None else "none"
    return [link(example.iri, name, base), source, said(example.value) if example.value else "none", repair]


def _nothing() -> Markup:
    return empty_state("Nothing fits these choices.", tag("a", "Show all", href="/quality#work"))


def _left_out(found: WorkList) -> Markup | None:
    if not found.left_out:
        return None
    words = (
        f"{found.left_out:,} more kinds of results are not shown; choose a severity, a shape or an owner to see them."
    )
    return tag("p", words, class_="problem")


def _shape_name(item: WorkItem) -> str:
    return item.shape_iri.removeprefix(JG)
