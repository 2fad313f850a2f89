"""The map of dependencies, clicked and typed at; what it shows is what the interface answers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from pyoxigraph import Store
from tests.server.browser.conftest import DARK, LOOKS, NARROW, NO_SCRIPT, Window, follow, shot, violations
from tests.server.live import ALPINE, NORTHWIND, Client, LiveServer, serving
from tests.server.views.knots import BASE, JobFacts, job_quads, many

from jobgraph.store import GraphNames, Home

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

A_JOB = "PHARMA_MX_HTA_001"
KNOT = [*pairwise([0, 1, 2, 3, 0]), (3, 4), (4, 5), (5, 4), (5, 6), (6, 7)]
BAD = "<script>alert(1)</script>"
KNOTTED = [
    JobFacts(BAD, "J-0", "Sales"),
    JobFacts("\u05e9\u05dc\u05d5\u05dd \u202eevil\u202c", "J-1", "Sales"),
    JobFacts("A long name " * 40, "J-2", "Sales"),
    JobFacts("\N{ROCKET} Launch", "J-3", "Care & Cure"),
    JobFacts("Plan", "TWIN", "Care & Cure"),
    JobFacts("Plan", "TWIN", "Sales"),
    JobFacts("Report", "J-6"),
    JobFacts("Archive", "J-7"),
]
_PLACE = """(id) => {
  const place = document.getElementById("map"), core = place._cyreg.cy, box = place.getBoundingClientRect();
  const at = core.getElementById(id).renderedPosition();
  return [box.x + at.x, box.y + at.y];
}"""
_DRAWN = """() => {
  const core = document.getElementById("map")._cyreg.cy;
  const edges = core.edges().map((edge) => [edge.source().id(), edge.target().id(), edge.classes().join(" ")]);
  return { nodes: core.nodes().not(".level").map((node) => node.id()), edges, levels: core.nodes(".level").length };
}"""
_COUNT_FRAMES = """() => {
  window.frames_ = [];
  let last = performance.now();
  const step = (now) => { window.frames_.push(now - last); last = now; requestAnimationFrame(step); };
  requestAnimationFrame(step);
}"""
_RATE = "() => { const gaps = window.frames_.slice(2); return 1000 * gaps.length / gaps.reduce((a, b) => a + b, 0); }"


@pytest.fixture(scope="module")
def knots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server of a tenant with cycles and names of any kind, and of one with 5,000 jobs."""
    home = tmp_path_factory.mktemp("knots") / "home"
    for slug, (jobs, pairs) in {NORTHWIND: (KNOTTED, KNOT), ALPINE: many()}.items():
        tenant = Home(home).create_tenant(slug, base=BASE)
        with tenant.begin() as draft:
            store = Store(str(draft.store_path))
            store.bulk_extend(job_quads(jobs, pairs, GraphNames(BASE, slug)))
            del store
            draft.publish({"source": "a test"})
    with serving(home, tmp_path_factory.mktemp("log") / "server.log") as server:
        yield server


def opened(page: Page) -> Page:
    """The page, once the map is drawn."""
    page.locator("#map-message:not(:empty)").wait_for()
    page.locator("#map:not([aria-busy])").wait_for()
    return page


def enter(context: BrowserContext, server: LiveServer, slug: str, path: str) -> Page:
    root = f"http://127.0.0.1:{server.port}"
    token = server.tokens[slug, "reader"]
    context.add_cookies([{"name": "jobgraph", "value": token, "url": root, "sameSite": "Strict"}])
    page = context.new_page()
    page.goto(root + path)
    return opened(page)


def answer(client: Client, name: str, **fields: str) -> list[dict[str, Any]]:
    query = "&".join(f"{key}={quote(value)}" for key, value in {"limit": "1000", **fields}.items())
    reply = client.ask("GET", f"/analysis/{name}?{query}")
    assert reply.status == 200, reply.text
    return list(reply.json["rows"])


def click_on(page: Page, id_: str, *, twice: bool = False) -> None:
    page.locator("#map").scroll_into_view_if_needed()
    place, before = page.evaluate(_PLACE, id_), None
    while place != before:  # the map may still settle
        page.wait_for_timeout(200)
        place, before = page.evaluate(_PLACE, id_), place
    x, y = place
    (page.mouse.dblclick if twice else page.mouse.click)(x, y)


