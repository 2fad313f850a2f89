"""`jobgraph validate`: a tenant's published graph, or files, against SHACL shapes."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobgraph.cli.options import HomeOption, StoreOption, TenantOption
from jobgraph.cli.output import say, say_json, say_rows, say_table
from jobgraph.cli.published import open_published
from jobgraph.cli.validate_published import validate_published

if TYPE_CHECKING:
    from jobgraph.shacl import Result, Validation

app = typer.Typer()

_COLUMNS = ("severity", "focus", "path", "value", "component", "shape", "message")
_SHACL = "http://www.w3.org/ns/shacl#"
_FORMATS = ("table", "turtle", "json", "csv")
_FAILING = {
    "violation": {f"{_SHACL}Violation"},
    "warning": {f"{_SHACL}Violation", f"{_SHACL}Warning"},
}


@app.command()
def validate(
    home: HomeOption = None,
    store: StoreOption = None,
    tenant: TenantOption = None,
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", metavar="FILE", help="RDF file to validate in place of a tenant's graph; repeatable."),
    ] = None,
    shapes: Annotated[
        list[Path] | None,
        typer.Option("--shapes", metavar="FILE", help="Turtle file with SHACL shapes, beside ours; repeatable."),
    ] = None,
    engine: Annotated[str, typer.Option(help="compiled, or pyshacl.")] = "compiled",
    output: Annotated[str, typer.Option("--format", help="table, turtle, json or csv.")] = "table",
    fail_on: Annotated[
        str | None, typer.Option(help="violation or warning: exit with 1 where there is one, or a graver one.")
    ] = None,
) -> None:
    """Validate the published graph of a tenant against our shapes, or --data against --shapes alone.

    A tenant's results are grouped for people, with rows and owners; as turtle they are a SHACL report. Nothing is
    fetched, and no file is changed.

    Example: jobgraph validate --tenant northwind-bio --fail-on violation

    Example: jobgraph validate --data graph.ttl --shapes shapes.ttl

    Exit codes: 0 done, 1 something that --fail-on names was found, 2 usage, 65 a file or a shape is not well formed,
    75 the endpoint cannot be reached.
    """
    _check_choices(output, fail_on)
    if data:
        validation = _validate_files(data, shapes or [], engine)
        say_validation(validation, output)
    else:
        with open_published(home, tenant, store=store) as (opened, generation):
            validation = validate_published(opened, generation, shapes or [], engine=engine, output=output)
    raise typer.Exit(1 if is_refused(validation, fail_on) else 0)


def say_validation(validation: Validation, output: str) -> None:
    """Print the results in one of the formats."""
    if output == "turtle":
        from jobgraph.shacl import write_report

        write_report(validation.results, sys.stdout)
    elif output == "csv":
        say_rows(_COLUMNS, _iter_rows(validation), "csv")
    elif output == "json":
        say_json(_to_json(validation))
    else:
        _say_summary(validation)


def is_refused(validation: Validation, fail_on: str | None) -> bool:
    """Whether there is a result of the severity that `fail_on` names, or a graver one."""
    return fail_on is not None and any(result.severity in _FAILING[fail_on] for result in validation.results)


def _check_choices(output: str, fail_on: str | None) -> None:
    from jobgraph.errors import UsageError

    if output not in _FORMATS:
        raise UsageError(f"There is no format {output!r}; choose one of {', '.join(_FORMATS)}.")
    if fail_on is not None and fail_on not in _FAILING:
        raise UsageError(f"--fail-on takes {' or '.join(_FAILING)}, not {fail_on!r}.")


def _validate_files(data: list[Path], shapes: list[Path], engine: str) -> Validation:
    from pyoxigraph import DefaultGraph

    from jobgraph.errors import UsageError
    from jobgraph.shacl import read_data, read_shapes
    from jobgraph.shacl import validate as validate_store

    if not shapes:
        raise UsageError("Name the shapes for --data with --shapes FILE.")
    read = read_shapes(shapes)
    return validate_store(read_data(data), [DefaultGraph()], read, engine=engine)


def _say_summary(validation: Validation) -> None:
    if validation.results:
        say_table(_COLUMNS, _iter_rows(validation))
    for shape, reason in validation.delegated.items():
        say(f"pySHACL validated {shape}: {reason}.")
    counts = Counter(result.severity.rpartition("#")[2] for result in validation.results)
    found = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    say(f"The graph does not conform: {found}." if counts else "The graph conforms.")


def _to_json(validation: Validation) -> dict[str, object]:
    return {
        "conforms": validation.conforms,
        "results": [dict(zip(_COLUMNS, row, strict=True)) for row in _iter_rows(validation)],
        "compiled": [str(shape) for shape in validation.compiled],
        "delegated": {str(shape): reason for shape, reason in validation.delegated.items()},
    }


def _iter_rows(validation: Validation) -> Iterator[list[str | None]]:
    for result in validation.results:
        yield _row(result)


def _row(result: Result) -> list[str | None]:
    from jobgraph.shacl import to_sparql

    return [
        result.severity.rpartition("#")[2],
        str(result.focus),
        to_sparql(result.path) if result.path else None,
        None if result.value is None else str(result.value),
        result.component.removeprefix(_SHACL).removesuffix("ConstraintComponent"),
        str(result.shape),
        result.message,
    ]
