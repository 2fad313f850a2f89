from __future__ import annotations

from urllib.parse import urlencode

import pytest
from tests.server.html.reading import is_safe, read_page
from tests.server.live import ALPINE, FORM, NORTHWIND, QUERY, Client, LiveServer, Reply
from tests.server.pages.asking import BROWSER, see


def sign_in(client: Client, token: str, back: str = "/", **headers: str) -> Reply:
    sent = {"Content-Type": FORM, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return client.ask("POST", "/sign-in", headers=sent, body=urlencode({"token": token, "next": back}))


@pytest.fixture
def nobody(live: LiveServer) -> Client:
    return live.client()


@pytest.fixture
def token(live: LiveServer) -> str:
    return live.tokens[NORTHWIND, "writer"]


def test_browser_without_a_token_is_asked_for_one(nobody: Client) -> None:
    reply = see(nobody, "/page/job/?page=1", BROWSER)
    assert (reply.status, reply.headers["location"]) == (303, "/sign-in?next=/page/job/%3Fpage%3D1")
    form = read_page(see(nobody, reply.headers["location"], BROWSER).body)
    assert {"type": "hidden", "name": "next", "value": "/page/job/?page=1"} in form.all("input")
    assert is_safe(form)


@pytest.mark.parametrize("target", ["/page/job/", "/data/job/", "/search?q=x", "/ontology", "/"])
def test_program_without_a_token_is_refused(nobody: Client, target: str) -> None:
    reply = see(nobody, target)
    assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")


def test_cookie_is_out_of_reach(nobody: Client, token: str) -> None:
    reply = sign_in(nobody, token, "/ontology/Job")
    assert (reply.status, reply.headers["location"]) == (303, "/ontology/Job")
    assert reply.headers["set-cookie"] == f"jobgraph={token}; Path=/; HttpOnly; SameSite=Strict"
    assert reply.headers["cache-control"] == "no-store"


def test_cookie_travels_over_https_only_but_on_this_machine(nobody: Client, token: str) -> None:
    cookie = sign_in(nobody, token, Host="graph.example").headers["set-cookie"]
    assert cookie == f"__Host-jobgraph={token}; Path=/; HttpOnly; SameSite=Strict; Secure"


def test_cookie_counts_for_reading_only(nobody: Client, token: str) -> None:
    cookie = {"Cookie": f"other=1; jobgraph={token}"}
    assert nobody.ask("GET", "/", headers={**cookie, "Accept": BROWSER}).status == 200
    assert nobody.ask("GET", "/sparql?query=ASK%7B%7D", headers=cookie).status == 200
    for target, kind in (("/sparql", QUERY), ("/update", "application/sparql-update")):
        assert nobody.ask("POST", target, headers={**cookie, "Content-Type": kind}, body="ASK{}").status == 401
    for method in ("PUT", "POST", "DELETE", "PATCH"):
        assert nobody.ask(method, "/graphs?default", headers=cookie, body="").status == 401


def test_header_counts_more_than_the_cookie(live: LiveServer, token: str) -> None:
    reply = live.client(ALPINE).ask("GET", "/", headers={"Cookie": f"jobgraph={token}", "Accept": BROWSER})
    assert "alpine-therapeutics" in reply.text
    assert "northwind-bio" not in reply.text


@pytest.mark.parametrize("value", ["", "jg_0000000000_x", "x; y", '"', "\t", "a" * 5000, "jg_%0d%0a"])
def test_cookie_that_does_not_count_leads_to_the_form(nobody: Client, value: str) -> None:
    reply = nobody.ask("GET", "/", headers={"Cookie": f"jobgraph={value}", "Accept": BROWSER})
    assert (reply.status, reply.headers["location"]) == (303, "/sign-in?next=/")


@pytest.mark.parametrize("wrong", ["", "x", "jg_0000000000_" + "0" * 43, "<script>", "a\r\nSet-Cookie: x=y", "é"])
def test_wrong_token_shows_the_form_again(nobody: Client, wrong: str) -> None:
    reply = sign_in(nobody, wrong)
    assert (reply.status, "set-cookie" in reply.headers) == (401, False)
    assert "This token does not count" in reply.text
    assert is_safe(read_page(reply.body))


@pytest.mark.parametrize(
    "back",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        "/\r\nX: y",
        "/a b",
    ],
)
def test_nobody_is_led_away(nobody: Client, token: str, back: str) -> None:
    assert sign_in(nobody, token, back).headers["location"] == "/"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
@pytest.mark.parametrize("target", ["/sign-in", "/sign-out"])
def test_forms_of_other_sites_are_refused(nobody: Client, token: str, target: str, headers: dict[str, str]) -> None:
    sent = {"Content-Type": FORM, **{name.replace("_", "-"): value for name, value in headers.items()}}
    reply = nobody.ask("POST", target, headers=sent, body=urlencode({"token": token}))
    assert (reply.status, "set-cookie" in reply.headers) == (403, False)


def test_signing_out_forgets_the_cookie(nobody: Client) -> None:
    reply = nobody.ask("POST", "/sign-out", body="")
    assert (reply.status, reply.headers["location"]) == (303, "/sign-in")
    assert "Max-Age=0" in reply.headers["set-cookie"]


@pytest.mark.parametrize(("method", "target"), [("PUT", "/sign-in"), ("GET", "/sign-out"), ("DELETE", "/sign-out")])
def test_other_methods_are_refused(nobody: Client, method: str, target: str) -> None:
    assert nobody.ask(method, target).status == 405


def test_token_is_never_in_the_log(live: LiveServer, nobody: Client, token: str) -> None:
    sign_in(nobody, token)
    nobody.ask("GET", "/", headers={"Cookie": f"jobgraph={token}", "Accept": BROWSER})
    assert token not in live.log.read_text(encoding="utf-8")
