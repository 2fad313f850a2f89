"""`jobgraph ontology check`, `ontology docs` and `format`: the vocabulary and its files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from jobgraph.cli.options import CodesOption, JsonOption, read_settings
from jobgraph.cli.output import say, say_json

if TYPE_CHECKING:
    from pyoxigraph import Triple

app = typer.Typer()
group = typer.Typer(invoke_without_command=True)


@group.callback()
def ontology(context: typer.Context) -> None:
    """Look after the ontology.

    Example: jobgraph ontology check
    """
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(2)


@group.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Turtle files or folders; the shipped ones if none.")
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="Folder, database or RDF file that the reasoner sees, too; the shipped sample if none."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check the ontology: syntax, house rules, style shapes, and consistency with data by the HermiT reasoner.

    Where the data contradict the ontology, the axioms that say so are named if the reasoner Pellet runs.

    Example: jobgraph ontology check --data exports

    Exit codes: 0 all is well, 1 something was found, 65 a file does not parse.
    """
    from jobgraph.reasoning import check_ontology

    report = check_ontology(*(paths or []), data=_iter_statements(data))
    if as_json:
        say_json(report.to_json())
    else:
        for line in report.lines():
            say(line)
    raise typer.Exit(1 if report.findings else 0)


def _iter_statements(source: str | None) -> Iterator[Triple]:
    """What the rows of a source, or of the shipped sample, state; or what an RDF file holds."""
    from pyoxigraph import DefaultGraph, RdfFormat, parse

    from jobgraph.pipeline import Plan, run_mapping
    from jobgraph.resources import resource_path
    from jobgraph.shacl.data import read_data

    if source and Path(source).is_file():
        quads = read_data([Path(source)]).quads_for_pattern(None, None, None, DefaultGraph())
        yield from (quad.triple for quad in quads)
        return

    plan = Plan(source or str(resource_path("data", "sample")))
    with TemporaryDirectory() as folder:
        for path in run_mapping(plan, Path(folder), read_settings()).values():
            for quad in parse(path=str(path), format=RdfFormat.N_QUADS):
                yield quad.triple


@group.command()
def docs(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the pages; an older reference is replaced.")],
    codes: CodesOption = None,
) -> None:
    """Write a reference of the ontology and the code lists as HTML pages that need no server, script or network.

    Each area has a page with a diagram of its classes; each term says what it means, what must hold, and which table
    and column it comes from. The same ontology gives the same bytes.

    Example: jobgraph ontology docs --out reference

    Exit codes: 0 written, 2 the folder holds something else, 65 a file does not parse, 74 it cannot be written.
    """
    from jobgraph.exports.ontology_docs.writing import write_ontology_docs
    from jobgraph.vocabulary import Vocabulary

    files = write_ontology_docs(out, Vocabulary(extensions=codes or ()))
    say(f"{out / 'index.html'} and {len(files) - 1} more files")


@app.command("format")
def format_(
    paths: Annotated[list[Path], typer.Argument(help="Turtle files, or folders to walk.")],
    check_only: Annotated[bool, typer.Option("--check", help="Change nothing; list what would change.")] = False,
) -> None:
    """Bring Turtle files to the canonical form: header first, terms by name, one block a term.

    Example: jobgraph format ontology shapes

    Exit codes: 0 done or nothing to change, 1 --check found files to change, 65 a file does not parse.
    """
    from jobgraph.turtle import format_files

    changed = format_files(paths, check=check_only)
    for path in changed:
        say(f"{'would change' if check_only else 'changed'} {path}")
    raise typer.Exit(1 if check_only and changed else 0)
