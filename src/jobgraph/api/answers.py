"""What Python gets as an answer: a table with its question, units and notes, and the source rows behind each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

import polars as pl

from jobgraph.analysis.answers import EVIDENCE, to_plain
from jobgraph.mapping.iris import row_of

if TYPE_CHECKING:
    import pandas
    import pyarrow

    from jobgraph.vocabulary import Vocabulary

_SHOWN = 12  # rows of an answer in a notebook
_IRI_LETTERS = 16  # of an entity's IRI there


@dataclass(frozen=True, eq=False)
class Answer:
    """An answer: its table, what the numbers are, and what one must know to trust it.

    The column `evidence` of `table`, where it holds lists, names the IRIs of what a row follows from. `text` is the
    question in words, `units` are by column, `notes` are sentences.

    >>> answer = kg.ask("jobs_of_persona", persona="Wren the Curious Liaison")
    >>> answer.table.height == len(answer) > 0
    True
    """

    text: str
    table: pl.DataFrame
    units: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    base: str = field(default="", repr=False)
    vocabulary: Vocabulary | None = field(default=None, repr=False, compare=False)

    @property
    def shown(self) -> pl.DataFrame:
        """The table without the evidence, which is for machines."""
        return self.table.drop(EVIDENCE) if self._has_evidence else self.table

    def source_rows(self, index: int) -> list[str]:
        """The rows of the source behind row `index`, each as table and key.

        >>> kg.ask("jobs_of_persona", persona="Wren the Curious Liaison").source_rows(0)[0].split()[0]
        'jobs_to_be_done'
        """
        row = self.table.row(index, named=True)
        cells = row[EVIDENCE] if self._has_evidence else row.values()
        if self.vocabulary is None:
            return []
        found = (row_of(cell, self.base, self.vocabulary) for cell in cells if isinstance(cell, str))
        return sorted({f"{table.name} {key}" for table, key in filter(None, found)})

    def to_pandas(self) -> pandas.DataFrame:
        """The shown table for pandas, which must be installed, and pyarrow with it."""
        return self.shown.to_pandas()

    def to_arrow(self) -> pyarrow.Table:
        """The whole table for Arrow, which must be installed."""
        return self.table.to_arrow()

    def __len__(self) -> int:
        return self.table.height

    def _repr_html_(self) -> str:
        table = self.shown.head(_SHOWN)
        heads = "".join(f"<th>{escape(name)}</th>" for name in table.columns)
        rows = ("".join(f"<td>{escape(self._text(cell))}</td>" for cell in row) for row in table.iter_rows())
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        cut = [f"The first {_SHOWN} of {self.table.height:,} rows."] if self.table.height > _SHOWN else []
        units = [f"{name}: {unit}." for name, unit in self.units.items() if name in table.columns]
        notes = "".join(f"<li>{escape(note)}</li>" for note in [*cut, *self.notes, *units])
        caption = escape(self.text[:1].upper() + self.text[1:])
        head = f"<caption>{caption}</caption><thead><tr>{heads}</tr></thead>"
        return f"<table>{head}<tbody>{body}</tbody></table><ul>{notes}</ul>"

    @property
    def _has_evidence(self) -> bool:
        """Whether the rows list what they follow from; a question may call the source of its scores so, too."""
        return self.table.schema.get(EVIDENCE) == pl.List(pl.String)

    def _text(self, cell: object) -> str:
        plain = to_plain(cell)
        if isinstance(plain, list):
            return ", ".join(map(self._text, plain))
        text = "" if plain is None else str(plain)
        is_entity = bool(self.base) and text.startswith(self.base)
        return f"{text.removeprefix(self.base)[:_IRI_LETTERS]}…" if is_entity else text
