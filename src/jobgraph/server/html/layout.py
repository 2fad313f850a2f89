"""The frame that all pages have: head, skip link, navigation, the page itself, and the foot."""

from __future__ import annotations

from dataclasses import dataclass

from jobgraph.exports.markup import Child, Markup, join, said, tag

STYLE = "/static/style.css"
_PLACES = (
    ("/", "Overview"),
    ("/ontology", "Ontology"),
    ("/sparql", "SPARQL"),
    ("/exports", "Exports"),
    ("/docs", "API"),
)


@dataclass(frozen=True)
class Frame:
    """What stands around a page: the tenant whose data it shows, '' for none, and the generation that it is of.

    `is_signed_in` tells that the browser keeps a token, which it can forget; `asked` stands in the search box.
    """

    tenant: str = ""
    generation: str = ""
    is_signed_in: bool = False
    asked: str = ""


def page(title: str, *content: Child, frame: Frame, here: str = "", head: Child = None) -> bytes:
    """A page of HTML.

    Parameters
    ----------
    here : the address that the navigation marks as the current one.
    head : more elements of the head, such as links to other forms of the same.
    """
    parts = tag(
        "html",
        tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="color-scheme", content="light dark"),
            tag("title", f"{title} · {frame.tenant or 'jobgraph'}"),
            tag("link", rel="icon", href="/static/icon.svg", type="image/svg+xml"),
            tag("link", rel="stylesheet", href=STYLE),
            head,
        ),
        tag(
            "body",
            tag("a", "Skip to the content", href="#content", class_="skip"),
            _header(frame, here),
            tag("main", *content, id="content", tabindex=-1),
            _footer(frame),
        ),
        lang="en",
    )
    return f"<!DOCTYPE html>\n{parts}\n".encode()


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
    about = join("Data of ", said(frame.tenant), f", generation {frame.generation}.")
    return tag("footer", tag("p", about), leave if frame.is_signed_in else None)
