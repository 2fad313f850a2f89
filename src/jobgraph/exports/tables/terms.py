"""The short names of a network file with the terms that they stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from jobgraph.exports.tables.survey import TYPE, Column, Survey


def _as_it_is(name: str) -> str:
    return name


@dataclass(frozen=True)
class Style:
    """How a format writes the names of classes, of links and of what a thing holds, which come in snake case."""

    of_class: Callable[[str], str] = _as_it_is
    of_link: Callable[[str], str] = _as_it_is
    of_value: Callable[[str], str] = _as_it_is


def links_of(columns: Iterable[Column]) -> list[Column]:
    """The columns that become links: all of IRIs but the classes."""
    return [column for column in columns if column.kind.type == "iri" and column.fact != TYPE]


def values_of(columns: Iterable[Column]) -> list[Column]:
    """The columns that a thing holds itself: texts, numbers and the like."""
    return [column for column in columns if column.kind.type != "iri"]


def terms_document(survey: Survey, style: Style) -> dict[str, Any]:
    """The names of classes, links and values with their IRIs, datatypes and languages, as JSON."""
    return {
        "classes": {style.of_class(name): iri for iri, name in sorted(survey.labels.items()) if iri},
        "links": {style.of_link(column.name): column.iri for column in links_of(survey.shared)},
        "values": {style.of_value(column.name): meaning_of(column) for column in values_of(survey.shared)},
    }


def meaning_of(column: Column) -> dict[str, object]:
    """The term and the kind of value of a column, as JSON."""
    return {
        "iri": column.iri,
        "datatype": column.kind.stated_datatype,
        **({"language": column.kind.language} if column.kind.language else {}),
        "isList": column.is_list,
    }
