"""The opportunity landscape of a tenant: the chart, the tiers, and the outcomes in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from jobgraph.analysis import EVIDENCE
from jobgraph.analysis.landscape import places
from jobgraph.analysis.opportunities import ROUNDING, distribution
from jobgraph.errors import UsageError
from jobgraph.exports.markup import Markup, join, tag
from jobgraph.server.html.landscape import Region, Window, draw_landscape, kinds_of, regions_of, tier_mark
from jobgraph.server.html.workbench import Column, data_table, empty_state, number, share, workbench_page
from jobgraph.server.views.pages import frame
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.views.workbench_landscape_asked import ADDRESS, Shown, read_shown
from jobgraph.server.views.workbench_landscape_form import landscape_form
from jobgraph.server.views.workbench_landscape_list import ranked_list, unscored_list

_TITLE = "Opportunity landscape"
_PART, _LIST = "part", "ranked"  # the field by which a script asks for a part of the page, and the part
# What the script draws of a place.
_DRAWN = (
    *("importance", "satisfaction", "opportunity", "relevance"),
    *("rank", "best_rank", "worst_rank", "outcomes", "evidenced"),
)
_LEGEND = (
    "Larger: more relevant to those chosen. Hollow: no evidence is named. Dark ring: the rank is firm; the others are "
    f"ties if scores are off by {ROUNDING}. Above the dashed line outcomes are over-served. "
    "Opportunity = importance + max(importance - satisfaction, 0)."
)


def landscape_page(tenant: Tenant, arguments: Mapping[str, str], _media_type: str) -> Iterable[bytes]:
    """The opportunity landscape of a tenant, or the list of it that a script asks for.

    Raises
    ------
    UsageError : a field is unknown, or its value does not fit.
    """
    part = arguments.get(_PART, "")
    if part not in {"", _LIST}:
        raise UsageError(f"There is no part {part[:20]!r}; it is {_LIST}, or left out.")
    shown = read_shown(tenant, {name: text for name, text in arguments.items() if name != _PART})
    around = frame(tenant, arguments)
    if part:
        return [workbench_page(_TITLE, ranked_list(shown), frame=around, here=ADDRESS)]
    content, data = _landscape(shown) if shown.answer.table.height else (None, {})
    page = workbench_page(
        _TITLE,
        tag("h1", _TITLE),
        landscape_form(shown.source, shown.asked.values, shown.base, ADDRESS),
        tag("div", id="problem"),
        tag("div", _lead(shown), content, unscored_list(shown), id="shown"),
        frame=around,
        here=ADDRESS,
        script="landscape" if shown.has_outcomes else "",
        data=data,
    )
    return [page]


def _landscape(shown: Shown) -> tuple[Markup, Mapping[str, object]]:
    """The chart beside the list, and what the script draws."""
    found = places(shown.answer).table.drop(EVIDENCE).with_columns(pl.col(pl.Decimal).cast(pl.Float64))
    lows = shown.source.views["outcomes"].select(pl.col("importance", "satisfaction").min().cast(pl.Float64)).row(0)
    regions, window = regions_of(shown.scheme), Window.of(*lows)
    drawing = draw_landscape(found.to_dicts(), regions, window, _summary(shown))
    figure = tag(
        "figure",
        tag("div", tag("div", drawing, class_="plot"), id="chart", class_="chart"),
        tag("p", tag("a", "As data (JSON)", href=shown.data_address("opportunities")), id="files", class_="files"),
        tag("figcaption", _tiers(shown), tag("p", _LEGEND, class_="n", id="legend")),
    )
    return tag("div", figure, ranked_list(shown), class_="landscape"), _data(shown, found, regions, window)


def _summary(shown: Shown) -> str:
    best = shown.scheme.tiers[0].name
    scored = shown.answer.table.height
    count = shown.answer.table.filter(pl.col("tier") == best).height
    percent = f"{100 * count / scored:.1f}".removesuffix(".0")
    return f"{count:,} of {scored:,} scored outcomes are {best} opportunities ({percent} %)."


def _lead(shown: Shown) -> Markup:
    """What the chart says in a sentence, or why there is none."""
    if not shown.has_outcomes:
        todo = join("Load outcomes with their scores; ", tag("a", "the overview", href="/"), " says what there is.")
        return tag("div", empty_state("This graph has no outcomes, so there is no landscape.", todo), id="lead")
    scored, chosen = shown.answer.table.height, shown.outcomes.height
    if not scored:
        sentence = f"None of the {chosen:,} outcomes that are chosen has both scores, so there is no landscape."
        todo = join("Choose others, or ", tag("a", "show all outcomes", href=ADDRESS), ".")
        return tag("div", empty_state(sentence, todo), id="lead")
    missing = (
        tag("a", f"{chosen - scored:,} of {chosen:,}", href="#unscored") if chosen > scored else f"0 of {chosen:,}"
    )
    bare = scored - int(shown.answer.table["is_evidenced"].sum())
    evidence = f" outcomes lack a score. {bare:,} of {scored:,} scores name no evidence."
    return tag("div", tag("p", _summary(shown), " ", missing, evidence, class_="lead"), id="lead")


def _tiers(shown: Shown) -> Markup:
    kinds = kinds_of(shown.scheme)
    words = {tier.name: tier.words.removeprefix(tier.name).strip() for tier in shown.scheme.tiers}
    counts = distribution(shown.outcomes, shown.scheme).table.select("tier", "outcomes").rows()
    rows = [
        (tier_mark(tier, kinds[tier]), words[tier], number(count), share(count, shown.answer.table.height))
        for tier, count in counts
    ]
    numbers = [Column(name, is_number=True) for name in ("Outcomes", "Share")]
    columns = [Column("Tier"), Column("Opportunity", "0 to 20"), *numbers]
    return tag("div", data_table(columns, rows, f"Tiers of the scheme {shown.scheme.name}"), id="tiers")


def _data(shown: Shown, found: pl.DataFrame, regions: Sequence[Region], window: Window) -> Mapping[str, object]:
    """What the script draws: the places as columns, each the text of its numbers, which is made and read fastest."""
    tiers = {tier.name: place for place, tier in enumerate(shown.scheme.tiers)}
    numbers = found.with_columns(pl.col("tier").replace_strict(tiers, default=None, return_dtype=pl.Int64))
    return {
        "places": {name: " ".join(numbers[name].cast(pl.String).fill_null("")) for name in (*_DRAWN, "tier")},
        "regions": [vars(region) for region in regions],
        "window": vars(window),
        "scheme": shown.scheme.name,
        "summary": _summary(shown),
    }
