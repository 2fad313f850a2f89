"""The headers that every page has: what it may load, where it may stand, and on what it depends."""

from __future__ import annotations

from jobgraph.server.exchange import Exchange
from jobgraph.server.negotiation import GRAPH_TYPES, best_type, parse_accept

HTML = "text/html"
HTML_TYPE = f"{HTML}; charset=utf-8"
READ = ("GET", "HEAD")
_OWN = "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
PAGE = (
    f"default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data: blob:; {_OWN}"
)
# A page that is given a token runs nothing.
SIGNING = f"default-src 'none'; style-src 'self'; img-src 'self'; {_OWN}"
# The editor draws with styles of its own and with pictures that stand in its style sheet.
EDITOR = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; "
    f"img-src 'self' data:; font-src 'self' data:; {_OWN}"
)


def prefers_html(exchange: Exchange) -> bool:
    """Whether the client would rather have a page than data; one that takes anything gets data."""
    return best_type(parse_accept(exchange.header("accept")), (*GRAPH_TYPES, "application/json", HTML)) == HTML


def page_headers(policy: str = PAGE) -> list[tuple[str, str]]:
    """Those of a page, with what it may load."""
    return [
        ("content-security-policy", policy),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("vary", "Cookie"),
    ]
