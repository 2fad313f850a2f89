"""The SQL of the contract and the mapping as Spark says it: parsed as DuckDB's, and what Spark says otherwise changed.

Only what means something else or nothing at all in Spark is here; the rest sqlglot writes by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import ClassVar, cast

from sqlglot import exp, parse_one
from sqlglot.dialects.spark import Spark
from sqlglot.generators.spark import SparkGenerator

# Functions of ours that run in Python: Spark takes them anywhere but in a lambda.
PYTHON_FUNCTIONS = frozenset({"ARRAY_ELEMENTS", "CANONICAL_JSON"})

# What RE2 means by them, where Java means more: vertical tab counts as a space there, and \v for all ends of lines.
_CLASSES = {r"\s": r"\t\n\f\r ", r"\v": r"\x0B"}
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\[:\^?[a-z]+:\]|\\.|[^\]])*\]|.", re.DOTALL)
_IN_CLASS = re.compile(r"\[:(\^?)([a-z]+):\]|\\.|.", re.DOTALL)
_TIME_LETTERS = {"%Y": "yyyy", "%m": "MM", "%d": "dd", "%H": "HH", "%M": "mm", "%S": "ss"}


def parse(sql: str) -> exp.Expression:
    """The tree of a statement of DuckDB."""
    return cast("exp.Expression", parse_one(sql, read="duckdb"))


def to_spark(tree: exp.Expression) -> str:
    r"""The statement in Spark's SQL; the tree stays as it is.

    >>> print(to_spark(parse("SELECT regexp_full_match(a, 'x$') AND list_bool_and(b) FROM t")))
    SELECT a RLIKE '(?d)\\A(?:x\\z)\\z' AND FORALL(b, e -> e) FROM t
    """
    return _Dialect().generate(_without_python_lambdas(tree.copy()), copy=False)


def java_pattern(pattern: str) -> str:
    r"""A regular expression of RE2 as Java must be told it; without the ends of lines that Java knows besides \n.

    >>> print(java_pattern(r"^[^\s[]+$"))
    (?d)^[^\t\n\f\r \[]+\z
    """
    return "(?d)" + "".join(map(_java_token, _TOKEN.findall(pattern)))


def _java_token(token: str) -> str:
    if token.startswith("[") and len(token) > 1:
        return "[" + _IN_CLASS.sub(_java_member, token[1:-1]) + "]"
    if token == "$":
        return r"\z"
    if token == r"\S":
        return rf"[^{_CLASSES[chr(92) + 's']}]"
    return f"[{_CLASSES[token]}]" if token in _CLASSES else token


def _java_member(match: re.Match[str]) -> str:
    if match[2]:
        return rf"\{'P' if match[1] else 'p'}{{{match[2].capitalize()}}}"
    return _CLASSES.get(match[0]) or ("\\" + match[0] if match[0] in "[&" else match[0])


def _without_python_lambdas(tree: exp.Expression) -> exp.Expression:
    """Write out each lambda that calls a Python function: one over a list of known elements, outermost first."""
    while found := next(filter(_is_written_out, tree.find_all(exp.Transform)), None):
        function, elements = found.expression, found.this.expressions
        found.replace(exp.array(*(_applied(function, element, i) for i, element in enumerate(elements))))
    return tree


def _is_written_out(found: exp.Transform) -> bool:
    calls = (node.name.upper() for node in found.expression.find_all(exp.Anonymous))
    return isinstance(found.this, exp.Array) and not PYTHON_FUNCTIONS.isdisjoint(calls)


def _applied(function: exp.Expression, element: exp.Expression, number: int) -> exp.Expression:
    """The body of a lambda for one element; its second variable only ever picks from lists."""
    value, *index = (variable.name for variable in function.expressions)

    def fill(node: exp.Expression) -> exp.Expression:
        if index and isinstance(node, exp.Bracket) and node.expressions[0].name == index[0]:
            return cast("exp.Expression", node.this.expressions[number].copy())
        if isinstance(node, exp.Column | exp.Identifier) and node.name == value and not node.find_ancestor(exp.Column):
            return element.copy()
        return node

    return cast("exp.Expression", function.this.copy().transform(fill))


def _matches(template: str) -> Callable[[SparkGenerator, exp.Expression], str]:
    def write(generator: SparkGenerator, node: exp.Expression) -> str:
        pattern = exp.Literal.string(java_pattern(template.format(node.expression.name)))
        return f"{generator.sql(node, 'this')} RLIKE {generator.sql(pattern)}"

    return write


def _replaced(generator: SparkGenerator, node: exp.Expression) -> str:
    """All matches are replaced in both: the contract says so by the option `g`."""
    pattern = exp.Literal.string(java_pattern(node.expression.name))
    replacement = exp.Literal.string(re.sub(r"\\(\d)", r"$\1", node.args["replacement"].name))
    return generator.func("REGEXP_REPLACE", node.this, pattern, replacement)


def _formatted(generator: SparkGenerator, node: exp.Expression) -> str:
    parts = re.findall("%.|[^%]+", node.args["format"].name)
    letters = "".join(_TIME_LETTERS.get(part) or (f"'{part}'" if part.isalpha() else part) for part in parts)
    return generator.func("DATE_FORMAT", node.this, exp.Literal.string(letters))


def _written(template: str) -> Callable[[SparkGenerator, exp.Anonymous], str]:
    def write(generator: SparkGenerator, node: exp.Anonymous) -> str:
        return template.format(*map(generator.sql, node.expressions))

    return write


class _Generator(SparkGenerator):
    """What Spark says otherwise, by the kind of expression and, for what sqlglot does not know, by function."""

    _ANONYMOUS: ClassVar[Mapping[str, Callable[[SparkGenerator, exp.Anonymous], str]]] = {
        # Without the brackets of the only list that Spark makes JSON of; what JSON escapes is the same.
        "TO_JSON": _written("IF({0} IS NULL, NULL, SUBSTR(TO_JSON(ARRAY({0})), 2, LENGTH(TO_JSON(ARRAY({0}))) - 2))"),
        "LIST_BOOL_AND": _written("FORALL({0}, e -> e)"),
        # Java encodes forms and not IRIs.
        "URL_ENCODE": _written("REPLACE(REPLACE(REPLACE(URL_ENCODE({0}), '+', '%20'), '*', '%2A'), '%7E', '~')"),
    }
    TRANSFORMS: ClassVar[dict[type[exp.Expr], Callable[..., str]]] = {
        **SparkGenerator.TRANSFORMS,
        exp.Anonymous: lambda self, node: self.anonymous_call(node),
        # Spark's is empty where one of the lists is.
        exp.Flatten: lambda self, node: self.func("FLATTEN", exp.func("ARRAY_COMPACT", node.this)),
        exp.RegexpFullMatch: _matches(r"\A(?:{})$"),
        exp.RegexpLike: _matches("{}"),
        exp.RegexpReplace: _replaced,
        exp.TimeToStr: _formatted,
    }

    def anonymous_call(self, node: exp.Anonymous) -> str:
        """A call of a function that sqlglot does not know."""
        name = node.name.upper()
        if name == "HASH":
            return str(self.func("XXHASH64", *node.expressions))
        write = self._ANONYMOUS.get(name)
        return write(self, node) if write else str(self.anonymous_sql(node))


class _Dialect(Spark):
    Generator = _Generator
