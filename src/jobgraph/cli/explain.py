"""`jobgraph explain`: the rules, statements and rows that an inferred triple rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobgraph.cli.options import HomeOption, TenantOption
from jobgraph.cli.output import say_json, say_table
from jobgraph.cli.published import open_published
from jobgraph.cli.terms import to_cell, to_iri, to_short

if TYPE_CHECKING:
    from pyoxigraph import Literal, NamedNode, Store, Triple

    from jobgraph.explanation import Fact
    from jobgraph.store import GraphNames

app = typer.Typer()
_MOST = 20  # ways in which one rule infers a triple; a department can come to a job by each of its roles


@app.command()
def explain(
    subject: Annotated[str, typer.Argument(help="IRI, short IRI (job/1), code or name of an entity.")],
    predicate: Annotated[str, typer.Argument(help="A property: doesJob, jg:doesJob, or its IRI.")],
    object_: Annotated[str, typer.Argument(metavar="OBJECT", help="The same as for the subject, or a value.")],
    home: HomeOption = None,
    tenant: TenantOption = None,
    output: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
) -> None:
    """Say why an inferred statement stands: the rules, what they rest on, and the rows that state it.

    Example: jobgraph explain "Evidence Lead" performsJob PHARMA_MA_RWE_001

    Exit codes: 0 explained, 2 the statement is not there, or is stated and not inferred.
    """
    from pyoxigraph import Triple

    from jobgraph.errors import UsageError
    from jobgraph.explanation import explain as explain_in
    from jobgraph.vocabulary import Vocabulary

    if output not in ("table", "json"):
        raise UsageError(f"There is no format {output!r}; choose one of table, json.")
    with open_published(home, tenant) as (store, chosen):
        start, link = _find_entity(store, subject, chosen.names), _to_property(predicate)
        triple = Triple(start, link, _find_object(store, start, link, object_, chosen.names))
        fact = explain_in(store, triple, names=chosen.names, vocabulary=Vocabulary(), most=_MOST)
    if output == "json":
        say_json(_to_json(fact))
    else:
        rows = _iter_lines(fact, chosen.names.base, 0, set())
        say_table(("statement", "because"), rows)


def _to_property(name: str) -> NamedNode:
    from jobgraph.vocabulary import JG

    return _to_node(name if ":" in name else JG + name)


def _to_node(name: str) -> NamedNode:
    from pyoxigraph import NamedNode

    from jobgraph.errors import UsageError

    try:
        return NamedNode(to_iri(name.removeprefix("<").removesuffix(">")))
    except ValueError as error:
        raise UsageError(f"{name!r} is no IRI: {error}.") from error


def _is_iri(text: str) -> bool:
    return text.startswith("<") or "://" in text or to_iri(text) != text


def _find_entity(store: Store, text: str, names: GraphNames) -> NamedNode:
    """The one entity with this IRI, code or name.

    Raises
    ------
    UsageError : there is none, or there are several.
    """
    from jobgraph.errors import UsageError
    from jobgraph.explanation import find_entities

    if _is_iri(text):
        return _to_node(text)
    found = find_entities(store, text, names)
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"No entity of {names.slug} has the IRI, code or name {text!r}; check it and the tenant.")
    some = ", ".join(node.value for node in found[:5])
    raise UsageError(f"{len(found)} entities of {names.slug} are called {text!r}; name one by its IRI, such as {some}.")


def _find_object(store: Store, start: NamedNode, link: NamedNode, text: str, names: GraphNames) -> NamedNode | Literal:
    """The value or entity of this name to which the link leads; else any entity of the name.

    Raises
    ------
    UsageError : there is none, or there are several.
    """
    from jobgraph.errors import UsageError
    from jobgraph.explanation import find_entities, find_objects

    found = find_objects(store, start, link, text, names)
    if len(found) == 1:
        return found[0]
    if found or _is_iri(text) or find_entities(store, text, names):
        return _find_entity(store, text, names)
    what = to_short(link.value).removeprefix("jg:")
    raise UsageError(f"{start.value} has no {what} {text!r} in the graph of {names.slug}; check the terms.")


def _iter_lines(fact: Fact, base: str, depth: int, seen: set[Triple]) -> Iterator[tuple[str, str]]:
    """The lines of a table: each statement below the one that rests on it, its reasons once."""
    text = "  " * depth + " ".join(to_cell(term).removeprefix(base) for term in fact.triple)
    if not fact.derivations:
        yield text, f"table {fact.row[0]}, {fact.row[1]} {fact.row[2]}" if fact.row else f"{fact.graph} graph"
        return
    if fact.triple in seen:
        yield text, "see above"
        return
    seen.add(fact.triple)
    for number, derivation in enumerate(fact.derivations):
        yield ("  " * depth + "or" if number else text), f"rule {derivation.rule}: {derivation.sentence}"
        for premise in derivation.premises:
            yield from _iter_lines(premise, base, depth + 1, seen)


def _to_json(fact: Fact) -> dict[str, Any]:
    """The fact as plain dictionaries and lists."""
    subject, predicate, obj = fact.triple
    value: dict[str, Any] = {
        "subject": getattr(subject, "value", str(subject)),
        "predicate": predicate.value,
        "object": getattr(obj, "value", str(obj)),
        "graph": fact.graph,
    }
    if fact.row:
        value["row"] = dict(zip(("table", "column", "key"), fact.row, strict=True))
    if fact.derivations:
        value["because"] = [
            {"rule": way.rule, "sentence": way.sentence, "premises": [_to_json(p) for p in way.premises]}
            for way in fact.derivations
        ]
    return value
