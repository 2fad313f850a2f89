"""Every page, before data that are hard to show; what is wrong with a page stands in what the assertion shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from tests.server.browser.walk import DATA_PAGES, PAGES, Visit, page_of, walking
from tests.server.browser.worlds import (
    BAD_NAMES,
    BARE,
    CROWDED,
    HOSTILE,
    PLANNED,
    SINGLE,
    Worlds,
    crowded,
    worlds,
)
from tests.server.live import Client

from jobgraph.server.access import TokenFile

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

__all__ = ["crowded", "worlds"]

MOST_SCRIPT = 900_000  # bytes, compressed
MOST_SHIFT = 0.02
EDITOR = "/sparql"
KINDS = ("Job", "Outcome", "Persona", "Capability", "Role", "Department", "Job")  # each with the next of the bad names
# Where a script asks for what is chosen: the page, what is chosen with, and the place that shows the answer.
SCRIPTED = {
    "/landscape": ("form.choices select", "#shown"),
    "/dependencies": ("form.choices select", "main"),
    "/gaps": ("main input[type=range]", ".outcome"),
}
TABLED = ("/landscape", "/dependencies", "/inheritance", "/gaps", "/quality", "/ask/highest_opportunities")


@dataclass(frozen=True)
class Walk:
    """All pages of one tenant, each opened once."""

    slug: str
    visits: Mapping[str, Visit]

    def where(self, what: str) -> dict[str, object]:
        """The pages on which something is not empty."""
        return {path: found for path, visit in self.visits.items() if (found := getattr(visit, what))}


@pytest.fixture(
    scope="module", params=[BARE, PLANNED, SINGLE, pytest.param(HOSTILE, id="hostile"), pytest.param(CROWDED)]
)
def walk(request: pytest.FixtureRequest, chromium: Browser, worlds: Worlds) -> Iterator[Walk]:
    slug = request.param
    if slug == CROWDED:
        request.getfixturevalue("crowded")
    token = worlds.token(slug)
    pages: tuple[str, ...] = DATA_PAGES
    if slug == HOSTILE:
        client = Client(worlds.server.port, token)
        pages = (*PAGES, *(page_of(client, kind, name) for kind, name in zip(KINDS, BAD_NAMES, strict=False)))
    with walking(chromium, worlds.root, token) as walker:
        yield Walk(slug, {path: walker.visit(path, with_axe=slug == HOSTILE) for path in pages})


def test_page_opens_and_complains_of_nothing(walk: Walk) -> None:
    assert {path: visit.status for path, visit in walk.visits.items() if visit.status != 200} == {}
    assert walk.where("complaints") == {}


def test_page_asks_nobody_else(walk: Walk) -> None:
    assert walk.where("outside") == {}


def test_page_is_no_wider_than_its_window(walk: Walk) -> None:
    assert walk.where("too_wide") == {}


def test_page_stays_where_it_is_while_it_loads(walk: Walk) -> None:
    assert {path: visit.shifts for path, visit in walk.visits.items() if visit.shift >= MOST_SHIFT} == {}


def test_scripts_of_a_page_are_small(walk: Walk) -> None:
    sizes = {path: visit.script_bytes for path, visit in walk.visits.items() if path != EDITOR}
    assert {path: size for path, size in sizes.items() if size >= MOST_SCRIPT} == {}
    assert max(sizes.values()) > 0


def test_page_can_be_used_by_all(walk: Walk) -> None:
    assert walk.where("violations") == {}


def test_no_name_is_read_as_markup(walk: Walk) -> None:
    assert walk.where("parsed") == {}
    assert {path: visit.title for path, visit in walk.visits.items() if visit.title == "run"} == {}


def test_things_of_one_name_are_told_apart(walk: Walk) -> None:
    assert walk.where("twins") == {}


def test_bad_names_are_shown_as_they_are(walk: Walk) -> None:
    if walk.slug == HOSTILE:
        shown = walk.visits["/page/job/"].text
        assert [name for name in BAD_NAMES if " ".join(name.split()) not in shown] == []


@pytest.mark.parametrize("path", SCRIPTED)
def test_ended_sign_in_is_said_on_the_page(path: str, chromium: Browser, worlds: Worlds) -> None:
    field, _ = SCRIPTED[path]
    token = worlds.token(HOSTILE)
    with walking(chromium, worlds.root, token) as walker:
        walker.open(path)
        TokenFile(worlds.server.home).revoke(token)
        choose_another(walker.page.locator(field).first)
        banner = walker.page.get_by_role("alert")
        banner.get_by_text("Your sign-in has ended").wait_for()
        banner.get_by_role("link", name="Sign in").click()
        assert walker.page.url.startswith(f"{worlds.root}/sign-in?next={path.replace('/', '%2F')}")
        assert walker.page.get_by_label("Token").is_visible()


@pytest.mark.parametrize("path", SCRIPTED)
def test_new_generation_is_said_and_not_mixed_in(path: str, chromium: Browser, worlds: Worlds) -> None:
    field, place = SCRIPTED[path]
    with walking(chromium, worlds.root, worlds.token(HOSTILE)) as walker:
        walker.open(path)
        before = walker.page.locator(place).inner_text()
        worlds.publish(HOSTILE)
        choose_another(walker.page.locator(field).first)
        banner = walker.page.get_by_role("alert")
        banner.get_by_text("was published").wait_for()
        assert walker.page.locator(place).inner_text() == before
        old = generation_of(walker.page)
        banner.get_by_role("link", name="Reload").click()
        walker.settle()
        assert walker.page.get_by_role("alert").count() == 0
        assert generation_of(walker.page) > old


def generation_of(page: Page) -> str:
    return page.locator("html").get_attribute("data-generation") or ""


def choose_another(field: Locator) -> None:
    """Choose what is not chosen."""
    if field.get_attribute("type") == "range":
        key = "ArrowLeft" if field.input_value() == field.get_attribute("max") else "ArrowRight"
        field.press(key)
        return
    now = field.input_value()
    values = field.locator("option").evaluate_all("options => options.map((option) => option.value)")
    field.select_option(next(value for value in values if value != now))


def test_pages_can_be_read_without_a_script(chromium: Browser, worlds: Worlds) -> None:
    with walking(chromium, worlds.root, worlds.token(HOSTILE), java_script_enabled=False) as walker:
        rows = {}
        for path in TABLED:
            walker.open(path)
            rows[path] = walker.page.locator("main tbody tr").count()
            assert walker.page.locator("main a").count() > 0
    assert {path for path, count in rows.items() if count == 0} == set()


def test_choice_can_be_made_without_a_script(chromium: Browser, worlds: Worlds) -> None:
    with walking(chromium, worlds.root, worlds.token(HOSTILE), java_script_enabled=False) as walker:
        walker.open("/landscape")
        choose_another(walker.page.locator("form.choices select").first)
        before = walker.page.url
        walker.page.locator("form.choices button").first.click()
        walker.settle()
        assert walker.page.url != before
        assert walker.page.locator("h1").count() == 1
