"""HTML as a tree of tags: text becomes markup only here, and only escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import TypeAlias

_VOID = {"br", "hr", "img", "input", "link", "meta"}
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")  # what HTML forbids in a text


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child: TypeAlias = "str | int | Iterable[Child] | None"


def tag(name: str, /, *children: Child, **attributes: str | int | None) -> Markup:
    """An element; a `_` at the end of an attribute's name is left out, one inside it becomes a dash.

    An attribute that is None is left out, and so is a child.

    >>> tag("a", "1 < 2", href="/?a=1&b=2", class_="x")
    '<a href="/?a=1&amp;b=2" class="x">1 &lt; 2</a>'
    """
    given = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items() if value is not None}
    start = "".join(f' {key}="{_escaped(str(value))}"' for key, value in given.items())
    if name in _VOID:
        return Markup(f"<{name}{start}>")
    return Markup(f"<{name}{start}>{join(*children)}</{name}>")


def join(*children: Child) -> Markup:
    """Markup and texts one after the other.

    >>> join("<", tag("b", 1))
    '&lt;<b>1</b>'
    """
    return Markup("".join(_iter_text(children)))


def said(text: str) -> Markup:
    """A text from the data, whose direction of writing stays its own."""
    return tag("bdi", text)


def read_style(path: Path) -> bytes:
    """A style sheet, after what all of ours begin with: colours, links, focus."""
    return Path(__file__).with_suffix(".css").read_bytes() + path.read_bytes()


def _iter_text(child: Child) -> Iterable[str]:
    if isinstance(child, Markup):
        yield child
    elif isinstance(child, str | int):
        yield _escaped(str(child))
    elif child is not None:
        for each in child:
            yield from _iter_text(each)


def _escaped(text: str) -> str:
    return escape(_NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", text), quote=True)
