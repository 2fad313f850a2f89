"""The layout of canonical Turtle: a function of the graph and its prefixes alone.

What is added, changed or removed changes only the lines of its own term.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_TYPE, _FIRST, _REST, _NIL = (NamedNode(_RDF + name) for name in ("type", "first", "rest", "nil"))
_ONTOLOGY = NamedNode("http://www.w3.org/2002/07/owl#Ontology")
_STRING = _XSD + "string"

_FIRST_PREDICATES = {_RDF + "type": 0, _RDFS + "label": 1, _SKOS + "prefLabel": 2, _SKOS + "definition": 3}
_SHORT_FORMS = {
    _XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    _XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    _XSD + "double": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+"),
    _XSD + "boolean": re.compile(r"true|false"),
}
# The names of https://www.w3.org/TR/turtle/#grammar-production-PN_LOCAL that need no escapes; others stay whole IRIs.
_LOCAL_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_ESCAPES = {code: f"\\u{code:04X}" for code in (*range(0x20), *range(0x7F, 0xA0))}
_ESCAPES |= {ord("\t"): "\\t", ord("\n"): "\n", ord("\r"): "\\r", ord("\\"): "\\\\"}
_INDENT = "    "
_WIDTH = 100  # columns of its own text up to which a list or blank node stays on one line

Subject = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal
_Lines = list[tuple[int, str]]  # indentation and text; a text has line breaks only inside a long string


@dataclass(frozen=True)
class Tree:
    """Triples by subject and predicate, and how often each blank node is an object; all of it in memory."""

    statements: Mapping[Subject, Mapping[NamedNode, list[Term]]]
    references: Counter[BlankNode]

    @classmethod
    def from_triples(cls, triples: Iterable[Triple]) -> Tree:
        """The tree of `triples`, each taken once; none of them is about another triple."""
        statements: defaultdict[Subject, defaultdict[NamedNode, list[Term]]] = defaultdict(lambda: defaultdict(list))
        references: Counter[BlankNode] = Counter()
        for triple in dict.fromkeys(triples):
            term = cast(Term, triple.object)
            statements[cast(Subject, triple.subject)][triple.predicate].append(term)
            if isinstance(term, BlankNode):
                references[term] += 1
        return cls({subject: dict(values) for subject, values in statements.items()}, references)

    def roots(self) -> list[Subject]:
        """The subjects that get a block of their own: IRIs, and blank nodes that nothing refers to."""
        return [subject for subject in self.statements if subject not in self.references]

    def reachable(self) -> set[Subject]:
        """Every root, and every blank node that some chain of statements joins to one."""
        found: set[Subject] = set()
        waiting = self.roots()
        while waiting:
            node = waiting.pop()
            if node not in found:
                found.add(node)
                waiting.extend(self.blank_objects(node))
        return found

    def blank_objects(self, node: Subject) -> list[BlankNode]:
        """The blank nodes among the objects of all statements about `node`."""
        return [term for terms in self._about(node).values() for term in terms if isinstance(term, BlankNode)]

    def blank_inside(self, node: BlankNode) -> list[BlankNode]:
        """The blank nodes that are written between the brackets of `node`: items of a list, else its objects."""
        items = self.list_items(node)
        return self.blank_objects(node) if items is None else [item for item in items if isinstance(item, BlankNode)]

    def list_items(self, node: Term) -> list[Term] | None:
        """The items of the RDF list at `node`, or None where that is no whole list of plain cells."""
        items = []
        while node != _NIL:
            cell = self._about(node) if isinstance(node, BlankNode) else {}
            if cell.keys() != {_FIRST, _REST} or any(len(terms) > 1 for terms in cell.values()):
                return None
            items.append(cell[_FIRST][0])
            node = cell[_REST][0]
        return items

    def _about(self, node: Subject) -> Mapping[NamedNode, list[Term]]:
        return self.statements.get(node, {})


def to_canonical_text(tree: Tree, prefixes: Mapping[str, str]) -> str:
    """The canonical Turtle of `tree`, with those of `prefixes` (name to namespace) that it uses.

    The tree must be one: no blank node with two referrers or on a circle.
    """
    names = _Names(prefixes)
    blocks = [_joined(lines) for lines in _Writer(tree, names).iter_blocks()]
    head = "".join(f"@prefix {name}: <{prefixes[name]}> .\n" for name in sorted(names.used))
    return "\n".join([head, *blocks] if head else blocks)


class _Names:
    """Short names for IRIs; remembers which prefixes were used."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.used: set[str] = set()
        self._longest_first = sorted(prefixes.items(), key=lambda item: (-len(item[1]), item[0]))
        self._short: dict[str, str] = {}

    def short(self, iri: str) -> str:
        if iri not in self._short:
            self._short[iri] = self._shorten(iri)
        return self._short[iri]

    def _shorten(self, iri: str) -> str:
        for prefix, namespace in self._longest_first:
            if iri.startswith(namespace) and _LOCAL_NAME.fullmatch(iri, len(namespace)):
                self.used.add(prefix)
                return f"{prefix}:{iri[len(namespace) :]}"
        return f"<{iri}>"


