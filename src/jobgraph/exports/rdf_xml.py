"""Triples that RDF/XML can say; the others are counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Triple

from jobgraph.exports.losses import Losses
from jobgraph.store.rdf_xml import TEXT, named_for_xml, unfit_for_xml


def iter_fit_for_xml(triples: Iterable[Triple], losses: Losses) -> Iterator[Triple]:
    """The triples that RDF/XML can say; blank nodes have names that it takes.

    Parameters
    ----------
    losses : takes those that it cannot.
    """
    for triple in triples:
        if reason := unfit_for_xml(triple):
            losses.add(reason, triple.subject, triple.predicate, *([] if reason == TEXT else [triple.object]))
        else:
            yield named_for_xml(triple)
