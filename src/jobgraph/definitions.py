"""What a build works by, all of it read from our files: the vocabulary, and the checks of the graph.

To read them takes 0.1 s. So they are kept beside the bytecode of this module, with a digest of all that they are made
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
from typing import TypeAlias

from jobgraph.resources import terms_hash
from jobgraph.shacl.model import Shapes
from jobgraph.validation import Guide, read_all_shapes
from jobgraph.vocabulary import Vocabulary

Checks: TypeAlias = tuple[Shapes, Guide]
_PACKAGE = Path(__file__).parent
_READERS = ("definitions.py", "turtle.py", "vocabulary/*.py", "shacl/*.py", "validation/*.py")


class Definitions:
    """The vocabulary with the `codes` of some files, and what is to be checked after the door."""

    def __init__(self, codes: Iterable[Path] = ()) -> None:
        self._codes = tuple(codes)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What the ontology and the shapes say; its answers raise what it says of them."""
        return self._kept[0] if self._kept else Vocabulary(extensions=self._codes)

    @cached_property
    def checks(self) -> Checks:
        """What the graph is checked for, and what leads from results to people.

        Raises
        ------
        TurtleError, InputError : a file does not parse, or a shape in it is not well formed.
        """
        if self._kept:
            return self._kept[1]
        checks = read_all_shapes(self.vocabulary, after_the_door=True), Guide.of(self.vocabulary)
        self._keep(checks)
        return checks

    @cached_property
    def _kept(self) -> tuple[Vocabulary, Checks] | None:
        with suppress(Exception):  # missing, of another version or broken: they are read anew, which says what is wrong
            digest, content = _path().read_bytes().split(b"\n", 1)
            return pickle.loads(content) if digest.decode() == self._digest else None
        return None

    def _keep(self, checks: Checks) -> None:
        if sys.dont_write_bytecode:
            return
        path, _ = _path(), self.vocabulary.schemes
        new = path.with_suffix(f".{os.getpid()}.tmp")
        with suppress(OSError):
            path.parent.mkdir(exist_ok=True)
            try:
                new.write_bytes(self._digest.encode() + b"\n" + pickle.dumps((self.vocabulary, checks)))
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
