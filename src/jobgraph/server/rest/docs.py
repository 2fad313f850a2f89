"""The OpenAPI document as one page of HTML that asks for nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any
from urllib.parse import urlencode

_STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; }
code { font-size: .95em; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8886; padding: .25rem .5rem .25rem 0; text-align: left; vertical-align: top; }
details { margin: .25rem 0; }
summary { cursor: pointer; }
:focus-visible { outline: 3px solid #36c; outline-offset: 2px; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def to_html(document: Mapping[str, Any]) -> str:
    """The page; every text is escaped."""
    info = document["info"]
    title = escape(f"{info['title']} {info['version']}")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main><h1>{title}</h1>"
        f"<p>{escape(info['description'])}</p>"
        '<p>For programs: <a href="openapi.json">openapi.json</a>.</p>'
        f"{''.join(_sections(document['paths']))}</main></body></html>\n"
    )


def _sections(paths: Mapping[str, Any]) -> Iterator[str]:
    """The operations under the headings that are their tags."""
    by_tag: dict[str, list[str]] = {}
    for path, item in paths.items():
        by_tag.setdefault(item["get"]["tags"][0], []).append(_operation(path, item["get"]))
    for tag, operations in by_tag.items():
        yield f"<section><h2>{escape(tag)}</h2>{''.join(operations)}</section>"


def _operation(path: str, operation: Mapping[str, Any]) -> str:
    parameters = operation["parameters"]
    kinds = ", ".join(operation["responses"]["200"]["content"])
    rows = "".join(map(_parameter, parameters))
    head = "<thead><tr><th>Parameter</th><th>What it is</th><th>Values</th><th>Example</th></tr></thead>"
    table = f"<table>{head}<tbody>{rows}</tbody></table>" if rows else ""
    answers = f"Answers with {escape(kinds)}. {_example(path, parameters)}"
    return (
        f"<details><summary><code>{escape(path)}</code> {escape(operation['summary'])}</summary>"
        f"<p>{escape(operation.get('description', ''))}</p><p>{answers}</p>"
        f"{table}</details>"
    )


def _parameter(parameter: Mapping[str, Any]) -> str:
    needed = " (required)" if parameter["required"] else ""
    cells = (
        f"<code>{escape(parameter['name'])}</code>{needed}",
        escape(parameter["description"]),
        escape(_values(parameter["schema"])),
        escape(str(parameter.get("example", ""))),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _values(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(schema["enum"])
    bounds = [f"{word} {schema[key]}" for word, key in (("from", "minimum"), ("to", "maximum")) if key in schema]
    default = [f"({schema['default']} if none is given)"] if "default" in schema else []
    return " ".join([schema["type"], *bounds, *default])


def _example(path: str, parameters: list[Mapping[str, Any]]) -> str:
    """A link to try it, with the example of each parameter that is required."""
    if "{" in path:
        return ""
    values = {each["name"]: each.get("example") for each in parameters if each["required"]}
    if any(not isinstance(value, str) for value in values.values()):
        return ""
    address = path.lstrip("/") + (f"?{urlencode(values)}" if values else "")
    return f'<a href="{escape(address)}">Try it</a>.'
