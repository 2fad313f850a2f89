"""`jobgraph describe`: a term of the ontology or an entity, and where it came from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobgraph.cli.options import HomeOption, TenantOption
from jobgraph.cli.output import say, say_table, visible
from jobgraph.cli.published import open_published
from jobgraph.cli.terms import to_cell, to_iri, to_short

if TYPE_CHECKING:
    from pyoxigraph import Triple

    from jobgraph.vocabulary import Vocabulary

app = typer.Typer()
_LIMIT = 200  # statements about an entity, and as many that lead to it
_PLACES = 20


@app.command()
def describe(
    iri: Annotated[str, typer.Argument(help="A term (jg:Job), or the IRI of an entity, in short too (job/1).")],
    home: HomeOption = None,
    tenant: TenantOption = None,
) -> None:
    """Say what is known of a term or an entity, with the row it came from and what leads to it.

    Example: jobgraph describe jg:Outcome
    """
    from jobgraph.vocabulary import JG, Vocabulary

    full = to_iri(iri.removeprefix("<").removesuffix(">"))
    if full.startswith(JG):
        _say_term(full, Vocabulary())
    else:
        _say_entity(full, home, tenant)


def _say_entity(iri: str, home: Path | None, tenant: str | None) -> None:
    from jobgraph.errors import UsageError
    from jobgraph.mapping.iris import row_of
    from jobgraph.store import describe as describe_in
    from jobgraph.vocabulary import Vocabulary

    with open_published(home, tenant) as (store, chosen):
        iri = iri if ":" in iri else chosen.names.base + iri
        found = describe_in(store, iri, chosen.names, limit=_LIMIT)
        facts = chosen.manifest
    if not found.outgoing and not found.incoming:
        raise UsageError(f"{iri} is not in the graph of {chosen.slug}; check the IRI and the tenant.")
    rows = sorted((to_short(t.predicate.value), to_cell(t.object)) for t in found.outgoing)
    say_table(("property", "value"), rows, title=iri)
    if found.incoming:
        say_table(("entity", "property that leads here"), sorted(map(_incoming, found.incoming)))
    if _LIMIT in (len(found.outgoing), len(found.incoming)):
        say(f"Only the first {_LIMIT} statements are shown; jobgraph query gives all.")
    if row := row_of(iri, str(facts["base"]), Vocabulary()):
        table, key = row
        say(f"Row: table {table.name}, {table.key} {visible(key)}, source {facts.get('source', 'unknown')}.")


def _incoming(triple: Triple) -> tuple[str, str]:
    return str(getattr(triple.subject, "value", triple.subject)), to_short(triple.predicate.value)


def _say_term(iri: str, vocabulary: Vocabulary) -> None:
    """Say what the ontology says of one of its terms, and which tables and columns it comes from."""
    from jobgraph.errors import UsageError
    from jobgraph.turtle import read_turtle

    triples = (triple for path in vocabulary.ontology_files() for triple in read_turtle(path))
    facts = [triple for triple in triples if str(triple.subject) == f"<{iri}>"]
    if not facts:
        raise UsageError(f"{iri} is no term of the ontology; see the files in {vocabulary.ontology_path}.")
    say_table(("property", "value"), sorted((to_short(t.predicate.value), to_cell(t.object)) for t in facts), title=iri)
    places = sorted({f"{t.name}.{c.name}" for t in vocabulary.tables.values() for c in t.columns if c.path == iri})
    if iri in vocabulary.table_of_class:
        places.insert(0, vocabulary.table_of_class[iri].name)
    if places:
        more = f" and {len(places) - _PLACES} more" if len(places) > _PLACES else ""
        say(f"Comes from {', '.join(places[:_PLACES])}{more}.")
