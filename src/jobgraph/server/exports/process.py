"""The process that makes a package or a feed of changes, and ends."""

from __future__ import annotations

import json
import resource
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyoxigraph import Quad, Store

from jobgraph.errors import JobgraphError, RefusedError, UsageError
from jobgraph.exports.feed import write_feed
from jobgraph.exports.gate import check_gate
from jobgraph.exports.manifest import MANIFEST, digest_of, read_manifest
from jobgraph.exports.package import PackageRequest, write_package
from jobgraph.exports.package_files import open_package
from jobgraph.exports.profile import Profile, read_profile
from jobgraph.exports.selection import Selection
from jobgraph.exports.signing import read_secret, read_signing_key
from jobgraph.server.exports.places import FEED_FACTS, PACKAGE, PACKAGE_FACTS, Place, write_facts
from jobgraph.server.settings import ServerSettings
from jobgraph.server.workers.jobs import END, FAILED, READY, frame
from jobgraph.server.workers.process import LastWords, confine, receive_frame
from jobgraph.store import Generation, Home, Tenant
from jobgraph.store.durable import exclusive_lock, storage_errors
from jobgraph.vocabulary import Vocabulary


def make(connection: socket.socket, slug: str, settings: ServerSettings) -> None:
    """Make what comes from `connection` as a job: what, of which profile, of which generation."""
    confine()
    limit = settings.export_memory_mb << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    with LastWords(slug):
        connection.sendall(frame(READY))
        what, profile, name = json.loads(receive_frame(connection))
        try:
            _make(Home(settings.home).tenant(slug), what, profile, name)
            connection.sendall(frame(END))
        except JobgraphError as error:
            told = {"kind": type(error).__name__, "detail": str(error)}
            connection.sendall(frame(FAILED, json.dumps(told).encode()))


def _make(tenant: Tenant, what: str, profile_name: str, generation_name: str) -> None:
    place, generation = Place.of(tenant, profile_name), tenant.generation(generation_name)
    if place is None:
        raise UsageError(f"There is no profile {profile_name!r}.")
    vocabulary = Vocabulary()
    profile = read_profile(profile_name, vocabulary=vocabulary, tenant=tenant)
    folder = place.folder(generation)
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with exclusive_lock(folder, wait=True):  # several servers may have one home
        _MAKERS[what](place, generation, profile, vocabulary)


def _make_package(place: Place, generation: Generation, profile: Profile, vocabulary: Vocabulary) -> None:
    folder = place.folder(generation)
    path, facts_path = folder / PACKAGE, folder / PACKAGE_FACTS
    if facts_path.is_file():
        return
    path.unlink(missing_ok=True)  # of a process that died between the two
    signing_key = read_signing_key(place.signing_key_path) if place.signing_key_path.is_file() else None
    request = PackageRequest(signing_key=signing_key, pseudonym_key=_secret(place, profile))
    write_package(generation, profile, path, vocabulary=vocabulary, request=request)
    write_facts(facts_path, {**_package_facts(path), **_validity(profile)})


def _package_facts(path: Path) -> dict[str, Any]:
    size, digest = digest_of(path)
    with open_package(path) as files:
        manifest = read_manifest(files.read(MANIFEST), path)
    return {
        "size": size,
        "sha256": digest,
        "triples": manifest.counts.triples,
        "dataset": manifest.hashes.dataset,
        "signed_by": manifest.signed_by,
    }


def _make_feed(place: Place, generation: Generation, profile: Profile, vocabulary: Vocabulary) -> None:
    secret, now = _secret(place, profile), datetime.now(UTC).date()
    kept = [each for each in place.tenant.generations() if each.number <= generation.number]
    passing, reasons = [], []
    for each in kept:
        with each.open() as store:
            reasons = check_gate(each, profile, store=store, now=now, vocabulary=vocabulary)
        if not reasons:
            passing.append(each)
    if not passing:
        raise RefusedError(f"No generation passes the gate of the profile {profile.name}: {' '.join(reasons)}")

    def select(each: Generation, store: Store) -> _Things:
        return _Things(Selection(store, each, profile, vocabulary=vocabulary, key=secret))

    steps = write_feed(passing, select, folder_of=place.folder)
    facts = {"kept": [each.name for each in kept], "steps": steps, **_validity(profile)}
    write_facts(place.folder(generation) / FEED_FACTS, facts)


@dataclass(frozen=True)
class _Things:
    """What a selection says of things; terms of the ontology come with packages, which have the contract."""

    selection: Selection

    def quads(self) -> Iterator[Quad]:
        ontology = self.selection.graph_outside("ontology")
        return (quad for quad in self.selection.quads() if quad.graph_name != ontology)


def _secret(place: Place, profile: Profile) -> bytes | None:
    """The secret for pseudonyms.

    Raises
    ------
    UsageError : the profile needs one, and there is none.
    """
    if not profile.needs_key:
        return None
    if not place.secret_path.is_file():
        raise UsageError(f"{profile.name} needs a secret for pseudonyms in {place.secret_path}; make one there.")
    return read_secret(place.secret_path)


def _validity(profile: Profile) -> dict[str, str | None]:
    """From when to when the policy lets anything out; what was made before is not sent after."""
    days = {"valid_from": profile.policy.valid_from, "valid_until": profile.policy.valid_until}
    return {name: day.isoformat() if day else None for name, day in days.items()}


_MAKERS: Mapping[str, Callable[[Place, Generation, Profile, Vocabulary], None]] = {
    "package": _make_package,
    "feed": _make_feed,
}
