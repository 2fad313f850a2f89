"""The outcomes of the landscape as tables: those that are scored in order, and those without a score."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

from jobgraph.analysis import EVIDENCE
from jobgraph.analysis.answers import plural
from jobgraph.analysis.opportunities import unscored
from jobgraph.errors import UsageError
from jobgraph.exports.markup import Child, Markup, join, said, tag
from jobgraph.server.html.landscape import kinds_of, tier_mark
from jobgraph.server.html.links import link
from jobgraph.server.html.things import pager
from jobgraph.server.html.workbench import Column, data_table, empty_state, number
from jobgraph.server.paging import Page
from jobgraph.server.views.workbench_landscape_asked import Shown

_MOST_UNSCORED = 100
_IMPORTANCE, _SATISFACTION = (Column(name, "0 to 10", is_number=True) for name in ("Importance", "Satisfaction"))
_COLUMNS = (
    Column("Rank", is_number=True),
    Column("Opportunity", "0 to 20", is_number=True),
    "Outcome",
    _IMPORTANCE,
    _SATISFACTION,
)
_UNSCORED_COLUMNS = ("Outcome", "Job", _IMPORTANCE, _SATISFACTION)
_Row = Mapping[str, object]


def ranked_list(shown: Shown) -> Markup:
    """The outcomes in order: a page of them.

    Raises
    ------
    UsageError : the page lies behind the last.
    """
    try:
        page = Page(shown.asked.page, shown.listed.table.height, shown.asked.limit, shown.address)
    except LookupError as error:
        raise UsageError(str(error)) from None
    names = dict(shown.source.views["jobs"].select("iri", "name").iter_rows())
    kinds = kinds_of(shown.scheme)
    found = shown.listed.table.slice(page.start, shown.asked.limit)
    rows = [_row(row, names, kinds, shown.base) for row in found.iter_rows(named=True)]
    return tag(
        "section",
        tag("h2", "Outcomes in order", id="order"),
        _part(shown),
        data_table(_COLUMNS, rows, _caption(shown, page)) if rows else empty_state("No outcome has such scores."),
        pager(page),
        id="ranked",
        aria_labelledby="order",
    )


def unscored_list(shown: Shown) -> Markup:
    """The outcomes that the chart cannot show; an empty section where there are none."""
    table = unscored(shown.outcomes, shown.source.views["jobs"]).table
    if not table.height:
        return tag("section", id="unscored")
    rows = [_unscored_row(row, shown.base) for row in table.head(_MOST_UNSCORED).iter_rows(named=True)]
    caption = f"The first {len(rows):,}, by job" if len(rows) < table.height else "By job"
    more = tag("p", tag("a", f"All {table.height:,} as data (JSON)", href=shown.data_address("unscored")))
    return tag(
        "section",
        tag("h2", f"{plural(table.height, 'outcome')} without a score", id="missing"),
        tag("details", tag("summary", "Show them"), data_table(_UNSCORED_COLUMNS, rows, caption), more),
        id="unscored",
        aria_labelledby="missing",
    )


def _caption(shown: Shown, page: Page) -> str:
    """Which of the outcomes the list shows."""
    last = min(page.start + shown.asked.limit, page.total)
    part = f" in this part of the chart, {shown.answer.table.height:,} in all" if shown.has_part else ""
    return f"Outcomes {page.start + 1:,} to {last:,} of {page.total:,}{part}, by opportunity"


def _part(shown: Shown) -> Markup | None:
    """Which part of the chart is listed, and the way back to all."""
    if not shown.has_part:
        return None
    ends = [
        f"{name} {shown.asked.values.get(f'{name}_from', '0')} to {shown.asked.values.get(f'{name}_to', '10')}"
        for name in ("importance", "satisfaction")
    ]
    return tag("p", f"Only {' and '.join(ends)}. ", tag("a", "List all", href=shown.whole_address, id="all"))


def _row(row: _Row, jobs: Mapping[str, str | None], kinds: Mapping[str, int], base: str) -> list[Child]:
    outcome, job = cast("list[str]", row[EVIDENCE])
    importance, satisfaction, opportunity, relevance = (
        cast("Decimal | None", row[name]) for name in ("importance", "satisfaction", "opportunity", "relevance")
    )
    tier = tier_mark(str(row["tier"] or "no tier"), kinds.get(str(row["tier"]), 0))
    code, name = str(row["job"] or job), jobs.get(job)
    about = join(
        said(str(row["outcome"] or "")), " for ", link(job, name or code, base), (" ", said(code)) if name else None
    )
    described = tag(
        "div",
        _statement(outcome, row["name"] or row["outcome"], base),
        tag("small", about, class_="clamped", title=name),
        tag("small", tag("span", _kind(row), " · ", "relevance ", number(relevance), " · "), _evidence(row)),
        data_at=f"{importance:g} {satisfaction:g}",
    )
    score = join(number(opportunity), tag("br"), tag("small", tier))
    return [_rank(row), score, described, number(importance), number(satisfaction)]


def _unscored_row(row: _Row, base: str) -> list[Child]:
    outcome, job = cast("list[str]", row[EVIDENCE])
    scores = (cast("Decimal | None", row[name]) for name in ("importance", "satisfaction"))
    name = _statement(outcome, row["name"] or row["outcome"], base)
    return [name, link(job, str(row["job"] or job), base), *map(number, scores)]


def _statement(iri: str, name: object, base: str) -> Markup:
    text = str(name or iri)
    return tag("span", link(iri, text, base), title=text, class_="clamped statement")


def _kind(row: _Row) -> str:
    return str(row["outcome_type"]).replace("_", " ") if row["outcome_type"] else "no type"


def _evidence(row: _Row) -> Markup:
    source = row["evidence_source"]
    return join("evidence: ", said(str(source))) if source else tag("span", "no evidence", class_="problem")


def _rank(row: _Row) -> Markup:
    """The rank, and where it could be if the scores are rounded."""
    rank, best, worst = (int(str(row[name])) for name in ("rank", "best_rank", "worst_rank"))
    if not row["is_tie"]:
        return number(rank)
    could = f"{best:,} to {worst:,}"
    tie = tag("small", f"tie: {could}", title=f"Rounding of the scores leaves open whether its rank is {could}.")
    return join(number(rank), tag("br"), tie)
