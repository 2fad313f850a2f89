"""The paths of exports in OpenAPI: what a token may have, packages, and the feed of changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jobgraph.server.rest.openapi import Schema, get, typed
from jobgraph.server.rest.tables import HTML, JSON

_TAG = "Exports"
_TEXT: Schema = {"type": "string"}
_BYTES: Schema = {"type": "string", "format": "binary"}
_FEED_TYPES = ("application/trig", "application/n-quads", "application/ld+json")
_PROBLEM: Schema = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_GONE: Schema = {"description": "The page is gone, or never was.", "content": _PROBLEM}
_NO_PART: Schema = {"description": "There are no such bytes.", "content": _PROBLEM}
_PART: Schema = {"description": "The bytes that Range names.", "content": {"application/zip": {"schema": _BYTES}}}

_PACKAGE: Schema = {
    "type": "object",
    "required": ["href", "generation", "made"],
    "properties": {
        "href": typed("string"),
        "generation": typed("string"),
        "made": typed("boolean", "Whether it is there; else it is made when it is asked for."),
        "size": typed("integer"),
        "sha256": typed("string"),
        "triples": typed("integer"),
        "dataset": typed("string", "The RDFC-1.0 hash of the data."),
        "signed_by": typed("string?"),
    },
    "additionalProperties": False,
}
_EXPORT: Schema = {
    "type": "object",
    "required": ["profile", "href", "changes"],
    "properties": {
        **{name: typed("string") for name in ("profile", "href", "changes", "problem", "iri", "title", "description")},
        "formats": {"type": "array", "items": _TEXT},
        "policy": {"type": "object"},
        "package": _PACKAGE,
    },
    "additionalProperties": False,
}
_LIST: Schema = {
    "type": "object",
    "required": ["generation", "exports"],
    "properties": {"generation": typed("string"), "exports": {"type": "array", "items": _EXPORT}},
    "additionalProperties": False,
}


def export_paths() -> Iterator[tuple[str, Schema]]:
    """The path and the operation of everything below `/exports`."""
    profile = _step("profile", "The name of a profile.", {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,62}$"})
    yield "/exports", get("The exports that the token may have.", tag=_TAG, name="exports", content=_listed(_LIST))
    yield (
        "/exports/{profile}",
        get("One export.", tag=_TAG, name="export", content=_listed(_EXPORT), parameters=[profile]),
    )
    yield "/exports/{profile}/package.zip", _package(profile)
    yield "/exports/{profile}/changes", _changes(profile)
    yield "/exports/{profile}/changes/{stamp}/{step}/{number}", _page(profile)


def _package(profile: Schema) -> Schema:
    path = get(
        "The package of the current generation.",
        tag=_TAG,
        name="package",
        description="It is made when it is asked for the first time; 503 says when to ask again. Conditional requests "
        "and ranges are answered, and each one that sends data is a line of the audit log.",
        content={"application/zip": _BYTES},
        parameters=[profile],
    )
    return _answers(path, {"206": _PART, "416": _NO_PART})


def _changes(profile: Schema) -> Schema:
    return get(
        "The feed of changes, its first page.",
        tag=_TAG,
        name="changes",
        description="A Linked Data Event Stream; it begins with the oldest generation that is kept.",
        content=dict.fromkeys(_FEED_TYPES, _TEXT),
        parameters=[profile],
    )


def _page(profile: Schema) -> Schema:
    stamp = _step("stamp", "Changes with what the profile says.", _TEXT)
    step = _step("step", "The generations that it leads from and to.", _TEXT)
    number = _step("number", "The number of the page.", {"type": "integer", "minimum": 1})
    path = get(
        "A page of the feed, which never changes.",
        tag=_TAG,
        name="changes-page",
        content=dict.fromkeys(_FEED_TYPES, _TEXT),
        parameters=[profile, stamp, step, number],
    )
    return _answers(path, {"410": _GONE})


def _listed(schema: Schema) -> Mapping[str, Schema]:
    return {JSON: schema, HTML: _TEXT}


def _answers(path: Schema, more: Mapping[str, Schema]) -> Schema:
    """A path with more answers than all have."""
    operation = path["get"]
    return {"get": {**operation, "responses": {**operation["responses"], **more}}}


def _step(name: str, sentence: str, schema: Schema) -> Schema:
    return {"name": name, "in": "path", "description": sentence, "required": True, "schema": schema}
