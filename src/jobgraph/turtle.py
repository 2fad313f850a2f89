"""Turtle: files read with errors that name the line, and kept in the one canonical form that all of ours have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from pyoxigraph import BlankNode, RdfFormat, Triple, parse

from jobgraph.errors import InputError, StorageError, TurtleError
from jobgraph.turtle_layout import Tree, to_canonical_text

_MAX_DEPTH = 50
_MAYBE_NESTED = re.compile("<<|~|{[|]")  # how Turtle writes statements about statements


def read_turtle(path: Path, *, base: str | None = None) -> list[Triple]:
    """The triples of a file, in its order; blank nodes are new, so that files can be put together.

    Relative IRIs need `base`, the IRI they start from.

    Raises
    ------
    TurtleError : the file does not parse.
    InputError : the file cannot be read.
    """
    triples, _ = _parse(_read_text(path), path, rename=True, base=base)
    return triples


def format_turtle(text: str, *, path: Path) -> str:
    """The canonical form of `text`: the same graph, laid out in one fixed way; `path` is named in errors only.

    Comments and unused prefixes go; `skos:editorialNote` is the place for what editors have to say.

    Raises
    ------
    TurtleError : the text does not parse, or has a blank node that needs a name.

    >>> print(format_turtle("<ex:pump> <ex:feeds> 2, 1 .", path=Path("pumps.ttl")), end="")
    <ex:pump>
        <ex:feeds>
            1 ,
            2 ;
        .
    """
    triples, prefixes = _parse(text, path, rename=False)
    tree = Tree.from_triples(triples)
    _check_blank_nodes(tree, text, path)
    return to_canonical_text(tree, prefixes)


def format_files(paths: Iterable[Path], *, check: bool) -> list[Path]:
    """The Turtle files at `paths` and in folders below them that were not canonical; now they are, unless `check`.

    Raises
    ------
    TurtleError : a file does not parse, or has a blank node that needs a name; the files before it are done.
    InputError : a file cannot be read.
    StorageError : a file cannot be written; it is unchanged.
    """
    changed = []
    for path in _iter_files(paths):
        text = _read_text(path)
        canonical = format_turtle(text, path=path)
        if canonical != text:
            changed.append(path)
            if not check:
                _write_text(path, canonical)
    return changed


def _iter_files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob("*.ttl")) if path.is_dir() else [path]


def _read_text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TurtleError(path, data.count(b"\n", 0, error.start) + 1, "A byte is not UTF-8.") from error


def _write_text(path: Path, text: str) -> None:
    """Put `text` in place of the file in one step, so that a full disk leaves the old text."""
    new = path.with_name(f"{path.name}.new")
    try:
        new.write_text(text, encoding="utf-8", newline="\n")
        new.replace(path)
    except OSError as error:
        with suppress(OSError):
            new.unlink()
        raise StorageError(f"{path} cannot be written: {error.strerror}.") from error


def _parse(text: str, path: Path, *, rename: bool, base: str | None = None) -> tuple[list[Triple], dict[str, str]]:
    parser = parse(text.removeprefix("\ufeff"), RdfFormat.TURTLE, base_iri=base, rename_blank_nodes=rename)
    try:
        triples = [quad.triple for quad in parser]
    except SyntaxError as error:
        problem = re.sub(r"^Parser error at line \d+[^:]*: ", "", error.msg).rstrip(".")
        raise TurtleError(path, error.lineno or 1, f"{problem}.") from error
    if _MAYBE_NESTED.search(text) and any(isinstance(triple.object, Triple) for triple in triples):
        raise TurtleError(
            path, _line_of(_MAYBE_NESTED.pattern, text) or 1, "A statement about a statement has no place here."
        )
    return triples, parser.prefixes


def _check_blank_nodes(tree: Tree, text: str, path: Path) -> None:
    """Refuse blank nodes that cannot be written inside their one referrer: shared, circular, nested too deep."""
    for node, count in tree.references.items():
        if count > 1:
            raise _nameless(node, f"is referred to {count} times", text, path)
    circular = tree.references.keys() - tree.reachable()
    if circular:
        labelled = min(circular, key=lambda node: (f"_:{node.value}" not in text, node.value))
        raise _nameless(labelled, "leads back to itself", text, path)
    level = [node for root in tree.roots() for node in tree.blank_objects(root)]
    for _ in range(_MAX_DEPTH):
        level = [inner for node in level for inner in tree.blank_inside(node)]
    if level:
        raise _nameless(level[0], f"holds more than {_MAX_DEPTH} levels of others", text, path)


def _nameless(node: BlankNode, problem: str, text: str, path: Path) -> TurtleError:
    line = _line_of(rf"_:{re.escape(node.value)}(?![\w-])", text) or _line_of(r"\[|\(", text)
    return TurtleError(path, line or 1, f"A blank node {problem}; give it a name.")


def _line_of(pattern: str, text: str) -> int | None:
    match = re.search(pattern, text)
    return text.count("\n", 0, match.start()) + 1 if match else None
