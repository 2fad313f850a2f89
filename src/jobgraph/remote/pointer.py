"""The graph of a tenant that says which generations an endpoint holds, and which one is published.

    <pointer> dcat:hasCurrentVersion <generation> .          one, replaced by one update
    <generation> rdf:value "…"^^rdf:JSON ;                   its graphs, their counts and digests, its manifest
        dcterms:created "…"^^xsd:dateTime ;                  when its graphs began to be sent
        prov:generatedAtTime "…"^^xsd:dateTime ;             when they were all there
        prov:invalidatedAtTime "…"^^xsd:dateTime .           when another took its place

Each condition of an update is a pattern that must match: Virtuoso takes a FILTER NOT EXISTS that stands alone for true.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from jobgraph.errors import StaleGenerationError, UsageError
from jobgraph.remote.graph_set import GraphSet
from jobgraph.remote.names import RemoteNames
from jobgraph.vocabulary import RDF, XSD

if TYPE_CHECKING:
    from jobgraph.exports.endpoint import Endpoint

_PROV = "http://www.w3.org/ns/prov#"
_CURRENT = NamedNode("http://www.w3.org/ns/dcat#hasCurrentVersion")
_DESCRIPTION = NamedNode(f"{RDF}value")
_BEGUN = NamedNode("http://purl.org/dc/terms/created")
_WHOLE = NamedNode(f"{_PROV}generatedAtTime")
_REPLACED = NamedNode(f"{_PROV}invalidatedAtTime")
_TIME = NamedNode(f"{XSD}dateTime")
_JSON = NamedNode(f"{RDF}JSON")
_ABANDONED = timedelta(days=1)  # after which what was begun is not going on any more


@dataclass(frozen=True)
class Pointer:
    """What the endpoint holds of a tenant; nothing is remembered from one question to the next."""

    endpoint: Endpoint
    names: RemoteNames

    def current(self) -> GraphSet | None:
        """The published generation, None where there is none: all of it in one answer.

        Raises
        ------
        SourceGoneError, UsageError : the endpoint fails or refuses.
        InputError : somebody else wrote to the graph.
        """
        return next(self._published(), None)

    def generations(self) -> list[GraphSet]:
        """The generations that are whole, the oldest first.

        Raises
        ------
        SourceGoneError, UsageError, InputError : as for `current`.
        """
        return list(self._sets(f"?set {_DESCRIPTION} ?text . ?set {_WHOLE} ?time ."))

    def generation(self, which: str | int) -> GraphSet:
        """The generation with this name or number.

        Raises
        ------
        UsageError : there is none.
        """
        found = self.generations()
        for each in found:
            if str(which).isdecimal() and each.number == int(which):
                return each
        listed = ", ".join(each.name for each in found) or "none"
        raise UsageError(f"{self.names.slug} has no generation {which} at the endpoint; choose one of {listed}.")

    def announce(self, new: GraphSet) -> None:
        """Say what is going to be sent, so that it can be removed if it never gets whole."""
        text = Literal(new.to_json(), datatype=_JSON)
        self._insert(f"<{new.iri}> {_DESCRIPTION} {text} ; {_BEGUN} {_now()} .")

    def confirm(self, new: GraphSet) -> None:
        """Say that all of it is there."""
        self._insert(f"<{new.iri}> {_WHOLE} {_now()} .")

    def switch(self, new: GraphSet, old: GraphSet | None) -> None:
        """Publish a generation in place of another, in one update.

        Raises
        ------
        StaleGenerationError : it is another one by now that is published.
        """
        if old is None and self.current() is None:
            self._insert(f"{self._node} {_CURRENT} <{new.iri}> .")
        elif old is not None and old.iri != new.iri:
            was, becomes = f"{self._node} {_CURRENT} <{old.iri}> .", f"{self._node} {_CURRENT} <{new.iri}> ."
            self._update(
                f"DELETE {{ GRAPH {self._node} {{ {was} }} }} "
                f"INSERT {{ GRAPH {self._node} {{ {becomes} <{old.iri}> {_REPLACED} {_now()} . }} }} "
                f"WHERE {{ GRAPH {self._node} {{ {was} }} }}"
            )
        published = list(self._published())
        for other in published[1:]:  # two writers published a first one; that with the lower name stays
            self._update(f"DELETE DATA {{ GRAPH {self._node} {{ {self._node} {_CURRENT} <{other.iri}> . }} }}")
        if not published or published[0].iri != new.iri:
            name = published[0].name if published else "none"
            raise StaleGenerationError(
                f"Another writer published generation {name} of {self.names.slug} meanwhile, and it stays; run again.",
                current=name,
            )

    def outdated(self, keep: int, grace_s: float) -> list[GraphSet]:
        """The generations that may go: neither published nor among the newest `keep`, and long enough out of use.

        What never got whole may go after a day.
        """
        current = self.current()
        kept = {each.iri for each in [*self.generations()[-keep:], *([current] if current else [])]}
        found = [each for each in self._sets(f"?set {_DESCRIPTION} ?text .") if each.iri not in kept]
        return [each for each in found if self._is_unused(each, timedelta(seconds=grace_s))]

    def _is_unused(self, old: GraphSet, grace: timedelta) -> bool:
        times = self._times(old)
        last = times.get(_REPLACED) or times.get(_WHOLE)
        used = last + grace if last else times.get(_BEGUN, datetime.max.replace(tzinfo=UTC) - _ABANDONED) + _ABANDONED
        return used <= datetime.now(UTC)

    def remove(self, old: GraphSet) -> None:
        """Remove a generation that is not published, its description last, so that a second try can finish it."""
        for part in old.parts:
            self._update(f"DROP SILENT GRAPH <{part.graph}>")
        self._update(f"DELETE WHERE {{ GRAPH {self._node} {{ <{old.iri}> ?property ?value . }} }}")

    @property
    def _node(self) -> NamedNode:
        return NamedNode(self.names.pointer)

    def _published(self) -> Iterator[GraphSet]:
        """The published generation; for a moment there can be two first ones, of which the first counts."""
        return self._sets(f"{self._node} {_CURRENT} ?set . ?set {_DESCRIPTION} ?text .")

    def _times(self, old: GraphSet) -> dict[NamedNode, datetime]:
        """When a generation was begun, got whole and was replaced, the last time that it was."""
        rows = self.endpoint.select(
            f"SELECT ?event ?time WHERE {{ GRAPH {self._node} {{ <{old.iri}> ?event ?time . }} "
            f"FILTER (?event IN ({_BEGUN}, {_WHOLE}, {_REPLACED})) }} ORDER BY ?time"
        )
        found = ((row["event"], row["time"]) for row in rows)
        return {
            event: datetime.fromisoformat(time.value)
            for event, time in found
            if isinstance(event, NamedNode) and isinstance(time, Literal)
        }

    def _sets(self, pattern: str) -> Iterator[GraphSet]:
        """The generations that fit a pattern, by their names."""
        query = f"SELECT ?set ?text WHERE {{ GRAPH {self._node} {{ {pattern} }} }}"
        found: dict[str, str] = {}
        for row in self.endpoint.select(query):
            if isinstance(row["set"], NamedNode) and isinstance(row["text"], Literal):
                found[row["set"].value] = row["text"].value
        for iri in sorted(found):
            yield GraphSet.from_json(iri, found[iri])

    def _insert(self, triples: str) -> None:
        self._update(f"INSERT DATA {{ GRAPH {self._node} {{ {triples} }} }}")

    def _update(self, sparql: str) -> None:
        """Carry out an update; all that are asked for here have no other effect when they come twice."""
        self.endpoint.update(sparql, repeats=True)


def _now() -> Literal:
    return Literal(datetime.now(UTC).isoformat(timespec="seconds"), datatype=_TIME)
