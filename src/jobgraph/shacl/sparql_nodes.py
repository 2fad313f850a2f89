"""`sh:sparql` and validators as the shapes graph describes them: their text, prefixes and messages.

Source: https://www.w3.org/TR/shacl/#sparql-constraints
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode

from jobgraph.errors import InputError
from jobgraph.shacl.model import SparqlText
from jobgraph.shacl.statements import OWL, RDF, RDFS, SH, Statements, Term
from jobgraph.vocabulary import JG

# What a constraint may say about its query, so that a costly one is spared; the ontology defines both.
_ACYCLICITY, _SKIPPED_UNLESS = NamedNode(f"{JG}AcyclicityConstraint"), f"{JG}skippedUnless"
# Known to every query: the reference engine knows them, too.
_USUAL = {"rdf": RDF, "rdfs": RDFS, "owl": OWL}


def read_sparql(
    graph: Statements, node: Term, kind: str, parameters: Mapping[str, Term | None] | None = None
) -> SparqlText | None:
    """The query of `sh:select` or `sh:ask` (`kind`) at `node`; None where it is switched off.

    Raises
    ------
    InputError : there is no such query, or more than one.
    """
    if not isinstance(node, NamedNode | BlankNode):
        raise InputError(f"{graph.place(node)}: {node} is no node with a query; describe one.")
    deactivated = graph.one(node, f"{SH}deactivated")
    if isinstance(deactivated, Literal) and deactivated.value in ("true", "1"):
        return None
    texts = graph.objects(node, f"{SH}{kind}")
    if len(texts) != 1 or not isinstance(texts[0], Literal):
        raise InputError(f"{graph.place(node)}: sh:{kind} must stand once, with text; it stands {len(texts)} times.")
    messages = tuple(message for message in graph.objects(node, f"{SH}message") if isinstance(message, Literal))
    return SparqlText(
        texts[0].value,
        {**_USUAL, **dict(_iter_prefixes(graph, node))},
        node,
        is_ask=kind == "ask",
        parameters=parameters or {},
        messages=messages,
        is_acyclic=_ACYCLICITY in graph.objects(node, f"{RDF}type"),
        skipped_unless=_condition(graph, node),
    )


def _condition(graph: Statements, node: Term) -> str:
    condition = graph.one(node, _SKIPPED_UNLESS)
    return condition.value if isinstance(condition, Literal) else ""


def _iter_prefixes(graph: Statements, node: Term) -> Iterator[tuple[str, str]]:
    """The prefixes that `sh:prefixes` leads to, also through `owl:imports` of what is in the same graph."""
    todo = graph.objects(node, f"{SH}prefixes")
    seen: set[Term] = set()
    while todo:
        owner = todo.pop()
        if owner in seen:
            continue
        seen.add(owner)
        todo += graph.objects(owner, f"{OWL}imports")
        for declaration in graph.objects(owner, f"{SH}declare"):
            prefix, namespace = graph.one(declaration, f"{SH}prefix"), graph.one(declaration, f"{SH}namespace")
            if not isinstance(prefix, Literal) or not isinstance(namespace, Literal):
                raise InputError(f"{graph.place(owner)}: sh:declare needs sh:prefix and sh:namespace, both literals.")
            yield prefix.value, namespace.value