class _Writer:
    """Lays out one tree; every node is laid out once, from the inside out."""

    def __init__(self, tree: Tree, names: _Names) -> None:
        self._tree, self._names = tree, names

    def iter_blocks(self) -> Iterator[_Lines]:
        """The blocks: the ontology header, the terms in IRI order, then blank nodes by their content."""
        roots = self._tree.roots()
        named = [root for root in roots if isinstance(root, NamedNode)]
        for root in sorted(named, key=lambda node: (not self._is_ontology(node), node.value)):
            yield self._block(self._names.short(root.value), root)
        yield from sorted(self._block("[]", root) for root in roots if not isinstance(root, NamedNode))

    def _is_ontology(self, node: NamedNode) -> bool:
        return _ONTOLOGY in self._tree.statements[node].get(_TYPE, [])

    def _block(self, name: str, node: Subject) -> _Lines:
        return [(0, name), *_indented(self._statements(node)), (1, ".")]

    def _statements(self, node: Subject) -> list[_Lines]:
        values = self._tree.statements.get(node, {})
        return [self._statement(predicate, values[predicate]) for predicate in sorted(values, key=self._order)]

    def _order(self, predicate: NamedNode) -> tuple[int, str]:
        return _FIRST_PREDICATES.get(predicate.value, len(_FIRST_PREDICATES)), self._names.short(predicate.value)

    def _statement(self, predicate: NamedNode, objects: Iterable[Term]) -> _Lines:
        name = "a" if predicate == _TYPE else self._names.short(predicate.value)
        # IRIs stand first, then literals, then what has brackets.
        laid_out = [lines for _, lines in sorted(map(self._object, objects))]
        if len(laid_out) == 1:
            return _wrapped(f"{name} ", laid_out[0], "")
        *others, last = laid_out
        return [(0, name), *_indented([*(_wrapped("", lines, " ,") for lines in others), last], end="")]

    def _object(self, term: Term) -> tuple[int, _Lines]:
        items = self._tree.list_items(term)
        if items is not None:
            return 2, self._list(items)
        if isinstance(term, BlankNode):
            return 2, self._blank_node(term)
        if isinstance(term, NamedNode):
            return 0, [(0, self._names.short(term.value))]
        return 1, [(0, self._literal(term))]

    def _blank_node(self, node: BlankNode) -> _Lines:
        statements = self._statements(node)
        if not statements:
            return [(0, "[]")]
        one_line = _one_line("[", statements, "]") if len(statements) == 1 else None
        return one_line or [(0, "["), *_indented(statements), (0, "]")]

    def _list(self, items: Iterable[Term]) -> _Lines:
        laid_out = [self._object(item)[1] for item in items]
        if not laid_out:
            return [(0, "()")]
        return _one_line("(", laid_out, ")") or [(0, "("), *_indented(laid_out, end=""), (0, ")")]

    def _literal(self, literal: Literal) -> str:
        datatype = literal.datatype.value
        short = _SHORT_FORMS.get(datatype)
        if short and short.fullmatch(literal.value):
            return literal.value
        text = _quoted(literal.value)
        if literal.language:
            direction = f"--{literal.direction}" if literal.direction else ""
            return f"{text}@{literal.language}{direction}"
        return text if datatype == _STRING else f"{text}^^{self._names.short(datatype)}"


def _quoted(value: str) -> str:
    """The quoted form of a string: on one line, or as a long string where it has line breaks of its own."""
    text = value.translate(_ESCAPES)
    if "\n" not in text:
        return '"{}"'.format(text.replace('"', '\\"'))
    text = text.replace('"""', '\\"\\"\\"')
    return f'"""{text[:-1]}\\""""' if text.endswith('"') else f'"""{text}"""'


def _wrapped(head: str, lines: _Lines, tail: str) -> _Lines:
    """The lines with `head` before the first and `tail` after the last."""
    (depth, first), *rest = lines
    *others, (last_depth, last) = [(depth, head + first), *rest]
    return [*others, (last_depth, last + tail)]


def _indented(parts: Iterable[_Lines], end: str = " ;") -> _Lines:
    """The lines of all parts one step deeper, each part closed by `end`."""
    return [(depth + 1, text) for part in parts for depth, text in _wrapped("", part, end)]


def _one_line(opening: str, parts: list[_Lines], closing: str) -> _Lines | None:
    """All parts on one line between brackets, or None where they do not fit."""
    text = " ".join([opening, *(part[0][1] for part in parts), closing])
    fits = all(len(part) == 1 for part in parts) and len(text) < _WIDTH and "\n" not in text
    return [(0, text)] if fits else None


def _joined(lines: _Lines) -> str:
    return "".join(f"{_INDENT * depth}{text}\n" for depth, text in lines)
