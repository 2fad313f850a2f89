"""Capability gaps as tables: per job, per capability and function, what closing is worth, and what to close first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

import polars as pl

from jobgraph.analysis.answers import EVIDENCE, Answer, share
from jobgraph.analysis.closing import THRESHOLD, closing_set, closing_values
from jobgraph.analysis.gaps import Landscape, rounded
from jobgraph.analysis.views import DECIMAL, Views

_VIEWS = ("jobs", "outcomes", "capabilities", "job_capabilities", "maturity_levels")
_SHARE = DECIMAL
_TEXTS = pl.List(pl.String)
_UNITS = {
    "demand": "highest opportunity / 20, 0 to 1",
    "coverage": "1 - product of (1 - relevance x maturity), 0 to 1",
    "gap": "demand x (1 - coverage), 0 to 1",
    "maturity": "0 to 1; 0 where none is stated",
    "removed": "sum of gap that full maturity removes",
    "cost": "of closing",
}


def job_gaps(views: Views, landscape: Landscape) -> Answer:
    """Every job with its demand, coverage and gap; jobs that lack a required capability first, then by gap."""
    names, needs = _names(views), landscape.needs_of
    rows = [
        {
            "job": names[job],
            "demand": rounded(gap.demand),
            "coverage": rounded(gap.coverage),
            "gap": rounded(gap.gap),
            "is_open": gap.is_open,
            "lacking": [names[capability] for capability in gap.lacking],
            EVIDENCE: [job, *(iri for need in needs.get(job, []) for iri in (need.iri, need.capability))],
        }
        for job, gap in sorted(
            landscape.gaps.items(), key=lambda item: (not item[1].lacking, -(item[1].gap or 0), names[item[0]], item[0])
        )
    ]
    schema = {"job": pl.String(), "demand": _SHARE, "coverage": _SHARE, "gap": _SHARE}
    table = pl.DataFrame(rows, schema={**schema, "is_open": pl.Boolean(), "lacking": _TEXTS, EVIDENCE: _TEXTS})
    units = {**_UNITS, "lacking": "required capabilities without maturity"}
    return Answer(table, units, gap_notes(landscape), _VIEWS)


def heat_map(views: Views, landscape: Landscape) -> Answer:
    """For each capability and function what closing the capability would remove of the gaps of the function's jobs.

    Only pairs with a job that needs the capability; the greatest first.
    """
    names = _names(views)
    functions = dict(views["jobs"].select("iri", "function").iter_rows())
    removed: dict[tuple[str, str | None], Fraction] = {}
    needs: dict[tuple[str, str | None], dict[str, list[str]]] = {}
    for capability, found in landscape.needs_for.items():
        for need in found:
            needs.setdefault((capability, functions[need.job]), {}).setdefault(need.job, []).append(need.iri)
    for (capability, function), jobs in needs.items():
        removed[capability, function] = sum((_removed(landscape, job, capability) for job in jobs), Fraction(0))
    rows = [
        {
            "capability": names[capability],
            "function": names.get(function or "", None),
            "maturity": rounded(landscape.maturity(capability)),
            "jobs": len(needs[capability, function]),
            "removed": rounded(value),
            EVIDENCE: [
                capability,
                *(iri for job, links in needs[capability, function].items() for iri in (job, *links)),
            ],
        }
        for (capability, function), value in sorted(
            removed.items(), key=lambda item: (-item[1], names[item[0][0]], item[0][0], str(item[0][1]))
        )
    ]
    schema = {"capability": pl.String(), "function": pl.String(), "maturity": _SHARE, "jobs": pl.Int64()}
    table = pl.DataFrame(rows, schema={**schema, "removed": _SHARE, EVIDENCE: _TEXTS})
    return Answer(table, _UNITS, gap_notes(landscape), (*_VIEWS, "functions"))


def closing(views: Views, landscape: Landscape) -> Answer:
    """What closing each needed capability, it alone, is worth: the sum of gap that goes, and the jobs it helps."""
    names = _names(views)
    rows = [
        {
            "capability": names[found.capability],
            "level": landscape.levels[found.capability],
            "removed": rounded(found.removed),
            "jobs": [names[job] for job in found.jobs],
            EVIDENCE: [found.capability, *_links(landscape, found.capability)],
        }
        for found in closing_values(landscape)
    ]
    schema = {"capability": pl.String(), "level": pl.String(), "removed": _SHARE, "jobs": _TEXTS, EVIDENCE: _TEXTS}
    return Answer(pl.DataFrame(rows, schema=schema), _UNITS, gap_notes(landscape), _VIEWS)


def smallest_closing(
    views: Views,
    landscape: Landscape,
    *,
    threshold: Fraction = THRESHOLD,
    costs: Mapping[str, Fraction] | None = None,
) -> Answer:
    """A small set of capabilities to close, in the order of what each adds, with how good the set surely is.

    Raises
    ------
    UsageError : the threshold is not from 0 to 1.
    """
    names = _names(views)
    found = closing_set(landscape, threshold=threshold, costs=costs)
    forced = {capability for gap in landscape.gaps.values() for capability in gap.lacking}
    rows = [
        {
            "position": position,
            "capability": names[capability],
            "level": landscape.levels[capability],
            "reason": "required and without maturity" if capability in forced else "removes most gap",
            EVIDENCE: [capability, *_links(landscape, capability)],
        }
        for position, capability in enumerate(found.capabilities, start=1)
    ]
    schema = {"position": pl.Int64(), "capability": pl.String(), "level": pl.String(), "reason": pl.String()}
    out = [f"Gaps above {float(threshold):g} count."]
    if found.out_of_reach:
        listed = ", ".join(names[job] for job in found.out_of_reach[:5])
        out.append(f"Even with all capabilities closed {len(found.out_of_reach):,} jobs keep a larger gap: {listed}.")
    notes = (*out, found.sentence, *gap_notes(landscape))
    return Answer(pl.DataFrame(rows, schema={**schema, EVIDENCE: _TEXTS}), _UNITS, notes, _VIEWS)


def compare(views: Views, before: Landscape, after: Landscape) -> Answer:
    """The jobs whose gap differs between two landscapes, such as one with other levels of maturity."""
    names = _names(views)
    changed = [job for job in before.gaps if _differs(before, after, job)]
    changed.sort(key=lambda job: ((after.gaps[job].gap or 0) - (before.gaps[job].gap or 0), names[job], job))
    rows = [
        {
            "job": names[job],
            "before": rounded(before.gaps[job].gap),
            "after": rounded(after.gaps[job].gap),
            "change": rounded((after.gaps[job].gap or Fraction(0)) - (before.gaps[job].gap or Fraction(0))),
            "still_lacking": [names[capability] for capability in after.gaps[job].lacking],
            EVIDENCE: [job, *(need.iri for need in before.needs_of.get(job, []))],
        }
        for job in changed
    ]
    schema = {"job": pl.String(), "before": _SHARE, "after": _SHARE, "change": _SHARE}
    units = {"before": _UNITS["gap"], "after": _UNITS["gap"], "change": "after - before"}
    was, becomes = (_total(landscape, landscape.gaps) for landscape in (before, after))
    sums = f"from {rounded(was)} to {rounded(becomes)}"
    note = f"The sum of all gaps goes {sums}, down by {rounded(was - becomes)}."
    table = pl.DataFrame(rows, schema={**schema, "still_lacking": _TEXTS, EVIDENCE: _TEXTS})
    return Answer(table, units, (note, *gap_notes(after)), _VIEWS)


def totals(views: Views, before: Landscape, after: Landscape, *, threshold: Fraction = THRESHOLD) -> Answer:
    """The gaps of each function's jobs in sum in two landscapes, the largest first, and how many jobs are open.

    A job is open that has a gap above the threshold, or that lacks a required capability. A row follows from its
    function, which has the jobs, and from those of them whose gap differs; without a function, from all.
    """
    names = _names(views)
    jobs_of: dict[str | None, list[str]] = {}
    for job, function in views["jobs"].select("iri", "function").iter_rows():
        jobs_of.setdefault(function, []).append(job)
    rows = [
        {
            "function": names.get(function or ""),
            "jobs": len(jobs),
            "open_before": count_open(before, jobs, threshold),
            "open_after": count_open(after, jobs, threshold),
            "before": rounded(_total(before, jobs)),
            "after": rounded(_total(after, jobs)),
            "change": rounded(_total(after, jobs) - _total(before, jobs)),
            EVIDENCE: [function, *(job for job in jobs if _differs(before, after, job))] if function else jobs,
        }
        for function, jobs in sorted(
            jobs_of.items(), key=lambda item: (-_total(before, item[1]), names.get(item[0] or "", ""), str(item[0]))
        )
    ]
    counts = {name: pl.Int64() for name in ("jobs", "open_before", "open_after")}
    sums = dict.fromkeys(("before", "after", "change"), _SHARE)
    units = {"before": "sum of gaps", "after": "sum of gaps", "change": "after - before"}
    note = f"Open are jobs with a gap above {float(threshold):g}, and those that lack a required capability."
    table = pl.DataFrame(rows, schema={"function": pl.String(), **counts, **sums, EVIDENCE: _TEXTS})
    return Answer(table, units, (note, *gap_notes(after)), (*_VIEWS, "functions"))


def count_open(landscape: Landscape, jobs: Iterable[str], threshold: Fraction) -> int:
    """How many jobs have a gap above the threshold or lack a required capability."""
    gaps = (landscape.gaps[job] for job in jobs)
    return sum(bool(gap.lacking) or (gap.gap or 0) > threshold for gap in gaps)


def gap_notes(landscape: Landscape) -> tuple[str, ...]:
    """What is missing for exact gaps: unscored jobs, capabilities without maturity, jobs without capabilities."""
    if not landscape.demands:
        return ("There are no jobs.",)
    unknown = sum(demand is None for demand in landscape.demands.values())
    bare = sum(level is None for level in landscape.levels.values())
    unmapped = len(landscape.demands) - len(landscape.needs_of)
    return (
        f"No demand, for want of scores: {share(unknown, len(landscape.demands))} jobs.",
        f"No maturity stated, counted as 0: {share(bare, len(landscape.levels))} capabilities.",
        f"No capability mapped, coverage 0: {share(unmapped, len(landscape.demands))} jobs.",
    )


def _names(views: Views) -> dict[str, str]:
    """What jobs, capabilities and functions are called in tables."""
    kinds: Iterable[tuple[str, tuple[str, ...]]] = (
        ("jobs", ("code", "name", "iri")),
        ("capabilities", ("name", "code", "iri")),
        ("functions", ("name", "code", "iri")),
    )
    return {
        iri: name
        for view, order in kinds
        for iri, name in views[view].select("iri", pl.coalesce(order).alias("label")).iter_rows()
    }


def _links(landscape: Landscape, capability: str) -> list[str]:
    return [iri for need in landscape.needs_for.get(capability, []) for iri in (need.iri, need.job)]


def _removed(landscape: Landscape, job: str, capability: str) -> Fraction:
    before, after = landscape.gaps[job].gap, landscape.gap_of(job, closed=[capability]).gap
    return (before or Fraction(0)) - (after or Fraction(0))


def _differs(before: Landscape, after: Landscape, job: str) -> bool:
    was, becomes = before.gaps[job], after.gaps[job]
    return (was.gap, was.lacking) != (becomes.gap, becomes.lacking)


def _total(landscape: Landscape, jobs: Iterable[str]) -> Fraction:
    return sum((landscape.gaps[job].gap or Fraction(0) for job in jobs), Fraction(0))
