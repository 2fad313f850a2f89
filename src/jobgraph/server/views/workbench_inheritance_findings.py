"""What stands out in who does which job: personas of a role that differ, personas that are alike, jobs of nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from jobgraph.analysis import ANALYSES, EVIDENCE, Choices
from jobgraph.exports.markup import Child, Markup, said, tag
from jobgraph.server.html.workbench import Column, data_table, number
from jobgraph.server.views.workbench_inheritance_state import People

_MOST = 10  # rows of a table
_Row = Mapping[str, object]


def findings(people: People) -> Markup:
    """One table for each kind, with its first rows."""
    found = {name: ANALYSES[name].answer(people.source, Choices()).table for name in _TABLES}
    return tag("div", [_TABLES[name](people, table) for name, table in found.items()], class_="grid")


def _differing(people: People, table: pl.DataFrame) -> Markup:
    rows: list[list[Child]] = [
        [
            people.roles.linked(evidence[0], people.base),
            people.jobs.linked(evidence[1], people.base),
            _listed(some),
            _listed(others),
        ]
        for some, others, evidence in table.head(_MOST).select("done_by", "not_done_by", EVIDENCE).iter_rows()
    ]
    columns = [Column("Role"), Column("Job"), Column("Done by"), Column("Not done by")]
    words = ("Personas of one role that differ", "Jobs that some personas of a role do and others do not", "No role")
    return _section(words, columns, rows, table.height)


def _alike(people: People, table: pl.DataFrame) -> Markup:
    rows: list[list[Child]] = [
        [_listed(people.personas.linked(iri, people.base) for iri in evidence), number(jobs)]
        for jobs, evidence in table.head(_MOST).select("jobs", EVIDENCE).iter_rows()
    ]
    columns = [Column("Personas"), Column("Jobs that each does", is_number=True)]
    words = ("Personas with exactly the same jobs", "Groups of personas, the largest first", "No two personas")
    return _section(words, columns, rows, table.height)


def _idle(people: People, table: pl.DataFrame) -> Markup:
    rows: list[list[Child]] = [
        [people.jobs.linked(evidence[0], people.base), said(code or "none"), _listed(roles) if roles else "none"]
        for code, roles, evidence in table.head(_MOST).select("code", "roles", EVIDENCE).iter_rows()
    ]
    columns = [Column("Job"), Column("Code"), Column("Roles that would do it")]
    words = ("Jobs that no persona does", "With the roles that perform them, which no persona plays", "No job")
    return _section(words, columns, rows, table.height)


_TABLES = {"disagreements": _differing, "same-jobs": _alike, "idle-jobs": _idle}


def _section(words: tuple[str, str, str], columns: list[Column], rows: list[list[Child]], count: int) -> Markup:
    """A table under its title; the words are the title, what the rows are, and what there is none of otherwise."""
    title, what, none = words
    heading = tag("h2", title, " ", tag("span", f"{count:,}", class_="n"))
    if not rows:
        return tag("section", heading, tag("p", f"{none}."))
    caption = f"{what}; the first {_MOST} of {count:,}" if count > _MOST else what
    return tag("section", heading, data_table(columns, rows, caption))


def _listed(names: Iterable[str]) -> Markup:
    return tag("ul", [tag("li", said(name)) for name in names], class_="plain")
