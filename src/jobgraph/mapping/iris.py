"""IRIs of entities: `{base}{class}/{key}`, minted from a row and led back to it."""

from __future__ import annotations

from urllib.parse import quote, unquote

from jobgraph.vocabulary import Table, Vocabulary

_SWALLOWED = {".": "%2E", "..": "%2E%2E"}  # steps that a path would swallow


def encode_key(key: str) -> str:
    """A key as one IRI step: every byte of its UTF-8 form that is not unreserved becomes percent-encoded.

    >>> encode_key("a b/ü")
    'a%20b%2F%C3%BC'
    """
    return _SWALLOWED.get(key) or quote(key, safe="")


def entity_iri(base: str, vocabulary: Vocabulary, class_iri: str, key: str) -> str:
    """The IRI of the entity of a class that the row with `key` describes."""
    return f"{base}{vocabulary.class_step(class_iri)}/{encode_key(key)}"


def row_of(iri: str, base: str, vocabulary: Vocabulary) -> tuple[Table, str] | None:
    """The table and the key of the row that an entity's IRI came from; None for any other IRI."""
    step, _, encoded = iri.removeprefix(base).partition("/")
    key = unquote(encoded)
    if not iri.startswith(base) or not key or encode_key(key) != encoded:
        return None
    table = vocabulary.table_of_step.get(step)
    return (table, key) if table else None
