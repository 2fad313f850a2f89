"""What the rules of cells say of some values, asked once for all of them: to plan SQL costs more than to run it.

The rules are those that the SQL of `cells` states; lists and JSON, which SQL has read in Python too, are read here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal

import duckdb

from jobgraph.contract.cells import RULES, rule_of
from jobgraph.contract.nested import array_elements, canonical_json
from jobgraph.contract.sql import columns_of, rows_sql
from jobgraph.vocabulary import RDF, XSD, Column

NUMBERS = frozenset({XSD + "integer", XSD + "decimal"})
_JSON = RDF + "JSON"
_PAIR = ("VARCHAR", "VARCHAR")
_DECIMAL = "try_cast(v AS DECIMAL(38, 18))::VARCHAR"


class Verdicts:
    """Answers on cells that it was told of with `learn`; no cell is None."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._texts: dict[tuple[str, str], str | None] = {}  # canonical, by datatype and value; None if invalid
        self._lists: dict[str, list[str] | None] = {}
        self._numbers: dict[str, str | None] = {}
        self._matches: dict[tuple[str, str], bool] = {}

    def learn(self, cells: Iterable[tuple[Column, Collection[str]]]) -> None:
        """Ask the table engine about all cells of some columns at once.

        Raises
        ------
        InputError : the shapes give a column a datatype that cells cannot be read as.
        """
        values: dict[str, set[str]] = {}
        patterns: set[tuple[str, str]] = set()
        numbers: set[str] = set()
        for column, found in cells:
            rule_of(column)
            told = {value for cell in found for value in self.elements(column, cell) or ()}
            if column.kind == "literal":
                values.setdefault(column.datatype, set()).update(told)
            if column.bounds or column.datatype in NUMBERS:
                numbers |= told
            if column.pattern:
                patterns.update((column.pattern, value) for value in told)
        for datatype in values.keys() - {XSD + "string"}:
            self._judge(datatype, [v for v in values[datatype] if (datatype, v) not in self._texts])
        self._match(patterns - self._matches.keys())
        new = list(numbers - self._numbers.keys())
        self._numbers |= dict(self._ask(f"SELECT v, {_DECIMAL} FROM (SELECT unnest(?::VARCHAR[]) AS v)", new))

    def elements(self, column: Column, cell: str) -> list[str] | None:
        """The values in a cell, one but for lists; None for a broken list."""
        if not column.repeated:
            return [cell]
        if cell not in self._lists:
            self._lists[cell] = array_elements(cell)
        return self._lists[cell]

    def is_valid(self, column: Column, cell: str) -> bool:
        """Whether a cell can be stated as what its column holds."""
        values = self.elements(column, cell)
        return values is not None and all(self.canonical(column, value) is not None for value in values)

    def canonical(self, column: Column, value: str) -> str | None:
        """The text to state of a cell, or of an element of a list; None if it cannot be stated."""
        if column.kind != "literal" or column.datatype == XSD + "string":
            return value
        return self._texts[column.datatype, value]

    def number(self, value: str) -> str | None:
        """A number with all places that are compared; None if it has too many digits."""
        return self._numbers[value]

    def is_out_of_bounds(self, sign: str, bound: str, value: str) -> bool:
        """Whether a number is beyond a bound; of one with more than 20 digits before the point, its sign decides."""
        text = self._numbers[value]
        if text is None:
            return value.startswith("-") == sign.startswith(">")
        number, limit = Decimal(text), Decimal(bound)
        is_within = {
            ">=": number >= limit,
            ">": number > limit,
            "<=": number <= limit,
            "<": number < limit,
        }
        return not is_within[sign]

    def matches(self, column: Column, value: str) -> bool:
        """Whether a value has the pattern of its column."""
        return self._matches[column.pattern, value]

    def _judge(self, datatype: str, values: list[str]) -> None:
        if datatype == _JSON:
            self._texts |= {(datatype, value): canonical_json(value) for value in values}
            return
        rule = RULES[datatype]
        query = f"""SELECT v, CASE WHEN NOT {rule.valid("v")} THEN NULL WHEN {rule.plain("v")} THEN v
                                   ELSE {rule.canonical("v")} END
                    FROM (SELECT unnest(?::VARCHAR[]) AS v)"""
        for value, text in self._ask(query, values):
            self._texts[datatype, value] = text

    def _match(self, pairs: Iterable[tuple[str, str]]) -> None:
        found = list(pairs)
        if found:
            query = f"SELECT p, v, regexp_matches(v, p) FROM ({rows_sql(_PAIR)}) AS pairs(p, v)"
            rows = self._connection.execute(query, columns_of(found, _PAIR)).fetchall()
            self._matches |= {(pattern, value): is_match for pattern, value, is_match in rows}

    def _ask(self, query: str, values: list[str]) -> Iterator[tuple[str, str | None]]:
        if values:
            yield from self._connection.execute(query, [values]).fetchall()
