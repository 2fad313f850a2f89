"""Things and lists of them as RDF in three profiles: all that is known, with the names of what is named, or a tree."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from pyoxigraph import Literal, NamedNode, Triple

from jobgraph.server.paging import Page
from jobgraph.server.views.answers import Linked, missing
from jobgraph.server.views.linked_data_framed import framed
from jobgraph.server.views.linked_data_things import LABEL, TYPE, Things
from jobgraph.server.views.tenant import Tenant
from jobgraph.store.formats import rdf_format, write_triples
from jobgraph.vocabulary import JG

PAGE_SIZE = 1_000  # statements that refer to a thing, or members of a class, in one answer


def thing_data(tenant: Tenant, arguments: Mapping[str, str], media_type: str) -> Linked:
    """A thing in a profile: `full` with a page of what refers to it, `labelled`, or `framed`.

    Raises
    ------
    AnswerError : there is no such thing or page.
    """
    things, profile = Things(tenant), arguments["profile"]
    node = things.find(arguments["iri"])
    if profile == "framed":
        return Linked([framed(things, node, arguments["context"])])
    if profile == "labelled":
        triples = list(things.description(node))
        return Linked([to_bytes(chain(triples, _names(things, triples)), media_type)])
    page = page_of(arguments, sum(things.incoming_counts(node).values()), PAGE_SIZE)
    about = things.description(node) if page.number == 1 else ()
    incoming = things.incoming(node, start=page.start, most=page.size)
    return Linked([to_bytes(chain(about, incoming), media_type)], page.link)


def class_data(tenant: Tenant, arguments: Mapping[str, str], media_type: str) -> Linked:
    """A page of the things of a class, with their names.

    Raises
    ------
    AnswerError : there is no such page, or nothing of the class.
    """
    things = Things(tenant)
    class_ = class_of_step(things, arguments["step"])
    page = page_of(arguments, things.incoming_counts(class_)[TYPE], PAGE_SIZE)
    triples = [Triple(node, TYPE, class_) for node in things.members(class_, page)]
    body = to_bytes(chain(triples, _names(things, triples)), media_type)
    return Linked([body], page.link)


def class_of_step(things: Things, step: str, *, may_be_empty: bool = False) -> NamedNode:
    """The class whose things have this step in their IRIs and of which there are any.

    Parameters
    ----------
    may_be_empty : it is enough that the ontology has it.

    Raises
    ------
    AnswerError : there is none.
    """
    local = "".join(word.capitalize() for word in step.split("-"))
    if local.isalnum():
        class_ = NamedNode(f"{JG}{local}")
        is_known = may_be_empty and bool(things.ontology_facts(class_))
        if is_known or next(iter(things.incoming(class_, start=0, most=1, by=TYPE)), None):
            return class_
    raise missing()


def page_of(arguments: Mapping[str, str], total: int, size: int) -> Page:
    """The page that a view is asked for.

    Raises
    ------
    AnswerError : it lies behind the last.
    """
    try:
        return Page(int(arguments.get("page", "1")), total, size, arguments["address"])
    except LookupError:
        raise missing() from None


def to_bytes(triples: Iterable[Triple], media_type: str) -> bytes:
    """Triples in an RDF format."""
    output = io.BytesIO()
    write_triples(triples, output, rdf_format(media_type))
    return output.getvalue()


def _names(things: Things, triples: Iterable[Triple]) -> Iterator[Triple]:
    """The names of all that some triples name."""
    terms = dict.fromkeys(term for triple in triples for term in triple if isinstance(term, NamedNode))
    for node in terms:
        name = things.given_name(node)
        if isinstance(name, Literal):
            yield Triple(node, LABEL, name)
