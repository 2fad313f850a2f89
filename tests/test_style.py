"""The sizes and habits that keep the source easy to read, and that the linters do not hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "jobgraph"
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted(ROOT.joinpath("tests").rglob("test_*.py"))

MAX_MODULE_LINES = 400
MAX_BODY_LINES = 40
MAX_ARGUMENTS = 6
VAGUE_PREFIXES = ("get_", "process_", "handle_")
VAGUE_MODULES = {"common", "helper", "helpers", "manager", "misc", "util", "utils"}
BROAD_ERRORS = {"Exception", "BaseException"}
# Tests of what is no module: files of data, documents and the project as a whole.
OTHER_TESTS = {
    "agreement",
    "bad_input",
    "browser",
    "checks",
    "commands",
    "data",
    "defects",
    "demo",
    "docs",
    "durability",
    "examples",
    "hostile",
    "notebooks",
    "ontology",
    "patterns",
    "questions",
    "r2rml",
    "readme",
    "reload",
    "rules",
    "run_docs",
    "scale_docs",
    "same_graph",
    "seeded_defects",
    "samples",
    "shapes",
    "style",
    "wheel",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef

each_module = pytest.mark.parametrize(
    "path", [pytest.param(path, id=str(path.relative_to(PACKAGE))) for path in MODULES]
)


@cache
def syntax_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions_of(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(syntax_of(path)) if isinstance(node, Function))


def body_without_docstring(node: Definition) -> list[ast.stmt]:
    return node.body[1:] if ast.get_docstring(node) is not None else node.body


def body_lines(function: Function) -> int:
    body = body_without_docstring(function)
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def argument_count(function: Function) -> int:
    """The arguments of a function, without `self` and `cls`."""
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return sum(argument.arg not in {"self", "cls"} for argument in named)


def is_command(function: Function) -> bool:
    """True for a command of the command line: its arguments are the options that a user sees."""
    return any(
        ".command" in ast.unparse(decorator) or ".callback" in ast.unparse(decorator)
        for decorator in function.decorator_list
    )


def public_definitions(node: ast.Module | ast.ClassDef) -> Iterator[Definition]:
    """The public classes, functions and methods, from the top down."""
    for child in node.body:
        if isinstance(child, Definition) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from public_definitions(child)


def is_protocol(node: ast.ClassDef) -> bool:
    return any("Protocol" in ast.unparse(base) for base in node.bases)


def is_stub(function: Function) -> bool:
    """True where nothing is done: an empty body, `...`, `pass` or NotImplementedError."""
    text = [ast.unparse(statement) for statement in body_without_docstring(function)]
    return all(line in {"...", "pass"} or line.startswith("raise NotImplementedError") for line in text)


@each_module
def test_module_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_MODULE_LINES


@each_module
def test_function_fits_on_a_screen(path: Path) -> None:
    too_long = {node.name: body_lines(node) for node in functions_of(path) if body_lines(node) > MAX_BODY_LINES}
    assert too_long == {}


@each_module
def test_function_takes_at_most_six_arguments(path: Path) -> None:
    counts = {node.name: argument_count(node) for node in functions_of(path) if not is_command(node)}
    assert {name: count for name, count in counts.items() if count > MAX_ARGUMENTS} == {}


@each_module
def test_public_name_has_a_docstring(path: Path) -> None:
    bare = [node.name for node in public_definitions(syntax_of(path)) if not ast.get_docstring(node)]
    assert bare == []


@each_module
def test_module_has_a_docstring(path: Path) -> None:
    assert ast.get_docstring(syntax_of(path))


@each_module
def test_function_is_no_stub(path: Path) -> None:
    classes = [node for node in ast.walk(syntax_of(path)) if isinstance(node, ast.ClassDef) and is_protocol(node)]
    promised = {id(method) for node in classes for method in node.body}
    assert [node.name for node in functions_of(path) if is_stub(node) and id(node) not in promised] == []


@each_module
def test_errors_are_caught_by_name(path: Path) -> None:
    handlers = [node for node in ast.walk(syntax_of(path)) if isinstance(node, ast.ExceptHandler)]
    caught = {
        node.lineno: {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)}
        if node.type
        else BROAD_ERRORS
        for node in handlers
    }
    assert [line for line, names in caught.items() if names & BROAD_ERRORS] == []


@each_module
def test_name_says_what_it_is(path: Path) -> None:
    vague = [node.name for node in functions_of(path) if node.name.lstrip("_").startswith(VAGUE_PREFIXES)]
    assert (vague, path.stem in VAGUE_MODULES) == ([], False)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem)
        for path in TESTS
        if path.parent.name not in {"benchmarks", "browser", "deployment"}
    ],
)
def test_test_mirrors_a_module(path: Path) -> None:
    name = path.stem.removeprefix("test_")
    home = PACKAGE / path.parent.relative_to(ROOT / "tests")
    assert name in OTHER_TESTS or home.name in OTHER_TESTS or (home / f"{name}.py").exists() or (home / name).is_dir()
