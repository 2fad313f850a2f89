"""The sample with a second generation, in which a job is gone, one is called otherwise, and one is new."""

from __future__ import annotations

import shutil
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store
from tests.exports.profiles import profile_text

from jobgraph.exports.profile import Profile, read_profile
from jobgraph.exports.signing import create_secret
from jobgraph.store import Generation, Home, Tenant
from jobgraph.vocabulary import JG, RDF, Vocabulary

SLUG = "northwind-bio"
NAME, ENDED = "own", "ended"  # profiles: one that lets out jobs and terms, and the same with a policy that ended
KEYED, UNKEYED = "keyed", "unkeyed"  # profiles with pseudonyms: one with a secret for them, one without
_TYPE, _JOB = NamedNode(RDF + "type"), NamedNode(JG + "Job")
_SHAPES = "ex:jobs a sh:NodeShape ; sh:targetClass jg:Job, jg:Outcome ; jg:includesAllProperties true ."
_GRAPHS = "jg:AssertedGraph, jg:InferredGraph, jg:OntologyGraph"
_PSEUDONYMS = f"{_SHAPES.removesuffix('.')}; jg:isPseudonymised true ."
_END = """a odrl:Agreement ; odrl:assigner <urn:us> ; odrl:assignee <urn:them> ;
    odrl:permission [ odrl:action odrl:use ; odrl:constraint [
        odrl:leftOperand odrl:dateTime ; odrl:operator odrl:lteq ; odrl:rightOperand "2020-01-01"^^xsd:date ] ] ."""


def copied(sample_home: Path, target: Path) -> Tenant:
    """A copy of the sample that may be changed, with profiles of its tenant's own."""
    tenant = Home(Path(shutil.copytree(sample_home, target))).tenant(SLUG)
    profiles = tenant.path / "profiles"
    profiles.mkdir()
    texts = {
        NAME: profile_text(_SHAPES, graphs=_GRAPHS),
        ENDED: profile_text(_SHAPES, graphs=_GRAPHS, policy=_END),
        **dict.fromkeys((KEYED, UNKEYED), profile_text(_PSEUDONYMS)),
    }
    for name, text in texts.items():
        own = text.replace('"own"', f'"{name}"').replace("ex:own", f"ex:{name}")
        profiles.joinpath(f"{name}.ttl").write_text(own, encoding="utf-8")
    tenant.path.joinpath("keys").mkdir()
    create_secret(tenant.path / "keys" / f"{KEYED}.secret")
    return tenant


def own_profile(tenant: Tenant, vocabulary: Vocabulary) -> Profile:
    return read_profile(NAME, vocabulary=vocabulary, tenant=tenant)


def changed(tenant: Tenant) -> tuple[Generation, list[str]]:
    """A new generation, and the jobs that are gone, changed and new; a term lost something that has no name."""
    with tenant.begin(copy=True) as draft:
        assert draft.parent
        store = Store(str(draft.store_path))
        names = draft.parent.names
        asserted = NamedNode(names.asserted)
        jobs = sorted(str(quad.subject) for quad in store.quads_for_pattern(None, _TYPE, _JOB, asserted))
        gone, other, model = (NamedNode(job[1:-1]) for job in jobs[:3])
        new = NamedNode(f"{model.value}-new")
        _remove(store, gone)
        _rename(store, other, asserted)
        for quad in list(store.quads_for_pattern(model, None, None, asserted)):
            store.add(Quad(new, quad.predicate, quad.object, asserted))
        _forget_a_blank_node(store, NamedNode(names.ontology))
        facts = {key: value for key, value in draft.parent.manifest.items() if key not in {"generation", "parent"}}
        del store
        return draft.publish(facts), [node.value for node in (gone, other, new)]


def _remove(store: Store, thing: NamedNode) -> None:
    for quad in [*store.quads_for_pattern(thing, None, None), *store.quads_for_pattern(None, None, thing)]:
        store.remove(quad)


def _rename(store: Store, thing: NamedNode, graph: NamedNode) -> None:
    quads = store.quads_for_pattern(thing, None, None, graph)
    texts = (quad for quad in quads if isinstance(quad.object, Literal) and quad.predicate.value.endswith("label"))
    quad = next(texts)
    store.remove(quad)
    store.add(Quad(thing, quad.predicate, Literal("Called otherwise", language="en"), graph))


def _forget_a_blank_node(store: Store, graph: NamedNode) -> None:
    quads = store.quads_for_pattern(None, None, None, graph)
    node = next(quad.object for quad in quads if isinstance(quad.object, BlankNode))
    for quad in [*store.quads_for_pattern(node, None, None), *store.quads_for_pattern(None, None, node)]:
        store.remove(quad)
