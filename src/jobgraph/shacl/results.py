"""SHACL results, and the standard report that holds them: written to Turtle as a stream, and read back.

Source: https://www.w3.org/TR/shacl/#validation-report
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path as FilePath
from typing import IO

from pyoxigraph import Literal, NamedNode

from jobgraph.errors import InputError
from jobgraph.shacl.paths import Path, read_path, to_sparql, to_turtle
from jobgraph.shacl.statements import RDF, SH, Resource, Statements, Term
from jobgraph.turtle import read_turtle

VIOLATION = f"{SH}Violation"
WARNING = f"{SH}Warning"
INFO = f"{SH}Info"

_HEAD = f"@prefix sh: <{SH}> .\n\n[] a sh:ValidationReport ;\n    sh:conforms "
_RESULT = f"{SH}result"
_TYPE = f"{RDF}type"


@dataclass(frozen=True)
class Result:
    """One thing that does not conform: the node, the constraint that it breaks, and how grave that is."""

    focus: Term
    component: str
    shape: Resource
    severity: str
    path: Path | None = None
    value: Term | None = None
    message: str = ""
    constraint: Resource | None = None

    def order_key(self) -> tuple[str, ...]:
        """A key that puts results into one order: by shape, component, path, focus node, value."""
        path = to_sparql(self.path) if self.path else ""
        value = "" if self.value is None else str(self.value)
        return str(self.shape), self.component, path, str(self.focus), value, self.severity, self.message


def write_report(results: Iterable[Result], output: IO[str], *, conforms: bool | None = None) -> int:
    """Write a `sh:ValidationReport` as Turtle, one result at a time; give the number of results.

    The graph conforms if there is no result of any severity, as the specification says; `conforms` overrules it for
    a caller that has a policy of its own.
    """
    iterator = iter(results)
    first = next(iterator, None)
    verdict = first is None if conforms is None else conforms
    output.write(f"{_HEAD}{'true' if verdict else 'false'} ;\n")
    count = 0
    for result in chain(() if first is None else (first,), iterator):
        output.write("    sh:result\n" if count == 0 else " ,\n")
        output.write(_to_turtle(result))
        count += 1
    output.write(" ;\n    .\n" if count else "    .\n")
    return count


def read_report(path: FilePath) -> list[Result]:
    """The results of the reports in a Turtle file, in their order.

    Raises
    ------
    TurtleError : the file does not parse.
    InputError : it cannot be read, or a result lacks what every result has.
    """
    graph = Statements([])
    graph.add(read_turtle(path, base=path.absolute().as_uri()), file=path)
    return results_in(graph)


def results_in(graph: Statements) -> list[Result]:
    """The results of the reports in a graph.

    Raises
    ------
    InputError : a result lacks what every result has.
    """
    reports = graph.subjects(_TYPE, NamedNode(f"{SH}ValidationReport"))
    return [_read_result(graph, node) for report in reports for node in graph.objects(report, _RESULT)]


def _to_turtle(result: Result) -> str:
    lines = [f"        {line} ;\n" for line in _iter_facts(result)]
    return f"        [\n{''.join(f'    {line}' for line in lines)}        ]"


def _iter_facts(result: Result) -> Iterator[str]:
    yield "a sh:ValidationResult"
    yield f"sh:focusNode {result.focus}"
    if result.message:
        yield f"sh:resultMessage {Literal(result.message)}"
    if result.path is not None:
        yield f"sh:resultPath {to_turtle(result.path)}"
    yield f"sh:resultSeverity <{result.severity}>"
    if result.constraint is not None:
        yield f"sh:sourceConstraint {result.constraint}"
    yield f"sh:sourceConstraintComponent <{result.component}>"
    yield f"sh:sourceShape {result.shape}"
    if result.value is not None:
        yield f"sh:value {result.value}"


def _read_result(graph: Statements, node: Term) -> Result:
    path = graph.one(node, f"{SH}resultPath")
    message = graph.one(node, f"{SH}resultMessage")
    return Result(
        focus=_needed(graph, node, "focusNode"),
        component=_needed_iri(graph, node, "sourceConstraintComponent"),
        shape=_resource(graph, node, "sourceShape") or _missing(graph, node, "sourceShape"),
        severity=_needed_iri(graph, node, "resultSeverity"),
        path=None if path is None else read_path(graph, path),
        value=graph.one(node, f"{SH}value"),
        message=message.value if isinstance(message, Literal) else "",
        constraint=_resource(graph, node, "sourceConstraint"),
    )


def _needed(graph: Statements, node: Term, name: str) -> Term:
    value = graph.one(node, f"{SH}{name}")
    return _missing(graph, node, name) if value is None else value


def _needed_iri(graph: Statements, node: Term, name: str) -> str:
    value = _needed(graph, node, name)
    return value.value if isinstance(value, NamedNode) else _missing(graph, node, name).value


def _resource(graph: Statements, node: Term, name: str) -> Resource | None:
    value = graph.one(node, f"{SH}{name}")
    return value if isinstance(value, Resource) else None


def _missing(graph: Statements, node: Term, name: str) -> NamedNode:
    raise InputError(f"{graph.place(node)}: a validation result lacks sh:{name}; add it.")
