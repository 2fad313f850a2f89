from __future__ import annotations

import pytest
from tests.server.exports.conftest import limited
from tests.server.live import ALPINE, NORTHWIND, Client, LiveServer

from jobgraph.server.audit_log import AuditLog

JSON, HTML = "application/json", "text/html"
ALL = ["full", "open", "partner"]


def names(client: Client) -> list[str]:
    reply = client.ask("GET", "/exports", headers={"Accept": JSON})
    assert reply.status == 200, reply.text
    return [export["profile"] for export in reply.json["exports"]]


def test_who_reads_the_graph_has_all_exports_and_a_limited_token_its_own(
    exporting: LiveServer, tenant_reader: Client, partner: Client
) -> None:
    assert names(tenant_reader) == ALL
    assert names(partner) == ["partner"]
    assert names(limited(exporting.home, exporting.port, "open", "full")) == ["full", "open"]
    assert names(limited(exporting.home, exporting.port, "gone")) == []


def test_an_export_says_what_it_is(partner: Client) -> None:
    export = partner.ask("GET", "/exports/partner", headers={"Accept": JSON}).json
    assert export["title"] == "What a partner may have"
    assert export["policy"]["purpose"]
    assert export["package"]["href"] == "/exports/partner/package.zip"
    assert export["changes"] == "/exports/partner/changes"


def test_people_get_a_page_with_the_same(partner: Client) -> None:
    page = partner.ask("GET", "/exports", headers={"Accept": HTML})
    assert page.kind == HTML
    assert "What a partner may have" in page.text
    assert 'href="/exports/partner/package.zip"' in page.text
    assert "/search" not in page.text  # nothing that such a token may not reach


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/sparql?query=ASK%20%7B%7D",
        "/graphs?default",
        "/questions",
        "/openapi.json",
        "/generations",
        "/ontology",
        "/search?q=a",
        "/page/job",
        "/data/job",
        "/id/job/1",
        "/.well-known/void",
        "/metrics",
        "/exportsx",
        "/nothing",
        "//exports",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_limited_token_reaches_nothing_else(partner: Client, method: str, path: str) -> None:
    reply = partner.ask(method, path, headers={"Accept": "*/*"}, body=b"" if method == "POST" else None)
    assert (reply.status, reply.kind) == (403, "application/problem+json")


@pytest.mark.parametrize(
    "path",
    [
        "/exports/full",
        "/exports/open/package.zip",
        "/exports/full/changes",
        "/exports/none",
        "/exports/none/package.zip",
        "/exports/partner.ttl",
        "/exports/..%2Fpartner",
        "/exports/%2Fetc%2Fpasswd.ttl",
        "/exports/",
        "/exports/partner/",
        "/exports/partner/other",
        "/exports/partner/package.zip/more",
        "/exports/partner/changes/a",
        "/exports/PARTNER",
    ],
)
def test_what_is_another_profile_s_is_as_if_it_were_not_there(partner: Client, path: str) -> None:
    reply = partner.ask("GET", path)
    assert (reply.status, reply.json["detail"]) == (404, "There is nothing of this name, or it is not yours.")


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_nothing_is_changed_here(tenant_reader: Client, method: str) -> None:
    reply = tenant_reader.ask(method, "/exports/partner", body=b"")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")


def test_nobody_gets_anything_without_a_token(exporting: LiveServer) -> None:
    for path in ("/exports", "/exports/open/package.zip", "/exports/open/changes"):
        assert exporting.client().ask("GET", path).status == 401


@pytest.mark.parametrize("name", ["broken", "two words", "partner"])
def test_a_profile_that_cannot_be_read_is_told_and_the_others_stay(
    exporting: LiveServer, tenant_reader: Client, name: str
) -> None:
    own = exporting.home / "tenants" / NORTHWIND / "profiles"
    own.mkdir()
    try:
        own.joinpath(f"{name}.ttl").write_text("no Turtle")
        exports = tenant_reader.ask("GET", "/exports", headers={"Accept": JSON}).json["exports"]
        found = {export["profile"]: export.get("problem") for export in exports}
        assert found == {**dict.fromkeys(ALL), name: "The profile cannot be read just now."}
        assert names(exporting.client(ALPINE)) == ALL
        path = f"/exports/{name.replace(' ', '%20')}/package.zip"
        reply = tenant_reader.ask("GET", path)
        assert reply.status in {404, 503}
        assert str(exporting.home) not in reply.text
    finally:
        own.joinpath(f"{name}.ttl").unlink()
        own.rmdir()


def test_a_refusal_is_on_record(exporting: LiveServer, partner: Client) -> None:
    assert partner.ask("GET", "/questions").status == 403
    lines = AuditLog(exporting.home).path.read_text().splitlines()
    assert any('"what":"/questions"' in line and "refused: This token is for exports" in line for line in lines)
