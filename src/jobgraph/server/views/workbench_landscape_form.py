"""The form that says which outcomes the landscape shows, by which scheme, and which part of the chart is listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import polars as pl

from jobgraph.analysis import Source
from jobgraph.analysis.groups import jobs_by
from jobgraph.analysis.schemes import DEFAULT_SCHEME, read_schemes
from jobgraph.analysis.selection import RANGES, TYPE, WHOSE, find_chosen
from jobgraph.exports.markup import Child, Markup, tag
from jobgraph.server.html.workbench import Choice, choice_form

_MOST_OPTIONS = 300  # of a select; above that, a field with suggestions
_MOST_SUGGESTED = 1_000
_LETTERS = 90  # of an option
_Option = tuple[str, str]


def landscape_form(source: Source, values: Mapping[str, str], base: str, address: str) -> Markup:
    """The form, with what is chosen.

    Parameters
    ----------
    values : of the fields that are given.
    base : the start of the tenant's IRIs.

    Raises
    ------
    UsageError : there is no such entity, or several are called so.
    """
    schemes = read_schemes(source.schemes_path)
    fields = [
        Choice("scheme", "Score scheme", [(name, name) for name in schemes], values.get("scheme", DEFAULT_SCHEME))
    ]
    chosen = find_chosen(source.views, values)
    typed: list[Child] = []
    for kind in WHOSE:
        options = _options(source, kind, base)
        label = kind.capitalize()
        if len(options) <= _MOST_OPTIONS:
            picked = chosen.get(kind, "").removeprefix(base)
            known = {value for value, _ in options}
            lost = [(picked, values[kind])] if picked and picked not in known else []
            fields.append(Choice(kind, label, [("", "all"), *options, *lost], picked))
        else:
            typed.append(_suggesting(kind, label, options, values.get(kind, "")))
    types = sorted(source.views["outcomes"]["type"].drop_nulls().unique())
    fields.append(Choice(TYPE, "Outcome type", [("", "all"), *((name, name) for name in types)], values.get(TYPE, "")))
    return choice_form(address, fields, more=[*typed, _range_fields(values)])


def _options(source: Source, kind: str, base: str) -> list[_Option]:
    """The entities of a kind that have an outcome, by name; those of one name with what tells them apart."""
    jobs = source.views["outcomes"].select("job").unique()
    having = jobs_by(source.views, kind).join(jobs, on="job", how="semi").select(iri="group").unique()
    known = source.views[WHOSE[kind]].join(having, on="iri", how="semi").unique("iri")
    found = known.select("iri", "code", pl.coalesce("name", "code", "iri").alias("name")).sort("name", "iri").rows()
    names, pairs = Counter(name for _, _, name in found), Counter((name, code) for _, code, name in found)
    options = []
    for iri, code, name in found:
        step = iri.removeprefix(base)
        apart = "" if names[name] == 1 else f" · {code}" if code and pairs[name, code] == 1 else f" · {step}"
        options.append((step, f"{_shortened(name)}{apart}"))
    return options


def _suggesting(kind: str, label: str, options: list[_Option], given: str) -> Markup:
    """A field to type into, with suggestions."""
    suggested = [tag("option", text, value=step) for step, text in options[:_MOST_SUGGESTED]]
    field = tag(
        "input",
        name=kind,
        value=given or None,
        list=f"known-{kind}",
        maxlength=200,
        placeholder="all, or a name or code",
        autocomplete="off",
    )
    return tag("label", tag("span", label), field, tag("datalist", suggested, id=f"known-{kind}"))


def _range_fields(values: Mapping[str, str]) -> Markup:
    inputs = [
        tag(
            "label",
            tag("span", name.replace("_", " ").capitalize()),
            tag("input", type="number", name=name, min=0, max=10, step="any", value=values.get(name)),
        )
        for name in RANGES
    ]
    is_open = "" if any(name in values for name in RANGES) else None
    summary = tag("summary", "List only a part of the chart")
    return tag("details", summary, tag("div", inputs, class_="ranges"), open=is_open)


def _shortened(text: str) -> str:
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"
