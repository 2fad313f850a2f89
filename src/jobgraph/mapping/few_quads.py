"""Few rows to N-Quads, of any tables at once: what `quads` says in SQL, row by row; see `contract.few_rows`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from json.encoder import encode_basestring
from pathlib import Path

from jobgraph.contract.few_rows import Row
from jobgraph.contract.verdicts import Verdicts
from jobgraph.mapping.iris import entity_iri
from jobgraph.mapping.quads import SHARED
from jobgraph.vocabulary import RDF, XSD, Column, Vocabulary


class FewQuads:
    """Writes what live rows state; `base` begins all IRIs."""

    def __init__(self, vocabulary: Vocabulary, verdicts: Verdicts, base: str) -> None:
        self._vocabulary, self._verdicts, self._base = vocabulary, verdicts, base

    def write(
        self, rows: Iterable[Row], out: Path, *, tenants: Mapping[str, str], graphs: Mapping[str, str]
    ) -> dict[str, Path]:
        """Write the N-Quads of every tenant to the new folder `out`; see `write_quads` for files and `graphs`."""
        slugs = {"": SHARED, **tenants}
        lines: dict[str, list[str]] = {slug: [] for slug in graphs}
        for row in rows:
            slug = slugs.get(row.tenant or "", "")
            if row.is_live and slug in graphs:
                lines[slug] += (f"{triple} <{graphs[slug]}> .\n" for triple in self._triples(row))
        out.mkdir(parents=True)
        for slug, found in lines.items():
            (out / f"{slug}.nq").write_text("".join(found), encoding="utf-8", newline="\n")
        return {slug: out / f"{slug}.nq" for slug in graphs}

    def _triples(self, row: Row) -> Iterator[str]:
        source = row.found.table
        if source.subject:
            subject = self._entity(source.subject.target, row.live[source.subject.name] or "")
        else:
            subject = self._entity(source.class_iri, row.key or "")
            yield f"{subject} <{RDF}type> <{source.class_iri}>"
        for column in source.columns:
            cell = row.live.get(column.name)
            for value in self._verdicts.elements(column, cell) or () if cell is not None else ():
                term = self._term(column, value)
                one, other = (term, subject) if column.inverse else (subject, term)
                yield f"{one} <{column.path}> {other}"

    def _term(self, column: Column, value: str) -> str:
        if column.kind == "link":
            return self._entity(column.target, value)
        if scheme := self._vocabulary.scheme_of(column):
            return f"<{scheme.concepts[value]}>" if value in scheme.concepts else _quoted(value)
        text = _quoted((self._verdicts.canonical(column, value) or "") if column.repeated else value)
        return text if column.datatype == XSD + "string" else f"{text}^^<{column.datatype}>"

    def _entity(self, class_iri: str, key: str) -> str:
        return f"<{entity_iri(self._base, self._vocabulary, class_iri, key)}>"


def _quoted(value: str) -> str:
    """A text as N-Quads write it: what JSON escapes, they escape alike."""
    return encode_basestring(value)
