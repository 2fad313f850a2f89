"""Values of the graph as people read them."""

from __future__ import annotations

import json

from pyoxigraph import Literal

from jobgraph.exports.markup import Markup, said, tag
from jobgraph.vocabulary import RDF, XSD

_MOMENTS = {XSD + "dateTime": "T", XSD + "date": ""}
_BOOLEANS = {"true": "yes", "1": "yes", "false": "no", "0": "no"}
_LONG = 400  # characters; a longer text is folded away


def literal(value: Literal) -> Markup:
    """A text, number, date, truth value or JSON document."""
    datatype, text = value.datatype.value, value.value
    if datatype in _MOMENTS:
        return tag("time", text.replace("T", " ").removesuffix("Z"), datetime=text)
    if datatype == XSD + "boolean":
        return tag("span", _BOOLEANS.get(text, text))
    if datatype == RDF + "JSON":
        return _folded("JSON", tag("pre", tag("code", _pretty(text))))
    if text.startswith(("https://", "http://")) and not any(map(str.isspace, text)):
        return tag("a", said(text), href=text, rel="external noopener noreferrer nofollow")
    words = tag("bdi", text, lang=value.language)
    return words if len(text) <= _LONG else _folded(f"{text[:60]}…", tag("div", words, class_="text"))


def _folded(title: str, content: Markup) -> Markup:
    return tag("details", tag("summary", said(title)), content)


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
