"""Our shapes as SHACL alone: property shapes have names, and unique keys are queries."""

from __future__ import annotations

from collections.abc import Iterator, Set

from pyoxigraph import Literal, NamedNode, Triple

from jobgraph.vocabulary import JG, RDF, SH, Column, Table, UniqueKey, Vocabulary

_CLASS, _NODE_KIND = (NamedNode(SH + name) for name in ("class", "nodeKind"))
_PROPERTY = SH + "property"
# What the door decides for a column; what of it cannot be stated is in quarantine.
_AT_THE_DOOR = {
    *(SH + name for name in ("class", "datatype", "maxCount", "minCount", "node", "pattern")),
    *(SH + name for name in ("maxExclusive", "maxInclusive", "minExclusive", "minInclusive")),
}
_LINKS = {NamedNode(JG + name) for name in ("ForeignLinkShape", "TornLinksShape")}  # every link stays in its tenant
_TENANT = JG + "belongsToTenant"
_DECIDED = _AT_THE_DOOR | {SH + name for name in ("message", "name", "path", "severity")}


def our_shapes(vocabulary: Vocabulary, *, after_the_door: bool = False) -> Iterator[Triple]:
    """The triples of the shapes that data must conform to, ready for any SHACL engine.

    - Property shapes have the names that results give.
    - `jg:uniqueColumns` is a `sh:sparql` constraint of the node shape.
    - A link to a tenant must lead to an IRI only: its row may stand in no store but its own, or in none.
    - With `after_the_door`, what the door decides of columns and unique keys is left out.

    Raises
    ------
    TurtleError, InputError : a file of shapes cannot be read, or says what cannot be mapped.
    """
    if after_the_door:
        yield from _undecided(vocabulary)
        return
    tables = vocabulary.tables.values()
    tenants = {NamedNode(t.class_iri) for t in tables if t.tenancy == "Itself" and t.class_iri}
    yield from (_relaxed(triple, tenants) for triple in vocabulary.shapes.triples())
    for table in tables:
        for key in table.unique_keys if table.shape else ():
            yield from _constraint(table, key)


def _undecided(vocabulary: Vocabulary) -> Iterator[Triple]:
    """The triples but for the shapes of columns and links; one that says more than the door decides stays with that."""
    said = vocabulary.shapes.facts
    columns = {NamedNode(c.shape) for table in vocabulary.tables.values() for c in table.columns if c.shape}
    gone = _LINKS | {column for column in columns if _is_decided(said[column].keys())}
    for subject, facts in said.items():
        if subject in gone:
            continue
        for property_ in [p for p in facts if p not in _AT_THE_DOOR] if subject in columns else facts:
            predicate = NamedNode(property_)
            for object_ in facts[property_]:
                if property_ != _PROPERTY or object_ not in gone:
                    yield Triple(subject, predicate, object_)


def _is_decided(properties: Set[str]) -> bool:
    """Whether nothing but what the door decides of a column is said with these properties."""
    return not any(name.startswith(SH) for name in properties - _DECIDED)


def _relaxed(triple: Triple, tenants: set[NamedNode]) -> Triple:
    if triple.predicate == _CLASS and triple.object in tenants:
        return Triple(triple.subject, _NODE_KIND, NamedNode(SH + "IRI"))
    return triple


def _constraint(table: Table, key: UniqueKey) -> list[Triple]:
    node = NamedNode(key.iri)
    return [
        Triple(NamedNode(table.shape), NamedNode(SH + "sparql"), node),
        Triple(node, NamedNode(RDF + "type"), NamedNode(SH + "SPARQLConstraint")),
        Triple(node, NamedNode(SH + "message"), Literal(key.message, language="en")),
        Triple(node, NamedNode(SH + "select"), Literal(_select(table, key))),
        Triple(node, NamedNode(JG + "skippedUnless"), Literal(_ask(table, key))),
    ]


def _select(table: Table, key: UniqueKey) -> str:
    """The query for entities whose key another one of their class has, too.

    One step of the other entity stands alone, for a store that joins several may begin with the one that
    most entities take, as that to a tenant is.
    """
    numbers = sorted(range(len(key.columns)), key=lambda number: key.columns[number].path == _TENANT)
    own = "\n".join(f"    {_step('$this', column, number)}" for number, column in enumerate(key.columns))
    first, *others = (_step("?other", key.columns[number], number) for number in numbers)
    other = "\n".join(f"            {step}" for step in (*others, f"?other a <{table.class_iri}> ."))
    return f"""SELECT DISTINCT $this WHERE {{
{own}
    FILTER EXISTS {{
        {first}
        FILTER (?other != $this)
        FILTER EXISTS {{
{other}
        }}
    }}
}}"""


def _ask(table: Table, key: UniqueKey) -> str:
    """Whether any two entities have the same key; asked of all at once, it costs less than the query for them."""
    names = " ".join(f"?key{number}" for number in range(len(key.columns)))
    steps = "\n".join(f"            {_step('?entity', column, number)}" for number, column in enumerate(key.columns))
    return f"""ASK {{
    {{
        SELECT {names} {{
            ?entity a <{table.class_iri}> .
{steps}
        }}
        GROUP BY {names}
        HAVING (COUNT(DISTINCT ?entity) > 1)
    }}
}}"""


def _step(entity: str, column: Column, number: int) -> str:
    return f"?key{number} <{column.path}> {entity} ." if column.inverse else f"{entity} <{column.path}> ?key{number} ."
