"""What every analysis gives: a table, its units, what must be said with it, and the rows of the source behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from jobgraph.mapping.iris import row_of
from jobgraph.vocabulary import Vocabulary

EVIDENCE = "evidence"


@dataclass(frozen=True, order=True)
class SourceRow:
    """A row of the source: its table and its key."""

    table: str
    key: str

    def __str__(self) -> str:
        return f"{self.table} {self.key}"


@dataclass(frozen=True)
class Answer:
    """The answer of an analysis.

    The column `evidence` of `table` lists the IRIs of the entities that a row follows from; paths are lists, too.
    `units` says what the numbers of a column are, `notes` what must be known with the answer (shares of missing
    scores, cycles, bounds), and `views` which views of the store it was computed from. Units of columns that the table
    does not have are dropped.
    """

    table: pl.DataFrame
    units: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    views: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        known = {column: unit for column, unit in self.units.items() if column in self.table.columns}
        object.__setattr__(self, "units", known)

    @property
    def shown(self) -> pl.DataFrame:
        """The table without the evidence."""
        return self.table.drop(EVIDENCE, strict=False)

    def head(self, limit: int | None) -> Answer:
        """The first `limit` rows, all for None; a note says how many there are."""
        if limit is None or self.table.height <= limit:
            return self
        note = f"These are the first {limit:,} of {self.table.height:,} rows."
        return Answer(self.table.head(limit), self.units, (*self.notes, note), self.views)

    def source_rows(self, index: int, *, base: str, vocabulary: Vocabulary) -> list[SourceRow]:
        """The rows of the source that row `index` of the table follows from, by table and key.

        Parameters
        ----------
        base : the start of the tenant's IRIs.
        """
        iris = set(self.table[EVIDENCE][index]) if EVIDENCE in self.table.columns else set()
        found = (row_of(iri, base, vocabulary) for iri in iris if iri)
        return sorted(SourceRow(row[0].name, row[1]) for row in found if row)


def to_plain(value: object) -> object:
    """A cell for JSON and people: decimals without trailing zeros, lists with each element so.

    >>> to_plain(Decimal("12.500")), to_plain([Decimal("20.0")])
    ('12.5', ['20'])
    """
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, pl.Series):
        return [to_plain(item) for item in value]
    return [to_plain(item) for item in value] if isinstance(value, list) else value


def plural(count: int, noun: str) -> str:
    """A count with its noun.

    >>> plural(1, "cycle"), plural(2_000, "cycle")
    ('1 cycle', '2,000 cycles')
    """
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def share(part: int, whole: int) -> str:
    """A part of a whole in words.

    >>> share(1, 4)
    '1 of 4 (25 %)'
    """
    return f"{part:,} of {whole:,} ({100 * part / whole:.0f} %)" if whole else "none of none"
