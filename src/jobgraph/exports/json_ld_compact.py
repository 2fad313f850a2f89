"""Compact JSON-LD: how the terms and prefixes of a context say a statement, as the W3C compaction algorithm has it.

https://www.w3.org/TR/json-ld11-api/#iri-compaction, for contexts that name each IRI by at most one term, without
containers, languages, a vocabulary or a base.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TypeAlias, cast

from jobgraph.exports.json_ld_context import LINK, Context
from jobgraph.vocabulary import XSD

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

PREFIXED = "an IRI whose scheme is a prefix of the JSON-LD context"
_MOST_KEPT = 100_000  # names that are kept ready
ANY = ""  # the type of a term whose values say theirs themselves
_STRING = XSD + "string"
# What every reader of JSON keeps exactly, of the datatypes that JSON has, too.
NATIVE = {XSD + "boolean": re.compile("true|false"), XSD + "integer": re.compile("0|-?[1-9][0-9]{0,14}")}


class Compaction:
    """The names that a context gives."""

    def __init__(self, context: Context) -> None:
        self._terms = context.terms
        self._names = {(iri, ANY): name for name, iri in context.prefixes.items()}  # a prefix is a term, too
        self._names |= {(term["@id"], term.get("@type", ANY)): name for name, term in context.terms.items()}
        self._prefixes = {iri: name for name, iri in context.prefixes.items()}
        self._schemes = tuple(f"{name}:" for name in context.prefixes)
        self._starts = tuple(self._prefixes)
        self._short = lru_cache(_MOST_KEPT)(self._with_prefix)

    def can_say(self, iri: str) -> bool:
        """Whether an IRI can stand in a document; one whose scheme is a prefix would be read as another."""
        return not iri.startswith(self._schemes) or iri.partition(":")[2].startswith("//")

    def key(self, iri: str, type_: str) -> tuple[str, bool]:
        """The key for values of a type of a property, and whether it says their type, so that they need not.

        Parameters
        ----------
        type_ : `@id` for links, the IRI of a datatype, `ANY` for texts.
        """
        if type_ and (name := self._names.get((iri, type_))):
            return name, True
        return self._names.get((iri, ANY)) or self._short(iri, is_key=True), False

    def name(self, iri: str) -> str:
        """A class or datatype."""
        return self.key(iri, ANY)[0]

    def node(self, iri: str) -> str:
        """A thing, or a blank node with its label."""
        return self._short(iri, is_key=False)

    def link(self, iri: str, target: str) -> tuple[str, Json]:
        """The key and value of a link."""
        key, is_said = self.key(iri, LINK)
        return key, self.node(target) if is_said else {"@id": self.node(target)}

    def literal(self, iri: str, text: str, *, datatype: str = _STRING, language: str | None = None) -> tuple[str, Json]:
        """The key and value of a literal: a plain text as it is, a typed one by the term of its type, else in full."""
        if language:
            return self.key(iri, ANY)[0], {"@language": language, "@value": text}
        if datatype == _STRING:
            return self.key(iri, ANY)[0], text
        key, is_said = self.key(iri, datatype)
        if is_said:
            return key, plain(text, datatype)
        return key, {"@type": self.name(datatype), "@value": text}

    def _with_prefix(self, iri: str, *, is_key: bool) -> str:
        """The shortest form with a prefix that means this IRI, else the IRI."""
        if not iri.startswith(self._starts):
            return iri
        found = [f"{name}:{iri[len(start) :]}" for start, name in self._prefixes.items() if iri.startswith(start)]
        fit = [name for name in found if self._means(name, iri, is_key=is_key)]
        return min(fit, key=lambda name: (len(name), name), default=iri)

    def _means(self, name: str, iri: str, *, is_key: bool) -> bool:
        _, _, rest = name.partition(":")
        if not rest or rest.startswith("//"):
            return False
        return name not in self._terms or (not is_key and self._terms[name]["@id"] == iri)


def plain(text: str, datatype: str) -> str | int | bool:
    """A value whose type the context says: a number or truth value of JSON only where that says exactly the same."""
    is_said = datatype in NATIVE and is_native(text, datatype)
    return cast("int | bool", json.loads(text)) if is_said else text


def is_native(text: str, datatype: str) -> bool:
    """Whether a number or truth value may stand in JSON as it is, and says the same to every reader.

    >>> [is_native(text, XSD + "integer") for text in ("7", "07", "1234567890123456")]
    [True, False, False]
    """
    return NATIVE[datatype].fullmatch(text) is not None


def one_or_all(values: list[Json]) -> Json:
    """The value of a key: a single one stands alone."""
    return values[0] if len(values) == 1 else values
