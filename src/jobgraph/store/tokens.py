"""The tokens of a SPARQL query, each with its text, so that together they are the query."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass
class Token:
    """A piece of a query: its kind, as `iri` or `word`, and its text."""

    kind: str
    text: str

    @property
    def word(self) -> str:
        """A keyword in upper case, or nothing."""
        return self.text.upper() if self.kind == "word" else ""

    @property
    def name(self) -> str:
        """The name of a variable, or nothing."""
        return self.text[1:] if self.kind == "variable" else ""


_TOKENS = {
    "comment": r"#[^\r\n]*",
    "string": r'"""(?:"{0,2}(?:[^"\\]|\\.))*"""|\'\'\'(?:\'{0,2}(?:[^\'\\]|\\.))*\'\'\''
    r'|"(?:[^"\\\n\r]|\\.)*"|\'(?:[^\'\\\n\r]|\\.)*\'',
    "iri": r'<[^<>"{}|^`\\\x00-\x20]*>',
    "variable": r"[?$]\w+",
    "language": r"@[A-Za-z]+(?:-[A-Za-z0-9]+)*",
    "name": r"(?:[^\W\d][\w.\-]*)?:(?:[\w\-:%\\.]*[\w\-:%\\])?",
    "word": r"\d+\.\d+|\w+",
    "space": r"\s+",
    "other": r"[\s\S]",
}
_TOKEN = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _TOKENS.items()))
SILENT = {"comment", "space"}  # kinds that say nothing


def iter_tokens(text: str) -> Iterator[Token]:
    """The tokens in their order; a comment is a space."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        yield Token(kind, " " if kind == "comment" else match[0])
