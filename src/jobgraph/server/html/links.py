"""Where the page of an IRI is, if there is one that is safe to lead to."""

from __future__ import annotations

import re

from jobgraph.exports.markup import Markup, said, tag
from jobgraph.vocabulary import JG

_SAFE = re.compile(r"https?://[^\s?#/]", re.IGNORECASE)
_STEP = re.compile(r"[^?#]+")


def address_of(iri: str, base: str) -> str | None:
    """The address that shows what an IRI stands for: a page of ours, the IRI itself, or None where it is no address.

    >>> address_of("https://example.org/id/job/1", "https://example.org/id/")
    '/page/job/1'
    >>> address_of("javascript:alert(1)", "https://example.org/id/") is None
    True
    """
    for start, place in ((base, "/page/"), (JG, "/ontology/")):
        step = iri.removeprefix(start)
        if iri.startswith(start) and _STEP.fullmatch(step):
            return f"{place}{step}"
    if iri == JG:
        return "/ontology"
    return iri if _SAFE.match(iri) else None


def link(iri: str, name: str, base: str) -> Markup:
    """A name that leads to what an IRI stands for, or the name alone."""
    address = address_of(iri, base)
    if address is None:
        return said(name)
    is_ours = address.startswith("/")
    return tag("a", said(name), href=address, rel=None if is_ours else "external noopener noreferrer")
