"""The condition of a SPARQL constraint: a cheap ASK that answers false only where no node can break it."""

from __future__ import annotations

from dataclasses import replace

from pyoxigraph import QueryBoolean, Store

from jobgraph.errors import InputError
from jobgraph.shacl.model import Shape, SparqlText
from jobgraph.shacl.sparql_text import Query


def condition_of(sparql: SparqlText, shape: Shape, place: str) -> str:
    """The condition with full IRIs in place of prefixed names; empty where the constraint has none.

    Raises
    ------
    InputError : it does not parse, is no ASK, or asks about one focus node.
    """
    if not sparql.skipped_unless:
        return ""
    query = _Condition(replace(sparql, text=sparql.skipped_unless), shape, place)
    text = query.prefixes + query.expands()
    if query.has_focus or not isinstance(Store().query(text, named_graphs=[]), QueryBoolean):
        raise InputError(f"{place}: jg:skippedUnless is no ASK about the data as a whole; write one without $this.")
    return text


class _Condition(Query):
    """A query without focus nodes, so that those inside it need not select them."""

    @property
    def has_focus(self) -> bool:
        """Whether it names the focus node all the same."""
        return any(token.name == "this" for token in self._tokens)

    def _prebound(self) -> set[str]:
        return set()
