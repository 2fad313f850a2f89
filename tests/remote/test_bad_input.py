"""What real servers refuse, cut or let pass, and what is published then: the same as before."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from pyoxigraph import NamedNode, Quad, Store
from tests.commands import finish, one_line, start
from tests.exports.endpoint_servers import RealEndpoint, free_port, new_folder, oxigraph_endpoint, running
from tests.mounts import mounted
from tests.remote.places import BASE, SLUG, content_of, make_generation, place_at, publish_at, published_at, quads
from tests.remote.wires import wire

from jobgraph.errors import RefusedError, SourceGoneError, StorageError, UsageError
from jobgraph.exports.endpoint import find_addresses
from jobgraph.exports.login import Credentials
from jobgraph.remote import Place, ask_endpoint, fetch
from jobgraph.store import Generation, Home

__all__ = ["oxigraph_endpoint"]

COSTLY = """SELECT (COUNT(*) AS ?n) {
    ?a <https://x.example/p> ?x . ?b <https://x.example/p> ?y . ?c <https://x.example/p> ?z
    FILTER (CONCAT(STR(?x), STR(?y), STR(?z)) = "none") }"""
# Users as an administrator makes them who wants tenants apart: no rights but on the graph that is named.
ACCOUNTS = """
DB.DBA.USER_CREATE('{user}', 'secret');
GRANT SPARQL_UPDATE TO "{user}";
DB.DBA.RDF_DEFAULT_USER_PERMS_SET('nobody', 0);
DB.DBA.RDF_DEFAULT_USER_PERMS_SET('{user}', 0);
DB.DBA.RDF_GRAPH_USER_PERMS_SET('{base}graph/{user}/current', '{user}', 15);
"""


@pytest.fixture(params=["oxigraph_endpoint", "virtuoso"])
def server(request: pytest.FixtureRequest) -> RealEndpoint:
    found: RealEndpoint = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def generations(tmp_path_factory: pytest.TempPathFactory) -> list[Generation]:
    """A small one, and one of several pieces."""
    home = tmp_path_factory.mktemp("local")
    return [make_generation(home, quads(number, size)) for number, size in ((1, 5), (2, 600))]


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait little before another try, and send small pieces."""
    monkeypatch.setattr("jobgraph.exports.endpoint.time.sleep", lambda _seconds: None)
    monkeypatch.setattr("jobgraph.remote.publication.PIECE", 200)


def place_of(server: RealEndpoint, folder: Path, login: Credentials | None = None, **settings: Any) -> Place:
    """The place of a server for the tenant, each time under IRIs of its own."""
    login = login or server.credentials
    if login:
        users = folder / "users"
        users.mkdir(exist_ok=True)
        users.joinpath(SLUG).touch(mode=0o600)
        users.joinpath(SLUG).write_text(f"{login.user}\n{login.password}\n")
        settings["store_credentials"] = users
    known = {"store_timeout_s": 20, "base": f"{BASE}{folder.name}/"}
    return place_at(server.addresses.graphs, folder / "home", **known | settings)


def graphs_of(place: Place) -> int:
    """How many graphs of the tenant hold anything."""
    start = place.names(SLUG).pointer.removesuffix("current")
    with place.open(SLUG) as endpoint:
        query = f'SELECT DISTINCT ?g {{ GRAPH ?g {{ ?s ?p ?o }} FILTER (STRSTARTS(STR(?g), "{start}")) }}'
        return len(endpoint.select(query))


def test_wrong_password_is_refused(virtuoso: RealEndpoint, generations: list[Generation], tmp_path: Path) -> None:
    place = place_of(virtuoso, tmp_path)
    before = publish_at(place, generations[0])
    wrong = place_of(virtuoso, tmp_path, Credentials("dba", "wr0ng"))
    with pytest.raises(UsageError, match="/sparql-auth answers 401: give the tenant a user with the right") as error:
        publish_at(wrong, generations[1])
    assert "wr0ng" not in str(error.value)
    assert published_at(place_of(virtuoso, tmp_path)) == before


