"""Short names for classes and properties: the last step of their IRIs, made to differ."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeVar

from jobgraph.exports.tables.kinds import IRI, TEXT, Kind
from jobgraph.exports.tables.things import Fact
from jobgraph.store import PREFIXES
from jobgraph.vocabulary import JG, to_snake_case

KEY = "id"  # the column that holds the IRI of a thing
_TAKEN = frozenset({KEY, "classes", "iri"})  # what files of all formats have beside
_LONGEST = 60  # letters; names of files are made of two

_Term = TypeVar("_Term")


def class_names(iris: Iterable[str]) -> dict[str, str]:
    """A name in snake case for every class; what has no class is called a thing.

    >>> class_names(["", "http://www.w3.org/2004/02/skos/core#Concept", "https://w3id.org/jobgraph/GenAiUseCase"])
    {'https://w3id.org/jobgraph/GenAiUseCase': 'gen_ai_use_case', '': 'thing', \
'http://www.w3.org/2004/02/skos/core#Concept': 'concept'}
    """
    return _distinct({iri: [_last_step(iri) if iri else "thing", _with_prefix(iri)] for iri in _ours_first(iris)})


def column_names(facts: Iterable[Fact]) -> dict[Fact, str]:
    """A name in snake case for every property and kind of value.

    Text of a language has the language in its name. Of the other kinds of one property, the first has the plain name.

    >>> column_names([(JG + "importanceScore", IRI), (JG + "importanceScore", Kind("x", "en-GB"))]).values()
    dict_values(['importance_score', 'importance_score_en_gb'])
    """
    kinds: dict[str, list[Kind]] = defaultdict(list)
    for iri, kind in facts:
        kinds[iri].append(kind)
    names: dict[Fact, list[str]] = {}
    for iri in _ours_first(kinds):
        plain = next((kind for kind in sorted(kinds[iri], key=_rank) if not kind.language), None)
        for kind in sorted(kinds[iri], key=_rank):
            end = "" if kind == plain else f"_{_kind_name(kind)}"
            names[iri, kind] = [f"{_last_step(iri)}{end}", f"{_with_prefix(iri)}{end}"]
    return _distinct(names)


def to_camel_case(name: str) -> str:
    """The name as keys of JSON have it: `importance_score` gives `importanceScore`."""
    first, *others = name.split("_")
    return first + "".join(other[:1].upper() + other[1:] for other in others)


def _rank(kind: Kind) -> tuple[bool, bool, bool, str, str]:
    return kind != IRI, kind.is_misfit, kind != TEXT, kind.datatype, kind.language


def _kind_name(kind: Kind) -> str:
    name = kind.language or f"{_last_step(kind.datatype)}{'_misfit' if kind.is_misfit else ''}"
    return _plain(name)


def _ours_first(iris: Iterable[str]) -> list[str]:
    return sorted(set(iris), key=lambda iri: (not iri.startswith(JG), iri))


def _last_step(iri: str) -> str:
    steps = [step for step in re.split(r"[/#:]", iri) if step]
    return _plain(to_snake_case(steps[-1])) if steps else "term"


def _with_prefix(iri: str) -> str:
    prefix = next((name for name, start in PREFIXES.items() if iri.startswith(start)), "other")
    return f"{prefix}_{_last_step(iri)}"


def _plain(name: str) -> str:
    words = re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")
    return (words if words[:1].isalpha() else f"n_{words}")[:_LONGEST].rstrip("_")


def _distinct(wishes: Mapping[_Term, list[str]]) -> dict[_Term, str]:
    """The first wish of each that is free, also where case and `_` do not count; a number makes it free at last."""
    taken, names = set(_TAKEN), {}
    for term, wanted in wishes.items():
        numbered = (f"{wanted[-1]}_{number}" for number in range(2, len(wishes) + 5))
        name = next(name for name in [*wanted, *numbered] if name.replace("_", "") not in taken)
        taken.add(name.replace("_", ""))
        names[term] = name
    return names
