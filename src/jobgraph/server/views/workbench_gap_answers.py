"""Answers on the page of capability gaps: what other levels of maturity change, and what to close first."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from urllib.parse import urlencode

from jobgraph.analysis import EVIDENCE
from jobgraph.analysis.gap_answers import compare, smallest_closing, totals
from jobgraph.exports.markup import Child, Markup, join, said, tag
from jobgraph.server.html.links import link
from jobgraph.server.html.workbench import Column, data_table, number
from jobgraph.server.views.workbench_gap_state import Asked, Known
from jobgraph.server.views.workbench_names import Names

_MOST_JOBS = 50
_MOST_ASSUMED = 40  # levels that an address may hold


def outcome(known: Known, asked: Asked) -> Markup:
    """The gaps as they are, and beside them as they would be with the levels that are asked for."""
    after = known.landscape.with_levels(asked.levels)
    table = totals(known.source.views, known.landscape, after, threshold=asked.threshold).table
    sums = {name: sum(table[name]) for name in ("jobs", "open_before", "open_after", "before", "after", "change")}
    heading = tag("h3", f"With {_count(len(asked.levels), 'level')} changed" if asked.levels else "As it is")
    pairs = (
        ("Sum of gaps", "0 to 1 for each job", number(sums["before"]), number(sums["after"])),
        ("Open jobs", f"of {sums['jobs']:,}", number(sums["open_before"]), number(sums["open_after"])),
    )
    figures = [_pair(*pair, is_changed=bool(asked.levels)) for pair in pairs]
    rows = [_function_row(known, row, is_changed=bool(asked.levels)) for row in table.iter_rows(named=True)]
    changed: Child = _changes(known, asked) if asked.levels else tag("p", _HOW, class_="note")
    reset = tag("p", tag("a", "Back to the stated levels", href="/gaps")) if asked.levels else None
    return tag(
        "div", heading, tag("div", figures, class_="pairs"), changed, _functions(rows, asked), reset, class_="outcome"
    )


_HOW = "Choose another level of one or several capabilities; what changes is computed by the server and stands here."


def closing_section(known: Known, asked: Asked, *, is_shown: bool) -> Markup:
    """The smallest set of capabilities to close, or the button that asks for it."""
    field = tag(
        "input",
        name="threshold",
        type="number",
        min=0,
        max=1,
        step="0.05",
        value=f"{float(asked.threshold):g}",
        id="threshold",
    )
    ask = tag(
        "div",
        tag("label", tag("span", "Gap that a job may keep, 0 to 1"), field),
        tag("button", "Find the set", type="submit", name="closing", value="yes"),
        class_="choices",
    )
    found = _closing_set(known, asked.threshold) if is_shown else None
    heading = tag("h2", "What to close first", id="closing-title")
    return tag("section", heading, ask, tag("div", found, id="closing-set"), aria_labelledby="closing-title")


def _pair(name: str, unit: str, before: Markup, after: Markup, *, is_changed: bool) -> Markup:
    then = join(tag("dt", "then"), tag("dd", after)) if is_changed else None
    facts = tag("dl", tag("dt", "now"), tag("dd", before), then)
    return tag("div", tag("p", name, " ", tag("small", unit)), facts)


def _function_row(known: Known, row: dict[str, object], *, is_changed: bool) -> list[Child]:
    has_function = row["function"] is not None
    name = _short(known.functions, row[EVIDENCE][0], known.base) if has_function else "no function"  # type: ignore[index]
    now: list[Child] = [name, number(row["jobs"]), number(row["before"])]  # type: ignore[arg-type]
    then: list[Child] = [number(row["after"]), number(row["change"])]  # type: ignore[arg-type]
    return [*now, *then] if is_changed else now


def _functions(rows: Iterable[list[Child]], asked: Asked) -> Markup:
    columns = [Column("Function"), Column("Jobs", is_number=True), Column("Now", is_number=True)]
    if asked.levels:
        columns += [Column("Then", is_number=True), Column("Change", is_number=True)]
    return data_table(columns, rows, "Sum of gaps by function")


def _changes(known: Known, asked: Asked) -> Markup:
    after = known.landscape.with_levels(asked.levels)
    table = compare(known.source.views, known.landscape, after).table
    if table.is_empty():
        return tag("p", "No gap changes: what these capabilities are needed for is demanded by no scored outcome.")
    rows = [
        [
            _job(known, row[EVIDENCE][0], row["job"]),
            number(row["before"]),
            number(row["after"]),
            number(row["change"]),
            said(", ".join(row["still_lacking"]) or "nothing"),
        ]
        for row in table.head(_MOST_JOBS).iter_rows(named=True)
    ]
    numbers = [Column(name, is_number=True) for name in ("Now", "Then", "Change")]
    columns = [Column("Job"), *numbers, Column("Still lacks")]
    more = f", the first {_MOST_JOBS} of them" if table.height > _MOST_JOBS else ""
    caption = f"{_count(table.height, 'job')} whose gap changes{more}; gaps are 0 to 1"
    return data_table(columns, rows, caption)


def _job(known: Known, job: str, code: str) -> Markup:
    text = known.jobs.texts[job]
    mark = tag("small", " ", said(code)) if code != text else None
    return tag("span", link(job, text, known.base), mark, class_="lines", title=text)


def _short(names: Names, iri: str, base: str) -> Markup:
    """A name of at most two lines."""
    return tag("span", names.linked(iri, base), class_="lines", title=names.plain(iri))


def _closing_set(known: Known, threshold: Fraction) -> Markup:
    answer = smallest_closing(known.source.views, known.landscape, threshold=threshold)
    chosen = [evidence[0] for evidence in answer.table[EVIDENCE]]
    rows = [
        [number(position), _short(known.capabilities, iri, known.base), known.level_words(iri), reason]
        for iri, (position, reason) in zip(chosen, answer.table.select("position", "reason").iter_rows(), strict=True)
    ]
    columns = [Column("Step", is_number=True), Column("Capability"), Column("Level now"), Column("Why")]
    notes = tag("ul", [tag("li", said(note)) for note in answer.notes[:3]], class_="notes")
    if not rows:
        return join(tag("p", "Nothing needs closing: no job that can be helped has a larger gap."), notes)
    table = data_table(columns, rows, f"{_count(len(rows), 'capability', 'capabilities')} to close, in this order")
    return join(notes, table, _try(known, chosen))


def _try(known: Known, chosen: list[str]) -> Markup | None:
    """The way to see what closing the set does."""
    if not known.levels or not 0 < len(chosen) <= _MOST_ASSUMED:
        return None
    highest = known.levels[-1].code
    address = f"/gaps?{urlencode({known.field(iri): highest for iri in chosen})}"
    return tag("p", tag("a", "See what closing all of them changes", href=address))


def _count(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
