"""The mapping as a W3C R2RML document, from which any R2RML processor makes the same graphs of a Postgres."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from jobgraph.contract.sql import name
from jobgraph.mapping.r2rml_views import GRAPH, TENANT, Database, cell_sql, may_be_shared, view_sql
from jobgraph.turtle_layout import Tree, to_canonical_text
from jobgraph.vocabulary import JG, RDF, RDFS, SKOS, XSD, Column, Table, Vocabulary

RR = "http://www.w3.org/ns/r2rml#"  # https://www.w3.org/TR/r2rml/
NOT_IN_R2RML = (
    "A code in another spelling (skos:hiddenLabel) becomes an IRI of that spelling; a build writes the concept's IRI, "
    "also where that does not end in the code.",
    "An unknown code becomes an IRI as well; a build keeps it as text.",
    "JSON stands as the database prints it; a build sorts its keys, leaves out its spaces and writes numbers in full.",
    "A list must be an array of the database; a build also reads lists in text, as JSON arrays or array literals.",
    "An empty text becomes an empty literal; a build states nothing.",
    "Letters beyond ASCII in a key, and a key of one or two dots, stand as they are; a build percent-encodes them.",
    "Numbers and dates in columns of text are not mended.",
    "Times with a zone come in the zone of the session, which should be UTC.",
    "Nothing goes into quarantine: the database has to see to it that keys are unique, that links lead to rows of the "
    "same tenant or of all, and that tenants have short names of their own, of a-z, 0-9 and hyphens.",
)
_PREFIXES = {
    "dcterms": "http://purl.org/dc/terms/",
    "jg": JG,
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": RDF,
    "rdfs": RDFS,
    "rr": RR,
    "skos": SKOS,
    "xsd": XSD,
}
_TITLE = "Mapping of a Jobs-To-Be-Done database in Postgres to its knowledge graphs"


def r2rml_document(
    vocabulary: Vocabulary,
    *,
    base: str,
    tables: Mapping[str, Sequence[str]] | None = None,
    only_tenant: str = "",
) -> str:
    """The R2RML document, in canonical Turtle, of what a build states of a Postgres; it names no schema.

    Parameters
    ----------
    base : the start of all IRIs, with a slash at its end.
    tables : the tables and columns that there are; without it, all that the shapes know.
    only_tenant : the short name of the tenant of a database without a table of tenants; it counts only there.

    Raises
    ------
    UsageError : `tables` lacks the table of tenants, and `only_tenant` is empty.
    InputError : the table of tenants lacks their short names.
    """
    document = _Document(Database(vocabulary, tables, only_tenant), base)
    document.add_header()
    for source in vocabulary.tables.values():
        if document.database.has(source):
            document.add_table(source)
    prefixes = {**_PREFIXES, "map": f"{document.iri}#"}
    return to_canonical_text(Tree.from_triples(document.triples), prefixes)


@dataclass(frozen=True)
class _Document:
    """The triples of the document, table by table; all of them are in memory."""

    database: Database
    base: str
    triples: list[Triple] = field(default_factory=list)

    @property
    def iri(self) -> str:
        return f"{self.base}r2rml"

    def add_header(self) -> None:
        """What the document is, and what it cannot say."""
        self._add(NamedNode(self.iri), RDFS + "label", Literal(_TITLE, language="en"))
        for sentence in NOT_IN_R2RML:
            self._add(NamedNode(self.iri), RDFS + "comment", Literal(sentence, language="en"))

    def add_table(self, source: Table) -> None:
        """The triples maps of a table: its rows, its inverse links and its lists, or its plain links."""
        columns = self.database.columns_of(source)
        if source.subject:
            self._add_junction(source, source.subject, columns)
            return
        single = [c for c in columns if not c.repeated]
        cells = [f"s.{name(source.key)}", *(cell_sql(self.database, c) for c in single)]
        view = self._add_view(source, source.name, dict.fromkeys(cells))
        row = self._entity(source.class_iri, source.key)
        subject_map = {"template": row, "class": NamedNode(source.class_iri)}
        forward = [self._predicate_object_map(c, self._object_map(c)) for c in single if not c.inverse]
        self._add_triples_map(source, source.name, view, subject_map, forward)
        for link in (c for c in single if c.inverse):
            parent = {"template": self._entity(link.target, link.name)}
            child = [self._predicate_object_map(link, {"template": row})]
            self._add_triples_map(source, f"{source.name}.{link.name}", view, parent, child)
        for column in (c for c in columns if c.repeated):
            self._add_list(source, column)

    def _add_junction(self, source: Table, subject: Column, columns: Iterable[Column]) -> None:
        if not (self.database.has(source, subject.name) and self.database.has(self.database.target_of(subject))):
            return
        for link in columns:
            view = self._add_view(source, source.name, [cell_sql(self.database, c) for c in (subject, link)])
            start, end = (link, subject) if link.inverse else (subject, link)
            subject_map = {"template": self._entity(start.target, start.name)}
            links = [self._predicate_object_map(link, self._object_map(end))]
            self._add_triples_map(source, source.name, view, subject_map, links)

    def _add_list(self, source: Table, column: Column) -> None:
        """The elements of a list, one row each."""
        cells = [f"s.{name(source.key)}", cell_sql(self.database, column, alias="e")]
        start = f" CROSS JOIN unnest(s.{name(column.name)}) AS e({name(column.name)})"
        view = self._add_view(source, f"{source.name}.{column.name}", cells, start=start)
        subject_map = {"template": self._entity(source.class_iri, source.key)}
        elements = [self._predicate_object_map(column, self._object_map(column))]
        self._add_triples_map(source, f"{source.name}.{column.name}", view, subject_map, elements)

    def _add_view(self, source: Table, map_name: str, cells: Iterable[str], *, start: str = "") -> NamedNode:
        view = NamedNode(f"{self.iri}#{map_name}-view")
        sql = view_sql(self.database, source, cells, base=self.base, start=start)
        self._add(view, RR + "sqlQuery", Literal(sql))
        return view

    def _add_triples_map(
        self, source: Table, map_name: str, view: NamedNode, subject_map: Mapping[str, object], maps: list[BlankNode]
    ) -> None:
        graph: dict[str, object] = {"graphMap": self._node({"column": GRAPH})}
        if source.tenancy == "Shared":
            graph = {"graph": NamedNode(f"{self.base}graph/shared")}
        elif not may_be_shared(self.database, source):
            graph = {"graphMap": self._node({"template": f"{self.base}graph/{{{TENANT}}}/asserted"})}
        node = NamedNode(f"{self.iri}#{map_name}")
        self._add(node, RR + "logicalTable", view)
        self._add(node, RR + "subjectMap", self._node({**subject_map, **graph}))
        for predicate_object_map in maps:
            self._add(node, RR + "predicateObjectMap", predicate_object_map)

    def _entity(self, class_iri: str, column: str) -> str:
        """The template of an entity's IRI."""
        return f"{self.base}{self.database.vocabulary.class_step(class_iri)}/{{{column}}}"

    def _object_map(self, column: Column) -> dict[str, object]:
        if column.kind == "link":
            return {"template": self._entity(column.target, column.name)}
        if column.kind == "code":
            return {"template": f"{column.scheme}/{{{column.name}}}"}
        return {"column": column.name, "datatype": NamedNode(column.datatype)}

    def _predicate_object_map(self, column: Column, object_map: Mapping[str, object]) -> BlankNode:
        return self._node({"predicate": NamedNode(column.path), "objectMap": self._node(object_map)})

    def _node(self, properties: Mapping[str, object]) -> BlankNode:
        """A new blank node with properties of R2RML; texts become literals."""
        node = BlankNode()
        for local_name, value in properties.items():
            self._add(node, RR + local_name, Literal(value) if isinstance(value, str) else value)
        return node

    def _add(self, subject: NamedNode | BlankNode, predicate: str, value: object) -> None:
        self.triples.append(Triple(subject, NamedNode(predicate), value))  # type: ignore[arg-type]
