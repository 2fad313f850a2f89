"""What RDF/XML can say, https://www.w3.org/TR/rdf-syntax-grammar/."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeVar

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from jobgraph.vocabulary import RDF

PROPERTY = "a property whose IRI does not end in a name of XML, or that means something else there"
CLASS = "a class whose IRI does not end in a name of XML, or that means something else there"
TEXT = "a text with a control character or a carriage return"

# What XML 1.0 cannot hold, https://www.w3.org/TR/xml/#charsets; a carriage return is lost when it is read.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
# What a name begins with, without the colon, https://www.w3.org/TR/xml/#NT-NameStartChar.
_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
# Compiled when it is asked for, which takes 5 ms: each command reads this module.
_NAME_AT_END = f"[{_START}][{_START}0-9.\u00b7\u0300-\u036f\u203f\u2040-]*\\Z"
_Term = TypeVar("_Term", bound=NamedNode | BlankNode | Literal | Triple)
_TYPE = RDF + "type"
_WORDS = "RDF ID about bagID parseType resource nodeID datatype li aboutEach aboutEachPrefix Description"
_RESERVED = frozenset(RDF + word for word in _WORDS.split())


def unfit_for_xml(triple: Triple) -> str:
    """Why RDF/XML cannot say a triple; nothing where it can."""
    predicate, value = triple.predicate.value, triple.object
    if not _is_name(predicate):
        return PROPERTY
    if isinstance(value, Literal) and _NOT_IN_XML.search(value.value):
        return TEXT
    if predicate == _TYPE and isinstance(value, NamedNode) and not _is_name(value.value):
        return CLASS
    return ""


def named_for_xml(triple: Triple) -> Triple:
    """The triple with blank nodes whose labels begin with a letter, as a name of XML must."""
    subject, value = triple.subject, triple.object
    if isinstance(subject, BlankNode) or isinstance(value, BlankNode):
        return Triple(_named(subject), triple.predicate, _named(value))
    return triple


@lru_cache(10_000)
def _is_name(iri: str) -> bool:
    return iri not in _RESERVED and re.search(_NAME_AT_END, iri) is not None


def _named(term: _Term) -> _Term | BlankNode:
    return BlankNode(f"b{term.value}") if isinstance(term, BlankNode) else term
