"""The files of a generation as triples: reports and tables that its maker put beside the store."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, unquote

from pyoxigraph import Literal, NamedNode, Triple

from jobgraph.errors import InputError
from jobgraph.vocabulary import RDF, XSD

_PIECE_BYTES = 192_000  # of a file in one literal; Virtuoso takes up to 10 MB
_CONTENT = NamedNode(f"{RDF}value")
_BASE64 = NamedNode(f"{XSD}base64Binary")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def file_triples(graph: str, paths: Iterable[Path]) -> Iterator[Triple]:
    """A triple for each piece of each file; an empty file has one."""
    for path in paths:
        with path.open("rb") as stream:
            number, piece = 0, stream.read(_PIECE_BYTES)
            while piece or not number:
                node = NamedNode(f"{graph}/{quote(path.name, safe='')}/{number:06}")
                yield Triple(node, _CONTENT, Literal(base64.b64encode(piece).decode(), datatype=_BASE64))
                number, piece = number + 1, stream.read(_PIECE_BYTES)


def write_files(graph: str, triples: Iterable[Triple], folder: Path) -> None:
    """Write the files that these triples are; all of them are held in memory.

    Raises
    ------
    InputError : a file would be outside the folder.
    """
    pieces = {str(triple.subject.value): triple.object for triple in triples if isinstance(triple.subject, NamedNode)}
    for iri in sorted(pieces):
        name, _, _ = iri.removeprefix(f"{graph}/").partition("/")
        value = pieces[iri]
        if not _NAME.fullmatch(unquote(name)) or not isinstance(value, Literal):
            raise InputError(f"{graph} holds a file {name!r}, which no generation has; another program wrote to it.")
        with folder.joinpath(unquote(name)).open("ab") as stream:
            stream.write(base64.b64decode(value.value))
