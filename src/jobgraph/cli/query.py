"""`jobgraph query` and `dump`: ask a tenant's published graph, or write all of it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobgraph.cli.options import HomeOption, OutOption, StoreOption, TenantOption, read_settings
from jobgraph.cli.output import opened_output, say, say_table
from jobgraph.cli.published import find_place, open_published
from jobgraph.cli.terms import to_cell

if TYPE_CHECKING:
    from jobgraph.settings import Settings
    from jobgraph.store import Answer
    from jobgraph.store.query import Term

app = typer.Typer()
GenerationOption = Annotated[
    str | None, typer.Option("--generation", "-g", help="An older generation; the current one if none.")
]
_IS_DESCRIBE = re.compile(r"\s*describe\s", re.IGNORECASE)


@app.command()
def query(
    sparql: Annotated[str, typer.Argument(help="SPARQL text, a file that holds it, or - for standard input.")],
    home: HomeOption = None,
    store: StoreOption = None,
    tenant: TenantOption = None,
    generation: GenerationOption = None,
    bind: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Value of a variable, an IRI in <>; repeatable.")
    ] = None,
    output: Annotated[
        str, typer.Option("--format", help="table, csv, tsv, json, xml; turtle and others for triples.")
    ] = "table",
    out: OutOption = None,
    at_endpoint: Annotated[
        bool, typer.Option("--at-endpoint", help="Let the engine of --store answer, not a copy; SELECT and ASK only.")
    ] = False,
) -> None:
    """Answer a SPARQL query from a tenant's published graph; the usual prefixes need no declaration.

    Example: jobgraph query "SELECT ?job { ?job a jg:Job } LIMIT 5" -t northwind-bio

    Example: jobgraph query "ASK { ?job a jg:Job }" --store sparql+https://host/store --at-endpoint -t northwind-bio

    Exit codes: 0 answered, 1 refused (SERVICE, too large, or an endpoint leaves out rows), 2 usage, 65 the file
    cannot be read, 75 the endpoint cannot be reached.
    """
    from jobgraph.errors import UsageError
    from jobgraph.store import run_query

    if output == "table" and out:
        raise UsageError("A table goes to the screen only; name a --format for the file, such as csv.")
    values = dict(_read_binding(pair) for pair in bind or ())
    text = read_sparql(sparql)
    if at_endpoint:
        _write(_answer_there(read_settings(home, store), tenant, generation, text, values), output, out)
        return
    with open_published(home, tenant, generation, store=store) as (opened, chosen):
        _write(run_query(opened, text, graphs=chosen.names, substitutions=values), output, out)


def _answer_there(
    settings: Settings, tenant: str | None, generation: str | None, text: str, values: Mapping[str, Term]
) -> Answer:
    """The answer of the endpoint itself."""
    from jobgraph.errors import UsageError
    from jobgraph.remote import Pointer, ask_endpoint

    place, slug = find_place(settings, tenant)
    names = place.names(slug)
    with place.open(slug) as endpoint:
        pointer = Pointer(endpoint, names)
        chosen = pointer.generation(generation) if generation else pointer.current()
        if chosen is None:
            raise UsageError(f"There is no tenant {slug} at {place.addresses.graphs}; build it first.")
        return ask_endpoint(endpoint, names, chosen, text, substitutions=values)


def _write(answer: Answer, output: str, out: Path | None) -> None:
    if output != "table":
        with opened_output(out) as stream:
            answer.write(stream, output)
        return
    count = say_table(answer.columns, ([to_cell(term) for term in row] for row in answer.rows()))
    say(f"{count:,} row{'' if count == 1 else 's'}")


@app.command()
def dump(
    home: HomeOption = None,
    store: StoreOption = None,
    tenant: TenantOption = None,
    generation: GenerationOption = None,
    output: Annotated[str, typer.Option("--format", help="turtle, trig, ntriples, nquads, rdfxml or jsonld.")] = "trig",
    out: OutOption = None,
) -> None:
    """Write a tenant's graph: trig, nquads and jsonld all graphs, the others the merged rows and what follows.

    Example: jobgraph dump -t northwind-bio --format turtle --out northwind.ttl
    """
    from jobgraph.store import dump as write_store

    with open_published(home, tenant, generation, store=store) as (opened, chosen), opened_output(out) as stream:
        write_store(opened, stream, output, chosen.names)


def read_sparql(sparql: str) -> str:
    """SPARQL text as it stands, of the file that it names, or of standard input where it is `-`.

    Raises
    ------
    InputError : it is no SPARQL and names no file that can be read, or what was read is no UTF-8 text.
    """
    from jobgraph.errors import InputError

    is_text = _IS_DESCRIBE.match(sparql) or "{" in sparql or "\n" in sparql
    try:
        content = os.fsencode(sparql) if is_text else _read_bytes(sparql)
        return content.decode("utf-8")
    except OSError as error:
        raise InputError(
            f"{sparql!r} is no file that can be read ({error.strerror}) and no SPARQL; check the name."
        ) from None
    except UnicodeDecodeError:
        raise InputError("The query is no UTF-8 text; write or save it as UTF-8.") from None


def _read_bytes(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()


def _read_binding(pair: str) -> tuple[str, Term]:
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
