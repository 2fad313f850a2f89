"""Analyses over HTTP: the list of them, and the answer of one in pages, each row with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from jobgraph.analysis import ANALYSES, EVIDENCE, Analysis, Answer, Source, find_analysis, open_source
from jobgraph.errors import UsageError
from jobgraph.server.rest.analysis_parameters import names_of, parameters_of, read_choices
from jobgraph.server.rest.paging import Asked, page, read_asked, without_paging
from jobgraph.server.rest.tables import Table
from jobgraph.server.rest.things import Things
from jobgraph.server.views.answers import Linked
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.workers.jobs import AnswerError

COLUMNS = ("name", "text", "parameters", "href")


def list_analyses(tenant: Tenant, arguments: Mapping[str, str], media_type: str) -> Linked:
    """All analyses, with what they take."""
    asked = read_asked(tenant, arguments)
    found = list(ANALYSES.values())
    rows = [_described(analysis) for analysis in found[asked.start : asked.stop]]
    return page(asked.table(COLUMNS, rows, {}, total=len(found)), media_type)


def answer_analysis(tenant: Tenant, arguments: Mapping[str, str], media_type: str) -> Linked:
    """One page of the answer of the analysis that the path names.

    Raises
    ------
    AnswerError : there is no analysis of this name.
    UsageError : a parameter is unknown or does not fit.
    """
    analysis = _find(arguments[":name"])
    asked = read_asked(tenant, arguments, names_of(analysis, without_paging(arguments)))
    # One row more than is shown tells whether there is another page; the other analyses answer once for all pages.
    limit = asked.stop + 1 if analysis.is_cut else 1
    answer = _answer(tenant, analysis.name, tuple(asked.values.items()), limit)
    return page(_page(tenant, analysis, asked, answer), media_type)


@lru_cache(maxsize=1)
def source_of(tenant: Tenant) -> Source:
    """The tables that all analyses of a generation read."""
    generation = tenant.generation
    kept = generation.cache_path if generation.path.is_dir() else None  # in memory alone, there is nothing to keep with
    return open_source(tenant.store, tenant.names, kept)


@lru_cache(maxsize=1)
def _answer(tenant: Tenant, name: str, values: tuple[tuple[str, str], ...], limit: int) -> Answer:
    analysis = ANALYSES[name]
    return analysis.answer(source_of(tenant), read_choices(analysis, dict(values), limit=limit))


def _find(name: str) -> Analysis:
    try:
        return find_analysis(name)
    except UsageError as error:
        raise AnswerError("missing", str(error).replace("leave the name out to list", "/analysis lists")) from None


def _page(tenant: Tenant, analysis: Analysis, asked: Asked, answer: Answer) -> Table:
    rows = answer.table.slice(asked.start, asked.limit)
    things = Things(tenant)
    columns = list(answer.table.columns)
    has_evidence = EVIDENCE in columns
    cells: list[list[object]] = [list(row) for row in rows.iter_rows()]
    if has_evidence:
        at = columns.index(EVIDENCE)
        for row in cells:
            row[at] = [things.sourced(iri) for iri in dict.fromkeys(row[at] or ()) if iri]  # type: ignore[call-overload]
    facts = {
        "analysis": analysis.name,
        "text": analysis.sentence,
        "units": answer.units,
        "views": answer.views,
        "notes": answer.notes,
    }
    height = answer.table.height
    is_whole = not analysis.is_cut or height != asked.stop + 1  # else the analysis may have measured no more
    return asked.table(columns, cells, facts, total=height if is_whole else None, has_more=True)


def _described(analysis: Analysis) -> list[object]:
    parameters = [
        {
            "name": parameter.name,
            "description": parameter.sentence,
            "required": parameter.is_required,
            "values": list(parameter.values),
            "example": parameter.example,
        }
        for parameter in parameters_of(analysis)
    ]
    return [analysis.name, analysis.sentence, parameters, f"analysis/{analysis.name}"]
