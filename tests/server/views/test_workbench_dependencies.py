"""The page of dependencies says what the analyses say, whatever the jobs are called and however they are knotted."""

from __future__ import annotations

import re
from itertools import pairwise
from urllib.parse import unquote_plus

import networkx as nx
import pytest
from tests.server.html.reading import ReadPage, is_safe, read_page
from tests.server.views.hostile import HOSTILE
from tests.server.views.knots import JobFacts, many, numbered, tenant_of

from jobgraph.analysis import Choices, analyze
from jobgraph.server.views.analysis import source_of
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.views.workbench_dependencies import dependencies_page


def html(tenant: Tenant, **arguments: str) -> str:
    return b"".join(dependencies_page(tenant, arguments, "text/html")).decode()


def read(tenant: Tenant, **arguments: str) -> ReadPage:
    return read_page(html(tenant, **arguments).encode())


def is_scripted(page: ReadPage) -> bool:
    return any(each.get("id") == "data" for each in page.all("script"))


@pytest.mark.parametrize(
    ("count", "words"),
    [
        pytest.param(0, "There are no jobs yet.", id="no_job"),
        pytest.param(1, "There is one job, and no other that it could wait for.", id="one_job"),
        pytest.param(3, "There are 3 jobs, and none of them waits for another.", id="no_dependency"),
    ],
)
def test_page_without_dependencies_says_what_to_do(count: int, words: str) -> None:
    page = read(tenant_of(numbered(count), []))
    assert words in page.text
    assert "build the graph again" in page.text
    assert not is_scripted(page)


@pytest.mark.parametrize("members", [2, 3, 40])
def test_cycles_stand_there_with_what_to_cut(members: int) -> None:
    ring = [*pairwise(range(members)), (members - 1, 0)]
    tenant = tenant_of(numbered(members + 1), [*ring, (0, members)])
    page = read(tenant)
    assert f"Cycle 1 of {members} jobs" in page.text
    assert "No cycle is left after 1 cut, and after no fewer." in page.text
    cuts = re.findall(r"To cut in cycle 1</caption>.*?</table>", html(tenant), re.DOTALL)
    ends = [int(at) for at in re.findall(r"\?job=J-(\d+)", cuts[0])]
    graph = nx.DiGraph(ring)
    graph.remove_edge(ends[1], ends[0])
    assert nx.is_directed_acyclic_graph(graph)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("job", ["", "J-0"])
def test_nothing_in_the_names_runs(text: str, job: str) -> None:
    jobs = [JobFacts(text, "J-0", text), JobFacts(text, text, "Other"), JobFacts(text, text)]
    tenant = tenant_of(jobs, [(0, 1), (1, 2), (2, 0)])
    page = read(tenant, **({"job": job} if job else {}))
    assert is_safe(page)
    assert is_scripted(page)
    assert page.all("img") == page.all("svg") == []


def test_two_jobs_of_one_code_are_told_apart() -> None:
    tenant = tenant_of([JobFacts("Plan", "TWIN"), JobFacts("Plan", "TWIN"), JobFacts("Act", "ONE")], [(0, 2), (1, 2)])
    page = read(tenant, job="ONE")
    asked = {unquote_plus(address) for address in page.addresses if "job=" in address}
    assert {"/dependencies?job=job/0", "/dependencies?job=job/1"} <= asked
    assert "is waited for by 1 of 2 others" in read(tenant, job="job/1").text
    assert "2 of kind job are called" in read(tenant, job="TWIN").text


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("job", "Nobody", "There is no job"),
        ("within", "Nobody", "There is no function"),
        ("depth", "9", "There is no depth"),
        ("by", "cost", "A chain cannot be measured by"),
    ],
)
def test_choice_that_does_not_fit_leaves_the_page_as_it_is(field: str, value: str, words: str) -> None:
    tenant = tenant_of([JobFacts("Plan", "ONE", "Sales"), JobFacts("Act", "TWO")], [(0, 1)])
    page = read(tenant, **{field: value})
    assert words in page.text
    assert any(each.get("role") == "alert" for each in page.all("p"))
    assert "The longest chain" in page.text


def test_page_of_many_jobs_is_short_and_counts_them_all() -> None:
    tenant = tenant_of(*many(2_000))
    answer = html(tenant)
    links = analyze(source_of(tenant), "map-links", Choices())
    crossing = links.table["crosses_function"].sum()
    assert len(answer) < 200_000
    assert "<b>2,000</b> jobs" in answer
    assert f"<b>{crossing:,}</b> between functions" in answer
    assert f"<b>{source_of(tenant).job_map().graph.levels.max() + 1}</b> levels" in answer
