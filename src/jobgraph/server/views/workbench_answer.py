"""The answer to a question as a table for people: in any order, page by page, with what its columns mean."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from pyoxigraph import Literal, NamedNode

from jobgraph.errors import UsageError
from jobgraph.exports.markup import Child, Markup, said, tag
from jobgraph.questions import Answer
from jobgraph.server.html.asking import Heading
from jobgraph.server.html.links import link
from jobgraph.server.html.values import literal
from jobgraph.server.html.workbench import number
from jobgraph.server.rest.tables import CSV, Table, Thing, to_text, write_table
from jobgraph.server.rest.things import Things as Labels
from jobgraph.server.rest.things import vocabulary
from jobgraph.server.rest.wording import Wording
from jobgraph.server.views.linked_data_things import Things
from jobgraph.server.views.questions import find_question, whole_answer
from jobgraph.server.views.tenant import Tenant
from jobgraph.store.query import Term
from jobgraph.vocabulary import JG, to_snake_case

Values = tuple[tuple[str, str], ...]
_SAMPLE = 1_000  # rows that tell what kind a column is
_CSV_ROWS = 1_000  # at once
_BARS = 50
_SHORT = 30  # characters of a text that needs no room of its own
_NUMBER = re.compile(r"#(?:integer|decimal|double|float|int|long|short|nonNegativeInteger)$")
_RANGE = re.compile(r"\bfrom (\d+) to (\d+)\b")


@dataclass(frozen=True)
class Shown:
    """An answer in an order; `sort` names a column, with a dash before it where the highest is first, '' for its own.

    Raises
    ------
    UsageError : there is no such column.
    """

    tenant: Tenant
    name: str
    values: Values
    sort: str = ""

    def __post_init__(self) -> None:
        if self.sort and self.sort.removeprefix("-") not in self.answer.columns:
            raise UsageError(
                f"There is no column {self.sort[:40]!r} to sort by; choose one of {', '.join(self.answer.columns)}."
            )

    @property
    def answer(self) -> Answer:
        """The whole answer, in its own order."""
        return whole_answer(self.tenant, self.name, self.values)

    def rows(self, start: int = 0, stop: int | None = None) -> Iterator[Sequence[Term | None]]:
        """Some of the rows, in order."""
        found = self.answer.rows
        if not self.sort:
            yield from found[start:stop]
            return
        yield from (found[at] for at in _order(self.tenant, self.name, self.values, self.sort)[start:stop])

    def headings(self) -> list[Heading]:
        """The columns with what they mean."""
        answer = self.answer
        properties = _properties(self.name)
        wording = Wording.of(self.tenant)
        found = []
        for at, column in enumerate(answer.columns):
            is_number = _is_number([row[at] for row in answer.rows[:_SAMPLE]])
            meaning = wording.definition(properties.get(column, "")) if column in properties else ""
            unit = _unit(properties.get(column, ""), meaning) if is_number else ""
            words = to_snake_case(column).replace("_", " ")
            found.append(Heading(column, words, meaning or wording.of_property(column), unit, is_number))
        return found

    def cells(self, rows: Sequence[Sequence[Term | None]]) -> list[list[Child]]:
        """Rows as people read them; things of one name in a column have their codes, too.

        A thing whose name stands in its row already is shown by its code alone.
        """
        things = Things(self.tenant)
        columns = zip(*rows, strict=True)
        apart = [things.apart(term for term in column if isinstance(term, NamedNode)) for column in columns]
        return [_cells(things, row, apart) for row in rows]

    def csv(self, stop: int | None) -> Iterator[bytes]:
        """All rows as the REST interface writes them."""
        labels = Labels(self.tenant)
        columns = self.answer.columns
        waiting: list[list[object]] = []
        head = write_table(Table(columns, ()), CSV)
        yield head
        for row in self.rows(0, stop):
            waiting.append([labels.cell(term) for term in row])
            if len(waiting) == _CSV_ROWS:
                yield write_table(Table(columns, waiting), CSV)[len(head) :]
                waiting = []
        yield write_table(Table(columns, waiting), CSV)[len(head) :]

    def chart(self, headings: Sequence[Heading], rows: Sequence[Sequence[Term | None]]) -> Mapping[str, object] | None:
        """What a chart of bars needs: a label and the numbers of each row; None where there is nothing to compare."""
        numbers = [at for at, heading in enumerate(headings) if heading.is_number]
        texts = [at for at, heading in enumerate(headings) if not heading.is_number]
        if not numbers or not texts or len(rows) < 2:
            return None
        things = Things(self.tenant)
        named = rows[:_BARS]
        at = max(texts, key=lambda text: (len({row[text] for row in named}), -text))
        bars = [[_words(things, row[at]), *(_float(row[number]) for number in numbers)] for row in named]
        measured = [{"name": headings[number].words, "unit": headings[number].unit} for number in numbers]
        return {"label": headings[at].words, "numbers": measured, "rows": bars, "shown": len(bars), "total": len(rows)}


@lru_cache(maxsize=1)
def _order(tenant: Tenant, name: str, values: Values, sort: str) -> list[int]:
    """The places of the rows, by a column; those without a value come last, others stay as they are."""
    answer = whole_answer(tenant, name, values)
    column = answer.columns.index(sort.removeprefix("-"))
    labels = Labels(tenant)
    keys = {at: _key(labels, term) for at, row in enumerate(answer.rows) if (term := row[column]) is not None}
    known = sorted(keys, key=keys.__getitem__, reverse=sort.startswith("-"))
    return [*known, *(at for at in range(len(answer.rows)) if at not in keys)]


def _key(labels: Labels, term: Term) -> tuple[int, Decimal | float, str]:
    value = labels.cell(term)
    if isinstance(value, int | float | Decimal):
        return 0, value, ""
    text = (value.label or value.iri) if isinstance(value, Thing) else to_text(value)
    return 1, 0, text.casefold()


def _cells(things: Things, row: Sequence[Term | None], apart: Sequence[Mapping[NamedNode, str]]) -> list[Child]:
    texts = {term.value for term in row if isinstance(term, Literal)}
    return [
        _thing(things, term, texts, told[term]) if isinstance(term, NamedNode) else _cell(term)
        for term, told in zip(row, apart, strict=True)
    ]


def _cell(term: Term | None) -> Child:
    if not isinstance(term, Literal):
        return number(None) if term is None else str(term)
    if _NUMBER.search(term.datatype.value):
        return number(Decimal(term.value), places=3) if _is_finite(term.value) else term.value
    return _clipped(literal(term), term.value)


def _thing(things: Things, node: NamedNode, texts: Collection[str], apart: str) -> Markup:
    name = things.name(node)
    if name in texts:
        return tag("span", link(node.value, apart or things.code(node), things.base), title=name, class_="code")
    shown = link(node.value, name, things.base)
    return _clipped([shown, " ", tag("small", said(apart))] if apart else shown, name)


def _clipped(shown: Child, text: str) -> Markup:
    """A text of a few lines at most; all of it is told by pointing at it."""
    if len(text) <= _SHORT:
        return tag("span", shown)
    return tag("span", shown, class_="clip", title=text)


def _is_number(column: Sequence[Term | None]) -> bool:
    known = [term for term in column if term is not None]
    return bool(known) and all(isinstance(t, Literal) and _NUMBER.search(t.datatype.value) for t in known)


def _is_finite(text: str) -> bool:
    return text.lower().strip("+-") not in {"nan", "inf"}


def _float(term: Term | None) -> float | None:
    return float(term.value) if isinstance(term, Literal) and _is_finite(term.value) else None


def _words(things: Things, term: Term | None) -> str:
    if isinstance(term, NamedNode):
        return things.name(term)
    return "none" if term is None else str(getattr(term, "value", term))


@cache
def _properties(name: str) -> Mapping[str, str]:
    """The property that gives the values of each column, where the query of a question has one."""
    found = re.findall(r"\bjg:([a-z]\w*) \?(\w+) \.", find_question(name).query)
    return {column: JG + local for local, column in reversed(found)}


@cache
def _bounds() -> Mapping[str, tuple[str, str]]:
    """The least and the highest value of each property, where shapes give both."""
    columns = (column for table in vocabulary().tables.values() for column in table.columns)
    found = {column.path: dict(column.bounds) for column in columns}
    return {path: (each[">="], each["<="]) for path, each in found.items() if {">=", "<="} <= each.keys()}


def _unit(property_: str, meaning: str) -> str:
    """The range of a number, by its shape or else by its definition; '' where neither says."""
    if property_ in _bounds():
        low, high = (Decimal(bound).normalize() for bound in _bounds()[property_])
        return f"{low:f} to {high:f}"
    said_range = _RANGE.search(meaning)
    return f"{said_range[1]} to {said_range[2]}" if said_range else ""
