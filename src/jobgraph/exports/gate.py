"""What speaks against an export: a policy that does not hold today, violations, scores without evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import cast

from pyoxigraph import NamedNode, Store

from jobgraph.errors import ExportRefusedError
from jobgraph.exports.profile import Policy, Profile
from jobgraph.exports.things import Things
from jobgraph.resources import resource_path
from jobgraph.shacl import read_shapes, validate
from jobgraph.store import Generation
from jobgraph.vocabulary import Vocabulary

__all__ = ["ExportRefusedError", "check_gate", "check_policy"]


def check_gate(
    generation: Generation, profile: Profile, *, store: Store, now: date, vocabulary: Vocabulary | None = None
) -> list[str]:
    """The reasons against exporting a generation by a profile, each a sentence; none means that it may leave.

    Parameters
    ----------
    vocabulary : the shipped one where none is given; it says which things leave, where a profile wants evidence.
    """
    reasons = [*check_policy(profile.policy, now), *_violations(generation, profile)]
    if profile.wants_evidence:
        reasons += _unevidenced(generation, profile, store, vocabulary or Vocabulary())
    return reasons


def check_policy(policy: Policy, now: date) -> list[str]:
    """The reasons why a policy does not hold on a day, which they do not name: a forced package states them."""
    if policy.valid_from and now < policy.valid_from:
        return [f"The policy holds from {policy.valid_from} on only."]
    if policy.valid_until and now > policy.valid_until:
        return [f"The policy held until {policy.valid_until}."]
    return []


def _violations(generation: Generation, profile: Profile) -> Iterator[str]:
    limit = profile.max_violations
    if limit is None:
        return
    severities = cast("Mapping[str, int] | None", generation.manifest.get("severities"))
    if severities is None:
        yield f"Generation {generation.name} was never validated, and the profile has a limit for violations."
    elif (found := severities.get("violation", 0)) > limit:
        yield f"Generation {generation.name} has {found:,} violations, and the profile lets {limit:,} pass."


def _unevidenced(generation: Generation, profile: Profile, store: Store, vocabulary: Vocabulary) -> Iterator[str]:
    """What leaves without the evidence that the shapes ask for, counted by what is missing."""
    names = generation.names
    shapes = read_shapes([resource_path("shapes", "exports", "evidence.ttl")])
    results = validate(store, [*names.present(store), NamedNode(names.ontology)], shapes).results
    leaving = Things(store, names, profile, vocabulary, None).rules
    found = sorted({(result.message, str(result.focus)) for result in results if result.focus in leaving})
    examples = dict(reversed(found))
    for message, count in sorted(Counter(message for message, _ in found).items()):
        yield f"The {message} of {count:,} things that leave, such as {examples[message]}."
