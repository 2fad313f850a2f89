"""`jobgraph validate` without data files: a tenant's published graph against our shapes, and those of more files."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from jobgraph.cli.output import say, say_json, say_rows
from jobgraph.cli.work_list import CSV_COLUMNS, csv_rows, say_work_list

if TYPE_CHECKING:
    from pyoxigraph import Store

    from jobgraph.shacl import Validation
    from jobgraph.shacl.model import Shapes
    from jobgraph.store import Generation


def validate_published(
    store: Store, generation: Generation, shapes: list[Path], *, engine: str, output: str
) -> Validation:
    """Validate a generation whose store is open, and print the work list, or the report as Turtle."""
    from jobgraph.validation import read_all_shapes, validate_graph
    from jobgraph.vocabulary import Vocabulary

    read = read_all_shapes(Vocabulary(), shapes)
    validation = validate_graph(store, generation.names, read, engine=engine)
    _say(validation, store, generation, read, output)
    return validation


def _say(validation: Validation, store: Store, generation: Generation, shapes: Shapes, output: str) -> None:
    from jobgraph.pipeline.review import find_repairs, review
    from jobgraph.validation import Guide
    from jobgraph.vocabulary import Vocabulary

    if output == "turtle":
        from jobgraph.shacl import write_report

        write_report(validation.results, sys.stdout)
        return
    vocabulary = Vocabulary()
    guide = Guide.of(vocabulary, shapes.statements.facts)
    found = review(store, generation, validation.results, guide=guide, vocabulary=vocabulary).beginning()
    delegated = {str(shape): reason for shape, reason in validation.delegated.items()}
    if output == "csv":
        say_rows(CSV_COLUMNS, csv_rows(found), "csv")
    elif output == "json":
        repaired = find_repairs(store, generation, validation.results, vocabulary=vocabulary)
        repairs = [repair._asdict() for repair in repaired]
        say_json({"conforms": validation.conforms, **asdict(found), "repairs": repairs, "delegated": delegated})
    else:
        say_work_list(found)
        for shape, reason in delegated.items():
            say(f"pySHACL validated {shape}: {reason}.")
