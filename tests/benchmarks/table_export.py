"""Writes a selection that is made up on the way, for a process of its own: FORMAT FOLDER THINGS."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from pyoxigraph import Literal, NamedNode, Triple

from jobgraph.exports.tables import TableFormat, write_tables
from jobgraph.vocabulary import JG, RDF, RDFS, XSD, Vocabulary

TRIPLES_EACH = 10


class MadeUp:
    """Jobs with ten triples each, of which none is kept."""

    def __init__(self, things: int) -> None:
        self._things = things

    def triples(self) -> Iterator[Triple]:
        """The triples, thing by thing."""
        terms = [NamedNode(JG + name) for name in ("Job", "demand", "tags", "dependsOn", "isRequired", "since")]
        job, demand, tags, depends_on, is_required, since = terms
        for number in range(self._things):
            thing = NamedNode(f"https://example.org/id/job/{number:08}")
            yield Triple(thing, NamedNode(RDF + "type"), job)
            yield Triple(thing, NamedNode(RDFS + "label"), Literal(f"Job {number}, “in words”"))
            yield Triple(thing, NamedNode(RDFS + "label"), Literal(f"عمل {number}", language="ar"))
            yield Triple(thing, demand, Literal(f"{number % 20}.5", datatype=NamedNode(XSD + "decimal")))
            yield Triple(thing, is_required, Literal(number % 2 == 0))
            yield Triple(thing, since, Literal("2025-01-31", datatype=NamedNode(XSD + "date")))
            for step in (1, 2):
                yield Triple(thing, tags, Literal(f"tag {number * step % 100}, {step}"))
                target = (number + step) % self._things
                yield Triple(thing, depends_on, NamedNode(f"https://example.org/id/job/{target:08}"))


if __name__ == "__main__":
    name, folder, things = sys.argv[1:]
    write_tables(MadeUp(int(things)), cast(TableFormat, name), Path(folder), vocabulary=Vocabulary())
