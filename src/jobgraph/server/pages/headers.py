"""The headers that every page has: what it may load, where it may stand, and on what it depends."""

from __future__ import annotations

from jobgraph.server.exchange import Exchange
from jobgraph.server.negotiation import GRAPH_TYPES, best_type, parse_accept

HTML = "text/html"
HTML_TYPE = f"{HTML}; charset=utf-8"
READ = ("GET", "HEAD")
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The editor draws with styles of its own and with pictures that stand in its style sheet.
_EDITOR_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def prefers_html(exchange: Exchange) -> bool:
    """Whether the client would rather have a page than data; one that takes anything gets data."""
    return best_type(parse_accept(exchange.header("accept")), (*GRAPH_TYPES, "application/json", HTML)) == HTML


def page_headers(*, is_editor: bool = False) -> list[tuple[str, str]]:
    """Those of a page."""
    return [
        ("content-security-policy", _EDITOR_POLICY if is_editor else _POLICY),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("vary", "Cookie"),
    ]
