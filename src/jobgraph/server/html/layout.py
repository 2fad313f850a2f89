"""The frame that all pages have: head, skip link, navigation, the page itself, and the foot."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from jobgraph.exports.markup import Child, Markup, join, said, tag
from jobgraph.server.html.built import address_of_file

_PLACES = (
    ("/", "Overview"),
    ("/landscape", "Opportunities"),
    ("/dependencies", "Dependencies"),
    ("/inheritance", "Inheritance"),
    ("/gaps", "Gaps"),
    ("/quality", "Quality"),
    ("/ask", "Ask"),
    ("/ontology", "Ontology"),
    ("/sparql", "SPARQL"),
    ("/exports", "Exports"),
    ("/docs", "API"),
)
# In a text every quotation mark is escaped, so only what an attribute begins with can look like this.
_FROM_ROOT = re.compile(r' (href|src|action)="(?=/(?!/))')


@dataclass(frozen=True)
class Frame:
    """What stands around a page: the tenant whose data it shows, '' for none, and the generation that it is of.

    Parameters
    ----------
    source : what the generation was built from; '' where that is not known.
    built : when that was, in UTC.
    is_signed_in : tells that the browser keeps a token, which it can forget.
    asked : what stands in the search box.
    root : the path of the server on its host, '' where it has the host for itself.
    """

    tenant: str = ""
    generation: str = ""
    source: str = ""
    built: str = ""
    is_signed_in: bool = False
    asked: str = ""
    root: str = ""


def page(title: str, *content: Child, frame: Frame, here: str = "", head: Child = None, wide: str = "") -> bytes:
    """A page of HTML; addresses in it that begin with a slash are those of this server.

    Parameters
    ----------
    here : the address that the navigation marks as the current one.
    head : more elements of the head, such as links to other forms of the same.
    wide : the class of what the page holds; '' for the width of a text.
    """
    parts = tag(
        "html",
        tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="color-scheme", content="light dark"),
            tag("title", f"{title} · {frame.tenant or 'jobgraph'}"),
            tag("link", rel="icon", href=address_of_file("icon.svg"), type="image/svg+xml"),
            tag("link", rel="stylesheet", href=address_of_file("style.css")),
            module("search") if frame.tenant else None,
            head,
        ),
        tag(
            "body",
            tag("a", "Skip to the content", href="#content", class_="skip"),
            _header(frame, here),
            tag("main", *content, id="content", tabindex=-1, class_=wide or None),
            _footer(frame),
        ),
        lang="en",
        data_root=frame.root,
        data_generation=frame.generation,
    )
    root = escape(frame.root)
    rooted = _FROM_ROOT.sub(lambda start: f"{start[0]}{root}", parts) if root else parts
    return f"<!DOCTYPE html>\n{rooted}\n".encode()


def module(name: str) -> Markup:
    """The element that loads a script of ours; it runs once the page is read."""
    return tag("script", type="module", src=address_of_file(f"{name}.js"))


def crumbs(*steps: Child) -> Markup:
    """The way to a page."""
    return tag("nav", tag("ol", [tag("li", step) for step in steps]), class_="crumbs", aria_label="Where you are")


def _header(frame: Frame, here: str) -> Markup:
    places = [
        tag("li", tag("a", name, href=address, aria_current="page" if address == here else None))
        for address, name in _PLACES
    ]
    return tag(
        "header",
        tag("a", "jobgraph", href="/", class_="brand"),
        tag("nav", tag("ul", places), aria_label="Main") if frame.tenant else None,
        _search_form(frame.asked) if frame.tenant else None,
    )


def _search_form(text: str) -> Markup:
    return tag(
        "form",
        tag("label", "Search names", for_="q", class_="aside"),
        tag("input", id="q", name="q", type="search", value=text or None, placeholder="Name or code", maxlength=200),
        tag("button", "Search", type="submit"),
        action="/search",
        method="get",
        role="search",
    )


def _footer(frame: Frame) -> Markup | None:
    if not frame.tenant:
        return None
    leave = tag("form", tag("button", "Sign out", type="submit"), action="/sign-out", method="post")
    source = join(" from ", said(frame.source)) if frame.source else ""
    built = join(", built", source, f" at {frame.built} UTC") if frame.built else ""
    about = join(f"Generation {frame.generation} of ", said(frame.tenant), built, ".")
    return tag("footer", tag("p", about), leave if frame.is_signed_in else None)
