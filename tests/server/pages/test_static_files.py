from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import pytest
from tests.server.live import LiveServer

import jobgraph.server
from jobgraph.server.html.built import address_of_file

ROOT = Path(__file__).resolve().parents[3]
STATIC = Path(jobgraph.server.__file__).parent / "static"
MADE = json.loads((STATIC / "built.json").read_text(encoding="utf-8"))


NAMES = ["style.css", "editor.css", "editor.js", "search.js", "icon.svg"]
KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@pytest.mark.parametrize("name", NAMES)
def test_file_needs_no_token_and_is_kept_for_good_by_its_version(live: LiveServer, name: str) -> None:
    client = live.client()
    reply = client.ask("GET", address_of_file(name))
    assert (reply.status, reply.kind) == (200, KINDS[name.rpartition(".")[2]])
    assert "immutable" in reply.headers["cache-control"]
    for target in (f"/static/{name}", f"/static/{name}?v=0"):
        assert client.ask("GET", target).headers["cache-control"] == "public, no-cache"
    assert client.ask("GET", f"/static/{name}", headers={"If-None-Match": reply.headers["etag"]}).status == 304


def test_context_is_kept_for_a_day(live: LiveServer) -> None:
    reply = live.client().ask("GET", "/context.jsonld")
    assert (reply.status, reply.kind) == (200, "application/ld+json")
    assert reply.headers["cache-control"] == "public, max-age=86400"


def test_file_is_compressed_for_who_takes_that(live: LiveServer) -> None:
    client = live.client()
    plain = client.ask("GET", "/static/editor.js")
    packed = client.ask("GET", "/static/editor.js", headers={"Accept-Encoding": "gzip, deflate, br"})
    assert gzip.decompress(packed.body) == plain.body
    assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert len(packed.body) < len(plain.body) / 3
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "content-encoding" not in plain.headers


@pytest.mark.parametrize(
    "target", ["/static/", "/static/../app.py", "/static/..%2Fapp.py", "/static/built.json", "/static/x"]
)
def test_nothing_else_is_given_out(live: LiveServer, target: str) -> None:
    assert live.client().ask("GET", target).status == 404


@pytest.mark.parametrize("name", MADE["sources"])
def test_scripts_were_built_from_their_sources(name: str) -> None:
    """Where this fails, run `make web`: a source or the lock changed after they were built."""
    assert hashlib.sha256((ROOT / "web" / name).read_bytes()).hexdigest() == MADE["sources"][name]


@pytest.mark.parametrize("name", MADE["files"])
def test_scripts_are_what_was_built(name: str) -> None:
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == MADE["files"][name]


def test_licences_of_what_is_bundled_stand_beside_it() -> None:
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))
    notices = (STATIC / "licenses.txt").read_text(encoding="utf-8")
    used = {p.rpartition("node_modules/")[2] for p, facts in lock["packages"].items() if p and not facts.get("dev")}
    assert [name for name in used if f"{name} " not in notices] == []
