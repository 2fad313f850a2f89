"""What analyses take over HTTP: each parameter with its kind, its values and a sentence, and what requests give."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from jobgraph.analysis import NETWORKS, Analysis, Choices
from jobgraph.analysis.coverage import KINDS
from jobgraph.analysis.crossings import CROSSED
from jobgraph.analysis.dependencies import MEASURES
from jobgraph.analysis.groups import GROUPS
from jobgraph.analysis.map_focus import DEPTHS
from jobgraph.analysis.schemes import DEFAULT_SCHEME, HIGHEST, read_schemes
from jobgraph.analysis.selection import HIGHEST_MARK, RANGES
from jobgraph.analysis.work import GRAPHS
from jobgraph.errors import UsageError
from jobgraph.resources import resource_path
from jobgraph.server.rest.known import known_questions
from jobgraph.server.rest.things import vocabulary
from jobgraph.vocabulary import JG

LEVELS = "levels"
_LEVEL = re.compile(rf"{LEVELS}\[(.+)\]", re.DOTALL)
_LONGEST, _FINEST = 30, -9  # characters of a number, and the smallest power of ten in it
_NUMBERS = {"threshold": Decimal(1), "margin": HIGHEST, **dict.fromkeys(RANGES, HIGHEST_MARK)}  # the highest, from 0
_BY = {
    **dict.fromkeys(("chain", "map", "map-links"), MEASURES),
    "crossings": CROSSED,
    "ranking": tuple(GROUPS),
    "progress": KINDS,
}
_NEEDED = {"waits-for": ("entity",), "unlocks": ("entity",), "what-if": (LEVELS,)}
_MATURITY = f"{JG}code/maturity-level"
# The parameter and the question whose example is one for `entity`, too; that of most is a job.
_ABOUT = dict.fromkeys(("attributes", "influence"), ("persona", "stakeholders_of_persona"))
_SENTENCES = {
    "of": "What depends on each other.",
    "entity": "What it is about, by IRI, code or name.",
    "job": "Only what belongs to this job, by IRI, code or name.",
    "function": "Only outcomes of jobs of this function, by IRI, code or name.",
    "department": "Only outcomes of jobs of the roles in this department, by IRI, code or name.",
    "role": "Only outcomes of jobs of this role, by IRI, code or name.",
    "persona": "Only outcomes of jobs of this persona, by IRI, code or name.",
    "outcome_type": "Only outcomes of this type, by its code.",
    "importance_from": "Only outcomes of at least this importance.",
    "importance_to": "Only outcomes of at most this importance.",
    "satisfaction_from": "Only outcomes of at least this satisfaction.",
    "satisfaction_to": "Only outcomes of at most this satisfaction.",
    "within": "The function whose jobs stand alone, by IRI, code or name; all for every one, none for jobs without.",
    "also": "More jobs to show with their neighbours, by IRI or code, with blanks in between.",
    "depth": "How many dependencies away from the job.",
    "by": "What to measure or to group by.",
    "scheme": "The score scheme.",
    "against": "The score scheme to compare with.",
    "network": "The network.",
    "threshold": "The greatest gap that counts as closed.",
    "margin": "By how much scores may be off.",
    LEVELS: "The maturity to assume of each capability, by IRI or name.",
}


@dataclass(frozen=True)
class AnalysisParameter:
    """One parameter of an analysis; `values` are all that it can be, `highest` bounds a number from 0."""

    name: str
    sentence: str
    is_required: bool
    values: tuple[str, ...] = ()
    highest: Decimal | None = None
    example: object = None


def parameters_of(analysis: Analysis) -> list[AnalysisParameter]:
    """What an analysis takes."""
    return [
        AnalysisParameter(
            name,
            _SENTENCES[name],
            is_required=name in _NEEDED.get(analysis.name, ()),
            values=_values(analysis.name, name),
            highest=_NUMBERS.get(name),
            example=_example(analysis.name, name),
        )
        for name in analysis.takes
    ]


def names_of(analysis: Analysis, given: Iterable[str]) -> list[str]:
    """The names of the parameters as a query string has them; those of levels as they are given."""
    plain = [name for name in analysis.takes if name != LEVELS]
    return plain + [name for name in given if LEVELS in analysis.takes and _LEVEL.fullmatch(name)]


def read_choices(analysis: Analysis, values: Mapping[str, str], *, limit: int) -> Choices:
    """What a request chooses.

    Raises
    ------
    UsageError : a value does not fit, or one that is needed is missing.
    """
    chosen: dict[str, object] = {}
    for parameter in parameters_of(analysis):
        if parameter.name in values:
            chosen[parameter.name] = _value(parameter, values[parameter.name])
    levels = {match[1]: text for name, text in values.items() if (match := _LEVEL.fullmatch(name))}
    if "job" in chosen and "of" in analysis.takes:
        chosen.setdefault("of", "activities")  # what belongs to a job
    for name in _NEEDED.get(analysis.name, ()):
        if name not in chosen and not (name == LEVELS and levels):
            raise UsageError(f"The analysis {analysis.name} needs {name}. {_SENTENCES[name]}")
    return Choices(**chosen, levels=levels, limit=limit)  # type: ignore[arg-type]  # by the names and kinds above


def _values(analysis: str, name: str) -> tuple[str, ...]:
    if name == "by":
        return _BY[analysis]
    if name in {"scheme", "against"}:
        return tuple(read_schemes(resource_path("ontology", "schemes")))
    return {"of": tuple(GRAPHS), "network": tuple(NETWORKS), "depth": DEPTHS, LEVELS: _levels()}.get(name, ())


def _levels() -> tuple[str, ...]:
    return tuple(vocabulary().schemes[_MATURITY].notations)


def _example(analysis: str, name: str) -> object:
    """An example from a question that speaks of the same kind of thing."""
    if name == LEVELS:
        return {"Data Product Governance": "advanced"}
    if name in {"scheme", "against"}:
        return DEFAULT_SCHEME if name == "scheme" else "ulwick"
    if name != "entity":
        return None
    parameter, question = _ABOUT.get(analysis, ("job", "dependencies_of_job"))
    return known_questions()[question].examples[parameter]


def _value(parameter: AnalysisParameter, text: str) -> object:
    if not text.strip():
        raise UsageError(f"{parameter.name} is empty; give a value or leave it out.")
    if parameter.highest is not None:
        return _decimal(parameter.name, text, parameter.highest)
    if parameter.values and text not in parameter.values:
        raise UsageError(f"{parameter.name} {text[:_LONGEST]!r} is none of {', '.join(parameter.values)}.")
    return text


def _decimal(name: str, text: str, highest: Decimal) -> Decimal:
    try:
        number = Decimal(text) if len(text) <= _LONGEST else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 <= number <= highest:
        raise UsageError(f"{name} {text[:_LONGEST]!r} does not fit; give a number from 0 to {highest}.")
    return round(number, -_FINEST)
