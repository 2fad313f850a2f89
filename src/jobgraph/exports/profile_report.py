"""What a profile lets out of a generation, and what stays, counted."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, cast

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from jobgraph.exports.gate import check_gate
from jobgraph.exports.profile import Profile
from jobgraph.exports.profile_words import condition_words, mask_words
from jobgraph.exports.selection import Counts, Selection
from jobgraph.exports.terms import Terms
from jobgraph.store import Generation
from jobgraph.vocabulary import Vocabulary

_KEY_BYTES = 32


@dataclass(frozen=True)
class ProfileReport:
    """What leaves and what stays of a generation.

    Parameters
    ----------
    staying_classes : things that stay, by the IRI of their class.
    staying_properties : triples of the tenant's graphs that stay, by the IRI of their property.
    reasons : what speaks against the export today.
    """

    generation: str
    counts: Counts
    staying_classes: Mapping[str, int]
    staying_properties: Mapping[str, int]
    reasons: tuple[str, ...]


def report_on(
    store: Store, generation: Generation, profile: Profile, *, vocabulary: Vocabulary, now: date
) -> ProfileReport:
    """The counts of what a profile lets out of a generation; it reads all of it, under pseudonyms of no use."""
    key = secrets.token_bytes(_KEY_BYTES) if profile.needs_key else None
    selection = Selection(store, generation, profile, vocabulary=vocabulary, key=key)
    counts = selection.counts
    reasons = check_gate(generation, profile, store=store, now=now, vocabulary=vocabulary)
    classes = _counted(store, generation, "SELECT ?of (COUNT(DISTINCT ?this) AS ?count) { ?this a ?of } GROUP BY ?of")
    properties = _counted(store, generation, "SELECT ?of (COUNT(*) AS ?count) { ?this ?of ?value } GROUP BY ?of")
    left = Counter(counts.properties)
    if "ontology" in profile.graphs:
        left -= selection.ontology_properties()
    return ProfileReport(
        generation=generation.name,
        counts=counts,
        staying_classes=_more(classes, Counter(counts.things), profile.types - profile.classes.keys()),
        staying_properties=_more(properties, left, ()),
        reasons=tuple(reasons),
    )


def to_json(profile: Profile, terms: Terms, report: ProfileReport | None) -> dict[str, Any]:
    """A profile, and what it lets out, as plain dictionaries and lists."""
    policy = {key: str(value) if isinstance(value, date) else value for key, value in asdict(profile.policy).items()}
    classes = [
        {
            "class": rule.class_iri,
            "label": terms.label(rule.class_iri),
            "properties": {path: mask_words(mask) or None for path, mask in rule.properties.items()},
            "conditions": condition_words(profile, rule, terms),
            "pseudonymised": rule.pseudonym,
        }
        for rule in profile.classes.values()
    ]
    described = {
        "name": profile.name,
        "iri": profile.iri,
        "title": profile.title,
        "description": profile.description,
        "policy": policy,
        "graphs": sorted(profile.graphs),
        "base": profile.base,
        "languages": list(profile.languages),
        "formats": list(profile.formats),
        "maxViolations": profile.max_violations,
        "wantsEvidence": profile.wants_evidence,
        "personalData": profile.has_personal_data,
        "classes": classes,
    }
    return described | ({"tenant": _report_json(report)} if report else {})


def _report_json(report: ProfileReport) -> dict[str, Any]:
    counts = report.counts
    return {
        "generation": report.generation,
        "reasonsAgainst": list(report.reasons),
        "leaving": {
            "triples": counts.triples,
            "things": counts.things,
            "properties": counts.properties,
            "graphs": counts.graphs,
            "masked": counts.masked,
        },
        "staying": {
            "classes": report.staying_classes,
            "properties": report.staying_properties,
            "linksWhoseTargetStays": counts.links_left_out,
            "valuesKeptBack": counts.kept_back,
        },
    }


def _counted(store: Store, generation: Generation, text: str) -> Counter[str]:
    graphs = generation.names.present(store)
    found: Counter[str] = Counter()
    for of, count in cast("QuerySolutions", store.query(text, default_graph=graphs, named_graphs=[])):
        if isinstance(of, NamedNode):
            found[of.value] += int(cast("Literal", count).value)
    return found


def _more(there: Counter[str], left: Counter[str], without: Collection[str]) -> dict[str, int]:
    """What there is more of than leaves, the most frequent first."""
    found = {iri: count - left[iri] for iri, count in there.items() if count > left[iri] and iri not in without}
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))
