"""jobgraph: a Jobs-To-Be-Done database as a validated, inferred knowledge graph, one per tenant."""
