"""What things are called on pages where two of one name must be told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from jobgraph.exports.markup import Markup, join, said, tag
from jobgraph.server.html.links import link

_KEY_START = 8  # characters


@dataclass(frozen=True)
class Names:
    """The names of the entities of a view by IRI, each with what tells it from others of the name; '' for nothing."""

    texts: Mapping[str, str]
    marks: Mapping[str, str]

    @classmethod
    def of(cls, view: pl.DataFrame) -> Names:
        """Those of a view with `iri`, `code` and `name`; what has no name is called by its code, else its key."""
        rows = dict.fromkeys(view.select("iri", "code", "name").iter_rows())
        texts = {iri: name or code or _key(iri) for iri, code, name in rows}
        often = Counter(texts.values())
        codes = {iri: code for iri, code, name in rows if name and code}
        same_code = Counter((texts[iri], code) for iri, code in codes.items())
        marks = {
            iri: codes[iri] if same_code[text, codes.get(iri, "")] == 1 else _key(iri)
            for iri, text in texts.items()
            if often[text] > 1
        }
        return cls(texts, marks)

    def plain(self, iri: str) -> str:
        """The name as a text."""
        mark = self.marks.get(iri)
        return f"{self.texts.get(iri, iri)} ({mark})" if mark else self.texts.get(iri, iri)

    def markup(self, iri: str) -> Markup:
        """The name alone."""
        mark = self.marks.get(iri)
        return join(said(self.texts.get(iri, iri)), (" ", tag("small", said(mark))) if mark else None)

    def linked(self, iri: str, base: str) -> Markup:
        """The name as the way to the page of the entity."""
        mark = self.marks.get(iri)
        shown = link(iri, self.texts.get(iri, iri), base)
        return join(shown, (" ", tag("small", said(mark))) if mark else None)

    def ordered(self, iris: Iterable[str]) -> list[str]:
        """The entities by name."""
        return sorted(iris, key=lambda iri: (self.plain(iri).casefold(), iri))


def _key(iri: str) -> str:
    return iri.rpartition("/")[2][:_KEY_START]