def test_map_shows_what_the_interface_answers(signed_in: Window, reader: Client) -> None:
    page = opened(signed_in.open("/dependencies"))
    drawn = page.evaluate(_DRAWN)
    nodes, links = answer(reader, "map", within="all"), answer(reader, "map-links", within="all")
    assert set(drawn["nodes"]) == {row["id"] for row in nodes}
    assert {(a, b) for a, b, _ in drawn["edges"]} == {(row["first_id"], row["next_id"]) for row in links}
    on_chain = {(row["first_id"], row["next_id"]) for row in links if row["on_chain"]}
    assert {(a, b) for a, b, classes in drawn["edges"] if "chain" in classes.split()} == on_chain
    assert drawn["levels"] == len({row["level"] for row in nodes})
    for count, words in ((len(nodes), "jobs"), (drawn["levels"], "levels"), (len(links), "dependencies")):
        assert page.locator(".tiles").get_by_text(f"{count} {words}").is_visible()
    assert signed_in.complaints == signed_in.outside == []


def test_job_is_found_and_shown_with_all_that_waits_for_it(signed_in: Window, reader: Client) -> None:
    page = opened(signed_in.open("/dependencies"))
    page.get_by_label("Or what is around the job").fill("hta dossier")
    page.locator(f"#jobs option[value={A_JOB}]").wait_for(state="attached")
    page.get_by_label("Or what is around the job").fill(A_JOB)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What waits for it").wait_for()
    opened(page)
    assert f"job={A_JOB}" in page.url
    (job,) = [row for row in answer(reader, "map", entity=A_JOB) if row["steps_before"] == 0]
    side = page.locator("#map-side")
    for value in (job["name"], f"{job['opportunity']} of 20", f"{job['held_up']} jobs, directly or not"):
        assert side.get_by_text(value).first.is_visible()
    held = answer(reader, "unlocks", entity=A_JOB)
    table = page.get_by_role("table", name=f"Jobs, {len(held)} in all")
    assert table.locator("tbody tr").count() == len(held) == job["held_up"]
    page.go_back()
    page.get_by_role("heading", name="The longest chain").wait_for()
    assert signed_in.complaints == []


def test_neighbours_of_a_job_are_added(signed_in: Window, reader: Client) -> None:
    page = opened(signed_in.open(f"/dependencies?job={A_JOB}"))
    side = page.locator("#map-side")
    before = set(page.evaluate(_DRAWN)["nodes"])
    neighbour = next(row for row in answer(reader, "map", entity=A_JOB) if row["steps_after"] == 1)
    click_on(page, neighbour["id"])
    side.get_by_role("heading", name=neighbour["name"]).wait_for()
    with page.expect_response("**/analysis/map-links?*"):
        side.get_by_role("button", name="Add its neighbours").click()
    opened(page)
    added = {row["id"] for row in answer(reader, "map", entity=neighbour["node"])}
    assert set(page.evaluate(_DRAWN)["nodes"]) == before | added > before
    assert signed_in.complaints == []


def test_function_opens_into_its_jobs(signed_in: Window, reader: Client) -> None:
    page = opened(signed_in.open("/dependencies?within=functions"))
    functions = answer(reader, "map")
    assert set(page.evaluate(_DRAWN)["nodes"]) == {row["id"] for row in functions}
    chosen = next(row for row in functions if row["name"] == "Medical Affairs")
    with page.expect_response("**/analysis/map-links?*"):
        click_on(page, chosen["id"], twice=True)
    opened(page)
    page.wait_for_url("**within=*")
    assert set(page.evaluate(_DRAWN)["nodes"]) == {row["id"] for row in answer(reader, "map", within=chosen["id"])}
    assert page.locator("select[name=within]").input_value() == chosen["id"]


def test_keyboard_goes_along_the_lines(signed_in: Window, reader: Client) -> None:
    page = opened(signed_in.open(f"/dependencies?job={A_JOB}"))
    place, side = page.locator("#map"), page.locator("#map-side h3").first
    place.focus()
    job, following = (
        side.inner_text(),
        {row["name"] for row in answer(reader, "unlocks", entity=A_JOB) if row["steps"] == 1},
    )
    is_down = (
        page.evaluate(
            "() => new Set(document.getElementById('map')._cyreg.cy.nodes('.level').map((n) => n.position('x'))).size"
        )
        == 1
    )
    forward, back = ("ArrowDown", "ArrowUp") if is_down else ("ArrowRight", "ArrowLeft")
    place.press(forward)
    assert side.inner_text() in following
    assert side.inner_text() in page.get_by_role("status").last.inner_text()
    place.press(back)
    assert side.inner_text() in {job, *(row["name"] for row in answer(reader, "waits-for", entity=A_JOB))}
    place.press(forward)
    with page.expect_response("**/analysis/map?*"):
        place.press("Enter")
    opened(page)
    place.focus()
    place.press("Escape")
    assert page.get_by_text("Choose something on the map").is_visible()


