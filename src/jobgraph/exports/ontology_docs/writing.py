"""The folder of the reference, written beside its place and put there in one step."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from jobgraph.errors import UsageError
from jobgraph.exports.markup import read_style
from jobgraph.exports.ontology_docs.pages import MAKER, STYLE, iter_pages
from jobgraph.exports.ontology_docs.reference import Reference
from jobgraph.store.durable import remove_tree, storage_errors
from jobgraph.vocabulary import Vocabulary


def write_ontology_docs(folder: Path, vocabulary: Vocabulary) -> list[str]:
    """Write the reference of the ontology as a folder of HTML pages; the names of its files.

    An older reference in its place is replaced; the same ontology gives the same bytes.

    Raises
    ------
    UsageError : the folder holds something else.
    StorageError : it cannot be written; what was there stays.
    """
    place = folder.resolve()  # has a name even for `.`
    with storage_errors(folder):
        if place.exists() and not _is_reference(place):
            raise UsageError(f"{folder} holds something else; name a folder that is new or empty.")
        files = dict(iter_pages(Reference(vocabulary)))
        files[STYLE] = read_style(Path(__file__).with_name(STYLE))
        place.parent.mkdir(parents=True, exist_ok=True)
        _put(place, files)
    return sorted(files)


def _put(place: Path, files: Mapping[str, bytes]) -> None:
    new, old = (place.with_name(f".{place.name}.{os.getpid()}.{kind}") for kind in ("partial", "old"))
    try:
        new.mkdir()
        for name, content in files.items():
            new.joinpath(name).write_bytes(content)
        if place.exists():
            place.rename(old)
        new.rename(place)
    finally:
        if old.exists() and not place.exists():
            old.rename(place)
        remove_tree(new)
        remove_tree(old)


def _is_reference(folder: Path) -> bool:
    """Whether a folder is empty or holds a reference as this module writes it."""
    index = folder / "index.html"
    if not folder.is_dir() or not index.is_file():
        return folder.is_dir() and not any(folder.iterdir())
    return f'content="{MAKER}"'.encode() in index.read_bytes()[:1000]
