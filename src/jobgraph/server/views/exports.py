"""The exports that a token may have, as JSON or as a page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from jobgraph.errors import InputError, UsageError
from jobgraph.exports.markup import Markup, join, said, tag
from jobgraph.exports.profile import Profile, read_profile
from jobgraph.server.exports.places import PACKAGE, PACKAGE_FACTS, Place, read_facts
from jobgraph.server.html.layout import Frame, page
from jobgraph.server.rest.things import vocabulary
from jobgraph.server.views.answers import missing
from jobgraph.server.views.pages import frame
from jobgraph.server.views.tenant import Tenant
from jobgraph.store import Tenant as StoredTenant

Export = Mapping[str, Any]
_MADE = ("size", "sha256", "triples", "dataset", "signed_by")


def export_list(tenant: Tenant, arguments: Mapping[str, str], media_type: str) -> Iterable[bytes]:
    """The exports of some profiles, or of one; what is made of the current generation says its size and hash.

    Raises
    ------
    AnswerError : there is no profile of the name.
    """
    one, names = arguments["one"], json.loads(arguments["profiles"])
    found = [export for name in names if (export := _export(tenant, name))]
    if one and not found:
        raise missing()
    if media_type == "application/json":
        answer = found[0] if one else {"generation": tenant.generation.name, "exports": found}
        return [json.dumps(answer, ensure_ascii=False).encode()]
    title = f"Export {one}" if one else "Exports"
    around = Frame(root=arguments[":root"]) if arguments["limited"] else frame(tenant, _kept(arguments))
    lead = f"Of generation {tenant.generation.number}. A package is made when it is asked for the first time."
    return [
        page(
            title, tag("h1", title), tag("p", lead, class_="lead"), map(_section, found), frame=around, here="/exports"
        )
    ]


def _kept(arguments: Mapping[str, str]) -> Mapping[str, str]:
    return {name: text for name in (":session", ":root") if (text := arguments[name])}


def _export(tenant: Tenant, name: str) -> Export | None:
    """One export; None for a profile that went meanwhile."""
    stored = StoredTenant(tenant.names.slug, tenant.generation.path.parent.parent)
    links = {"href": f"/exports/{name}", "changes": f"/exports/{name}/changes"}
    try:
        place = Place.of(stored, name)
        if place is None:
            return None
        profile = read_profile(name, vocabulary=vocabulary(), tenant=stored)
    except (InputError, UsageError):
        return {"profile": name, **links, "problem": "The profile cannot be read just now."}
    facts = read_facts(place.folder(tenant.generation) / PACKAGE_FACTS)
    made = {key: facts[key] for key in _MADE} if facts else {}
    package = {
        "href": f"/exports/{name}/{PACKAGE}",
        "generation": tenant.generation.name,
        "made": facts is not None,
        **made,
    }
    return {"profile": name, **_about(profile), **links, "package": package}


def _about(profile: Profile) -> dict[str, Any]:
    policy = profile.policy
    return {
        "iri": profile.iri,
        "title": profile.title,
        "description": profile.description,
        "formats": list(profile.formats),
        "policy": {
            "iri": policy.iri,
            "assignee": policy.assignee or None,
            "purpose": policy.purpose or None,
            "valid_from": policy.valid_from.isoformat() if policy.valid_from else None,
            "valid_until": policy.valid_until.isoformat() if policy.valid_until else None,
        },
    }


def _section(export: Export) -> Markup:
    name = export["profile"]
    if "problem" in export:
        return tag("section", tag("h2", said(name)), tag("p", export["problem"]))
    package, policy = export["package"], export["policy"]
    size = f"{package['size']:,} bytes, sha256 {package['sha256']}" if package["made"] else "not made yet"
    terms = [f"for {policy['purpose']}" if policy["purpose"] else "", *_days(policy)]
    return tag(
        "section",
        tag("h2", tag("a", said(export["title"]), href=export["href"], id=name)),
        tag("p", said(export["description"])),
        tag("p", "To use ", said("; ".join(filter(None, terms))), ".") if any(terms) else None,
        tag("p", tag("a", "Package", href=package["href"]), join(" (zip; ", size, ")")),
        tag("p", tag("a", "Changes", href=export["changes"]), " as a Linked Data Event Stream"),
        aria_labelledby=name,
    )


def _days(policy: Mapping[str, str | None]) -> list[str]:
    return [f"{word} {day}" for word, key in (("from", "valid_from"), ("until", "valid_until")) if (day := policy[key])]