@pytest.mark.parametrize("context", LOOKS, indirect=True)
def test_page_is_for_everybody(signed_in: Window, request: pytest.FixtureRequest) -> None:
    look = request.node.callspec.id
    for name, path in (("all", "/dependencies"), ("job", f"/dependencies?job={A_JOB}&depth=2")):
        page = opened(signed_in.open(path))
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
        shot(page, f"dependencies-{name}-{look}")


@pytest.mark.parametrize("context", [pytest.param(NO_SCRIPT, id="no_script")], indirect=True)
def test_everything_is_there_without_a_script(signed_in: Window, reader: Client) -> None:
    page = signed_in.open("/dependencies")
    assert not page.locator("#map").is_visible()
    chain = answer(reader, "chain")
    rows = page.get_by_role("table", name=f"Steps, {len(chain)} in all").locator("tbody tr")
    assert rows.count() == len(chain)
    follow(rows.last.get_by_role("link"))
    assert page.get_by_role("heading", name=chain[-1]["name"]).is_visible()
    waits = answer(reader, "waits-for", entity=chain[-1]["node"])
    assert page.get_by_role("table", name="Jobs, ").locator("tbody tr").count() == len(waits)
    page.get_by_label("Longest chain by").select_option("effort")
    follow(page.get_by_role("link", name="The whole map"))
    assert page.get_by_role("heading", name="The longest chain").is_visible()


def test_cycles_are_marked_with_what_to_cut_whatever_the_jobs_are_called(
    context: BrowserContext, knots: LiveServer
) -> None:
    page = enter(context, knots, NORTHWIND, "/dependencies")
    edges = page.evaluate(_DRAWN)["edges"]
    links = answer(knots.client(NORTHWIND), "map-links", within="all")
    for word, column in (("cycle", "in_cycles"), ("cut", "to_cut"), ("crosses", "crosses_function")):
        expected = {(row["first_id"], row["next_id"]) for row in links if row[column]}
        assert {(a, b) for a, b, classes in edges if word in classes.split()} == expected
        assert expected
    assert page.locator("#map-side").get_by_text(BAD).is_visible()
    page.locator("#map-side").get_by_role("button", name="Plan").first.click()
    page.get_by_role("button", name="Show around it").click()
    page.get_by_role("heading", name="What waits for it").wait_for()
    assert "job=job%2F4" in page.url  # both are called TWIN
    opened(page)
    assert violations(page) == []
    shot(page, "dependencies-knots")


@pytest.mark.parametrize("context", [pytest.param({**DARK, **NARROW}, id="narrow_dark")], indirect=True)
def test_many_jobs_open_as_functions(context: BrowserContext, knots: LiveServer) -> None:
    page = enter(context, knots, ALPINE, "/dependencies")
    nodes = answer(knots.client(ALPINE), "map")
    assert len(page.evaluate(_DRAWN)["nodes"]) == len(nodes) == 9
    assert sum(row["jobs"] for row in nodes) == 5_000
    page.locator("select[name=within]").select_option(nodes[3]["id"])
    page.locator("#map-message").get_by_text("On the map: 120 jobs").wait_for()
    assert len(page.evaluate(_DRAWN)["nodes"]) < 140
    assert violations(page) == []


@pytest.mark.benchmark
@pytest.mark.parametrize("path", ["/dependencies", "/dependencies?within=all"])
def test_map_of_5_000_jobs_moves_smoothly(
    context: BrowserContext, knots: LiveServer, path: str, record_property: Any
) -> None:
    """Above 30 frames a second while a person drags it and turns the wheel."""
    page = enter(context, knots, ALPINE, path)
    page.locator("#map").focus()
    box = page.locator("#map").bounding_box()
    assert box
    x, y = box["x"] + 20, box["y"] + 30
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(_COUNT_FRAMES)
    for step in range(80):
        page.mouse.move(x + step * 7 % 400, y + step * 5 % 300)
    page.mouse.up()
    for step in range(40):
        page.mouse.wheel(0, 60 if step // 10 % 2 else -60)
    rate = page.evaluate(_RATE)
    record_property("frames_per_second", rate)
    assert rate > 30


def test_what_is_drawn_can_be_kept(signed_in: Window, reader: Client, tmp_path: Path) -> None:
    page = opened(signed_in.open(f"/dependencies?job={A_JOB}&depth=all"))
    for name, start in (("Save as PNG", b"\x89PNG"), ("Save as CSV", b"first,next,type")):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        kept = tmp_path / name
        download.value.save_as(kept)
        assert kept.read_bytes().startswith(start)
    rows = kept.read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1 + len(answer(reader, "map-links", entity=A_JOB, depth="all"))
    assert signed_in.complaints == []
