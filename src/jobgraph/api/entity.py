"""Entities as objects whose attributes are the terms of the ontology."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cached_property
from html import escape

from pyoxigraph import BlankNode, Literal, NamedNode

from jobgraph.api.names import INVERSE, Property, to_name, to_plural
from jobgraph.api.reader import Reader
from jobgraph.api.tables import to_text, to_value
from jobgraph.mapping.iris import row_of
from jobgraph.vocabulary import JG

Value = object  # a text, number, date, moment, boolean or Entity


class Entity:
    """One entity: read its properties, follow its links.

    - A property by its name in the ontology, in snake case: `persona.plays_role`. It is one value or None where a row
      can state one only, else a sorted list. Codes are their notations.
    - A linked class by its name, whatever the property and its direction: `persona.role` is the one role, `role.jobs`
      the sorted list of all.
    - A link that leads here by `inverse_` and its name: `job.inverse_depends_on`.

    >>> persona = kg.persona("Wren the Curious Liaison")
    >>> persona.role
    <Role 'Medical Science Liaison'>
    >>> [job.notation for job in persona.role.jobs][:2]
    ['PHARMA_MA_MI_001', 'PHARMA_MA_KOL_001']
    """

    def __init__(self, reader: Reader, node: NamedNode) -> None:
        self._reader, self._node = reader, node

    @property
    def iri(self) -> str:
        """The IRI."""
        return self._node.value

    @cached_property
    def class_name(self) -> str:
        """The name of the class in the ontology; empty for what is only referred to."""
        return self._class.removeprefix(JG)

    @property
    def source_row(self) -> str:
        """The row that states it, as table and key; empty where it was inferred."""
        found = row_of(self.iri, self._reader.graphs.base, self._reader.vocabulary)
        return f"{found[0].name} {found[1]}" if found else ""

    @cached_property
    def name(self) -> str:
        """What people call it: its name, else its code, else its IRI."""
        return self._reader.label(self._node)

    def __getattr__(self, name: str) -> Value:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._properties:
            return self._values_of(self._properties[name])
        names = self._reader.names
        if name in names.plural and self._is_near(names.plural[name]):
            return self._linked(names.plural[name])
        if name in names.singular and self._is_near(names.singular[name]):
            return self._only(name, self._linked(names.singular[name]))
        if name in self._inverse:
            return self._entities(self._inverse[name])
        raise AttributeError(self._unknown(name))

    def __dir__(self) -> list[str]:
        names = self._reader.names
        classes = [
            name for found in (names.singular, names.plural) for name, iri in found.items() if self._is_near(iri)
        ]
        return sorted({"class_name", "iri", "source_row", "name", *self._properties, *self._inverse, *classes})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entity) and (self._node, self._reader.graphs) == (other._node, other._reader.graphs)

    def __hash__(self) -> int:
        return hash(self._node)

    def __repr__(self) -> str:
        return f"<{self.class_name or 'Entity'} {self.name!r}>"

    def _repr_html_(self) -> str:
        facts = ((name, getattr(self, name)) for name in self._present)
        rows = "".join(f"<tr><th>{name}</th><td>{escape(_shown(value))}</td></tr>" for name, value in facts)
        heading = f"{escape(self.class_name)}: {escape(self.name)}"
        return f"<table><caption>{heading}</caption><tbody>{rows}</tbody></table>"

    @cached_property
    def _class(self) -> str:
        return self._reader.class_of(self._node)

    @cached_property
    def _present(self) -> list[str]:
        """The names of the properties that it has."""
        iris = {iri for iri, _ in self._reader.outgoing(self._node)}
        return [name for name, property_ in self._properties.items() if property_.iri in iris]

    @cached_property
    def _properties(self) -> dict[str, Property]:
        """What it has or might have."""
        found = {to_name(iri): Property(iri) for iri, _ in self._reader.outgoing(self._node)}
        return dict(sorted({**found, **self._reader.names.properties.get(self._class, {})}.items()))

    @cached_property
    def _inverse(self) -> dict[str, list[NamedNode]]:
        found: dict[str, list[NamedNode]] = {}
        for node, iri in self._reader.incoming(self._node):
            found.setdefault(f"{INVERSE}{to_name(iri)}", []).append(node)
        return dict(sorted(found.items()))

    def _is_near(self, class_iri: str) -> bool:
        return class_iri in self._reader.names.neighbours.get(self._class, ())

    def _values_of(self, property_: Property) -> Value:
        terms = [value for _, value in self._reader.outgoing(self._node, NamedNode(property_.iri))]
        entities = [term for term in terms if isinstance(term, NamedNode) and self._is_entity(term)]
        others = sorted((term for term in terms if term not in entities), key=to_text)
        values = [*self._entities(entities), *map(self._value, others)]
        if property_.is_single and len(values) < 2:
            return values[0] if values else None
        return values

    def _value(self, term: NamedNode | BlankNode | Literal) -> Value:
        if isinstance(term, NamedNode):
            return self._reader.code(term) or term.value
        return to_value(term)

    def _is_entity(self, node: NamedNode) -> bool:
        return node.value.startswith(self._reader.graphs.base) and bool(self._reader.class_of(node))

    def _linked(self, class_iri: str) -> list[Entity]:
        ends = (value for _, value in self._reader.outgoing(self._node) if isinstance(value, NamedNode))
        starts = (node for node, _ in self._reader.incoming(self._node))
        near = {node for nodes in (ends, starts) for node in nodes if node != self._node}
        return self._entities(node for node in near if self._reader.class_of(node) == class_iri)

    def _entities(self, nodes: Iterable[NamedNode]) -> list[Entity]:
        return sorted_entities(Entity(self._reader, node) for node in nodes)

    def _only(self, name: str, found: list[Entity]) -> Entity | None:
        if len(found) > 1:
            raise AttributeError(f"{self!r} has {len(found)} of {name}; write .{to_plural(name)}.")
        return found[0] if found else None

    def _unknown(self, name: str) -> str:
        near = get_close_matches(name, dir(self), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "see dir() of it."
        return f"{self!r} has no {name}; {hint}"


def sorted_entities(entities: Iterable[Entity]) -> list[Entity]:
    """Entities in the order of their names, each once."""
    return sorted(set(entities), key=lambda entity: (entity.name.casefold(), entity.iri))


def _shown(value: Value) -> str:
    return ", ".join(_iter_shown(value))


def _iter_shown(value: Value) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        yield item.name if isinstance(item, Entity) else str(item)
