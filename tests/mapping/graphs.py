"""The graphs that a build and an R2RML engine make of one database, and how they differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from jobgraph.contract import admit
from jobgraph.contract.nested import canonical_json
from jobgraph.mapping import SHARED, write_quads
from jobgraph.sources import open_source
from jobgraph.vocabulary import RDF, Vocabulary

BASE = "https://jobgraph.example/id/"
_SHOWN = 3  # statements that a failure shows of each predicate


def build_graph(location: str, vocabulary: Vocabulary, folder: Path, *, only_tenant: str = "") -> set[Quad]:
    """What our own build states; `folder` is empty."""
    work, out = folder / "work", folder / "quads"
    work.mkdir()
    with duckdb.connect() as connection, closing(open_source(location, work_dir=work)) as source:
        admitted = admit(connection, source, vocabulary, only_tenant=only_tenant)
        graphs = {slug: f"{BASE}graph/{slug}/asserted" for slug in admitted.tenants.values()}
        files = write_quads(admitted, vocabulary, out, base=BASE, graphs={**graphs, SHARED: f"{BASE}graph/shared"})
    return read_quads(files.values())


def read_quads(files: Iterable[Path]) -> set[Quad]:
    """The quads as the store keeps them: equal numbers and times are one."""
    store = Store()
    for path in files:
        store.bulk_load(path=str(path), format=RdfFormat.N_QUADS)
    return set(store)


def with_what_r2rml_lacks(quads: Iterable[Quad], vocabulary: Vocabulary) -> set[Quad]:
    """The quads of an R2RML engine after what NOT_IN_R2RML says of codes and of JSON."""
    return {Quad(q.subject, q.predicate, mended(q.object, vocabulary), q.graph_name) for q in quads}


def mended(term: object, vocabulary: Vocabulary) -> NamedNode | Literal:
    if isinstance(term, Literal):
        is_json = term.datatype.value == RDF + "JSON"
        return Literal(canonical_json(term.value) or "", datatype=term.datatype) if is_json else term
    assert isinstance(term, NamedNode)
    scheme = vocabulary.schemes.get(term.value.rpartition("/")[0])
    if not scheme:
        return term
    code = unquote(term.value.rpartition("/")[2])
    iri = {**scheme.spellings, **scheme.notations}.get(code)
    return NamedNode(iri) if iri else Literal(code)


def assert_same(ours: set[Quad], theirs: set[Quad]) -> None:
    differences = [*described("only in our build", ours - theirs), *described("only in R2RML", theirs - ours)]
    if differences:
        pytest.fail("\n".join(differences))


def described(where: str, quads: set[Quad]) -> Iterable[str]:
    """The quads by graph and predicate, with how many there are and some of them."""
    groups: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for quad in quads:
        groups[str(quad.graph_name), str(quad.predicate)].append(f"{quad.subject} {quad.object}")
    for (graph, predicate), found in sorted(groups.items()):
        yield f"{where}, {graph}: {len(found)} of {predicate}"
        yield from (f"    {text}" for text in sorted(found)[:_SHOWN])
