"""Questions that follow paths are answered a third time, by networkx over the source tables."""

from __future__ import annotations

from collections.abc import Mapping

import networkx as nx
import pytest
from tests.questions.conftest import Tenant
from tests.questions.test_answers import QUESTIONS, all_rows, canonical, picks

JOBS = """SELECT d.dependent_jtbd_id, d.source_jtbd_id FROM jtbd_dependencies d
    JOIN jobs_to_be_done a ON a.id = d.dependent_jtbd_id JOIN jobs_to_be_done b ON b.id = d.source_jtbd_id"""
ROLES = "SELECT r.id, s.id FROM org_roles r JOIN org_roles s ON s.id = r.reports_to_role_id"
DOMAINS = "SELECT p.id, d.id FROM domains d JOIN domains p ON p.id = d.parent_id"
KNOWLEDGE = """SELECT p.id, k.id FROM knowledge_domains k JOIN knowledge_domains p ON p.id = k.parent_id
    UNION SELECT p.id, k.id FROM domain_hierarchies h JOIN knowledge_domains p ON p.id = h.parent_domain_id
    JOIN knowledge_domains k ON k.id = h.child_domain_id"""
ACTIVITIES = """SELECT b.id, a.id FROM jtbd_workflow_activities a
    JOIN jtbd_workflow_activities b ON b.id = a.depends_on_activity_id"""


def graph_of(tenant: Tenant, sql: str) -> nx.DiGraph:
    return nx.DiGraph(tenant.tables.execute(sql).fetchall())


def reached(graph: nx.DiGraph, start: str) -> set[str]:
    """What paths of one step or more lead to from `start`, which is among them where it is in a cycle."""
    return (
        set().union(*({end, *nx.descendants(graph, end)} for end in graph.successors(start)))
        if start in graph
        else set()
    )


def column(tenant: Tenant, name: str, values: Mapping[str, str], at: str) -> list[object]:
    found = all_rows(QUESTIONS[name], tenant, values)
    return [canonical(row[found.columns.index(at)]) for row in found.texts()]


@pytest.mark.parametrize(
    ("name", "at", "sql", "is_reversed"),
    [
        pytest.param("dependencies_of_job", "neededJob", JOBS, False, id="dependencies_of_job"),
        pytest.param("jobs_unlocked_by_job", "waitingJob", JOBS, True, id="jobs_unlocked_by_job"),
        pytest.param("reporting_line", "superior", ROLES, False, id="reporting_line"),
        pytest.param("knowledge_under_domain", "subdomain", KNOWLEDGE, False, id="knowledge_under_domain"),
    ],
)
def test_closure_is_that_of_networkx(
    name: str, at: str, sql: str, is_reversed: object, tenants: Mapping[str, Tenant]
) -> None:
    asked = 0
    for tenant in tenants.values():
        graph = graph_of(tenant, sql)
        graph = graph.reverse() if is_reversed else graph
        for values in picks(QUESTIONS[name], tenant):
            (start,) = (value.rpartition("/")[2] for value in values.values())
            assert sorted(map(str, column(tenant, name, values, at))) == sorted(reached(graph, start))
            asked += start in graph
    assert asked


def test_steps_of_a_reporting_line_are_distances(tenants: Mapping[str, Tenant]) -> None:
    for tenant in tenants.values():
        graph = graph_of(tenant, ROLES)
        for values in picks(QUESTIONS["reporting_line"], tenant):
            start = values["role"].rpartition("/")[2]
            ends = column(tenant, "reporting_line", values, "superior")
            steps = column(tenant, "reporting_line", values, "steps")
            assert steps == [nx.shortest_path_length(graph, start, end) for end in ends]


def test_cycles_are_the_strong_components(tenants: Mapping[str, Tenant]) -> None:
    found = 0
    for tenant in tenants.values():
        graph = graph_of(tenant, JOBS)
        cyclic = [c for c in nx.strongly_connected_components(graph) if len(c) > 1 or graph.has_edge(*[*c] * 2)]
        pairs = sorted((a, b) for members in cyclic for a in members for b in members)
        jobs, members = (column(tenant, "jobs_in_cycles", {}, at) for at in ("job", "member"))
        assert sorted(zip(jobs, members, strict=True), key=str) == pairs
        found += len(cyclic)
    assert found


def test_jobs_of_a_domain_are_those_of_its_subtree(tenants: Mapping[str, Tenant]) -> None:
    for tenant in tenants.values():
        graph = graph_of(tenant, DOMAINS)
        for values in picks(QUESTIONS["jobs_of_domain"], tenant):
            top = values["domain"].rpartition("/")[2]
            inside = {top, *(nx.descendants(graph, top) if top in graph else ())}
            rows = tenant.tables.execute("SELECT id, domain_id FROM jobs_to_be_done").fetchall()
            expected = sorted(job for job, domain in rows if domain in inside)
            assert sorted(map(str, column(tenant, "jobs_of_domain", values, "job"))) == expected


def test_bottlenecks_hold_up_their_descendants(tenants: Mapping[str, Tenant]) -> None:
    for tenant in tenants.values():
        graph = graph_of(tenant, ACTIVITIES)
        activities = column(tenant, "bottleneck_activities", {}, "activity")
        expected = [len(nx.descendants(graph, a)) if a in graph else 0 for a in activities]
        assert column(tenant, "bottleneck_activities", {}, "waitingActivities") == expected
