"""Copies of what real servers hold: Oxigraph, and Virtuoso that answers with 1,000 rows at most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal
from tests.commands import run
from tests.exports.endpoint_servers import RealEndpoint, oxigraph_endpoint
from tests.remote.places import SILENT, content_of, place_at

from jobgraph.errors import JobgraphError
from jobgraph.questions import bind_values, read_questions
from jobgraph.remote import Place, ask_endpoint, fetch, publish
from jobgraph.remote.graph_set import GraphSet
from jobgraph.store import Generation, Home, run_query
from jobgraph.store.sums import SUMS, iter_damage
from jobgraph.vocabulary import Vocabulary

__all__ = ["oxigraph_endpoint"]

SLUG = "northwind-bio"
BASE = "https://jobgraph.example/id/"
ENGINES = {"oxigraph": "oxigraph_endpoint", "virtuoso": "virtuoso"}
DOCS = Path(__file__).parents[2] / "docs" / "remote_stores.md"


@dataclass(frozen=True)
class Limits:
    """The questions that an engine does not answer, or answers otherwise than the store; how many only in datatypes."""

    cannot: set[str] = field(default_factory=set)
    wrongly: set[str] = field(default_factory=set)
    other_types: int = 0


LIMITS = {
    "oxigraph": Limits(),
    "virtuoso": Limits(
        {"inherited_and_direct", "jobs_in_cycles", "jobs_of_role", "what_blocks_job"},
        {"bottleneck_activities", "missing_capabilities", "personas_without_evidence"},
        19,
    ),
}


@dataclass(frozen=True)
class Published:
    """The sample's larger tenant at a real server."""

    engine: str
    place: Place
    original: Generation
    copy: Generation
    set: GraphSet

    @property
    def options(self) -> tuple[object, ...]:
        """Options of a command that reads it."""
        return "--store", self.place.settings.store, "--home", self.place.settings.home, "--tenant", SLUG


@pytest.fixture(scope="module", params=ENGINES)
def published(
    request: pytest.FixtureRequest, sample_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Published]:
    endpoint: RealEndpoint = request.getfixturevalue(ENGINES[request.param])
    folder = tmp_path_factory.mktemp("remote")
    with pytest.MonkeyPatch.context() as patched:
        settings: dict[str, Any] = {"base": BASE, "store_timeout_s": 60}
        if endpoint.credentials:
            users = folder / "users"
            users.mkdir()
            users.joinpath(SLUG).touch(mode=0o600)
            users.joinpath(SLUG).write_text(f"{endpoint.credentials.user}\n{endpoint.credentials.password}\n")
            settings["store_credentials"] = users
            patched.setenv("JOBGRAPH_STORE_CREDENTIALS", str(users))
        place = place_at(endpoint.addresses.graphs, folder / "home", **settings)
        original = Home(sample_home).tenant(SLUG).current()
        assert original is not None
        with place.open(SLUG) as client:
            published = publish(client, place.names(SLUG), original, SILENT)
        yield Published(request.param, place, original, fetch(place, SLUG)[1], published)


def test_copy_holds_exactly_what_was_published(published: Published) -> None:
    assert content_of(published.copy) == content_of(published.original)
    paths = {path for path in published.original.path.iterdir() if path.is_file()}
    for path in paths - {published.original.path / name for name in ("manifest.json", SUMS)}:
        assert published.copy.path.joinpath(path.name).read_bytes() == path.read_bytes()
    assert not list(iter_damage(published.copy.path, deep=True))
    assert published.copy.manifest == {**published.original.manifest, "remote": published.set.iri, "readOnly": True}


@pytest.mark.parametrize("published", ["virtuoso"], indirect=True)
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("ask", "jobs_of_persona", "--persona", "Wren the Curious Liaison", "--format", "json"), id="ask"),
        pytest.param(("query", "SELECT ?g { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"), id="query"),
        pytest.param(("analyze", "gaps", "--format", "json"), id="analyze"),
        pytest.param(("validate", "--format", "json"), id="validate"),
        pytest.param(("dump", "--format", "nquads"), id="dump"),
    ],
)
def test_command_says_the_same_of_the_copy(published: Published, sample_home: Path, command: tuple[str, ...]) -> None:
    name, *rest = command
    local = run(name, "--home", sample_home, "--tenant", SLUG, *rest)
    remote = run(name, *published.options, *rest)
    assert (remote.code, remote.err) == (local.code, local.err) == (0, "")
    assert sorted(remote.out.splitlines()) == sorted(local.out.splitlines())


def test_package_has_the_same_bytes(published: Published, sample_home: Path, tmp_path: Path) -> None:
    for name, options in {
        "local.zip": ("--home", sample_home, "--tenant", SLUG),
        "remote.zip": published.options,
    }.items():
        outcome = run("export", "--profile", "partner", "--out", tmp_path / name, *options)
        assert outcome.code == 0, outcome.err
    assert tmp_path.joinpath("remote.zip").read_bytes() == tmp_path.joinpath("local.zip").read_bytes()


def plain(term: object) -> object:
    """A term as its value: an engine may write true as 1, and 12.0 as 12."""
    if not isinstance(term, Literal):
        return str(term)
    if term.value in {"true", "false"}:
        return {"true": "1", "false": "0"}[term.value]
    return term.value


def test_engine_answers_the_questions_itself_as_far_as_the_docs_say(published: Published) -> None:
    wrong, failed, other_types = set(), set(), set()
    names, graphs = published.place.names(SLUG), published.original.names
    with published.original.open() as store, published.place.open(SLUG) as endpoint:
        for question in read_questions(Vocabulary()).values():
            terms = bind_values(store, graphs, question, question.examples).terms
            expected = list(run_query(store, question.query, graphs=graphs, substitutions=terms).rows())
            try:
                there = ask_endpoint(endpoint, names, published.set, question.query, substitutions=terms)
            except JobgraphError:
                failed.add(question.name)
                continue
            rows = list(there.rows())
            if [list(map(plain, row)) for row in rows] != [list(map(plain, row)) for row in expected]:
                wrong.add(question.name)
            elif rows != expected:
                other_types.add(question.name)
    limits = LIMITS[published.engine]
    assert (failed, wrong, len(other_types)) == (limits.cannot, limits.wrongly, limits.other_types)
    documented = DOCS.read_text(encoding="utf-8")
    assert all(f"`{name}`" in documented for name in failed | wrong)
