"""What a tenant's graph says of one thing: the statements about it, what refers to it, and what things are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias, cast

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolution, QuerySolutions, Store, Triple, Variable

from jobgraph.server.paging import Page
from jobgraph.server.views.answers import missing
from jobgraph.server.views.tenant import Tenant
from jobgraph.store import NAMING
from jobgraph.vocabulary import JG, RDF, RDFS, SKOS, to_snake_case

Term: TypeAlias = NamedNode | BlankNode | Literal | Triple

TYPE, LABEL = NamedNode(RDF + "type"), NamedNode(RDFS + "label")
_NOTATION = NamedNode(SKOS + "notation")
_NAMING = (LABEL, *(predicate for predicate in NAMING if predicate != LABEL))
_MOST_SORTED = 10_000  # to read the names of that many takes about a second
_KEY_START = 8  # characters
_LAST_STEP = re.compile(r"[^/#:]*$")
_QUERIES = Path(__file__).parent / "queries"


@dataclass(frozen=True)
class Statement:
    """One thing that is said of another; `graph` is asserted, inferred, shared, metadata, ontology or unnamed."""

    property: NamedNode
    value: Term
    graph: str


class Things:
    """The things of one tenant: the merged graphs and the metadata as one, with names from the ontology."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant, self.base = tenant, tenant.names.base
        self._store: Store = tenant.store
        names = tenant.names
        kinds = ("asserted", "inferred", "shared", "metadata", "ontology")
        self._kinds = {getattr(names, kind): kind for kind in kinds}
        self._ontology = NamedNode(names.ontology)
        self.graphs = [*names.present(self._store), NamedNode(names.metadata)]

    def find(self, iri: str) -> NamedNode:
        """The thing with this IRI.

        Raises
        ------
        AnswerError : nothing is said of it and nothing refers to it.
        """
        try:
            node = NamedNode(iri)
        except ValueError:
            raise missing() from None
        if not self.is_known(node):
            raise missing()
        return node

    def is_known(self, node: NamedNode) -> bool:
        """Whether anything is said of a thing, or refers to it."""
        for graph in self.graphs:
            if next(self._store.quads_for_pattern(node, None, None, graph), None):
                return True
            if next(self._store.quads_for_pattern(None, None, node, graph), None):
                return True
        return self._store.contains_named_graph(node)

    def statements(self, node: NamedNode | BlankNode) -> Iterator[Statement]:
        """What is said of a thing."""
        for graph in self.graphs:
            for quad in self._store.quads_for_pattern(node, None, None, graph):
                yield Statement(quad.predicate, quad.object, self._kinds.get(getattr(graph, "value", ""), "unnamed"))

    def description(self, node: NamedNode) -> Iterator[Triple]:
        """The statements about a thing as triples, and those about the unnamed nodes that they lead to."""
        return described(node, self.statements)

    def incoming_counts(self, node: NamedNode) -> dict[NamedNode, int]:
        """How many statements refer to a thing, by property."""
        found = self.query("incoming_counts", node=node)
        return {cast("NamedNode", row["property"]): int(_text(row, "count")) for row in found}

    def incoming(self, node: NamedNode, *, start: int, most: int, by: NamedNode | None = None) -> list[Triple]:
        """Some of the statements that refer to a thing, in an order that stays the same."""
        bound = {"node": node, "property": by} if by else {"node": node}
        rows = self.query("incoming", f"OFFSET {start:d} LIMIT {most:d}", **bound)
        subjects = ((row["thing"], cast("NamedNode", row["property"])) for row in rows)
        return [Triple(s, by or property_, node) for s, property_ in subjects if isinstance(s, NamedNode | BlankNode)]

    def members(self, class_: NamedNode, page: Page) -> list[NamedNode]:
        """A page of the things of a class: by name where they are few, else in an order that stays the same."""
        if page.total > _MOST_SORTED:
            found = (triple.subject for triple in self.incoming(class_, start=page.start, most=page.size, by=TYPE))
            return [node for node in found if isinstance(node, NamedNode)]
        names: dict[NamedNode, str] = {}
        for row in self.query("named_members", node=class_):
            thing, name = row["thing"], getattr(row["name"], "value", "")
            if isinstance(thing, NamedNode):
                names[thing] = min(names.get(thing, name), name)
        ordered = sorted(names, key=lambda node: (names[node].casefold(), node.value))
        return ordered[page.start : page.start + page.size]

    def count(self, query: str, name: str) -> dict[str, int]:
        """The counts that a query gives, by IRI."""
        rows = self.query(query)
        return {node.value: int(_text(row, "count")) for row in rows if isinstance(node := row[name], NamedNode)}

    def name(self, node: Term) -> str:
        """What people call a thing: its name, else its code or short name, else its class and the start of its key.

        A term that the ontology only borrows has the last step of its IRI as its name.
        """
        found = self.given_name(node)
        if found:
            return found.value
        iri = str(getattr(node, "value", node))
        if not isinstance(node, NamedNode):
            return iri
        if not iri.startswith(self.base):
            return to_snake_case(_LAST_STEP.findall(iri)[0]).replace("_", " ") or iri
        classes = self.classes(node)
        return f"{self.name(classes[0])} {iri.rpartition('/')[2][:_KEY_START]}" if classes else iri

    def code(self, node: NamedNode) -> str:
        """What tells a thing from others of its name: its code, else the start of its key."""
        return self.own_code(node) or node.value.rpartition("/")[2][:_KEY_START]

    def apart(self, nodes: Iterable[NamedNode]) -> Mapping[NamedNode, str]:
        """What tells those apart that have one name: the code where that does, else the key; '' for all others."""
        found = {node: (self.name(node), self.own_code(node)) for node in nodes}
        names, pairs = Counter(name for name, _ in found.values()), Counter(found.values())
        exact = {
            node: code if code and pairs[name, code] == 1 else self._key(node) for node, (name, code) in found.items()
        }
        return {node: exact[node] if names[name] > 1 else "" for node, (name, _) in found.items()}

    def _key(self, node: NamedNode) -> str:
        """What an IRI of ours has behind the class; all of any other."""
        return node.value.removeprefix(self.base).partition("/")[2] if node.value.startswith(self.base) else node.value

    def own_code(self, node: NamedNode) -> str:
        """The code of a thing; '' where it has none."""
        quads = self._store.quads_for_pattern(node, _NOTATION, None, None)
        return min((quad.object.value for quad in quads if isinstance(quad.object, Literal)), default="")

    def given_name(self, node: Term) -> Literal | None:
        """The name, else the code or short name of a thing; None where it has none. English goes before others."""
        if not isinstance(node, NamedNode | BlankNode):
            return None
        for predicate in _NAMING:
            quads = self._store.quads_for_pattern(node, predicate, None, None)
            texts = [quad.object for quad in quads if isinstance(quad.object, Literal)]
            if texts:
                return min(texts, key=lambda text: ((text.language or "en") != "en", text.value))
        return None

    def names(self, node: NamedNode) -> Iterator[str]:
        """All names, codes and short names of a thing."""
        for predicate in _NAMING:
            for quad in self._store.quads_for_pattern(node, predicate, None, None):
                if isinstance(quad.object, Literal):
                    yield quad.object.value

    def all_of(self, class_: NamedNode) -> Iterator[NamedNode]:
        """The things of a class, in an order that stays the same."""
        for graph in self.graphs:
            for quad in self._store.quads_for_pattern(None, TYPE, class_, graph):
                if isinstance(quad.subject, NamedNode):
                    yield quad.subject

    def classes(self, node: NamedNode) -> list[NamedNode]:
        """The classes of a thing, ours first, each once."""
        found = {s.value: None for s in self.statements(node) if s.property == TYPE and isinstance(s.value, NamedNode)}
        return sorted(found, key=lambda class_: (not class_.value.startswith(JG), class_.value))

    def ontology_facts(self, node: NamedNode | BlankNode, predicate: str = "") -> list[Statement]:
        """What the ontology says of a term."""
        wanted = NamedNode(predicate) if predicate else None
        quads = self._store.quads_for_pattern(node, wanted, None, self._ontology)
        return [Statement(quad.predicate, quad.object, "ontology") for quad in quads]

    def ontology_subjects(self, predicate: str, value: NamedNode | None = None) -> list[NamedNode]:
        """The terms of which the ontology says something, in the order of their IRIs."""
        quads = self._store.quads_for_pattern(None, NamedNode(predicate), value, self._ontology)
        return sorted({q.subject for q in quads if isinstance(q.subject, NamedNode)}, key=lambda node: node.value)

    def query(self, query: str, window: str = "", /, **values: Term) -> Iterator[QuerySolution]:
        """The rows of a query of ours over the merged graphs, with some of its variables bound.

        Parameters
        ----------
        window : the end of the query that says which of the rows.
        """
        bound = {Variable(name): value for name, value in values.items()}
        text = f"{_query_text(query)}{window}"
        rows = self._store.query(text, default_graph=self.graphs, named_graphs=[], substitutions=bound)
        yield from cast("QuerySolutions", rows)


def _text(row: QuerySolution, name: str) -> str:
    return str(getattr(row[name], "value", ""))


@cache
def _query_text(name: str) -> str:
    return (_QUERIES / f"{name}.rq").read_text(encoding="utf-8")


def described(node: NamedNode, statements: Callable[[NamedNode | BlankNode], Iterable[Statement]]) -> Iterator[Triple]:
    """What is said of a thing as triples, and of the unnamed nodes that it leads to."""
    waiting: list[NamedNode | BlankNode] = [node]
    seen = set(waiting)
    while waiting:
        subject = waiting.pop()
        for statement in statements(subject):
            yield Triple(subject, statement.property, statement.value)
            if isinstance(statement.value, BlankNode) and statement.value not in seen:
                seen.add(statement.value)
                waiting.append(statement.value)
