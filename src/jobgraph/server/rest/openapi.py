"""The parts that OpenAPI documents are made of: parameters, pages of tables, problems and what an operation says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from jobgraph.server.rest.tables import CSV, JSON

Schema = dict[str, Any]

# What can go wrong with any operation; 400 where a parameter does not fit, 404 where there is nothing of that name.
_PROBLEMS: Mapping[int, str] = {
    400: "A parameter is unknown, comes twice, lacks its value or does not fit; the detail has near matches.",
    401: "The request has no valid token.",
    403: "A policy forbids what was asked.",
    404: "There is nothing of this name, or it is not yours.",
    406: "The Accept header takes none of the media types.",
    413: "The answer has too many bytes; ask for less.",
    422: "The answer took more memory than it may; ask for less.",
    429: "Too many requests with this token.",
    503: "Too much is asked at once, or the store cannot be read; try again.",
    504: "The answer took longer than it may; ask for less.",
}
_CSV = (
    "RFC 4180 with a header line. An entity is its IRI, a list is JSON, nothing is an empty cell. Cells that begin "
    "with =, +, - or @ are left as they are in the data: a spreadsheet may take them for formulas."
)
_CSV_SCHEMA: Schema = {"type": "string", "description": _CSV}
_HEADERS: Mapping[str, Schema] = {
    "Link": {"description": 'The next page, rel="next"; none on the last.', "schema": {"type": "string"}},
    "ETag": {"description": "Changes with the generation.", "schema": {"type": "string"}},
}
_THING = {"$ref": "#/components/schemas/Thing"}
_NULL = {"type": "null"}
_TYPES: Mapping[str, Schema] = {"any": {"$ref": "#/components/schemas/Cell"}, "thing": _THING}

_SCHEMAS: Mapping[str, Schema] = {
    "Problem": {
        "type": "object",
        "description": "What is wrong, by RFC 9457; `detail` is one sentence: what, where and what to do.",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
        },
    },
    "Thing": {
        "type": "object",
        "description": "An entity or a term: its IRI, what people call it, and the row of the source behind it.",
        "required": ["iri", "label"],
        "additionalProperties": False,
        "properties": {
            "iri": {"type": "string"},
            "label": {"type": ["string", "null"]},
            "table": {"type": "string"},
            "key": {"type": "string"},
        },
    },
    "Cell": {
        "description": "A value. A number is a JSON number where a double keeps all its digits, else a string with all "
        "of them; dates and codes are strings.",
        "anyOf": [
            *({"type": plain} for plain in ("string", "number", "boolean", "null")),
            _THING,
            {"type": "array", "items": {"$ref": "#/components/schemas/Cell"}},
        ],
    },
}


def typed(kind: str, sentence: str = "") -> Schema:
    """The schema of a kind of value; a `?` at the end of the kind allows null."""
    plain = kind.removesuffix("?")
    schema = _TYPES.get(plain, {"type": plain})
    if kind.endswith("?"):
        schema = {"type": [plain, "null"]} if "type" in schema else {"anyOf": [schema, _NULL]}
    return {**schema, "description": sentence} if sentence else dict(schema)


def parameter(name: str, sentence: str, schema: Schema, *, required: bool = False, **more: object) -> Schema:
    """A parameter of the query string."""
    return {"name": name, "in": "query", "description": sentence, "required": required, "schema": schema, **more}


def paging(limit: int, most_rows: int, most_pages: int) -> list[Schema]:
    """The parameters that all tables take."""
    rows = {"type": "integer", "minimum": 1, "maximum": most_rows, "default": limit}
    pages = {"type": "integer", "minimum": 1, "maximum": most_pages, "default": 1}
    number = {"type": "string", "pattern": "^[0-9]{1,12}$"}
    return [
        parameter("limit", "The rows of a page.", rows),
        parameter("page", "The number of the page.", pages),
        parameter("generation", "The generation that the page before was of; 404 if it is another one now.", number),
        download(),
    ]


def download() -> Schema:
    """The parameter that makes a file of an answer."""
    return parameter(
        "download", "Whether to send Content-Disposition: attachment.", {"type": "boolean", "default": False}
    )


def table_of(columns: Mapping[str, Schema] | None, facts: Mapping[str, Schema]) -> Schema:
    """The schema of one page of a table; without `columns`, rows have what `columns` in the page says."""
    row: Schema = {"type": "object", "additionalProperties": typed("any")}
    if columns is not None:
        row = {
            "type": "object",
            "required": list(columns),
            "properties": dict(columns),
            "additionalProperties": False,
        }
    properties = {
        "generation": typed("string", "The generation that answers."),
        **facts,
        "columns": {"type": "array", "items": {"type": "string"}},
        "rows": {"type": "array", "items": row},
        "page": typed("integer"),
        "limit": typed("integer"),
        "total": typed("integer?", "The rows of all pages; null where they were not counted."),
        "next": typed("string?", "The address of the next page relative to this one; null on the last."),
    }
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def get(
    summary: str,
    *,
    tag: str,
    name: str,
    content: Mapping[str, Schema],
    parameters: Iterable[Schema] = (),
    description: str = "",
) -> Schema:
    """A path that answers GET and HEAD.

    Parameters
    ----------
    name : the operation's own name.
    content : the schema of the answer in JSON, and that in other media types.
    """
    bodies = {kind: {"schema": _CSV_SCHEMA if kind == CSV else schema} for kind, schema in content.items()}
    failures: Schema = {status: {"$ref": f"#/components/responses/{status}"} for status in _failures()}
    operation: Schema = {
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "description": description,
        "parameters": list(parameters),
        "responses": {"200": _ok(bodies), **failures},
    }
    return {"get": operation}


def document(paths: Mapping[str, Schema], *, version: str, address: str, needs_token: bool) -> Schema:
    """The whole document of what is offered at an address."""
    security = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}} if needs_token else {}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "jobgraph",
            "version": version,
            "description": "Questions, analyses and reports on one tenant's graph; the token names the tenant. Every "
            "table comes in pages, as JSON or, by Accept, as CSV. Entities are IRIs with labels; numbers are exact.",
        },
        "servers": [{"url": address}],
        **({"security": [{"token": []}]} if needs_token else {}),
        "paths": dict(paths),
        "components": {"schemas": dict(_SCHEMAS), "responses": _failures(), "headers": dict(_HEADERS), **security},
    }


def table_content(schema: Schema) -> dict[str, Schema]:
    """The forms that every table has."""
    return {JSON: schema, CSV: {}}


def _ok(bodies: Mapping[str, Schema]) -> Schema:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS}
    return {"description": "The answer.", "headers": headers, "content": dict(bodies)}


def _failures() -> dict[str, Schema]:
    """The answers that say what is wrong, by status."""
    body = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    failures = {
        str(status): {"description": f"{HTTPStatus(status).phrase}. {sentence}", "content": body}
        for status, sentence in _PROBLEMS.items()
    }
    return {"304": {"description": "If-None-Match names the ETag of the answer."}, **failures}
