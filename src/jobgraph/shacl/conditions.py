"""What a node must not be: constraints on single values as boolean expressions of SPARQL, and shapes inside shapes.

An expression is true where the value does not conform, and never an error. Inside EXISTS the store knows the values of
the variables outside, in all branches and filters; that is what shapes inside shapes rest on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, count

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from jobgraph.shacl.constraints import component_of
from jobgraph.shacl.literals import AS_WRITTEN, KNOWN_FORMS, to_stored
from jobgraph.shacl.model import Constraint, Shape, Shapes
from jobgraph.shacl.regex import is_known_to_store
from jobgraph.shacl.sparql_text import BeyondSetsError, Query
from jobgraph.shacl.statements import SH, XSD, Term
from jobgraph.shacl.walks import reaches, walk

WELL_FORMED, MATCHES = "urn:jobgraph:well-formed", "urn:jobgraph:matches"
NEVER = "false"

_NO_VALUE = "(1 / 0)"  # an error, as comparing a literal is that its datatype does not have
_MOST_PAIRED = 6  # values that are compared one with another to count them inside a shape
_NUMBERS = {f"{XSD}{name}" for name in ("integer", "decimal", "float", "double")}
_MOMENTS = {f"{XSD}date", f"{XSD}dateTime"}
_KIND_TESTS = {
    "IRI": "isIRI({0})",
    "BlankNode": "isBlank({0})",
    "Literal": "isLiteral({0})",
    "BlankNodeOrIRI": "!isLiteral({0})",
    "BlankNodeOrLiteral": "!isIRI({0})",
    "IRIOrLiteral": "!isBlank({0})",
}
_LIMITS = {"minInclusive": ">=", "minExclusive": ">", "maxInclusive": "<=", "maxExclusive": "<"}
_LENGTHS = {"minLength": "<", "maxLength": ">"}
ORDERS = {component_of("lessThan"): "<", component_of("lessThanOrEquals"): "<="}


@dataclass
class Conditions:
    """Builds the expressions of one set of shapes.

    Parameters
    ----------
    subclasses : gives a class and all classes below it in the data.
    as_written : whether the data has literals that are kept as they were written.
    """

    shapes: Shapes
    subclasses: Callable[[Term], Sequence[Term]]
    as_written: bool = False
    _numbers: count[int] = field(default_factory=count)

    def fresh(self, stem: str = "v") -> str:
        """A variable that no other pattern has."""
        return f"?sh_{stem}{next(self._numbers)}"

    def is_value_test(self, constraint: Constraint) -> bool:
        """Whether the constraint looks at each value node by itself."""
        if constraint.sparql is not None:
            return constraint.sparql.is_ask
        return constraint.component in _VALUE_TESTS

    def bad(self, constraint: Constraint, shape: Shape, value: str, focus: str) -> str:
        """An expression that is true where `value`, a value node of `focus`, breaks the constraint.

        Raises
        ------
        BeyondSetsError : it cannot be said.
        """
        if constraint.sparql is not None:
            return f"NOT EXISTS {{ {self._inside(constraint, shape, focus, value)} }}"
        return _VALUE_TESTS[constraint.component](self, constraint, value)

    def fails(self, node: NamedNode | BlankNode, focus: str) -> str:
        """An expression that is true where `focus` does not conform to the shape at `node`.

        Raises
        ------
        BeyondSetsError : it cannot be said.
        """
        shape = self.shapes.by_node[node]
        if shape.is_deactivated:
            return NEVER
        values = self._value_failures(shape, focus)
        sets = [
            f"EXISTS {{ {pattern} }}"
            for constraint in shape.constraints
            if not self.is_value_test(constraint)
            for pattern in self.violations(constraint, shape, focus)
        ]
        return any_of([*values, *sets])

    def query(self, constraint: Constraint, shape: Shape) -> Query:
        """The query of a constraint that is one."""
        if constraint.sparql is None:
            raise ValueError(f"{constraint.component} has no query")
        return Query(constraint.sparql, shape, self.shapes.statements.place(constraint.sparql.node))

    def _inside(self, constraint: Constraint, shape: Shape, focus: str, value: str) -> str:
        if self.as_written:
            raise BeyondSetsError("a query inside a shape is left to the reference where the store rewrites literals")
        return self.query(constraint, shape).pattern(focus, value, str(next(self._numbers)))

    def violations(self, constraint: Constraint, shape: Shape, focus: str) -> list[str]:
        """Patterns for EXISTS, one of which holds where `focus` breaks a constraint on all its value nodes.

        Raises
        ------
        BeyondSetsError : it cannot be said.
        """
        if constraint.sparql is not None:
            return [self._inside(constraint, shape, focus, focus)]
        if constraint.component in _COUNTS:
            return self._count_violations(constraint, shape, focus)
        return self.listed(constraint, shape, focus, self.fresh(), where="")

    def listed(self, constraint: Constraint, shape: Shape, focus: str, value: str, *, where: str) -> list[str]:
        """Patterns whose solutions are the violations of a constraint on all value nodes, bound to `value`.

        `where` binds `focus`; inside EXISTS it is empty.
        """
        return _SET_TESTS[constraint.component](self, constraint, shape, (focus, value, where))

    def comparable(self, value: str) -> str:
        """The value as it takes part in comparisons."""
        if not self.as_written:
            return value
        datatype = f"STR(DATATYPE({value}))"
        original = f"STRDT(STR({value}), IRI(STRAFTER({datatype}, {Literal(AS_WRITTEN)})))"
        meant = f"IF(<{WELL_FORMED}>({value}), {original}, {_NO_VALUE})"
        return f'IF(STRSTARTS({datatype}, "{AS_WRITTEN}"), {meant}, {value})'

    def text(self, term: Term) -> str:
        """A term of the shapes as SPARQL writes it, and the data has it."""
        return str(to_stored(term) if self.as_written else term)

    def qualifies(self, constraint: Constraint, value: str) -> str:
        """An expression that is true where a value node counts for a qualified shape."""
        conforms = f"!({self.fails(constraint.shapes[0], value)})"
        others = [f"({self.fails(sibling, value)})" for sibling in constraint.siblings]
        return " && ".join((conforms, *others))

    def _value_failures(self, shape: Shape, focus: str) -> list[str]:
        value = focus if shape.path is None else self.fresh()
        tests = [
            self.bad(constraint, shape, value, focus)
            for constraint in shape.constraints
            if self.is_value_test(constraint)
        ]
        tests += [self.fails(node, value) for node in shape.properties]
        if shape.path is None:
            return tests
        test = any_of(tests)
        return [] if test == NEVER else [f"EXISTS {{ {walk('', focus, shape.path, value)}FILTER({test}) }}"]

    def _count_violations(self, constraint: Constraint, shape: Shape, focus: str) -> list[str]:
        limit = limit_of(constraint)
        is_low = constraint.component in _LOW_COUNTS
        number = limit if is_low else limit + 1
        if number <= 0:
            return []
        if number > _MOST_PAIRED:
            raise BeyondSetsError(f"a count of more than {_MOST_PAIRED} inside a shape is left to the reference engine")
        values = [self.fresh() for _ in range(number)]
        tests = [f"!sameTerm({a}, {b})" for a, b in combinations(values, 2)]
        if constraint.shapes:
            tests += [f"({self.qualifies(constraint, value)})" for value in values]
        pattern = "".join(walk("", focus, shape.path, value) for value in values)
        if tests:
            pattern += f"FILTER({' && '.join(tests)})"
        return [f"FILTER NOT EXISTS {{ {pattern} }}" if is_low else pattern]


def limit_of(constraint: Constraint) -> int:
    """The number that a count is compared with."""
    return int(_literal(constraint).value)


def any_of(tests: Sequence[str]) -> str:
    """The expression that is true where one of `tests` is."""
    said = [test for test in tests if test != NEVER]
    return " || ".join(f"({test})" for test in said) if said else NEVER


def _literal(constraint: Constraint) -> Literal:
    term = constraint.terms[0]
    if not isinstance(term, Literal):
        raise TypeError(f"{constraint.component} takes a literal, not {term}")
    return term


def _class(conditions: Conditions, constraint: Constraint, value: str) -> str:
    classes = [term for term in conditions.subclasses(constraint.terms[0]) if isinstance(term, NamedNode)]
    if not classes:
        return "true"
    if len(classes) == 1:
        return f"NOT EXISTS {{ {value} a {classes[0]} }}"
    type_ = conditions.fresh("type")
    return f"NOT EXISTS {{ {value} a {type_} FILTER({type_} IN ({', '.join(map(str, classes))})) }}"


def _datatype(conditions: Conditions, constraint: Constraint, value: str) -> str:
    datatype = str(constraint.terms[0].value) if isinstance(constraint.terms[0], NamedNode) else ""
    names = [f"<{datatype}>", *([f"<{AS_WRITTEN}{datatype}>"] if conditions.as_written else [])]
    is_other = f"COALESCE(DATATYPE({value}) NOT IN ({', '.join(names)}), true)"
    if datatype not in KNOWN_FORMS:
        return is_other
    quick = _quick_form(datatype, value)
    test = f"!<{WELL_FORMED}>({value})"
    return f"IF({is_other}, true, {f'IF({quick}, false, {test})' if quick else test})"


def _quick_form(datatype: str, value: str) -> str:
    """Tests of the store itself that spare most values the slower one."""
    if datatype in _NUMBERS:
        return f"isNumeric({value})"
    if datatype == f"{XSD}boolean":
        return f'STR({value}) IN ("true", "false")'
    if datatype in _MOMENTS:
        return f"COALESCE(YEAR({value}) < 10000, false)"
    return ""


def _node_kind(conditions: Conditions, constraint: Constraint, value: str) -> str:
    del conditions
    kind = constraint.terms[0]
    name = kind.value.removeprefix(SH) if isinstance(kind, NamedNode) else ""
    return f"!({_KIND_TESTS[name].format(value)})"


def _limit(operator: str) -> Callable[[Conditions, Constraint, str], str]:
    def test(conditions: Conditions, constraint: Constraint, value: str) -> str:
        return f"COALESCE(!({conditions.comparable(value)} {operator} {constraint.terms[0]}), true)"

    return test


def _length(operator: str) -> Callable[[Conditions, Constraint, str], str]:
    def test(conditions: Conditions, constraint: Constraint, value: str) -> str:
        del conditions
        return f"COALESCE(isBlank({value}) || STRLEN(STR({value})) {operator} {_literal(constraint).value}, true)"

    return test


def _pattern(conditions: Conditions, constraint: Constraint, value: str) -> str:
    del conditions
    pattern, flags = (term.value if isinstance(term, Literal) else "" for term in constraint.terms)
    function = "REGEX" if is_known_to_store(pattern, flags) else f"<{MATCHES}>"
    arguments = f"STR({value}), {Literal(pattern)}, {Literal(flags)}"
    return f"COALESCE(isBlank({value}) || !{function}({arguments}), true)"


def _language_in(conditions: Conditions, constraint: Constraint, value: str) -> str:
    del conditions
    tests = [f"langMatches(LANG({value}), {term})" for term in constraint.terms]
    return f"COALESCE(!({' || '.join(tests)}), true)" if tests else "true"


def _in(conditions: Conditions, constraint: Constraint, value: str) -> str:
    terms = [term for term in constraint.terms if not isinstance(term, BlankNode | Triple)]
    if not terms:
        return "true"
    if all(isinstance(term, NamedNode) for term in terms):
        return f"COALESCE({value} NOT IN ({', '.join(map(str, terms))}), true)"
    return f"!({' || '.join(f'sameTerm({value}, {conditions.text(term)})' for term in terms)})"


def _not(conditions: Conditions, constraint: Constraint, value: str) -> str:
    return f"!({conditions.fails(constraint.shapes[0], value)})"


def _and(conditions: Conditions, constraint: Constraint, value: str) -> str:
    return any_of([conditions.fails(node, value) for node in constraint.shapes])


def _or(conditions: Conditions, constraint: Constraint, value: str) -> str:
    tests = [f"({conditions.fails(node, value)})" for node in constraint.shapes]
    return " && ".join(tests) if tests else "true"


def _xone(conditions: Conditions, constraint: Constraint, value: str) -> str:
    tests = [f"IF({conditions.fails(node, value)}, 0, 1)" for node in constraint.shapes]
    return f"({' + '.join(tests)}) != 1" if tests else "true"


_VALUE_TESTS: Mapping[str, Callable[[Conditions, Constraint, str], str]] = {
    component_of("class"): _class,
    component_of("datatype"): _datatype,
    component_of("nodeKind"): _node_kind,
    **{component_of(name): _limit(operator) for name, operator in _LIMITS.items()},
    **{component_of(name): _length(operator) for name, operator in _LENGTHS.items()},
    component_of("pattern"): _pattern,
    component_of("languageIn"): _language_in,
    component_of("in"): _in,
    component_of("not"): _not,
    component_of("and"): _and,
    component_of("node"): _and,
    component_of("or"): _or,
    component_of("xone"): _xone,
}

Place = tuple[str, str, str]  # the variables of the focus node and the value, and the pattern that binds the former


def _equals(conditions: Conditions, constraint: Constraint, shape: Shape, place: Place) -> list[str]:
    del conditions
    focus, value, where = place
    other = constraint.terms[0]
    step = f"{focus} {other} {value} ."
    return [
        f"{walk(where, focus, shape.path, value)}FILTER NOT EXISTS {{ {step} }}",
        f"{where} {step} FILTER NOT EXISTS {{ {reaches(focus, shape.path, value)} }}",
    ]


def _disjoint(conditions: Conditions, constraint: Constraint, shape: Shape, place: Place) -> list[str]:
    del conditions
    focus, value, where = place
    return [f"{walk(where, focus, shape.path, value)}{focus} {constraint.terms[0]} {value} ."]


def _less_than(conditions: Conditions, constraint: Constraint, shape: Shape, place: Place) -> list[str]:
    focus, value, where = place
    other = "?sh_other" if where else conditions.fresh()
    left, right = conditions.comparable(value), conditions.comparable(other)
    return [
        f"{walk(where, focus, shape.path, value)}{focus} {constraint.terms[0]} {other} . "
        f"FILTER(COALESCE(!({left} {ORDERS[constraint.component]} {right}), true))"
    ]


def _unique_language(conditions: Conditions, constraint: Constraint, shape: Shape, place: Place) -> list[str]:
    del constraint
    focus, value, where = place
    other = conditions.fresh()
    return [
        f"{walk(where, focus, shape.path, value)}{walk(where, focus, shape.path, other)}"
        f'FILTER(LANG({value}) != "" && LANG({value}) = LANG({other}) && !sameTerm({value}, {other}))'
    ]


def _has_value(conditions: Conditions, constraint: Constraint, shape: Shape, place: Place) -> list[str]:
    focus, _, where = place
    term = constraint.terms[0]
    if isinstance(term, BlankNode):
        return [where]  # no blank node of the data is one of the shapes
    return [f"{where} FILTER NOT EXISTS {{ {reaches(focus, shape.path, conditions.text(term))} }}"]


def _closed(conditions: Conditions, constraint: Constraint, shape: Shape, place: Place) -> list[str]:
    focus, value, where = place
    node = focus if shape.path is None else conditions.fresh()
    property_ = "?path" if where else conditions.fresh()
    start = where if shape.path is None else walk(where, focus, shape.path, node)
    test = f"FILTER({property_} NOT IN ({', '.join(map(str, constraint.terms))}))" if constraint.terms else ""
    return [f"{start} {node} {property_} {value} . {test}"]


_SET_TESTS: Mapping[str, Callable[[Conditions, Constraint, Shape, Place], list[str]]] = {
    component_of("equals"): _equals,
    component_of("disjoint"): _disjoint,
    component_of("lessThan"): _less_than,
    component_of("lessThanOrEquals"): _less_than,
    component_of("uniqueLang"): _unique_language,
    component_of("hasValue"): _has_value,
    component_of("closed"): _closed,
}
_LOW_COUNTS = {component_of("minCount"), component_of("qualifiedMinCount")}
_COUNTS = {*_LOW_COUNTS, component_of("maxCount"), component_of("qualifiedMaxCount")}
