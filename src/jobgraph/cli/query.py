"""`jobgraph query`, `dump` and `describe`: ask a tenant's published graph."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from jobgraph.cli.common import HomeOption, TenantOption, read_settings, say, say_table

if TYPE_CHECKING:
    from pyoxigraph import Store, Triple

    from jobgraph.store import Generation
    from jobgraph.store.query import Term

GenerationOption = Annotated[str | None, typer.Option("--generation", "-g", help="An older generation; the current one if none.")]
OutOption = Annotated[Path | None, typer.Option("--out", "-o", help="File to write; standard output if none.")]


def query(
    sparql: Annotated[str, typer.Argument(help="SPARQL text, a file that holds it, or - for standard input.")],
    home: HomeOption = None,
    tenant: TenantOption = None,
    generation: GenerationOption = None,
    bind: Annotated[list[str] | None, typer.Option(help="NAME=VALUE for a variable; an IRI stands in <>.")] = None,
    output: Annotated[str, typer.Option("--format", help="table, csv, tsv, json, xml; turtle and others for triples.")] = "table",
    out: OutOption = None,
) -> None:
    """Answer a SPARQL query from a tenant's published graph; the usual prefixes need no declaration.

    Example: jobgraph query -t northwind-bio "SELECT ?label { ?job a jg:Job ; rdfs:label ?label } ORDER BY ?label LIMIT 5"
    """
    from jobgraph.store import run_query

    with _open(home, tenant, generation) as (store, chosen):
        values = dict(_binding(pair) for pair in bind or ())
        answer = run_query(store, _with_prefixes(_read_text(sparql)), graphs=chosen.names, substitutions=values)
        if output != "table":
            with _output(out) as stream:
                answer.write(stream, output)
            return
        rows = [[_cell(term) for term in row] for row in answer.rows()]
        say_table(answer.columns, rows)
        say(f"{len(rows)} row{'' if len(rows) == 1 else 's'}")


def dump(
    home: HomeOption = None,
    tenant: TenantOption = None,
    generation: GenerationOption = None,
    output: Annotated[
        str, typer.Option("--format", help="turtle, trig, ntriples, nquads, rdfxml or jsonld; those with graphs write all.")
    ] = "trig",
    out: OutOption = None,
) -> None:
    """Write a tenant's whole graph.

    Example: jobgraph dump -t northwind-bio --format turtle --out northwind.ttl
    """
    from jobgraph.store import dump as dump_store

    with _open(home, tenant, generation) as (store, chosen), _output(out) as stream:
        dump_store(store, stream, output, chosen.names)


def describe(
    iri: Annotated[str, typer.Argument(help="A term (jg:Job), or the IRI of an entity.")],
    home: HomeOption = None,
    tenant: TenantOption = None,
) -> None:
    """Say what is known of a term or an entity, with the row it came from and what leads to it.

    Example: jobgraph describe jg:Outcome
    """
    from jobgraph.mapping.iris import row_of
    from jobgraph.store import describe as describe_store
    from jobgraph.store.formats import PREFIXES
    from jobgraph.vocabulary import Vocabulary

    prefix, _, local = iri.partition(":")
    full = PREFIXES[prefix] + local if prefix in PREFIXES else iri
    vocabulary = Vocabulary()
    if full.startswith(PREFIXES["jg"]):
        _say_term(full, vocabulary)
        return
    with _open(home, tenant, None) as (store, chosen):
        found = describe_store(store, full, chosen.names, limit=200)
        if not found.outgoing and not found.incoming:
            from jobgraph.errors import UsageError

            raise UsageError(f"{full} is not in the graph of {chosen.slug}; check the IRI and the tenant.")
        say_table(("property", "value"), sorted((_short(t.predicate.value), _cell(t.object)) for t in found.outgoing), title=full)
        if found.incoming:
            say_table(("entity", "property that leads here"), [_incoming(t) for t in found.incoming])
        if row := row_of(full, str(chosen.manifest["base"]), vocabulary):
            say(f"Row: table {row[0].name}, {row[0].key} {row[1]}, source {chosen.manifest.get('source', 'unknown')}.")


def _say_term(iri: str, vocabulary: object) -> None:
    """Say what the ontology says of one of its terms, and which tables and columns it comes from."""
    from jobgraph.errors import UsageError
    from jobgraph.turtle import read_turtle
    from jobgraph.vocabulary import Vocabulary

    assert isinstance(vocabulary, Vocabulary)
    facts = [t for path in vocabulary.ontology_files() for t in read_turtle(path) if _is_about(t, iri)]
    if not facts:
        raise UsageError(f"{iri} is no term of the ontology; see the files in {vocabulary.ontology_path}.")
    say_table(("property", "value"), sorted((_short(t.predicate.value), _cell(t.object)) for t in facts), title=iri)
    places = [f"{t.name}.{c.name}" for t in vocabulary.tables.values() for c in t.columns if c.path == iri]
    if iri in vocabulary.table_of_class:
        places.insert(0, vocabulary.table_of_class[iri].name)
    if places:
        say(f"Comes from {', '.join(sorted(places)[:20])}{' …' if len(places) > 20 else ''}.")


def _is_about(triple: Triple, iri: str) -> bool:
    return str(getattr(triple.subject, "value", "")) == iri


def _incoming(triple: Triple) -> tuple[str, str]:
    return str(getattr(triple.subject, "value", triple.subject)), _short(triple.predicate.value)


@contextmanager
def _open(home: Path | None, tenant: str | None, generation: str | None) -> Iterator[tuple[Store, Generation]]:
    """The store of a tenant's generation; the tenant may go unnamed where there is one only."""
    from jobgraph.errors import UsageError
    from jobgraph.store import Home

    tenants = Home(read_settings(home).home)
    if tenant is None:
        slugs = tenants.tenants()
        if len(slugs) != 1:
            known = f"name one of {', '.join(slugs[:10])} with --tenant" if slugs else "run jobgraph build SOURCE first"
            raise UsageError(f"There are {len(slugs)} tenants in {tenants.path}; {known}.")
        tenant = slugs[0]
    found = tenants.tenant(tenant)
    chosen = found.generation(generation) if generation else found.current()
    if chosen is None:
        raise UsageError(f"{tenant} has no published generation; run jobgraph build SOURCE first.")
    with chosen.open() as store:
        yield store, chosen


