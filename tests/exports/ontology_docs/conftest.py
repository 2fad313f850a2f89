"""The reference of the shipped ontology, written once, as pages that were read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest

from jobgraph.exports.ontology_docs.reference import Reference
from jobgraph.exports.ontology_docs.writing import write_ontology_docs
from jobgraph.vocabulary import Vocabulary


class Page(HTMLParser):
    """What a page holds: elements with their attributes, names of places, addresses, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text_of: dict[str, str] = {}
        self._open: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "link"}:
            self._open.append((tag, dict(attrs).get("id") or ""))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for _, name in self._open:
            if name:
                self.text_of[name] = self.text_of.get(name, "") + data

    @property
    def ids(self) -> list[str]:
        return [value for _, attributes in self.elements if (value := attributes.get("id"))]

    @property
    def addresses(self) -> list[str]:
        return [value for _, attributes in self.elements if (value := attributes.get("href"))]


def is_inert(page: Page) -> bool:
    """Whether nothing of a page runs or fetches, and its addresses lead to pages only."""
    names = {name for name, _ in page.elements}
    keys = {key for _, attributes in page.elements for key in attributes}
    links = [attributes["href"] for name, attributes in page.elements if name == "link"]
    ways = re.compile(r"https?://|[a-z0-9-]+\.html(#|$)|#|style\.css$|data:,$")
    return (
        not names & {"script", "img", "iframe", "object", "embed", "video", "image", "use", "style", "base", "form"}
        and not any(key in {"src", "srcdoc", "xlink:href"} or key.startswith("on") for key in keys)
        and links == ["data:,", "style.css"]
        and all(ways.match(address) for address in page.addresses)
    )


def read_pages(folder: Path) -> dict[str, Page]:
    return {path.name: Page(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.html"))}


@pytest.fixture(scope="session")
def docs(tmp_path_factory: pytest.TempPathFactory, shipped_vocabulary: Vocabulary) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "reference"
    write_ontology_docs(folder, shipped_vocabulary)
    return folder


@pytest.fixture(scope="session")
def pages(docs: Path) -> Mapping[str, Page]:
    return read_pages(docs)


@pytest.fixture(scope="session")
def reference(shipped_vocabulary: Vocabulary) -> Reference:
    return Reference(shipped_vocabulary)
