"""Small stores as N-Quads text, in which `{asserted}` and the like stand for the graphs of the tenant."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path

import rdflib
from pyoxigraph import RdfFormat, Store

from jobgraph.store import Generation, GraphNames, Home, Tenant, bulk_load

BASE = "https://example.org/id/"
NAMES = GraphNames(BASE, "acme")
Publish = Callable[[str], Generation]


def filled(text: str) -> str:
    """N-Quads with the graphs of the tenant acme."""
    for graph in ("asserted", "inferred", "shared", "metadata"):
        text = text.replace(f"{{{graph}}}", f"<{getattr(NAMES, graph)}>")
    return text


def publish(tenant: Tenant, text: str, folder: Path) -> Generation:
    """A generation of `tenant` that holds the quads."""
    file = folder / "quads.nq"
    file.write_text(filled(text), encoding="utf-8")
    with tenant.begin() as draft:
        bulk_load(draft.store_path, [(file, None)])
        return draft.publish({})


def quads_in(generation: Generation) -> list[str]:
    """The quads of a generation, sorted."""
    with generation.open() as store:
        return sorted(map(str, store))


def store_in_memory(text: str) -> Store:
    """A store of the quads that is on no disk."""
    store = Store()
    store.load(filled(text).encode(), format=RdfFormat.N_QUADS)
    return store


def parsed_by_rdflib(data: bytes, name: str) -> rdflib.Dataset:
    """What another library reads in one of our formats."""
    dataset = rdflib.Dataset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib uses what it calls deprecated
        dataset.parse(data=data, format={"rdfxml": "xml", "ntriples": "nt", "jsonld": "json-ld"}.get(name, name))
    return dataset


def many_quads(count: int) -> str:
    """Quads of 200 bytes, which take about as much in a store."""
    return "".join(f'<{BASE}job/{n}> <ex:label> "{"clean the pump " * 6}{n}" {{asserted}} .\n' for n in range(count))


def leftovers(home: Home) -> list[str]:
    """Hidden, temporary and lock files and folders anywhere in the home."""
    paths = [path for path in home.path.rglob("*") if path.name.startswith(".") or path.suffix in {".tmp", ".partial"}]
    return [str(path) for path in paths] + [str(path) for path in home.path.rglob("LOCK")]


def publish_forever(home: Home) -> None:
    """Publish a generation that says its number, over and over; for a process that is going to be killed."""
    tenant = home.tenant("acme")
    file = home.path / f"quads-{os.getpid()}.nq"
    for number in range(1_000_000):
        file.write_text(filled(f"<ex:a> <ex:number> <ex:{number}> {{asserted}} .\n" + many_quads(50)))
        with tenant.begin(copy=number % 2 == 1) as draft:
            Store(os.fspath(draft.store_path)).clear()
            bulk_load(draft.store_path, [(file, None)])
            draft.publish({"number": number})
        tenant.prune(3)
