"""A profile in words: what leaves, to whom, until when, masked how, and on which terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyoxigraph import BlankNode, NamedNode, Triple

from jobgraph.exports.profile import ClassRule, Mask, Policy, Profile
from jobgraph.exports.terms import Terms
from jobgraph.shacl import Constraint, Shape, read_shapes
from jobgraph.shacl.paths import Predicate
from jobgraph.shacl.statements import Resource
from jobgraph.vocabulary import RDF, RDFS, SH

_TYPE = RDF + "type"


def policy_lines(policy: Policy) -> Iterator[str]:
    """Who lets whom have it, what for, when, and what else was agreed."""
    yield f"From: {_party(policy.assigner, policy.assigner_name)}"
    yield f"To: {_party(policy.assignee, policy.assignee_name) if policy.assignee else 'anyone'}"
    yield f"What for: {policy.purpose or 'not said'}"
    yield f"When: {_period(policy)}"
    for title, found in (
        ("May", policy.actions),
        ("Must not", policy.prohibitions),
        ("Must", policy.duties),
        ("Where", policy.constraints),
    ):
        if found:
            yield f"{title}: {'; '.join(found)}"


def form_lines(profile: Profile) -> Iterator[str]:
    """Which graphs, names, languages and formats, and what must hold before anything leaves."""
    kinds = ("asserted", "inferred", "reference", "ontology")
    yield f"Graphs: {', '.join(kind for kind in kinds if kind in profile.graphs)}"
    yield f"Names of things: {f'begin with {profile.base}' if profile.base else 'as they are in the store'}"
    yield f"Languages: {', '.join(profile.languages) or 'all'}"
    yield f"Formats: {', '.join(profile.formats)}"
    yield f"Personal data: {'may leave where the profile says so' if profile.has_personal_data else 'stay'}"
    limit = profile.max_violations
    yield f"Violations: {'any number' if limit is None else f'at most {limit:,}'}"
    yield f"Evidence for scores: {'needed' if profile.wants_evidence else 'not asked for'}"


def mask_words(mask: Mask | None) -> str:
    """What a mask does; empty where there is none.

    >>> mask_words(Mask("coarse", precision="month"))
    'only its month'
    """
    if mask is None:
        return ""
    if mask.kind == "pseudonym":
        return "a keyed hash"
    if mask.precision:
        return f"only its {mask.precision}"
    return f"rounded to {mask.step}" if mask.step else f"its first {mask.length} characters"


def class_words(rule: ClassRule, terms: Terms) -> str:
    """What leaves of a class in a phrase: how many properties, those that stay, how others are masked."""
    known = terms.properties_of(rule.class_iri)
    named = rule.properties.keys() - {_TYPE}
    stay = sorted(terms.label(path) for path in known - named)
    masked = [f"{terms.label(path)} ({mask_words(mask)})" for path, mask in rule.properties.items() if mask]
    parts = [f"{len(named)} of {len(known | named)} properties"]
    if 0 < len(stay) <= len(named):
        parts.append(f"without {', '.join(stay)}")
    elif stay:
        parts.append(f"only {', '.join(sorted(terms.label(path) for path in named))}")
    if masked:
        parts.append(f"masked: {', '.join(masked)}")
    return "; ".join(parts)


def condition_words(profile: Profile, rule: ClassRule, terms: Terms) -> list[str]:
    """What a thing of a class must conform to: what its shapes say, or else what they ask of which property."""
    if not rule.conditions:
        return []
    shapes = read_shapes(profile.statements).by_node
    labels = _labels(profile.statements)
    words: list[str] = []
    for name in rule.conditions:
        shape = shapes[BlankNode(name[2:]) if name.startswith("_:") else NamedNode(name)]
        said = [message.value for message in shape.messages]
        words += said or [_constraint(path, one, labels, terms) for path, one in _asked(shapes, shape)]
    return words


def _asked(shapes: Mapping[Resource, Shape], shape: Shape) -> Iterator[tuple[str, Constraint]]:
    """Each constraint of a shape, with the property that it is on."""
    yield from (("", constraint) for constraint in shape.constraints)
    for node in shape.properties:
        inner = shapes[node]
        path = inner.path.iri if isinstance(inner.path, Predicate) else "a path"
        yield from ((path, constraint) for constraint in inner.constraints)


def _constraint(path: str, constraint: Constraint, labels: Mapping[object, str], terms: Terms) -> str:
    """A constraint in a phrase, such as `has status: hasValue active`."""
    kind = constraint.component.rpartition("#")[2].removesuffix("ConstraintComponent")
    values = [
        labels.get(term)
        or (terms.label(term.value) if isinstance(term, NamedNode) else getattr(term, "value", "a shape"))
        for term in (*constraint.terms, *constraint.shapes)
    ]
    return f"{f'{terms.label(path)}: ' if path else ''}{kind[:1].lower()}{kind[1:]} {', '.join(values)}".strip()


def _labels(statements: tuple[Triple, ...]) -> Mapping[object, str]:
    named = {RDFS + "label", SH + "name"}
    return {t.subject: getattr(t.object, "value", "") for t in statements if t.predicate.value in named}


def _party(iri: str, name: str) -> str:
    return f"{name} ({iri})" if name and name != iri else iri or "not said"


def _period(policy: Policy) -> str:
    if policy.valid_from and policy.valid_until:
        return f"{policy.valid_from} to {policy.valid_until}"
    if policy.valid_until:
        return f"until {policy.valid_until}"
    return f"from {policy.valid_from}" if policy.valid_from else "without end"