@pytest.fixture
def stranger(virtuoso: RealEndpoint) -> Credentials:
    """An account of another tenant, without rights on the graphs of this one."""
    isql = shutil.which("isql-vt")
    if isql is None:
        pytest.skip("isql of Virtuoso is not installed here (Debian: apt-get install virtuoso-opensource-7-bin)")
    statements = ACCOUNTS.format(user="bolt", base=BASE).replace("\n", " ")
    command = [isql, f"127.0.0.1:{virtuoso.sql_port}", "dba", "dba", f"exec={statements}"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return Credentials("bolt", "secret")


def test_account_of_another_tenant_switches_nothing(
    virtuoso: RealEndpoint, stranger: Credentials, generations: list[Generation], tmp_path: Path
) -> None:
    place = place_of(virtuoso, tmp_path)
    before = publish_at(place, generations[0])
    theirs = place_of(virtuoso, tmp_path, stranger)
    with pytest.raises(UsageError, match=r"SR619: SPARUL INSERT access denied: .* \(bolt\) has no write permission"):
        publish_at(theirs, generations[1])
    assert published_at(theirs) is None
    place_of(virtuoso, tmp_path)
    assert published_at(place) == before


def test_graph_store_of_virtuoso_minds_no_rights_as_the_docs_say(
    virtuoso: RealEndpoint, stranger: Credentials, tmp_path: Path
) -> None:
    graph = NamedNode(f"{BASE}{tmp_path.name}/private")
    with replace(virtuoso, credentials=stranger).open() as client:
        client.put_graph(graph, b"<urn:a> <urn:b> <urn:c> .")
        assert client.count(graph) == 0
    with virtuoso.open() as client:
        assert client.count(graph) == 1


def test_each_tenant_can_have_a_server_of_its_own(
    oxigraph_endpoint: RealEndpoint, generations: list[Generation], tmp_path: Path
) -> None:
    addresses = [getattr(oxigraph_endpoint.addresses, name) for name in ("graphs", "update", "query")]
    graphs, update, query = (address.replace("127.0.0.1", "{tenant}.localhost") for address in addresses)
    place = place_at(graphs, tmp_path, base=f"{BASE}own/", store_update=update, store_query=query)
    with place.open(SLUG) as endpoint:
        assert endpoint.addresses.graphs == graphs.replace("{tenant}", SLUG)
    other = place_at(addresses[0].replace("/store", "/{tenant}/store"), tmp_path, base=f"{BASE}own/")
    with pytest.raises(UsageError, match=f"/{SLUG}/query answers 404"):
        publish_at(other, generations[0])


@pytest.fixture(scope="module")
def read_only_server() -> Iterator[RealEndpoint]:
    """`oxigraph serve-read-only`."""
    program = Path(sys.executable).with_name("oxigraph")
    if not program.exists():
        pytest.skip("the Oxigraph server is not installed here (pip install oxigraph)")
    port = free_port()
    with new_folder() as folder:
        store = Store(str(folder / "store"))
        store.add(Quad(NamedNode("urn:a"), NamedNode("urn:b"), NamedNode("urn:c")))
        del store
        command = [program, "serve-read-only", "--location", folder / "store", "--bind", f"127.0.0.1:{port}"]
        yield from running(command, folder, RealEndpoint(find_addresses(f"http://127.0.0.1:{port}/store")))


def test_server_that_is_read_only_is_refused_before_anything_is_sent(
    read_only_server: RealEndpoint, generations: list[Generation], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"/update answers 403 \(The server is read-only\): give the tenant a user"):
        publish_at(place_of(read_only_server, tmp_path), generations[0])


def test_server_without_a_graph_store_is_left_as_it_was(
    server: RealEndpoint, generations: list[Generation], tmp_path: Path
) -> None:
    before = publish_at(place_of(server, tmp_path), generations[0])
    count = graphs_of(place_of(server, tmp_path))
    found = server.addresses
    place = place_of(server, tmp_path, store_update=found.update, store_query=found.query)
    nowhere = replace(place, addresses=replace(place.addresses, graphs=urljoin(found.graphs, "none")))
    with pytest.raises(UsageError, match=r"/none answers 40\d.* Check the address, and what the endpoint takes"):
        publish_at(nowhere, generations[1])
    assert (published_at(place), graphs_of(place)) == (before, count)


def test_answer_that_virtuoso_gave_up_is_refused(
    virtuoso: RealEndpoint, generations: list[Generation], tmp_path: Path
) -> None:
    place = place_of(virtuoso, tmp_path, base=BASE, store_query=f"{virtuoso.addresses.query}?timeout=1000")
    published = publish_at(place, generations[1])
    with place.open(SLUG) as endpoint, pytest.raises(RefusedError, match=r"a part only .*result timeout"):
        ask_endpoint(endpoint, place.names(SLUG), published, COSTLY)


def test_rows_that_virtuoso_cuts_are_refused(
    virtuoso: RealEndpoint, generations: list[Generation], tmp_path: Path
) -> None:
    place = place_of(virtuoso, tmp_path, base=BASE)
    published = publish_at(place, generations[1])
    with place.open(SLUG) as endpoint, pytest.raises(RefusedError, match="answers with a part only"):
        ask_endpoint(endpoint, place.names(SLUG), published, "SELECT ?s ?x { ?s ?p ?o . ?x ?q 2 . ?y ?q ?z }")


@pytest.mark.parametrize("cuts", [1, 1000], ids=["once", "from_then_on"])
@pytest.mark.parametrize("left", [9_000, 60_000, 500_000], ids=["early", "in_the_graph", "in_the_files"])
def test_wire_that_is_cut_in_an_upload_leaves_old_or_new(
    server: RealEndpoint, generations: list[Generation], tmp_path: Path, left: int, cuts: int
) -> None:
    place = place_of(server, tmp_path)
    before = publish_at(place, generations[0])
    with wire(server.addresses.graphs, left=left, cuts=cuts) as address:
        at_wire = place_of(replace(server, addresses=find_addresses(address)), tmp_path, store_timeout_s=3)
        if cuts == 1:
            after = publish_at(at_wire, generations[1])
            assert content_of(fetch(place, SLUG)[1]) == content_of(generations[1])
        else:
            after = before
            with pytest.raises(
                SourceGoneError,
                match=r"(broke the connection|cannot be reached|did not answer in time)\. Try again later\.$",
            ):
                publish_at(at_wire, generations[1])
    assert published_at(place) == after


@pytest.mark.parametrize("where", ["home", "temporary"])
def test_full_disk_of_the_reader_leaves_no_copy(
    server: RealEndpoint, generations: list[Generation], tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = place_of(server, tmp_path)
    publish_at(place, generations[1])
    full = tmp_path / where
    full.mkdir(exist_ok=True)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary") if where == "temporary" else None)
    with mounted(full, "size=300k"):
        with pytest.raises(StorageError, match=r"full|No space left"):
            fetch(place, SLUG)
        assert not Home(place.home.path).tenants()
    monkeypatch.setattr("tempfile.tempdir", None)
    assert content_of(fetch(place, SLUG)[1]) == content_of(generations[1])


def test_full_disk_is_said_in_a_line(
    oxigraph_endpoint: RealEndpoint, generations: list[Generation], tmp_path: Path
) -> None:
    place = place_of(oxigraph_endpoint, tmp_path)
    publish_at(place, generations[1])
    home = tmp_path / "home"
    home.mkdir()
    options = ("--store", place.settings.store, "--home", home, "--tenant", SLUG)
    with mounted(home, "size=300k"):
        outcome = finish(start("query", "ASK {}", *options, env={"JOBGRAPH_BASE": place.settings.base}))
    assert (outcome.code, "No space left" in one_line(outcome)) == (74, True)
