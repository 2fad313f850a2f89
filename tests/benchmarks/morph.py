"""morph-kgc on CSV files: the RML document of the tables in a folder, and the time that the engine takes for it.

The engine has less to do than a build: no tenants and so no graphs, no soft-deleted rows left out, no other spellings
of codes, no list taken apart, JSON as it stands, and no check of anything.

`python -m tests.benchmarks.morph FOLDER` prints the seconds and the number of triples.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.morph_environment import morph_python, run_morph

from jobgraph.settings import Settings
from jobgraph.vocabulary import RDF, Column, Table, Vocabulary

PREFIXES = "@prefix rml: <http://w3id.org/rml/> .\n"


@dataclass(frozen=True)
class MorphTime:
    """The seconds of the whole process, those of them that went into reading the mapping, and the triples written."""

    whole_s: float
    mapping_s: float
    triples: int


def time_morph(folder: Path, *, base: str, vocabulary: Vocabulary, processes: int = 2) -> MorphTime:
    """Time the engine over the CSV files of `folder`; two processes were its best on two cores."""
    document = rml_document(vocabulary, folder, base)
    with tempfile.TemporaryDirectory() as work:
        morph_python()  # not made on the clock
        start = time.perf_counter()
        run = run_morph(Path(work), document, processes=processes)
        whole_s = time.perf_counter() - start
        with run.graph.open("rb") as lines:
            return MorphTime(whole_s, run.mapping_s, sum(1 for _ in lines))


def rml_document(vocabulary: Vocabulary, folder: Path, base: str) -> str:
    """The RML document, in Turtle, of the known CSV files in `folder`: classes, literals, codes and links."""
    templates = Templates(vocabulary, base)
    paths = [path for path in sorted(folder.resolve().glob("*.csv")) if path.stem in vocabulary.tables]
    return PREFIXES + "".join(
        text for path in paths for text in table_maps(path, vocabulary.tables[path.stem], templates)
    )


@dataclass(frozen=True)
class Templates:
    """Term maps of entities and cells."""

    vocabulary: Vocabulary
    base: str

    def entity(self, class_iri: str, column: str) -> str:
        return f"rml:template {quoted(f'{self.base}{self.vocabulary.class_step(class_iri)}/{{{column}}}')}"

    def cell(self, column: Column) -> str:
        if column.kind == "link":
            return self.entity(column.target, column.name)
        if column.kind == "code":
            return f"rml:template {quoted(f'{column.scheme}/{{{column.name}}}')}"
        return f"rml:reference {quoted(column.name)} ; rml:datatype <{column.datatype}>"


def table_maps(path: Path, table: Table, templates: Templates) -> Iterator[str]:
    """One triples map for the rows, and one for each link that they are the object of."""
    with path.open(encoding="utf-8", newline="") as stream:
        names = set(next(csv.reader(stream)))
    columns = [column for column in table.columns if column.name in names]
    forward = [(column.path, templates.cell(column)) for column in columns if not column.inverse]
    if table.subject:
        yield triples_map(path, templates.entity(table.subject.target, table.subject.name), forward)
        return
    row = templates.entity(table.class_iri, table.key)
    yield triples_map(path, row, [(f"{RDF}type", f"rml:constant <{table.class_iri}>"), *forward])
    for link in (column for column in columns if column.inverse):
        yield triples_map(path, templates.entity(link.target, link.name), [(link.path, row)])


def triples_map(path: Path, subject: str, objects: list[tuple[str, str]]) -> str:
    maps = " ,\n".join(f"    [ rml:predicate <{iri}> ; rml:objectMap [ {term} ] ]" for iri, term in objects)
    source = f"rml:source {quoted(str(path))} ; rml:referenceFormulation rml:CSV"
    return (
        f"[] rml:logicalSource [ {source} ] ;\n  rml:subjectMap [ {subject} ] ;\n  rml:predicateObjectMap\n{maps} .\n"
    )


def quoted(text: str) -> str:
    """A Turtle string."""
    return json.dumps(text, ensure_ascii=False)


if __name__ == "__main__":
    print(time_morph(Path(sys.argv[1]), base=Settings().base, vocabulary=Vocabulary()))
