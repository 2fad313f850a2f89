from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.exports.changing import ENDED, KEYED, NAME, UNKEYED, copied
from tests.server.exports.conftest import limited
from tests.server.live import NORTHWIND, Client, LiveServer, Reply, serving, wait_until

from jobgraph.exports.manifest import MANIFEST, Manifest
from jobgraph.exports.package import write_package
from jobgraph.exports.profile import read_profile
from jobgraph.server.audit_log import AuditLog
from jobgraph.server.exports.places import Place, read_facts, write_facts
from jobgraph.store import Home
from jobgraph.vocabulary import Vocabulary

PATH = f"/exports/{NAME}/package.zip"


@pytest.fixture(scope="module")
def sending(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with a profile that lets out the sample as it is."""
    home = copied(sample_home, tmp_path_factory.mktemp("sending") / "home").path.parent.parent
    settings = {"export_wait_seconds": 110}
    with serving(home, tmp_path_factory.mktemp("log") / "server.log", settings=settings) as server:
        yield server


@pytest.fixture(scope="module")
def client(sending: LiveServer) -> Client:
    return limited(sending.home, sending.port, NAME)


@pytest.fixture(scope="module")
def whole(client: Client) -> Reply:
    reply = client.ask("GET", PATH)
    assert reply.status == 200, reply.text
    return reply


def audited(home: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in AuditLog(home).path.read_text().splitlines()]
    return [line for line in lines if line["action"] == "export"]


def test_the_package_is_the_one_that_the_command_writes(
    sending: LiveServer, whole: Reply, shipped_vocabulary: Vocabulary, tmp_path: Path
) -> None:
    tenant = Home(sending.home).tenant(NORTHWIND)
    generation = tenant.current()
    assert generation
    profile = read_profile(NAME, vocabulary=shipped_vocabulary, tenant=tenant)
    write_package(generation, profile, tmp_path / "package.zip", vocabulary=shipped_vocabulary)
    assert whole.body == (tmp_path / "package.zip").read_bytes()


def test_an_answer_says_what_it_is(whole: Reply) -> None:
    digest = sha256(whole.body)
    assert whole.headers["etag"] == f'"{digest.hexdigest()}"'
    assert whole.headers["repr-digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert (whole.kind, whole.headers["accept-ranges"]) == ("application/zip", "bytes")
    assert whole.headers["content-length"] == str(len(whole.body))
    assert re.fullmatch(rf'attachment; filename="{NORTHWIND}-{NAME}-\d+\.zip"', whole.headers["content-disposition"])
    assert "private" in whole.headers["cache-control"]


def test_head_says_the_same_and_sends_nothing(client: Client, whole: Reply) -> None:
    head = client.ask("HEAD", PATH)
    same = ("etag", "content-length", "content-type", "accept-ranges", "repr-digest")
    assert (head.status, head.body) == (200, b"")
    assert [head.headers[name] for name in same] == [whole.headers[name] for name in same]


@pytest.mark.parametrize("tag", ["{etag}", "W/{etag}", '"other", {etag}'])
def test_what_the_client_has_is_not_sent_again(client: Client, whole: Reply, tag: str) -> None:
    reply = client.ask("GET", PATH, headers={"If-None-Match": tag.format(**whole.headers)})
    assert (reply.status, reply.body, reply.headers["etag"]) == (304, b"", whole.headers["etag"])


@pytest.mark.parametrize(
    ("wanted", "condition", "status", "part"),
    [
        pytest.param("bytes=0-99", "", 206, slice(0, 100), id="first"),
        pytest.param("bytes=100-", "{etag}", 206, slice(100, None), id="resumed"),
        pytest.param("bytes=-7", "", 206, slice(-7, None), id="last"),
        pytest.param("bytes=100-", '"another"', 200, slice(None), id="of_another_file"),
        pytest.param("bytes=100-", "W/{etag}", 200, slice(None), id="weak_tag"),
        pytest.param("bytes=100-", "Sun, 22 Nov 2026 00:00:00 GMT", 200, slice(None), id="date"),
        pytest.param("bytes=0-1,5-6", "", 200, slice(None), id="several"),
    ],
)
def test_a_part_is_sent_where_it_is_wanted(
    client: Client, whole: Reply, wanted: str, condition: str, status: int, part: slice
) -> None:
    headers = {"Range": wanted, "If-Range": condition.format(**whole.headers)}
    reply = client.ask("GET", PATH, headers=headers)
    assert (reply.status, reply.body) == (status, whole.body[part])
    if status == 206:
        first, last, _ = part.indices(len(whole.body))
        assert reply.headers["content-range"] == f"bytes {first}-{last - 1}/{len(whole.body)}"


def test_bytes_that_there_are_not_are_refused(client: Client, whole: Reply) -> None:
    reply = client.ask("GET", PATH, headers={"Range": f"bytes={len(whole.body)}-"})
    assert (reply.status, reply.headers["content-range"]) == (416, f"bytes */{len(whole.body)}")


def test_each_sending_is_on_record_with_who_what_how_many_and_hash(
    sending: LiveServer, client: Client, whole: Reply
) -> None:
    before = len(audited(sending.home))
    client.ask("GET", PATH)
    client.ask("GET", PATH, headers={"Range": "bytes=0-9"})
    client.ask("HEAD", PATH)
    client.ask("GET", PATH, headers={"If-None-Match": whole.headers["etag"]})
    full, part = audited(sending.home)[before:]
    with zipfile.ZipFile(io.BytesIO(whole.body)) as archive:
        manifest = Manifest.model_validate_json(archive.read(MANIFEST))
    assert (full["tenant"], full["key"], full["outcome"]) == (NORTHWIND, client.token.split("_")[1], "sent")
    for text in (NAME, manifest.generation, f"{manifest.counts.triples} triples", manifest.hashes.dataset):
        assert text in full["what"]
    assert f"sha256 {sha256(whole.body).hexdigest()}" in full["what"]
    assert f"bytes 0-9 of {len(whole.body)}" in part["what"]
    AuditLog(sending.home).verify()


def test_a_package_that_was_not_finished_is_made_again_and_once_for_all_who_ask(
    sending: LiveServer, client: Client, whole: Reply
) -> None:
    generation = Home(sending.home).tenant(NORTHWIND).current()
    assert generation
    (facts,) = generation.cache_path.glob(f"{NAME}-*/package.json")
    facts.unlink()
    facts.with_name("package.zip").write_bytes(b"cut off")
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: client.ask("GET", PATH), range(4)))
    assert {reply.body for reply in replies} == {whole.body}
    assert sorted(path.name for path in facts.parent.iterdir()) == ["package.json", "package.zip"]


def test_a_policy_that_ended_since_it_was_made_lets_nothing_out(
    sending: LiveServer, client: Client, whole: Reply
) -> None:
    assert whole.status == 200
    tenant = Home(sending.home).tenant(NORTHWIND)
    generation, place = tenant.current(), Place.of(tenant, NAME)
    assert generation
    assert place
    path = place.folder(generation) / "package.json"
    facts = read_facts(path)
    assert facts
    try:
        write_facts(path, {**facts, "valid_until": "2020-01-01"})
        for headers in ({}, {"If-None-Match": whole.headers["etag"]}, {"Range": "bytes=0-9"}):
            reply = client.ask("GET", PATH, headers=headers)
            assert (reply.status, reply.json["detail"]) == (403, "The policy of this profile ended on 2020-01-01.")
    finally:
        write_facts(path, facts)


def test_what_the_profile_forbids_is_refused_with_the_reason(sending: LiveServer) -> None:
    reply = limited(sending.home, sending.port, ENDED).ask("GET", f"/exports/{ENDED}/package.zip")
    assert reply.status == 403
    assert "The policy held until 2020-01-01" in reply.json["detail"]


def test_pseudonyms_are_made_with_the_secret_of_their_profile(sending: LiveServer, whole: Reply) -> None:
    reply = limited(sending.home, sending.port, KEYED).ask("GET", f"/exports/{KEYED}/package.zip")
    assert reply.status == 200, reply.text
    with zipfile.ZipFile(io.BytesIO(whole.body)) as archive:
        job = re.search(rb"<([^>]+/job/[^>]+)>", archive.read("data/graph.ttl"))
    assert job
    assert job[1] not in reply.body


def test_what_only_the_sender_can_mend_is_for_the_log(sending: LiveServer) -> None:
    reply = limited(sending.home, sending.port, UNKEYED).ask("GET", f"/exports/{UNKEYED}/package.zip")
    assert (reply.status, reply.headers["retry-after"]) == (503, "60")
    assert str(sending.home) not in reply.text
    wait_until(lambda: f"{UNKEYED}.secret" in sending.log.read_text(), "the log has it")


def test_a_client_of_http_1_0_sees_the_end_by_the_length(client: Client, whole: Reply) -> None:
    reply = client.ask("GET", PATH, version="1.0")
    assert (reply.status, reply.body) == (200, whole.body)
