from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from tests.server.live import LiveServer

import jobgraph.server

ROOT = Path(__file__).resolve().parents[3]
STATIC = Path(jobgraph.server.__file__).parent / "static"
MADE = json.loads((STATIC / "editor.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("/static/style.css", "text/css"),
        ("/static/editor.css", "text/css"),
        ("/static/editor.js", "text/javascript"),
        ("/static/icon.svg", "image/svg+xml"),
        ("/context.jsonld", "application/ld+json"),
    ],
)
def test_file_needs_no_token_and_is_kept(live: LiveServer, target: str, kind: str) -> None:
    client = live.client()
    reply = client.ask("GET", target)
    assert (reply.status, reply.kind) == (200, kind)
    assert "max-age=86400" in reply.headers["cache-control"]
    assert client.ask("GET", target, headers={"If-None-Match": reply.headers["etag"]}).status == 304


@pytest.mark.parametrize(
    "target", ["/static/", "/static/../app.py", "/static/..%2Fapp.py", "/static/editor.json", "/static/x"]
)
def test_nothing_else_is_given_out(live: LiveServer, target: str) -> None:
    assert live.client().ask("GET", target).status == 404


@pytest.mark.parametrize("name", MADE["sources"])
def test_editor_was_built_from_its_sources(name: str) -> None:
    """Where this fails, run `make web`: a source or the lock changed after the editor was built."""
    assert hashlib.sha256((ROOT / "web" / name).read_bytes()).hexdigest() == MADE["sources"][name]


@pytest.mark.parametrize("name", MADE["files"])
def test_editor_is_what_was_built(name: str) -> None:
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == MADE["files"][name]


def test_licences_of_the_editor_stand_beside_it() -> None:
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))
    notices = (STATIC / "editor.licenses.txt").read_text(encoding="utf-8")
    used = {p.rpartition("node_modules/")[2] for p, facts in lock["packages"].items() if p and not facts.get("dev")}
    assert [name for name in used if f"{name} " not in notices] == []
