"""Where an endpoint is, and what goes wrong before it answers."""

from __future__ import annotations

import re
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.commands import one_line, run
from tests.remote.places import BASE, place_at

from jobgraph.errors import UsageError


@pytest.mark.parametrize(
    ("address", "graphs", "update"),
    [
        ("https://h", "https://h/store", "https://h/update"),
        ("http://h:7878/", "http://h:7878/store", "http://h:7878/update"),
        ("https://h/sparql-graph-crud-auth", "https://h/sparql-graph-crud-auth", "https://h/sparql-auth"),
    ],
)
def test_address_of_the_graph_store_tells_the_others(tmp_path: Path, address: str, graphs: str, update: str) -> None:
    addresses = place_at(address, tmp_path).addresses
    assert (addresses.graphs, addresses.update) == (graphs, update)


def test_each_endpoint_and_base_has_copies_of_its_own(tmp_path: Path) -> None:
    places = [
        place_at("https://h", tmp_path),
        place_at("https://i", tmp_path),
        place_at("https://h", tmp_path, base=f"{BASE}x/"),
    ]
    assert len({place.home.path for place in places}) == 3


@pytest.mark.parametrize("slug", ["", "..", "A", "a/b"])
def test_name_that_is_none_reaches_no_file(tmp_path: Path, slug: str) -> None:
    with pytest.raises(UsageError, match="cannot name a tenant"):
        place_at("https://h", tmp_path, store_credentials=tmp_path).open(slug)


class _Handler(BaseHTTPRequestHandler):
    """Has no pointer of any tenant."""

    def do_POST(self) -> None:
        body = b'{"head": {"vars": ["set", "text"]}, "results": {"bindings": []}}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine that no authority signed, with its key."""
    path = tmp_path_factory.mktemp("tls") / "own.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*command, "-keyout", path, "-out", f"{path}.crt"], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


@pytest.fixture(scope="module")
def encrypted(certificate: Path) -> Iterator[str]:
    """The address of an endpoint with that certificate."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"sparql+https://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def complaint(tmp_path: Path, store: str, *more: object) -> tuple[int, str]:
    outcome = run("query", "ASK {}", "--store", store, "--home", tmp_path, *(more or ("--tenant", "acme")))
    return outcome.code, one_line(outcome)


def test_certificate_that_does_not_verify_is_refused(
    tmp_path: Path, encrypted: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, line = complaint(tmp_path, encrypted)
    assert code == 2
    assert "does not verify: certificate verify failed: self-signed certificate; name a file" in line
    monkeypatch.setenv("JOBGRAPH_STORE_CA_FILE", f"{certificate}.crt")
    assert "There is no tenant acme at" in complaint(tmp_path, encrypted)[1]


@pytest.mark.parametrize(
    ("store", "more", "code", "problem"),
    [
        pytest.param("http://h/store", (), 2, "has an address like sparql[+]https://host/store", id="no_prefix"),
        pytest.param("sparql+https://h/other", (), 2, "does not tell where updates go", id="unknown_siblings"),
        pytest.param("sparql+https://me:secret@h/store", (), 2, "holds a user", id="password_in_address"),
        pytest.param("sparql+http://h/store", ("--generation", "1"), 2, "name one with --tenant", id="no_tenant"),
        pytest.param("sparql+http://127.0.0.1:1", (), 75, "cannot be reached. Try again later", id="unreachable"),
    ],
)
def test_place_that_cannot_be_is_refused_in_a_line(
    tmp_path: Path, store: str, more: tuple[str, ...], code: int, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    found, line = complaint(tmp_path, store, *more)
    assert found == code
    assert re.search(problem, line), line
    assert "secret" not in line
