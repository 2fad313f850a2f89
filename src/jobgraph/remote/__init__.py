"""Tenants at a SPARQL endpoint: generations as sets of graphs, of which a pointer in another graph names one.

    place = Place.from_settings(settings)
    with place.open("acme") as endpoint:
        publish(endpoint, place.names("acme"), generation)     a local generation, as the next one there
    tenant, generation = fetch(place, "acme")                  the published one, as a verified local copy

A set is written before the pointer names it and never changes after, so that whoever reads the pointer once has one
state. Everything that reads a generation reads the copy; `ask_endpoint` asks the endpoint itself.
"""

from jobgraph.remote.building import build_remote
from jobgraph.remote.copies import copy_tenant, fetch
from jobgraph.remote.history import History
from jobgraph.remote.place import Place
from jobgraph.remote.pointer import Pointer
from jobgraph.remote.publication import publish
from jobgraph.remote.query import ask_endpoint

__all__ = ["History", "Place", "Pointer", "ask_endpoint", "build_remote", "copy_tenant", "fetch", "publish"]
