"""The work list: what does not conform to the shapes, in groups, with examples, their rows and repairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from pyoxigraph import NamedNode

from jobgraph.analysis.answers import plural
from jobgraph.errors import UsageError
from jobgraph.exports.markup import Child, Markup, join, said, tag
from jobgraph.pipeline.review import read_results, review
from jobgraph.server.html.links import link
from jobgraph.server.html.workbench import Choice, choice_form, data_table, empty_state
from jobgraph.server.views.pages import vocabulary
from jobgraph.server.views.tenant import Tenant
from jobgraph.shacl.model import Shapes
from jobgraph.shacl.results import Result
from jobgraph.validation import SEVERITIES, Example, WorkItem, WorkList, read_all_shapes, severity_word, shape_labels
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

    def fits(self, result: Result) -> bool:
        """Whether a result is of the severity and the shape."""
        is_shape = self.shape in {"", _shape_name(result)}
        return is_shape and self.severity in {"", severity_word(result.severity)}


def work_section(tenant: Tenant, chosen: Chosen) -> Markup:
    """The work list of what is chosen."""
    heading = tag("h2", "Work list", id="work")
    try:
        results = _results(tenant)
    except UsageError:
        nothing = empty_state(
            "This generation has no report of a validation.", "Build it again: jobgraph build FOLDER."
        )
        return tag("section", heading, nothing, aria_labelledby="work")
    if not results:
        nothing = empty_state("Everything conforms to the shapes.", "There is nothing to repair.")
        return tag("section", heading, nothing, aria_labelledby="work")
    found = _review(tenant, chosen.severity, chosen.shape)
    items = [item for item in found.items if chosen.owner in {"", *(item.owners or (_NOBODY,))}]
    owners = _owners(_review(tenant, "", "") if chosen.severity or chosen.shape else found)
    shown = _groups(items, chosen.by, tenant.names.base) or [_nothing()]
    return tag(
        "section", heading, _lead(), _form(results, chosen, owners), shown, _left_out(found), aria_labelledby="work"
    )


@lru_cache(maxsize=1)
def _results(tenant: Tenant) -> Sequence[Result]:
    return read_results(tenant.generation)


@lru_cache(maxsize=8)
def _review(tenant: Tenant, severity: str, shape: str) -> WorkList:
    chosen = Chosen(severity, shape)
    results = [result for result in _results(tenant) if chosen.fits(result)]
    return review(tenant.store, tenant.generation, results, shapes=read_shapes(), vocabulary=vocabulary())


@cache
def read_shapes() -> Shapes:
    """All shapes that a graph must conform to, read once a process."""
    return read_all_shapes(vocabulary())


@cache
def _labels() -> Mapping[str, str]:
    """What people call the shapes, by the names that they have in reports."""
    found = shape_labels(read_shapes().statements.triples())
    return {shape.value.removeprefix(JG): label for shape, label in found.items() if isinstance(shape, NamedNode)}


def _lead() -> Markup:
    patch = tag("code", "jobgraph repair --dry-run --out patch.csv")
    return tag("p", "Repair the rows in the source and build again. What is certain stands in a patch: ", patch, ".")


def _form(results: Iterable[Result], chosen: Chosen, owners: Sequence[str]) -> Markup:
    kinds = Counter(severity_word(result.severity) for result in results)
    shapes = Counter(map(_shape_name, results))
    severities = [(word, f"{_WORDS[word]} ({kinds[word]:,})") for word in SEVERITIES.values()]
    by_label = sorted((_labels().get(name, name), name) for name in shapes)
    fields = (
        Choice("severity", "Severity", [("", "All"), *severities], chosen.severity),
        Choice(
            "shape",
            "Shape",
            [("", "All"), *((name, f"{label} ({shapes[name]:,})") for label, name in by_label)],
            chosen.shape,
        ),
        Choice("owner", "Owner", [("", "All"), *((owner, owner) for owner in owners)], chosen.owner),
        Choice("by", "Group by", [(name, name.capitalize()) for name in _GROUPS], chosen.by),
    )
    return choice_form("/quality#work", fields)


def _owners(found: WorkList) -> list[str]:
    return sorted({owner for item in found.items for owner in item.owners or (_NOBODY,)})


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


_GROUPS: Mapping[str, Callable[[WorkItem], Sequence[str]]] = {
    "severity": _severities,
    "owner": lambda item: item.owners or (_NOBODY,),
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
    words = f"{found.left_out:,} more kinds of results are not shown; choose a severity or a shape to see them."
    return tag("p", words, class_="problem")


def _shape_name(result: Result) -> str:
    shape = result.shape
    return shape.value.removeprefix(JG) if isinstance(shape, NamedNode) else str(shape)
