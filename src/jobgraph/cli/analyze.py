"""`jobgraph analyze`: what a tenant's graph says about dependencies, inheritance, opportunities, gaps and networks."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobgraph.cli.options import HomeOption, StoreOption, TableFormatOption, TenantOption
from jobgraph.cli.output import say, say_json, say_rows, say_table
from jobgraph.cli.published import open_published
from jobgraph.cli.query import GenerationOption

if TYPE_CHECKING:
    from jobgraph.analysis import Answer
    from jobgraph.store import Generation

app = typer.Typer()


@app.command()
def analyze(
    name: Annotated[str | None, typer.Argument(help="An analysis; none to list them all.")] = None,
    home: HomeOption = None,
    store: StoreOption = None,
    tenant: TenantOption = None,
    generation: GenerationOption = None,
    of: Annotated[str | None, typer.Option(help="jobs, activities or steps.")] = None,
    entity: Annotated[
        str | None, typer.Option("--entity", "-e", help="What it is about, by IRI, code or name.")
    ] = None,
    job: Annotated[str | None, typer.Option(help="Only the activities or outcomes of this job.")] = None,
    by: Annotated[str | None, typer.Option(help="What to measure or to group by, such as effort or role.")] = None,
    scheme: Annotated[str | None, typer.Option(help="Score scheme, such as ulwick.")] = None,
    against: Annotated[str | None, typer.Option(help="Score scheme to compare with.")] = None,
    network: Annotated[str | None, typer.Option(help="Network, such as work or dependencies.")] = None,
    threshold: Annotated[str | None, typer.Option(help="Greatest gap that counts as closed, 0 to 1.")] = None,
    margin: Annotated[str | None, typer.Option(help="By how much scores may be off, from 0.")] = None,
    function: Annotated[str | None, typer.Option(help="Only outcomes of this function.")] = None,
    department: Annotated[str | None, typer.Option(help="Only outcomes of this department.")] = None,
    role: Annotated[str | None, typer.Option(help="Only outcomes of this role.")] = None,
    persona: Annotated[str | None, typer.Option(help="Only outcomes of this persona.")] = None,
    outcome_type: Annotated[str | None, typer.Option(help="Only outcomes of this type.")] = None,
    within: Annotated[
        str | None, typer.Option(help="Function whose jobs to show one by one; all, none or its name.")
    ] = None,
    also: Annotated[str | None, typer.Option(help="More jobs to show with their neighbours, by code.")] = None,
    depth: Annotated[str | None, typer.Option(help="Dependencies away from the job: 1, 2, 3 or all.")] = None,
    levels: Annotated[
        list[str] | None, typer.Option("--set", metavar="CAPABILITY=LEVEL", help="Maturity to assume; repeatable.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="The most rows.")] = None,
    evidence: Annotated[bool, typer.Option("--evidence", help="Add the source rows behind each row.")] = False,
    output: TableFormatOption = "table",
) -> None:
    """Analyse a tenant's published graph; without a name, list the analyses.

    Example: jobgraph analyze waits-for -e PHARMA_MA_PUB_001 --evidence -t northwind-bio

    Exit codes: 0 answered, 2 usage (unknown analysis, entity, scheme), 74 the store is broken,
    75 the endpoint cannot be reached.
    """
    from jobgraph.analysis import Choices, find_analysis, open_source
    from jobgraph.analysis import analyze as answer_to

    if name is None:
        _list_analyses(output)
        return
    find_analysis(name)
    choices = Choices(
        of=of,
        entity=entity,
        job=job,
        by=by,
        scheme=scheme,
        against=against,
        network=network,
        threshold=_to_decimal(threshold, "--threshold"),
        margin=_to_decimal(margin, "--margin"),
        function=function,
        department=department,
        role=role,
        persona=persona,
        outcome_type=outcome_type,
        within=within,
        also=also,
        depth=depth,
        levels=_to_levels(levels or []),
        limit=limit,
    )
    with open_published(home, tenant, generation, store=store) as (opened, chosen):
        answer = answer_to(open_source(opened, chosen.names), name, choices)
        _say(answer, chosen, output, with_evidence=evidence)


@app.command()
def network(
    name: Annotated[str | None, typer.Argument(help="A network; none to list them all.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File that ends with .graphml, .gexf or .csv.")
    ] = None,
    home: HomeOption = None,
    store: StoreOption = None,
    tenant: TenantOption = None,
    generation: GenerationOption = None,
) -> None:
    """Write a network of a tenant's graph for other tools: GraphML, GEXF, or CSV with Neo4j's import header.

    Example: jobgraph network dependencies --out dependencies.graphml -t northwind-bio
    """
    from jobgraph.analysis import NETWORKS, open_source, read_network, write_network
    from jobgraph.errors import UsageError

    if name is None:
        say("\n".join(NETWORKS))
        return
    if out is None:
        raise UsageError(f"Where shall the network {name} go? Name a file with --out, such as {name}.graphml.")
    with open_published(home, tenant, generation, store=store) as (opened, chosen):
        found = read_network(open_source(opened, chosen.names).views, name)
        files = write_network(found, out)
    say(f"{found.nodes.height:,} nodes and {found.edges.height:,} edges in {', '.join(map(str, files))}.")


def _list_analyses(output: str) -> None:
    from jobgraph.analysis import ANALYSES
    from jobgraph.analysis.catalog import OPTIONS

    rows = [
        (analysis.name, analysis.sentence, " ".join(f"--{OPTIONS.get(word, word)}" for word in analysis.takes))
        for analysis in ANALYSES.values()
    ]
    say_rows(("name", "answers with", "takes"), rows, output)


def _say(answer: Answer, generation: Generation, output: str, *, with_evidence: bool) -> None:
    """Print an answer; its notes stand below a table, in the JSON, and on standard error beside CSV."""
    from jobgraph.analysis import to_plain

    columns = answer.shown.columns
    rows = [[to_plain(cell) for cell in row] for row in answer.shown.iter_rows()]
    if with_evidence:
        columns = [*columns, "evidence"]
        rows = [[*row, found] for row, found in zip(rows, _evidence(answer, generation), strict=True)]
    if output == "json":
        facts = {"tenant": generation.slug, "generation": generation.name, "units": dict(answer.units)}
        named = [dict(zip(columns, row, strict=True)) for row in rows]
        say_json({**facts, "views": answer.views, "notes": answer.notes, "rows": named})
        return
    texts = [[_to_text(cell, column) for cell, column in zip(row, columns, strict=True)] for row in rows]
    if output != "table":
        say_rows(columns, texts, output)
        for note in answer.notes:
            typer.echo(note, err=True)
        return
    say_table(columns, texts)
    for note in answer.notes:
        say(note)


def _evidence(answer: Answer, generation: Generation) -> list[list[str]]:
    """The source rows of each row of an answer."""
    from jobgraph.vocabulary import Vocabulary

    vocabulary, base = Vocabulary(), generation.names.base
    return [
        [str(row) for row in answer.source_rows(index, base=base, vocabulary=vocabulary)]
        for index in range(answer.table.height)
    ]


def _to_text(cell: object, column: str) -> object:
    if isinstance(cell, list):
        return (" -> " if column in {"path", "example"} else ", ").join(map(str, cell))
    return f"{cell:.6g}" if isinstance(cell, float) else cell


def _to_decimal(text: str | None, option: str) -> Decimal | None:
    from jobgraph.errors import UsageError

    if text is None:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise UsageError(f"{option} {text!r} is no number; name one such as 0.2.")
    return number


def _to_levels(pairs: list[str]) -> dict[str, str]:
    from jobgraph.errors import UsageError

    levels = {}
    for pair in pairs:
        name, sign, level = pair.rpartition("=")
        if not (sign and name and level):
            raise UsageError(f"--set {pair!r} is not of the form CAPABILITY=LEVEL; write it like Pricing=advanced.")
        levels[name] = level
    return levels
