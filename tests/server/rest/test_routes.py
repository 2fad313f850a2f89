from __future__ import annotations

import pytest
from tests.server.live import Client, LiveServer
from tests.server.rest.tables_of import CSV, get

PATHS = ("/questions", "/questions/teams", "/analysis", "/analysis/gaps", "/validation", "/coverage", "/quarantine")
OTHERS = ("/coverage/personas", "/generations", "/generations/1", "/openapi.json", "/docs")


@pytest.mark.parametrize("path", PATHS + OTHERS)
def test_head_says_what_get_says_but_has_no_body(reader: Client, path: str) -> None:
    whole, head = reader.ask("GET", path), reader.ask("HEAD", path)
    assert (whole.status, head.status, head.body) == (200, 200, b"")
    said = {**whole.headers, **head.headers, "date": head.headers["date"]}
    assert head.headers == {name: value for name, value in said.items() if name != "transfer-encoding"}


@pytest.mark.parametrize("path", PATHS + OTHERS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(writer: Client, path: str, method: str) -> None:
    reply = writer.ask(method, path)
    assert (reply.status, reply.headers["allow"], reply.kind) == (405, "GET, HEAD", "application/problem+json")


@pytest.mark.parametrize("path", PATHS + OTHERS)
def test_nobody_asks_without_a_token(live: LiveServer, path: str) -> None:
    assert live.client().ask("GET", path).status == 401


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_that_is_known_is_not_sent_again(reader: Client, path: str) -> None:
    tag = reader.ask("GET", path).headers["etag"]
    assert reader.ask("GET", path, headers={"If-None-Match": tag}).status == 304


@pytest.mark.parametrize("path", PATHS + OTHERS)
def test_an_unknown_media_type_is_not_acceptable(reader: Client, path: str) -> None:
    assert get(reader, path, "image/png").status == 406


@pytest.mark.parametrize("path", PATHS + OTHERS)
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param("limit=1&limit=2", "comes 2 times", id="repeated"),
        pytest.param("tenant=alpine-therapeutics", "no parameter 'tenant'", id="unknown"),
        pytest.param(":name=teams", "no parameter :name", id="name_of_ours"),
        pytest.param("download=maybe", "true or false", id="no_boolean"),
        pytest.param("page=%FF", "not UTF-8", id="no_utf8"),
    ],
)
def test_fields_that_do_not_fit_are_refused(reader: Client, path: str, fields: str, words: str) -> None:
    reply = reader.ask("GET", f"{path}?{fields}")
    assert (reply.status, reply.kind) == (400, "application/problem+json")
    assert words in reply.json["detail"]


@pytest.mark.parametrize(
    "path",
    [
        *("/questions/", "/questions/teams/1", "/questions/nosuch", "/questions/..%2Fteams", "/analysis/nosuch"),
        *("/coverage/nosuch", "/generations/99", "/generations/x", "/validation/1"),
    ],
)
def test_an_unknown_name_is_not_found(reader: Client, path: str) -> None:
    reply = reader.ask("GET", path)
    assert (reply.status, reply.kind) == (404, "application/problem+json")


def test_a_download_is_asked_for(reader: Client) -> None:
    asked, plain = (get(reader, f"/questions/teams{fields}", CSV) for fields in ("?download=true", ""))
    assert asked.headers["content-disposition"] == 'attachment; filename="teams.csv"'
    assert "content-disposition" not in plain.headers
    assert asked.body == plain.body
