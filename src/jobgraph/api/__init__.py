"""The graph in Python, for notebooks and programs.

kg = open_graph("northwind-bio")
kg.ask("jobs_of_persona", persona="Wren the Curious Liaison").table
"""

from jobgraph.api.answers import Answer
from jobgraph.api.entity import Entity
from jobgraph.api.graph import KnowledgeGraph
from jobgraph.api.opening import build, open_graph, open_sample

__all__ = ["Answer", "Entity", "KnowledgeGraph", "build", "open_graph", "open_sample"]
