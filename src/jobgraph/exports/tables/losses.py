"""What the formats of tables cannot say, named and counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from jobgraph.exports.tables.kinds import Kind

SEPARATOR = "\x1f"  # between the values of a list in files for Neo4j: the unit separator
# What XML 1.0 cannot hold, https://www.w3.org/TR/xml/#charsets
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # https://owasp.org/www-community/attacks/CSV_Injection

_ALWAYS = {
    "statements": "in which graph a statement stands",
    "blank nodes": "that a node is blank: it has an IRI made of its label",
    "datatypes of misfits": "the datatype of a value that does not look as the datatype has it: it is plain text",
    "statements about statements": "statements about statements",
    "text directions": "the base direction of text",
}
# What each format loses where it occurs: by the name of what is counted, in words.
LOSSES: Mapping[str, Mapping[str, str]] = {
    "csv": _ALWAYS
    | {
        "IRIs beyond ASCII": "letters of IRIs that are not in ASCII: a converter of CSVW percent-encodes them",
        "cells like formulas": "nothing, but text that begins with =, +, -, @, a tab or a line end stands as it is: a "
        "change would be false data, so open the files as text in a spreadsheet",
    },
    "parquet": _ALWAYS,
    "graphml": _ALWAYS | {"characters that XML lacks": "characters that XML cannot hold: they are U+FFFD"},
    "neo4j": _ALWAYS
    | {
        "lists of an empty text": "a list of one empty text: it is read as an empty list",
        "unit separators": "the character U+001F, which stands between the values of a list: in text it is U+FFFD",
    },
}


def count_text(counted: Counter[str], kind: Kind, values: Sequence[str]) -> None:
    """Count what is in the values of a thing that some format cannot say."""
    type_ = kind.type
    if type_ == "iri":
        counted["IRIs beyond ASCII"] += sum(not value.isascii() for value in values)
    elif type_ in ("text", "other"):
        for value in values:
            counted["cells like formulas"] += value.startswith(_FORMULA)
            if not value.isprintable():
                counted["characters that XML lacks"] += bool(NOT_XML.search(value))
                counted["unit separators"] += SEPARATOR in value


def losses_of(format_name: str, unsaid: Mapping[str, int]) -> dict[str, int]:
    """How often each loss of a format occurs, in words."""
    return {words: unsaid[name] for name, words in LOSSES[format_name].items() if unsaid.get(name)}
