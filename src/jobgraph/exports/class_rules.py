"""The selecting shapes of a profile as rules: which properties of which class leave, masked how, on which terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pyoxigraph import BlankNode, NamedNode

from jobgraph.errors import InputError
from jobgraph.exports.profile import ClassRule, Mask
from jobgraph.exports.profile_document import ProfileDocument
from jobgraph.shacl.paths import Predicate
from jobgraph.vocabulary import JG, RDF, SH

_TYPE = RDF + "type"
# What each mask can be put on: the local names of datatypes.
_PRECISIONS: Mapping[str, Literal["year", "month"]] = {"year": "year", "month": "month"}
_NUMBERS = frozenset({"integer", "decimal", "float", "double"})
_MASKED_BY: Mapping[str, frozenset[str]] = {
    "datePrecision": frozenset({"date", "dateTime"}),
    "numberStep": _NUMBERS,
    "textLength": frozenset({"string"}),
}


def read_class_rules(
    document: ProfileDocument, excluded_classes: frozenset[str], excluded_properties: frozenset[str]
) -> dict[str, ClassRule]:
    """The rule for every class that the shapes of a profile select, by the IRI of the class.

    Parameters
    ----------
    excluded_classes, excluded_properties : what the profile as a whole keeps back.

    Raises
    ------
    InputError : a shape names what is not known, contradicts itself or another, or lets out personal data unasked.
    """
    rules: dict[str, ClassRule] = {}
    for shape in document.selecting():
        reader = _ShapeReader(document, shape, excluded_properties)
        for class_iri in reader.targets(excluded_classes):
            if class_iri in rules:
                raise InputError(f"{document.path}: two shapes select <{class_iri}>; make them one.")
            rules[class_iri] = reader.rule(class_iri)
    return dict(sorted(rules.items()))


@dataclass(frozen=True)
class _ShapeReader:
    """Reads one selecting shape."""

    document: ProfileDocument
    node: NamedNode | BlankNode
    excluded_everywhere: frozenset[str]

    def targets(self, excluded: frozenset[str]) -> list[str]:
        if self.document.is_true(self.node, "includesAllClasses"):
            return sorted(self.document.terms.own_classes - excluded)
        named = self.document.classes_named(self.node, SH + "targetClass")
        if both := sorted(set(named) & excluded):
            raise self._contradiction(f"it selects and excludes <{both[0]}>")
        return named

    def rule(self, class_iri: str) -> ClassRule:
        terms = self.document.terms
        lets_personal = self.document.is_true(self.node, "includesPersonalData")
        pseudonym = self.document.is_true(self.node, "isPseudonymised")
        personal = terms.personal_of(class_iri)
        named = dict(self._iter_properties())
        if personal and not lets_personal:
            self._check_personal(class_iri, personal & named.keys(), pseudonym=pseudonym)
        excluded = self._excluded(named)
        shorthand = (
            terms.properties_of(class_iri) if self.document.is_true(self.node, "includesAllProperties") else set()
        )
        kept = excluded | (frozenset() if lets_personal else personal)
        properties: dict[str, Mask | None] = {path: None for path in shorthand if path not in kept}
        properties |= {_TYPE: None} | named
        return ClassRule(class_iri, dict(sorted(properties.items())), self._conditions(), pseudonym, kept)

    def _excluded(self, named: Mapping[str, Mask | None]) -> frozenset[str]:
        own = self.document.properties_named(self.node, JG + "excludesProperty")
        excluded = self.excluded_everywhere | frozenset(own)
        if both := sorted(excluded & named.keys()):
            raise self._contradiction(f"it lets out and excludes <{both[0]}>")
        return excluded

    def _check_personal(self, class_iri: str, named: frozenset[str], *, pseudonym: bool) -> None:
        if named:
            raise self._contradiction(
                f"<{min(named)}> of <{class_iri}> is personal data and the shape does not say jg:includesPersonalData"
            )
        if not pseudonym:
            raise self._contradiction(
                f"things of <{class_iri}> are people and the shape says neither jg:isPseudonymised nor "
                "jg:includesPersonalData"
            )

    def _conditions(self) -> tuple[str, ...]:
        """The shape itself, where it says more than which properties leave."""
        shapes = self.document.shapes.by_node
        shape = shapes[self.node]
        inner = [shapes[node] for node in shape.properties]
        if not (shape.constraints or any(one.constraints or one.properties for one in inner)):
            return ()
        return (self.node.value if isinstance(self.node, NamedNode) else str(self.node),)

    def _iter_properties(self) -> Iterator[tuple[str, Mask | None]]:
        """The properties that the shape names by their IRI; any other path can only be a condition."""
        shapes, terms = self.document.shapes.by_node, self.document.terms
        for node in shapes[self.node].properties:
            shape = shapes[node]
            if isinstance(shape.path, Predicate):
                (path,) = self.document.properties_named(node, SH + "path")
                yield path, self._mask(node, path, terms.datatypes(path))
            elif not (shape.constraints or shape.properties):
                raise InputError(
                    f"{self._place()}: a path that is no property selects nothing; name the property at the class "
                    "that it starts from."
                )

    def _mask(self, node: object, path: str, datatypes: frozenset[str]) -> Mask | None:
        text = {name: self.document.graph.text(node, JG + name) for name in _MASKED_BY}
        given = [name for name in _MASKED_BY if text[name]]
        is_pseudonym = self.document.is_true(node, "isPseudonymised")
        if not given and not is_pseudonym:
            return None
        if path in self.document.terms.links:
            raise InputError(f"{self._place()}: <{path}> leads to things; mask their class instead.")
        if is_pseudonym:
            return Mask("pseudonym")
        if datatypes and not datatypes & _MASKED_BY[given[0]]:
            raise InputError(f"{self._place()}: jg:{given[0]} does not fit <{path}>, which is {min(datatypes)}.")
        length = int(text["textLength"]) if text["textLength"] else None
        return Mask("coarse", _PRECISIONS.get(text["datePrecision"]), text["numberStep"] or None, length)

    def _contradiction(self, problem: str) -> InputError:
        return InputError(f"{self._place()}: the profile contradicts itself, for {problem}; decide which.")

    def _place(self) -> str:
        return self.document.shapes.statements.place(self.node)
