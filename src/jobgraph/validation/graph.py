"""Validation of a tenant's store: our shapes and more, as set-based SPARQL or by the reference engine."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor
from itertools import chain
from pathlib import Path

from pyoxigraph import NamedNode, Store

from jobgraph.shacl import Validation, ask_ahead, read_shapes, validate, validate_changes
from jobgraph.shacl.kept import Ahead, Past
from jobgraph.shacl.model import Shapes
from jobgraph.store import GraphNames
from jobgraph.validation.our_shapes import our_shapes
from jobgraph.vocabulary import Vocabulary


def read_all_shapes(vocabulary: Vocabulary, more: Iterable[Path] = (), *, after_the_door: bool = False) -> Shapes:
    """Our shapes, and those of more files; with `after_the_door`, without what the door decides of columns and keys.

    Raises
    ------
    TurtleError, InputError : a file does not parse, or a shape in it is not well formed.
    """
    return read_shapes(chain(our_shapes(vocabulary, after_the_door=after_the_door), more))


def validate_graph(
    store: Store,
    names: GraphNames,
    shapes: Shapes,
    *,
    engine: str = "compiled",
    threads: int = 2,
) -> Validation:
    """What is found in all that a tenant's store says, the ontology with its codes included.

    Raises
    ------
    UsageError : there is no such engine.
    InputError : a shape cannot be evaluated.
    """
    graphs = [*names.present(store), NamedNode(names.ontology)]
    return validate(store, graphs, shapes, engine=engine, threads=threads)


def validate_graph_changes(
    store: Store, names: GraphNames, shapes: Shapes, *, past: Past, ahead: Ahead | None = None, threads: int
) -> Validation:
    """The same after a change, asked only where it matters.

    Raises
    ------
    InputError : a shape cannot be evaluated.
    """
    graphs = [*names.present(store), NamedNode(names.ontology)]
    return validate_changes(store, graphs, shapes, past=past, ahead=ahead, threads=threads)


def ask_graph_ahead(store: Store, names: GraphNames, shapes: Shapes, *, past: Past, aside: Executor) -> Ahead:
    """Ask in `aside` what `validate_graph_changes` cannot follow, before all of a change is made.

    Raises
    ------
    InputError : a shape cannot be evaluated.
    """
    graphs = [*names.present(store), NamedNode(names.ontology)]
    return ask_ahead(store, graphs, shapes, past=past, aside=aside)
