"""Our shapes as SHACL alone: property shapes have names, and unique keys are queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from jobgraph.turtle import read_turtle
from jobgraph.vocabulary import JG, RDF, SH, Column, Table, UniqueKey, Vocabulary
from jobgraph.vocabulary.shape_names import property_shape_names

_CLASS, _NODE_KIND, _PROPERTY = (NamedNode(SH + name) for name in ("class", "nodeKind", "property"))
# What the door decides for a column; what of it cannot be stated is in quarantine.
_AT_THE_DOOR = {
    *(SH + name for name in ("class", "datatype", "maxCount", "minCount", "node", "pattern")),
    *(SH + name for name in ("maxExclusive", "maxInclusive", "minExclusive", "minInclusive")),
}
_LINKS = {NamedNode(JG + name) for name in ("ForeignLinkShape", "TornLinksShape")}  # every link stays in its tenant
_TENANT = JG + "belongsToTenant"
_NO_CONSTRAINTS = {SH + name for name in ("message", "name", "path", "severity")}


def our_shapes(vocabulary: Vocabulary, *, after_the_door: bool = False) -> Iterator[tuple[Path, list[Triple]]]:
    """The triples of each shapes file that data must conform to, ready for any SHACL engine.

    - Property shapes have the names that results give.
    - `jg:uniqueColumns` is a `sh:sparql` constraint of the node shape.
    - A link to a tenant must lead to an IRI only: its row may stand in no store but its own, or in none.
    - With `after_the_door`, what the door decides of columns and unique keys is left out.

    Raises
    ------
    TurtleError, InputError : a file of shapes cannot be read, or says what cannot be mapped.
    """
    tenants = {NamedNode(t.class_iri) for t in vocabulary.tables.values() if t.tenancy == "Itself" and t.class_iri}
    tables = {table.shape: table for table in vocabulary.tables.values() if table.shape}
    for path in vocabulary.shape_files():
        triples = list(_named(read_turtle(path)))
        if after_the_door:
            yield path, list(_undecided(triples, vocabulary))
            continue
        subjects = dict.fromkeys(t.subject.value for t in triples if isinstance(t.subject, NamedNode))
        found = [tables[iri] for iri in subjects if iri in tables]
        keys = (_constraint(table, key) for table in found for key in table.unique_keys)
        yield path, [*(_relaxed(triple, tenants) for triple in triples), *(triple for key in keys for triple in key)]


def _undecided(triples: list[Triple], vocabulary: Vocabulary) -> Iterator[Triple]:
    """The triples but for the shapes of columns and links; one that says more than the door decides stays with that."""
    columns = {NamedNode(column.shape) for table in vocabulary.tables.values() for column in table.columns}
    decided = _AT_THE_DOOR | _NO_CONSTRAINTS
    kept = {t.subject for t in triples if t.predicate.value.startswith(SH) and t.predicate.value not in decided}
    gone = (columns - kept) | _LINKS
    for triple in triples:
        is_decided = triple.subject in columns and triple.predicate.value in _AT_THE_DOOR
        is_link = triple.predicate == _PROPERTY and triple.object in gone
        if not (is_decided or is_link or triple.subject in gone):
            yield triple


def _named(triples: Iterable[Triple]) -> Iterator[Triple]:
    """The triples with the names of property shapes in place of their blank nodes."""
    facts: dict[object, dict[str, list[object]]] = {}
    listed = list(triples)
    for triple in listed:
        facts.setdefault(triple.subject, {}).setdefault(triple.predicate.value, []).append(triple.object)
    names = {node: NamedNode(iri) for node, iri in property_shape_names(facts).items()}
    for triple in listed:
        subject = names.get(triple.subject, triple.subject)
        yield Triple(subject, triple.predicate, names.get(triple.object, triple.object))


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
