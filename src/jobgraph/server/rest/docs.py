"""The OpenAPI document as a page for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from jobgraph.exports.markup import Child, Markup, tag
from jobgraph.server.html.layout import Frame
from jobgraph.server.html.workbench import data_table, workbench_page

_COLUMNS = ("Parameter", "What it is", "Values", "Example")


def to_page(document: Mapping[str, Any], frame: Frame) -> bytes:
    """The page."""
    info = document["info"]
    content = (
        tag("h1", f"{info['title']} {info['version']}"),
        tag("p", info["description"], class_="lead"),
        tag("p", "For programs: ", tag("a", "openapi.json", href="/openapi.json"), "."),
        *_sections(document["paths"]),
    )
    return workbench_page("API", *content, frame=frame, here="/docs")


def _sections(paths: Mapping[str, Any]) -> Iterator[Markup]:
    """The operations under the headings that are their tags."""
    by_tag: dict[str, list[Markup]] = {}
    for path, item in paths.items():
        by_tag.setdefault(item["get"]["tags"][0], []).append(_operation(path, item["get"]))
    for name, operations in by_tag.items():
        yield tag("section", tag("h2", name), operations)


def _operation(path: str, operation: Mapping[str, Any]) -> Markup:
    parameters = operation["parameters"]
    kinds = ", ".join(operation["responses"]["200"]["content"])
    table = data_table(_COLUMNS, map(_parameter, parameters), f"Parameters of {path}") if parameters else None
    return tag(
        "details",
        tag("summary", tag("code", path), " ", operation["summary"]),
        tag("p", text) if (text := operation.get("description", "")) else None,
        tag("p", f"Answers with {kinds}. ", _example(path, parameters)),
        table,
    )


def _parameter(parameter: Mapping[str, Any]) -> list[Child]:
    needed = " (required)" if parameter["required"] else None
    name: Child = (tag("code", parameter["name"]), needed)
    return [name, parameter["description"], _values(parameter["schema"]), str(parameter.get("example", ""))]


def _values(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(schema["enum"])
    bounds = [f"{word} {schema[key]}" for word, key in (("from", "minimum"), ("to", "maximum")) if key in schema]
    default = [f"({schema['default']} if none is given)"] if "default" in schema else []
    return " ".join([schema["type"], *bounds, *default])


def _example(path: str, parameters: list[Mapping[str, Any]]) -> Markup | None:
    """A link to try it, with the example of each parameter that is required."""
    if "{" in path:
        return None
    values = {each["name"]: each.get("example") for each in parameters if each["required"]}
    if any(not isinstance(value, str) for value in values.values()):
        return None
    return tag("a", "Try it", href=path + (f"?{urlencode(values)}" if values else ""))
