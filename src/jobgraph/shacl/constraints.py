"""The parameters of SHACL Core, each read into constraints and checked for what it may be.

Source: https://www.w3.org/TR/shacl/#core-components
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from pyoxigraph import BlankNode, Literal, NamedNode

from jobgraph.errors import InputError
from jobgraph.shacl.model import LOGICAL, Constraint
from jobgraph.shacl.regex import is_known_to_store, to_python
from jobgraph.shacl.statements import SH, Resource, Statements, Term

Reader = Callable[[Statements, Resource, Sequence[Term]], Iterator[Constraint]]

# What is understood by others and would be passed over in silence.
REFUSED: Mapping[str, str] = {"js": "runs JavaScript, which is not done here", "expression": "is no part of SHACL 1.0"}

_COUNTS = ("minCount", "maxCount")
_LENGTHS = ("minLength", "maxLength")
_LIMITS = ("minInclusive", "minExclusive", "maxInclusive", "maxExclusive")
_PAIRS = ("equals", "disjoint", "lessThan", "lessThanOrEquals")
_ONLY_ONE = {
    *_COUNTS,
    *_LENGTHS,
    *_LIMITS,
    "datatype",
    "nodeKind",
    "pattern",
    "languageIn",
    "uniqueLang",
    "in",
    "closed",
}
_ONLY_PROPERTY = {*_COUNTS, "uniqueLang", "lessThan", "lessThanOrEquals"}
_NODE_KINDS = {
    f"{SH}{kind}" for kind in ("IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral")
}
_FLAGS = re.compile("[smixq]*")
_SUFFIX = "ConstraintComponent"


def component_of(parameter: str) -> str:
    """The IRI of the component that a parameter of SHACL Core belongs to.

    >>> component_of("minCount")
    'http://www.w3.org/ns/shacl#MinCountConstraintComponent'
    """
    return f"{SH}{parameter[0].upper()}{parameter[1:]}{_SUFFIX}"


def check_pairing(graph: Statements, node: Resource, name: str, values: Sequence[Term], *, is_property: bool) -> None:
    """Refuse a parameter that stands twice, or where it has no meaning.

    Raises
    ------
    InputError : it does.
    """
    if name in _ONLY_ONE and len(values) > 1:
        raise InputError(f"{graph.place(node)}: sh:{name} stands {len(values)} times; leave one.")
    if name in _ONLY_PROPERTY and not is_property:
        raise InputError(f"{graph.place(node)}: sh:{name} belongs to a property shape; add sh:path or move it.")


def read_qualified(graph: Statements, node: Resource) -> Iterator[Constraint]:
    """The constraints of `sh:qualifiedValueShape`, with the sibling shapes where they are to be disjoint.

    Raises
    ------
    InputError : a count is no whole number.
    """
    for shape in graph.objects(node, f"{SH}qualifiedValueShape"):
        siblings = tuple(_iter_siblings(graph, node, shape)) if _is_disjoint(graph, node) else ()
        for name in ("qualifiedMinCount", "qualifiedMaxCount"):
            for count in graph.objects(node, f"{SH}{name}"):
                term = Literal(_whole(graph, node, name, count))
                yield Constraint(component_of(name), (term,), (_resource(graph, node, shape),), siblings)


def _is_disjoint(graph: Statements, node: Resource) -> bool:
    values = graph.objects(node, f"{SH}qualifiedValueShapesDisjoint")
    return any(isinstance(value, Literal) and value.value in ("true", "1") for value in values)


def _iter_siblings(graph: Statements, node: Resource, own: Term) -> Iterator[Resource]:
    seen = {own}
    for parent in graph.subjects(f"{SH}property", node):
        for property_ in graph.objects(parent, f"{SH}property"):
            for shape in graph.objects(property_, f"{SH}qualifiedValueShape"):
                if shape not in seen:
                    seen.add(shape)
                    yield _resource(graph, node, shape)


def _resource(graph: Statements, node: Resource, value: Term) -> Resource:
    if isinstance(value, NamedNode | BlankNode):
        return value
    raise InputError(f"{graph.place(node)}: {value} is no shape; name one.")


def _whole(graph: Statements, node: Resource, name: str, value: Term) -> int:
    try:
        return int(value.value) if isinstance(value, Literal) else int("")
    except ValueError:
        raise InputError(f"{graph.place(node)}: sh:{name} {value} is no whole number; write one.") from None


def _counts(name: str) -> Reader:
    def read(graph: Statements, node: Resource, values: Sequence[Term]) -> Iterator[Constraint]:
        for value in values:
            yield Constraint(component_of(name), (Literal(_whole(graph, node, name, value)),))

    return read


def _terms(name: str, kinds: type | tuple[type, ...]) -> Reader:
    """One constraint a value, which is of one of some kinds of terms."""

    def read(graph: Statements, node: Resource, values: Sequence[Term]) -> Iterator[Constraint]:
        for value in values:
            if not isinstance(value, kinds):
                raise InputError(f"{graph.place(node)}: sh:{name} {value} is no term that it takes; correct it.")
            yield Constraint(component_of(name), (value,))

    return read


def _lists(name: str) -> Reader:
    def read(graph: Statements, node: Resource, values: Sequence[Term]) -> Iterator[Constraint]:
        for value in values:
            del node
            yield Constraint(component_of(name), tuple(graph.members(value)))

    return read


def _shapes(name: str) -> Reader:
    def read(graph: Statements, node: Resource, values: Sequence[Term]) -> Iterator[Constraint]:
        for value in values:
            yield Constraint(component_of(name), shapes=(_resource(graph, node, value),))

    return read


def _shape_lists(name: str) -> Reader:
    def read(graph: Statements, node: Resource, values: Sequence[Term]) -> Iterator[Constraint]:
        for value in values:
            members = tuple(_resource(graph, node, member) for member in graph.members(value))
            yield Constraint(LOGICAL[f"{SH}{name}"], shapes=members)

    return read


def _node_kind(graph: Statements, node: Resource, values: Sequence[Term]) -> Iterator[Constraint]:
    for value in values:
        if not isinstance(value, NamedNode) or value.value not in _NODE_KINDS:
            raise InputError(f"{graph.place(node)}: sh:nodeKind {value} is none; name sh:IRI or another.")
        yield Constraint(component_of("nodeKind"), (value,))


def _pattern(graph: Statements, node: Resource, values: Sequence[Term]) -> Iterator[Constraint]:
    flags = graph.one(node, f"{SH}flags") or Literal("")
    for value in values:
        if not isinstance(value, Literal) or not isinstance(flags, Literal) or not _FLAGS.fullmatch(flags.value):
            raise InputError(f"{graph.place(node)}: sh:pattern and sh:flags need text, flags out of smixq.")
        if not is_known_to_store(value.value, flags.value) and to_python(value.value, flags.value) is None:
            raise InputError(f"{graph.place(node)}: sh:pattern {value} is no regular expression; correct it.")
        yield Constraint(component_of("pattern"), (value, flags))


def _unique_language(graph: Statements, node: Resource, values: Sequence[Term]) -> Iterator[Constraint]:
    for value in values:
        if not isinstance(value, Literal):
            raise InputError(f"{graph.place(node)}: sh:uniqueLang {value} is not true or false; write one.")
        if value.value == "true":
            yield Constraint(component_of("uniqueLang"))


def _closed(graph: Statements, node: Resource, values: Sequence[Term]) -> Iterator[Constraint]:
    for value in values:
        if not isinstance(value, Literal):
            raise InputError(f"{graph.place(node)}: sh:closed {value} is not true or false; write one.")
        if value.value in ("true", "1"):
            heads = graph.objects(node, f"{SH}ignoredProperties")
            ignored = [member for head in heads for member in graph.members(head)]
            paths = [p for inner in graph.objects(node, f"{SH}property") for p in graph.objects(inner, f"{SH}path")]
            allowed = dict.fromkeys(term for term in (*ignored, *paths) if isinstance(term, NamedNode))
            yield Constraint(component_of("closed"), tuple(allowed))


# In this order their constraints are read; `sh:property` and `sh:qualifiedValueShape` are not among them.
PARAMETERS: Mapping[str, Reader] = {
    "class": _terms("class", (NamedNode, BlankNode)),
    "datatype": _terms("datatype", NamedNode),
    "nodeKind": _node_kind,
    **{name: _counts(name) for name in _COUNTS},
    **{name: _terms(name, Literal) for name in _LIMITS},
    **{name: _counts(name) for name in _LENGTHS},
    "pattern": _pattern,
    "languageIn": _lists("languageIn"),
    "uniqueLang": _unique_language,
    **{name: _terms(name, NamedNode) for name in _PAIRS},
    "not": _shapes("not"),
    **{name: _shape_lists(name) for name in ("and", "or", "xone")},
    "node": _shapes("node"),
    "closed": _closed,
    "hasValue": _terms("hasValue", (NamedNode, BlankNode, Literal)),
    "in": _lists("in"),
}