@contextmanager
def _output(out: Path | None) -> Iterator[IO[bytes]]:
    if out is None:
        yield sys.stdout.buffer
        return
    beside = out.with_name(f".{out.name}.partial")
    try:
        with beside.open("wb") as stream:
            yield stream
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)


def _read_text(sparql: str) -> str:
    from jobgraph.errors import InputError

    if sparql == "-":
        return sys.stdin.read()
    if any(character in sparql for character in "{\n"):
        return sparql
    path = Path(sparql)
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{sparql} is neither SPARQL text nor a file that can be read: {error}.") from None


def _binding(pair: str) -> tuple[str, Term]:
    """The variable and the term of NAME=VALUE."""
    from pyoxigraph import Literal, NamedNode

    from jobgraph.errors import UsageError

    name, equals, value = pair.partition("=")
    if not equals or not name.isidentifier():
        raise UsageError(f"{pair!r} is not NAME=VALUE; write --bind name='Wren'.")
    try:
        return name, NamedNode(value[1:-1]) if value.startswith("<") and value.endswith(">") else Literal(value)
    except ValueError as error:
        raise UsageError(f"{value} is no IRI: {error}.") from None


def _with_prefixes(text: str) -> str:
    """The query with the usual prefixes before it, on its first line, so that places in messages stay right."""
    import re

    from jobgraph.store.formats import PREFIXES

    declared = set(re.findall(r"(?i)\bPREFIX\s+([\w.-]*):", text))
    used = [f"PREFIX {name}: <{iri}> " for name, iri in PREFIXES.items() if name not in declared and f"{name}:" in text]
    return "".join(used) + text


def _short(iri: str) -> str:
    from jobgraph.store.formats import PREFIXES

    for name, start in sorted(PREFIXES.items(), key=lambda item: -len(item[1])):
        if iri.startswith(start) and "/" not in iri.removeprefix(start):
            return f"{name}:{iri.removeprefix(start)}"
    return iri


def _cell(term: Term | None) -> str:
    """A term as people read it: a literal's text, a short IRI."""
    from pyoxigraph import Literal, NamedNode

    if isinstance(term, Literal):
        return term.value
    return _short(term.value) if isinstance(term, NamedNode) else str(term or "")
