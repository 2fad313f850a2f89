"""What a build works by, all of it read from our files: the vocabulary, the rules, and the checks of the graph.

To read them takes 0.15 s. So they are kept beside the bytecode of this module, with a digest of all that they are made
from; who can write there, can change the program as well. Where nothing can be written, they are read each time.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from importlib.metadata import version
from importlib.util import cache_from_source
from pathlib import Path
from typing import NamedTuple

from pyoxigraph import DefaultGraph

from jobgraph.reinference import FollowedRule
from jobgraph.resources import terms_hash
from jobgraph.shacl import read_data
from jobgraph.shacl.compiled import compiled_ahead, hierarchy_of
from jobgraph.shacl.model import Shapes
from jobgraph.validation import Guide, read_all_shapes
from jobgraph.vocabulary import Vocabulary

_PACKAGE = Path(__file__).parent
_PARTS = ("store", "vocabulary", "shacl", "validation")
_READERS = ("definitions.py", "*inference.py", "turtle.py", *(f"{part}/*.py" for part in _PARTS))


class Logic(NamedTuple):
    """What graphs are inferred by and checked for.

    `shapes` are what a graph as a whole must fit, compiled for the classes of our ontology; `guide` leads from results
    to people; `rules` are in the order in which they run.
    """

    shapes: Shapes
    guide: Guide
    rules: tuple[FollowedRule, ...]


class Definitions:
    """The vocabulary with the `codes` of some files, and what follows from it for graphs."""

    def __init__(self, codes: Iterable[Path] = ()) -> None:
        self._codes = tuple(codes)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What the ontology and the shapes say; its answers raise what it says of them."""
        return self._kept[0] if self._kept else Vocabulary(extensions=self._codes)

    @cached_property
    def logic(self) -> Logic:
        """What graphs are inferred by and checked for.

        Raises
        ------
        TurtleError, InputError : a file does not parse, or a shape or a rule in it is not well formed.
        """
        if self._kept:
            return self._kept[1]
        vocabulary = self.vocabulary
        shapes = read_all_shapes(vocabulary, after_the_door=True)
        hierarchy = hierarchy_of(read_data(vocabulary.ontology_files()), [DefaultGraph()])
        rules = tuple(map(FollowedRule.read, vocabulary.rule_files()))
        logic = Logic(compiled_ahead(shapes, hierarchy), Guide.of(vocabulary), rules)
        self._keep(logic)
        return logic

    @cached_property
    def _kept(self) -> tuple[Vocabulary, Logic] | None:
        with suppress(Exception), _path().open("rb") as file:  # missing, old or broken: to read anew says what is wrong
            return pickle.load(file) if file.readline().decode().strip() == self._digest else None
        return None

    def _keep(self, logic: Logic) -> None:
        if sys.dont_write_bytecode:
            return
        path, _ = _path(), self.vocabulary.schemes
        new = path.with_suffix(f".{os.getpid()}.tmp")
        with suppress(OSError):
            path.parent.mkdir(exist_ok=True)
            try:
                new.write_bytes(self._digest.encode() + b"\n" + pickle.dumps((self.vocabulary, logic)))
                new.replace(path)
            finally:
                new.unlink(missing_ok=True)

    @cached_property
    def _digest(self) -> str:
        """Of the files that are read, and of the code that reads them by its size and time, as Python does it."""
        code = [(str(p), p.stat().st_size, p.stat().st_mtime_ns) for name in _READERS for p in _PACKAGE.glob(name)]
        codes = [(str(path.absolute()), sha256(path.read_bytes()).hexdigest()) for path in self._codes]
        return sha256(repr((version("pyoxigraph"), terms_hash(), sorted(code), codes)).encode()).hexdigest()


def _path() -> Path:
    return Path(cache_from_source(__file__)).with_suffix(".pickle")
