"""`jobgraph ask`: the competency questions, listed, explained and answered."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobgraph.cli.options import HomeOption, OutOption, StoreOption, TableFormatOption, TenantOption
from jobgraph.cli.output import opened_output, say, say_json, say_rows, say_table
from jobgraph.cli.published import open_published

if TYPE_CHECKING:
    from pyoxigraph import Store

    from jobgraph.questions import Answer, Question
    from jobgraph.store import GraphNames

app = typer.Typer()
_EXTRA = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.command(context_settings=_EXTRA)
def ask(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[QUESTION]", help="Name or number.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say what the question takes, and its query.")] = False,
    home: HomeOption = None,
    store: StoreOption = None,
    tenant: TenantOption = None,
    generation: Annotated[str | None, typer.Option("--generation", "-g", help="An older generation.")] = None,
    output: TableFormatOption = "table",
    out: OutOption = None,
    every: Annotated[
        bool, typer.Option("--all", help="Answer all with their examples, a CSV file each in the folder --out.")
    ] = False,
) -> None:
    """List the questions, or answer one from a tenant's published graph; its parameters are options.

    Example: jobgraph ask jobs_of_persona --persona "Wren the Curious Liaison" -t northwind-bio
    """
    from jobgraph.errors import UsageError
    from jobgraph.questions import find_question, read_questions
    from jobgraph.vocabulary import Vocabulary

    questions = read_questions(Vocabulary())
    if every and out is None:
        raise UsageError("The answers to all questions are files; name their folder with --out.")
    if out is not None and every:
        with open_published(home, tenant, generation, store=store) as (opened, chosen):
            _answer_all(opened, chosen.names, questions.values(), out)
    elif name is None:
        rows = [(q.number, q.name, q.text) for q in questions.values()]
        say_rows(("number", "question", "what it asks"), rows, output)
    elif explain:
        _explain(find_question(questions, name))
    else:
        question, values = find_question(questions, name), read_values(context.args)
        with open_published(home, tenant, generation, store=store) as (opened, chosen):
            _print(_answer(opened, chosen.names, question, values), output, out, chosen.names.base)


def read_values(arguments: Sequence[str]) -> dict[str, str]:
    """The values of `--name value` and `--name=value`, by name.

    Raises
    ------
    UsageError : an argument is no option, has no value or comes twice.

    >>> read_values(["--least", "12", "--job=a b"])
    {'least': '12', 'job': 'a b'}
    """
    from jobgraph.errors import UsageError

    values: dict[str, str] = {}
    left = iter(arguments)
    for argument in left:
        option, sign, value = argument.partition("=")
        name = option.removeprefix("--")
        if not option.startswith("--") or not name:
            raise UsageError(f"{argument!r} is no parameter; write --name value.")
        if name in values:
            raise UsageError(f"--{name} comes twice; give it once.")
        following = value if sign else next(left, None)
        if following is None:
            raise UsageError(f"--{name} has no value; write --{name} VALUE.")
        values[name] = following
    return values


def _answer(store: Store, graphs: GraphNames, question: Question, values: Mapping[str, object]) -> Answer:
    from jobgraph.questions import answer

    return answer(store, graphs, question, values)


def _answer_all(store: Store, graphs: GraphNames, questions: Collection[Question], out: Path) -> None:
    from jobgraph.store.durable import storage_errors

    with storage_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    for question in questions:
        path = out / f"{question.number:02}_{question.name}.csv"
        _write_csv(_answer(store, graphs, question, question.examples), path)
    say(f"{out}: {len(questions)} answers.")


def _print(answer: Answer, output: str, out: Path | None, base: str) -> None:
    from jobgraph.errors import UsageError

    if out is not None:
        if output != "csv":
            raise UsageError("Only CSV goes into a file; add --format csv.")
        _write_csv(answer, out)
    elif output == "json":
        say_json(to_json(answer))
    elif output == "table":
        rows = ([_shortened(text, base) for text in row] for row in answer.texts())
        say_table(answer.columns, rows, title=answer.question.text)
        say(f"{len(answer.rows):,} row{'' if len(answer.rows) == 1 else 's'}")
        for note in answer.notes:
            say(f"Note: {note}")
    else:
        say_rows(answer.columns, answer.texts(), output)


def _shortened(text: str | None, base: str) -> str | None:
    """An IRI without the start that all have; every command takes it in that form."""
    return text and text.removeprefix(base)


def to_json(answer: Answer) -> dict[str, object]:
    """An answer as JSON: the question, the terms its parameters stand for, the rows and the notes."""
    values: dict[str, object] = {name: term.value for name, term in answer.values.terms.items()}
    limit = answer.question.limit
    return {
        "question": answer.question.name,
        "text": answer.question.text,
        "values": {**values, **({limit.name: answer.values.limit} if limit else {})},
        "columns": answer.columns,
        "rows": [dict(zip(answer.columns, row, strict=True)) for row in answer.texts()],
        "total": answer.total,
        "notes": answer.notes,
    }


def _write_csv(answer: Answer, path: Path) -> None:
    with opened_output(path) as stream:
        text = StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(answer.columns)
        writer.writerows(answer.texts())
        stream.write(text.getvalue().encode("utf-8"))


def _explain(question: Question) -> None:
    say(question.text)
    for note in question.notes:
        say(note)
    for parameter in question.parameters:
        example = f" Example: {parameter.example}" if parameter.example else ""
        say(f"  --{parameter.name}: {parameter.wants}; {parameter.otherwise}. {parameter.sentence}{example}")
    say(question.query.rstrip())
