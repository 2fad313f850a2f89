"""The triples of a shapes graph, found by subject and property, each with the file that it is from."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from jobgraph.errors import InputError

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SH = "http://www.w3.org/ns/shacl#"
XSD = "http://www.w3.org/2001/XMLSchema#"

Resource: TypeAlias = NamedNode | BlankNode
Term: TypeAlias = NamedNode | BlankNode | Literal | Triple

_FIRST, _REST, _NIL = f"{RDF}first", f"{RDF}rest", NamedNode(f"{RDF}nil")


class Statements:
    """Triples by subject and property, in the order they were read; a triple stated twice is there once."""

    def __init__(self, triples: Iterable[Triple], *, name: str = "The shapes graph") -> None:
        self._name = name
        self._objects: dict[Term, dict[str, dict[Term, None]]] = {}
        self._subjects: dict[str, dict[Term, dict[Resource, None]]] = {}
        self._files: dict[Term, FilePath] = {}
        self.add(triples)

    def __getstate__(self) -> dict[str, object]:
        """Packed until something is asked of it: who has compiled shapes rarely does, and to unpack it takes longer."""
        return {"_packed": pickle.dumps(self.__dict__)}

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            if (packed := self.__dict__.get("_packed")) is not None:
                self.__dict__.update(pickle.loads(packed))
                self.__dict__.pop("_packed", None)
            if name not in self.__dict__:
                raise AttributeError(name)
            return self.__dict__[name]

    def add(self, triples: Iterable[Triple], *, file: FilePath | None = None) -> None:
        """Add triples, of `file` where they are from one."""
        for triple in triples:
            subject, property_, object_ = triple.subject, triple.predicate.value, triple.object
            if isinstance(subject, Triple):
                continue  # a statement about a statement says nothing about shapes
            self._objects.setdefault(subject, {}).setdefault(property_, {})[object_] = None
            self._subjects.setdefault(property_, {}).setdefault(object_, {})[subject] = None
            if file is not None:
                self._files.setdefault(subject, file)

    @property
    def facts(self) -> Mapping[Term, Mapping[str, Iterable[Term]]]:
        """All of them by subject and property."""
        return self._objects

    def objects(self, subject: Term, property_: str) -> list[Term]:
        """The values of a property of `subject`."""
        return list(self._objects.get(subject, {}).get(property_, ()))

    def one(self, subject: Term, property_: str) -> Term | None:
        """The first value of a property of `subject`, if there is one."""
        return next(iter(self._objects.get(subject, {}).get(property_, ())), None)

    def subjects(self, property_: str, object_: Term | None = None) -> list[Resource]:
        """What has a property, with `object_` as value if one is named."""
        by_object = self._subjects.get(property_, {})
        if object_ is not None:
            return list(by_object.get(object_, ()))
        return list(dict.fromkeys(subject for subjects in by_object.values() for subject in subjects))

    def properties(self, subject: Term) -> Mapping[str, Iterable[Term]]:
        """Everything stated about `subject`."""
        return self._objects.get(subject, {})

    def members(self, node: Term) -> list[Term]:
        """The members of an RDF list.

        Raises
        ------
        InputError : it is no list, or has no end.
        """
        return list(self._iter_members(node))

    def triples(self) -> Iterator[Triple]:
        """All of them."""
        for subject, properties in self._objects.items():
            if not isinstance(subject, NamedNode | BlankNode):
                continue
            for property_, objects in properties.items():
                for object_ in objects:
                    yield Triple(subject, NamedNode(property_), object_)

    def renamed(self, names: Mapping[Term, NamedNode]) -> Statements:
        """The same statements with other names for some nodes."""
        new = Statements([], name=self._name)
        for triple in self.triples():
            subject = names.get(triple.subject, triple.subject)
            object_ = names.get(triple.object, triple.object)
            new.add([Triple(subject, triple.predicate, object_)], file=self._files.get(triple.subject))
        return new

    def place(self, node: Term) -> str:
        """Where `node` is stated, for people: the file, and the nearest node with a name that leads to it."""
        seen: set[Term] = set()
        file = self._files.get(node)
        while (file is None or not isinstance(node, NamedNode)) and node not in seen:
            seen.add(node)
            referrer = next((s for by_object in self._subjects.values() for s in by_object.get(node, ())), None)
            if referrer is None:
                break
            node, file = referrer, file or self._files.get(referrer)
        where = str(file or self._name)
        return f"{where}, {node.value}" if isinstance(node, NamedNode) else where

    def _iter_members(self, node: Term) -> Iterator[Term]:
        seen: set[Term] = set()
        start = node
        while node != _NIL:
            first, rest = self.objects(node, _FIRST), self.objects(node, _REST)
            if len(first) != 1 or len(rest) != 1 or node in seen:
                raise InputError(f"{self.place(start)}: a list is not well formed; write it as ( … ).")
            seen.add(node)
            yield first[0]
            node = rest[0]
