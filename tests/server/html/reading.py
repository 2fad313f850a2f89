"""Pages as a browser understands them: what is text, which elements and attributes there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class ReadPage:
    """The elements with their attributes in order, the text, and the text by name of the innermost element."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: str = ""
    texts: dict[str, list[str]] = field(default_factory=dict)

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

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.page.text += data
        self.page.texts.setdefault(self._inside[-1] if self._inside else "", []).append(data)


def read_page(body: bytes | str) -> ReadPage:
    reader = _Reader()
    reader.feed(body.decode() if isinstance(body, bytes) else body)
    reader.close()
    return reader.page


def is_safe(page: ReadPage, *, scripts: int = 0) -> bool:
    """Whether nothing of it runs or leads to what runs, but for the scripts that the page is known to have."""
    handlers = [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    styles = [attributes["style"] for _, attributes in page.elements if "style" in attributes]
    places = ("/", "#", "http://", "https://")
    strange = [address for address in page.addresses if not address.lower().startswith(places)]
    return not handlers and not styles and not strange and len(page.all("script")) == scripts
