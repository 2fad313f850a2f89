"""Pages as a browser understands them: what is text, which elements and attributes there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class ReadPage:
    """The elements with their attributes in order, the text, the text by name of the innermost element, and the tables.

    A table is the texts of its cells by row, the headings first, by its caption.
    """

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: str = ""
    texts: dict[str, list[str]] = field(default_factory=dict)
    tables: dict[str, list[list[str]]] = field(default_factory=dict)

    def all(self, name: str) -> list[dict[str, str]]:
        return [attributes for element, attributes in self.elements if element == name]

    @property
    def addresses(self) -> list[str]:
        names = ("href", "src", "action", "data", "formaction")
        return [attributes[name] for _, attributes in self.elements for name in names if name in attributes]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = ReadPage()
        self._inside: list[str] = []
        self._rows: list[list[str]] = []
        self._caption = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._inside.append(tag)
        if tag == "table":
            self._rows, self._caption = [], ""
        elif tag == "tr":
            self._rows.append([])
        elif tag in {"th", "td"}:
            self._rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self.page.tables[self._caption] = self._rows
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.page.text += data
        if "caption" in self._inside:
            self._caption += data
        elif {"th", "td"} & {*self._inside}:
            self._rows[-1][-1] += data
        self.page.texts.setdefault(self._inside[-1] if self._inside else "", []).append(data)


def read_page(body: bytes | str) -> ReadPage:
    reader = _Reader()
    reader.feed(body.decode() if isinstance(body, bytes) else body)
    reader.close()
    return reader.page


def is_safe(page: ReadPage) -> bool:
    """Whether nothing of it runs or leads to what runs, but for scripts that are files of the server."""
    handlers = [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    styles = [attributes["style"] for _, attributes in page.elements if "style" in attributes]
    places = ("/", "#", "http://", "https://")
    strange = [address for address in page.addresses if not address.lower().startswith(places)]
    scripts = [each for each in page.all("script") if each.get("type") != "application/json"]
    foreign = [each for each in scripts if not each.get("src", "").startswith("/static/")]
    return not handlers and not styles and not strange and not foreign
