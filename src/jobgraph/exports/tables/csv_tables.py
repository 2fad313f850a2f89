"""CSV files, one for each class, with CSVW metadata that leads back to the triples.

What a thing can have one of is a column of its table. What it can have several of is a table of its own with a line
for each value, and so is text of which some is empty: in CSVW a list in a cell has no escapes, and an empty cell says
nothing.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jobgraph.exports.tables.csvw import file_name, is_apart, metadata_document
from jobgraph.exports.tables.naming import KEY
from jobgraph.exports.tables.survey import Survey, ThingTable
from jobgraph.exports.tables.text_files import TextFile, TextFiles, csv_line, text_files
from jobgraph.exports.tables.things import Fact, Reader, Thing, Triples
from jobgraph.vocabulary import Vocabulary

_METADATA = "metadata.json"


def write_csv(selection: Triples, survey: Survey, folder: Path, vocabulary: Vocabulary) -> list[Path]:
    """Write the tables and their metadata; give the files."""
    with text_files(folder) as files:
        writers = [_TableWriter(table, survey.table_of, files) for table in survey.tables]
        for thing in Reader().things(selection):
            writers[survey.table_of[thing.iri]].add(thing)
    targets = {(writer.table.name, fact): found for writer in writers for fact, found in writer.targets.items()}
    document = metadata_document(survey, targets, vocabulary)
    path = folder / _METADATA
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [*files.paths, path]


@dataclass
class _TableWriter:
    table: ThingTable
    table_of: Mapping[str, int]
    files: TextFiles
    targets: Mapping[Fact, set[int | None]] = field(default_factory=lambda: defaultdict(set))
    _places: dict[Fact, int] = field(default_factory=dict)
    _apart: dict[Fact, TextFile] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [KEY]
        for column in self.table.columns:
            if is_apart(column):
                head = csv_line([KEY, column.name])
                self._apart[column.fact] = self.files.begin(file_name(self.table, column), head)
            else:
                self._places[column.fact] = len(names)
                names.append(column.name)
        self._file = self.files.begin(file_name(self.table), csv_line(names))

    def add(self, thing: Thing) -> None:
        cells: list[str | None] = [None] * (len(self._places) + 1)
        cells[0] = thing.iri
        for fact, values in self.table.without_types(thing).items():
            if fact[1].type == "iri":
                self.targets[fact].update(self.table_of.get(value) for value in values)
            if fact in self._places:
                cells[self._places[fact]] = values[0]
            else:
                for value in values:
                    self._apart[fact].add(csv_line([thing.iri, value]))
        self._file.add(csv_line(cells))
