"""`jobgraph profile`: which export profiles there are, and what each lets out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobgraph.cli.options import HomeOption, JsonOption, TenantOption
from jobgraph.cli.output import say, say_json, say_table, visible
from jobgraph.cli.published import find_tenant
from jobgraph.cli.terms import to_short

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jobgraph.exports.profile import Profile
    from jobgraph.exports.profile_report import ProfileReport
    from jobgraph.exports.terms import Terms

app = typer.Typer(invoke_without_command=True)

_SHOWN = 15  # properties and classes that stay, of a table


@app.callback()
def profile(context: typer.Context) -> None:
    """Export profiles: who may have what of a tenant's graph.

    Example: jobgraph profile list
    """
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(2)


@app.command("list")
def list_profiles(home: HomeOption = None, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """List the shipped profiles, and a tenant's own where one is named.

    Example: jobgraph profile list -t northwind-bio
    """
    from jobgraph.exports.profile import profile_names, read_profile
    from jobgraph.vocabulary import Vocabulary

    owner = find_tenant(home, tenant) if tenant else None
    vocabulary = Vocabulary()
    found = [read_profile(name, vocabulary=vocabulary, tenant=owner) for name in profile_names(owner)]
    columns = ("name", "title", "to", "until")
    rows = [
        (one.name, one.title, one.policy.assignee_name or "anyone", str(one.policy.valid_until or "without end"))
        for one in found
    ]
    if as_json:
        say_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        say_table(columns, rows)


@app.command()
def check(
    name: Annotated[str, typer.Argument(help="Name of a profile, or the path of a Turtle file.", metavar="PROFILE")],
    home: HomeOption = None,
    tenant: TenantOption = None,
    format_name: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Explain what a profile lets out, to whom, until when and masked how; count it where a tenant is named.

    Example: jobgraph profile check partner -t northwind-bio

    Exit codes: 0 the profile can be carried out, 8 something speaks against an export today, 65 it is faulty.
    """
    from jobgraph.errors import ExportRefusedError, UsageError
    from jobgraph.exports.profile import read_profile
    from jobgraph.exports.profile_report import to_json
    from jobgraph.exports.terms import Terms
    from jobgraph.vocabulary import Vocabulary

    if format_name not in {"text", "json"}:
        raise UsageError(f"There is no format {format_name!r}; choose text or json.")
    vocabulary = Vocabulary()
    owner = find_tenant(home, tenant) if tenant else None
    found, terms = read_profile(name, vocabulary=vocabulary, tenant=owner), Terms(vocabulary)
    report = _report(found, home, tenant) if tenant else None
    if format_name == "json":
        say_json(to_json(found, terms, report))
    else:
        _say_profile(found, terms, report)
    if report and report.reasons:
        raise typer.Exit(ExportRefusedError.exit_code)


def _report(found: Profile, home: Path | None, tenant: str | None) -> ProfileReport:
    from datetime import UTC, datetime

    from jobgraph.cli.published import open_published
    from jobgraph.exports.profile_report import report_on
    from jobgraph.vocabulary import Vocabulary

    with open_published(home, tenant) as (store, generation):
        return report_on(store, generation, found, vocabulary=Vocabulary(), now=datetime.now(UTC).date())


def _say_profile(found: Profile, terms: Terms, report: ProfileReport | None) -> None:
    from jobgraph.exports.profile_words import class_words, condition_words, form_lines, policy_lines

    say(visible(f"{found.name}: {found.title}\n{found.description}\n"))
    for line in (*policy_lines(found.policy), *form_lines(found)):
        say(visible(line))
    things = report.counts.things if report else {}
    rows = [
        (
            terms.label(rule.class_iri) + (" (under pseudonyms)" if rule.pseudonym else ""),
            f"{things.get(rule.class_iri, 0):,}" if report else "",
            class_words(rule, terms),
            "; ".join(condition_words(found, rule, terms)),
        )
        for rule in found.classes.values()
    ]
    if rows:
        say_table(("class", "things", "what leaves", "only those that"), rows, title="Classes that leave")
    if report:
        _say_report(report, terms)
    else:
        say("Name a --tenant to count what leaves.")


def _say_report(report: ProfileReport, terms: Terms) -> None:
    counts = report.counts
    _say_counts("Triples that leave, by property", counts.properties, terms)
    _say_counts("Things that stay, by class", report.staying_classes, terms)
    _say_counts("Triples that stay, by property", report.staying_properties, terms)
    _say_counts("Links left out, for their target stays", counts.links_left_out, terms)
    _say_counts("Values that leave masked", counts.masked, terms)
    _say_counts("Values kept back by language or mask", counts.kept_back, terms)
    say(
        f"Generation {report.generation}: {sum(counts.things.values()):,} things and {counts.triples:,} triples leave, "
        f"{sum(report.staying_properties.values()):,} triples stay."
    )
    for reason in report.reasons:
        say(f"Against an export today: {reason}")


def _say_counts(title: str, counts: Mapping[str, int], terms: Terms) -> None:
    if not counts:
        return
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    rows = [(terms.label(iri), to_short(iri), f"{count:,}") for iri, count in ordered[:_SHOWN]]
    if rest := ordered[_SHOWN:]:
        rows.append((f"and {len(rest)} more", "", f"{sum(count for _, count in rest):,}"))
    say_table(("name", "term", "count"), rows, title=title)
