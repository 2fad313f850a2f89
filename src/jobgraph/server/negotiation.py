"""Which media type an answer gets: the Accept header against what there is (RFC 9110, 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

MAX_HEADER = 8_000  # characters
_MAX_RANGES = 200
RESULT_TYPES = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)
GRAPH_TYPES = (
    "text/turtle",
    "application/n-triples",
    "application/ld+json",
    "application/rdf+xml",
    "application/trig",
    "application/n-quads",
)
# Names that clients use for a type, or for a family of which it is one.
_ALIASES = {
    "application/json": ("application/sparql-results+json", "application/ld+json"),
    "application/xml": ("application/sparql-results+xml", "application/rdf+xml"),
    "text/xml": ("application/sparql-results+xml", "application/rdf+xml"),
    "text/plain": ("text/csv", "application/n-triples"),
    "application/x-turtle": ("text/turtle",),
    "text/n3": ("text/turtle",),
}
_RANGE = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+|\*)/([!#$%&'*+.^_`|~0-9A-Za-z-]+|\*)\s*(;.*)?", re.DOTALL)
_QUALITY = re.compile(r"(?:^|;)\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*(?:;|$)", re.IGNORECASE)
_ITEM = re.compile(r'(?:[^,"]|"[^"]*+"?)++')  # of a list; its time is linear in the header


@dataclass(frozen=True)
class MediaRange:
    """One item of an Accept header; `*` stands for anything."""

    type: str
    subtype: str
    quality: float

    def precision(self, media_type: str) -> int:
        """How exactly this names a media type: 3 by its name, 2 by an alias, 1 by its family, 0 by `*/*`, else -1."""
        kind, _, subtype = media_type.partition("/")
        if (self.type, self.subtype) == (kind, subtype):
            return 3
        if media_type in _ALIASES.get(f"{self.type}/{self.subtype}", ()):
            return 2
        if self.subtype == "*" and self.type == kind:
            return 1
        return 0 if (self.type, self.subtype) == ("*", "*") else -1


def parse_accept(header: str | None) -> list[MediaRange]:
    """The ranges of a header; what is malformed is passed over, and no header accepts anything.

    >>> [(r.subtype, r.quality) for r in parse_accept("text/csv;q=0.5, text/turtle")]
    [('csv', 0.5), ('turtle', 1.0)]
    """
    if header is None or not header.strip():
        return [MediaRange("*", "*", 1.0)]
    ranges = []
    for item in _ITEM.findall(header[:MAX_HEADER])[:_MAX_RANGES]:
        if match := _RANGE.fullmatch(item):
            quality = _QUALITY.search(match[3] or "")
            ranges.append(MediaRange(match[1].lower(), match[2].lower(), float(quality[1]) if quality else 1.0))
    return ranges


@lru_cache(maxsize=1_000)
def wanted_type(header: str | None, available: tuple[str, ...]) -> str:
    """The available type that an Accept header wants most; '' where it takes none."""
    return best_type(parse_accept(header), available)


def best_type(ranges: Sequence[MediaRange], available: Sequence[str]) -> str:
    """The available type that is wanted most, the first of equals; '' where none is acceptable.

    >>> best_type(parse_accept("text/*;q=0.1, text/csv"), ("text/turtle", "text/csv"))
    'text/csv'
    """
    ranked = [(_quality(ranges, media_type), media_type) for media_type in available]
    quality, media_type = max(ranked, key=lambda pair: pair[0], default=(0.0, ""))
    return media_type if quality > 0 else ""


def _quality(ranges: Sequence[MediaRange], media_type: str) -> float:
    """That of the most precise range; nothing names the type: 0."""
    fitting = [(r.precision(media_type), r.quality) for r in ranges]
    precision, quality = max(fitting, default=(-1, 0.0))
    return quality if precision >= 0 else 0.0
