"""Score schemes: how an opportunity score becomes a tier."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl
from pyoxigraph import Literal, NamedNode, Triple

from jobgraph.analysis.views import DECIMAL
from jobgraph.errors import InputError, UsageError
from jobgraph.turtle import read_turtle
from jobgraph.vocabulary import JG, RDF, SKOS

DEFAULT_SCHEME = "requirements"
HIGHEST = Decimal(20)  # the greatest score that two marks from 0 to 10 give


@dataclass(frozen=True)
class Tier:
    """A range of scores with its bounds, and whether each of them belongs to it; rank 1 is the highest."""

    name: str
    rank: int
    lower: Decimal
    upper: Decimal
    with_lower: bool
    with_upper: bool

    def __post_init__(self) -> None:
        if not 0 <= self.lower <= self.upper <= HIGHEST:
            raise UsageError(f"Tier {self.name}: its bounds {self.lower} and {self.upper} must ascend from 0 to 20.")

    def holds(self, score: Decimal) -> bool:
        """Whether a score is in this range."""
        above = score > self.lower or (self.with_lower and score == self.lower)
        return above and (score < self.upper or (self.with_upper and score == self.upper))

    def condition(self, score: pl.Expr) -> pl.Expr:
        """The same for a column."""
        lower, upper = pl.lit(self.lower, DECIMAL), pl.lit(self.upper, DECIMAL)
        above = score >= lower if self.with_lower else score > lower
        return above & (score <= upper if self.with_upper else score < upper)

    @property
    def words(self) -> str:
        """The range in words."""
        return f"{self.name} {'from' if self.with_lower else 'above'} {self.lower.normalize():f}"


@dataclass(frozen=True)
class ScoreScheme:
    """The tiers of a scheme, the highest first, and whether it marks what gets more satisfaction than it matters."""

    name: str
    tiers: tuple[Tier, ...]
    flags_over_served: bool

    def tier(self, score: Decimal) -> str | None:
        """The tier of a score; None where no tier holds it."""
        return next((tier.name for tier in self.tiers if tier.holds(score)), None)

    def to_tiers(self, scores: pl.Expr) -> pl.Expr:
        """The tiers of a column of scores; none for none."""
        found = pl.lit(None, pl.String)
        for tier in reversed(self.tiers):
            found = pl.when(tier.condition(scores)).then(pl.lit(tier.name)).otherwise(found)
        return found

    def rank(self, tier: str) -> int:
        """The rank of a tier, 1 for the highest."""
        return next(known.rank for known in self.tiers if known.name == tier)

    @property
    def sentence(self) -> str:
        """The tiers in words."""
        return f"Scheme {self.name}: {', '.join(tier.words for tier in self.tiers)}."


def read_schemes(folder: Path) -> dict[str, ScoreScheme]:
    """The schemes of all Turtle files in a folder, by the last step of their IRIs.

    Raises
    ------
    InputError : a file does not parse, or a scheme lacks a tier or a bound.
    """
    facts: dict[str, dict[str, list[str]]] = {}
    for path in sorted(folder.glob("*.ttl")):
        for triple in read_turtle(path):
            _note(facts, triple)
    schemes = [iri for iri, about in facts.items() if f"{JG}ScoreScheme" in about.get(f"{RDF}type", [])]
    return {iri.rpartition("/")[2]: _to_scheme(iri, facts) for iri in sorted(schemes)}


def pick_scheme(schemes: Mapping[str, ScoreScheme], name: str) -> ScoreScheme:
    """The scheme of this name.

    Raises
    ------
    UsageError : there is none; the sentence names those that there are.
    """
    if name in schemes:
        return schemes[name]
    near = difflib.get_close_matches(name, schemes) or sorted(schemes)
    raise UsageError(f"There is no score scheme {name!r}; did you mean {', '.join(near)}?")


def _note(facts: dict[str, dict[str, list[str]]], triple: Triple) -> None:
    if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode | Literal):
        about = facts.setdefault(triple.subject.value, {})
        about.setdefault(triple.predicate.value, []).append(triple.object.value)


def _to_scheme(iri: str, facts: Mapping[str, Mapping[str, list[str]]]) -> ScoreScheme:
    about = facts[iri]
    tiers = [_to_tier(tier, facts) for tier in about.get(f"{JG}hasScoreTier", [])]
    if not tiers:
        raise InputError(f"{iri} has no tier; give it one with jg:hasScoreTier.")
    ranked = tuple(sorted(tiers, key=lambda tier: tier.rank))
    return ScoreScheme(iri.rpartition("/")[2], ranked, _is_true(about.get(f"{JG}flagsOverServed", [])))


def _to_tier(iri: str, facts: Mapping[str, Mapping[str, list[str]]]) -> Tier:
    about = facts.get(iri, {})
    try:
        (name,) = about[f"{SKOS}notation"]
        (rank,), (lower,), (upper,) = (about[f"{JG}{term}"] for term in ("tierRank", "lowerBound", "upperBound"))
        bounds = int(rank), Decimal(lower), Decimal(upper)
    except (KeyError, ValueError, ArithmeticError) as error:
        raise InputError(f"{iri} needs one notation, one rank and two bounds; add what is missing.") from error
    flags = [_is_true(about.get(f"{JG}includes{end}Bound", [])) for end in ("Lower", "Upper")]
    return Tier(name, *bounds, *flags)


def _is_true(values: Iterable[str]) -> bool:
    return "true" in values
