"""How good the data of a tenant are, in a few figures that several pages show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from pyoxigraph import NamedNode

from jobgraph.exports.markup import Markup, tag
from jobgraph.server.html.workbench import number, share
from jobgraph.server.views.tenant import Tenant
from jobgraph.vocabulary import JG

_HAS_OUTCOME, _SCORE, _EVIDENCE = (
    NamedNode(JG + name) for name in ("hasOutcome", "computedOpportunityScore", "evidenceSource")
)
_WORDS = {"violation": ("violation", "violations"), "warning": ("warning", "warnings"), "info": ("remark", "remarks")}


@dataclass(frozen=True)
class Figures:
    """Validation results by severity, None where nothing was validated; entries in quarantine; counts of outcomes.

    `scored` of the outcomes have an opportunity score, and `evidenced` of those name the source of it.
    """

    severities: Mapping[str, int] | None
    quarantined: int
    outcomes: int
    scored: int
    evidenced: int

    @property
    def unscored(self) -> int:
        """The outcomes without an opportunity score."""
        return self.outcomes - self.scored


@lru_cache(maxsize=1)
def read_figures(tenant: Tenant) -> Figures:
    """The figures of a generation."""
    manifest = tenant.generation.manifest
    store = tenant.store  # it finds single statements faster than a query joins them
    outcomes = {quad.object for quad in store.quads_for_pattern(None, _HAS_OUTCOME, None, None)}
    scored = outcomes & {quad.subject for quad in store.quads_for_pattern(None, _SCORE, None, None)}
    evidenced = scored & {quad.subject for quad in store.quads_for_pattern(None, _EVIDENCE, None, None)}
    severities = cast("Mapping[str, int] | None", manifest.get("severities"))
    return Figures(
        severities, cast("int", manifest.get("quarantined") or 0), len(outcomes), len(scored), len(evidenced)
    )


def tiles(figures: Figures) -> Markup:
    """The figures side by side, each with the way to what it counts."""
    items = (tag("li", tag("a", tag("b", shown), " ", words, href=address)) for shown, words, address in _iter(figures))
    return tag("ul", items, class_="tiles")


def _iter(figures: Figures) -> Iterator[tuple[Markup, str, str]]:
    if figures.severities is None:
        yield number(None), "not validated", "/quality#work"
    for severity, words in _WORDS.items() if figures.severities is not None else ():
        count = (figures.severities or {}).get(severity, 0)
        yield number(count), words[count != 1], f"/quality?severity={severity}#work"
    entries = "entry in quarantine" if figures.quarantined == 1 else "entries in quarantine"
    yield number(figures.quarantined), entries, "/quality#quarantine"
    yield number(figures.unscored), f"of {figures.outcomes:,} outcomes without a score", "/landscape"
    yield share(figures.evidenced, figures.scored), f"of {figures.scored:,} scores name their evidence", "/landscape"
