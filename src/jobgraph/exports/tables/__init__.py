"""A selection as tables and networks: CSV with CSVW metadata, Parquet, GraphML, and CSV that Neo4j imports.

The first pass over the triples finds what tables and columns they make, the second writes them. In memory is a number
for every thing, never the triples. Which graph a triple is in is lost in all of these formats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from jobgraph.exports.tables.csv_tables import write_csv
from jobgraph.exports.tables.graphml import write_graphml
from jobgraph.exports.tables.losses import LOSSES, losses_of
from jobgraph.exports.tables.neo4j import write_neo4j
from jobgraph.exports.tables.parquet import write_parquet
from jobgraph.exports.tables.survey import Survey, survey_selection
from jobgraph.exports.tables.things import Triples
from jobgraph.store.durable import storage_errors
from jobgraph.vocabulary import Vocabulary

__all__ = ["LOSSES", "Survey", "TableFormat", "losses_of", "survey_selection", "write_tables"]

TableFormat = Literal["csv", "graphml", "neo4j", "parquet"]


def write_tables(
    selection: Triples,
    format_name: TableFormat,
    folder: Path,
    *,
    vocabulary: Vocabulary,
    survey: Survey | None = None,
) -> list[Path]:
    """Write a selection in one of the formats into a folder, which is made; give the files, sorted.

    The same triples give the same bytes.

    Parameters
    ----------
    survey : what `survey_selection` found in it, where it is known; what is lost is `losses_of(format, survey.unsaid)`.

    Raises
    ------
    StorageError : a file cannot be written.
    """
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        found = survey or survey_selection(selection, vocabulary)
        return sorted(_WRITERS[format_name](selection, found, folder, vocabulary))


_WRITERS: Mapping[TableFormat, Callable[[Triples, Survey, Path, Vocabulary], list[Path]]] = {
    "csv": write_csv,
    "graphml": write_graphml,
    "neo4j": write_neo4j,
    "parquet": write_parquet,
}
