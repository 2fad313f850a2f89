"""Jobs that wait for each other, as small graphs that tests write, and as many as 5,000."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, Store
from tests.server.views.hostile import BASE, NAMES, Unwritten

from jobgraph.server.views.tenant import Tenant
from jobgraph.store import GraphNames
from jobgraph.vocabulary import JG, RDF, RDFS, SKOS

Pairs = Iterable[tuple[int, int]]


@dataclass(frozen=True)
class JobFacts:
    """A job; '' for what is not stated."""

    name: str
    code: str = ""
    function: str = ""


def job_quads(jobs: Sequence[JobFacts], pairs: Pairs, names: GraphNames = NAMES) -> Iterator[Quad]:
    """Jobs `job/0`, `job/1` and so on; each pair is what comes first, and what waits for it."""

    def say(subject: str, property_: str, value: NamedNode | Literal) -> Quad:
        return Quad(NamedNode(names.base + subject), NamedNode(property_), value, NamedNode(names.asserted))

    def thing(step: str) -> NamedNode:
        return NamedNode(names.base + step)

    functions = sorted({job.function for job in jobs} - {""})
    for at, function in enumerate(functions):
        yield say(f"business-function/{at}", RDF + "type", NamedNode(JG + "BusinessFunction"))
        yield say(f"business-function/{at}", RDFS + "label", Literal(function))
    for at, job in enumerate(jobs):
        yield say(f"job/{at}", RDF + "type", NamedNode(JG + "Job"))
        yield say(f"job/{at}", RDFS + "label", Literal(job.name))
        yield say(f"job/{at}", SKOS + "notation", Literal(job.code or f"J-{at}"))
        if job.function:
            place = thing(f"business-function/{functions.index(job.function)}")
            yield say(f"job/{at}", JG + "belongsToFunction", place)
    for at, (first, following) in enumerate(pairs):
        yield say(f"job-dependency/{at}", JG + "hasSourceJob", thing(f"job/{first}"))
        yield say(f"job-dependency/{at}", JG + "hasDependentJob", thing(f"job/{following}"))
        yield say(f"job-dependency/{at}", JG + "hasStrength", NamedNode(f"{JG}code/dependency-strength/strong"))


def tenant_of(jobs: Sequence[JobFacts], pairs: Pairs) -> Tenant:
    """A tenant that has these jobs in memory, and nothing else."""
    store = Store()
    store.extend(job_quads(jobs, pairs))
    return Tenant(store, Unwritten("acme", Path("tenants/acme/generations/000001")), NAMES)


def numbered(count: int) -> list[JobFacts]:
    """So many jobs with names of their own."""
    return [JobFacts(f"Do the thing {at}") for at in range(count)]


def many(count: int = 5_000, functions: int = 9) -> tuple[list[JobFacts], list[tuple[int, int]]]:
    """Many jobs of some functions, each of which waits for up to two of those before it."""
    jobs = [
        JobFacts(f"Do the thing {at} of many", function=f"Function {at * functions // count}") for at in range(count)
    ]
    pairs = [
        (at - step, at) for at in range(count) for step in (1 + at % 7, 30 + at * 37 % 900) if at >= step and at % 5
    ]
    return jobs, pairs


__all__ = ["BASE", "JobFacts", "job_quads", "many", "numbered", "tenant_of"]
