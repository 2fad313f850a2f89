"""A tenant's knowledge graph in Python: questions, analyses, entities, plots and other libraries' graphs."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import polars as pl

from jobgraph.analysis import ANALYSES, Source, analyze, find_analysis, open_source, read_network, to_networkx
from jobgraph.api.answers import Answer
from jobgraph.api.entity import Entity, sorted_entities
from jobgraph.api.html import to_html
from jobgraph.api.reader import Reader
from jobgraph.api.tables import to_table
from jobgraph.api.values import to_choices, to_term
from jobgraph.questions import Question, answer, find_question, read_questions
from jobgraph.store import Generation, Tenant, run_query
from jobgraph.vocabulary import Vocabulary

if TYPE_CHECKING:
    from networkx import MultiDiGraph
    from rdflib import Graph as RdflibGraph

    from jobgraph.plots import Plot


class KnowledgeGraph:
    """The published graph of one tenant; open it with `jobgraph.open`.

    It is read-only, and stays as it was opened, whatever is published later. `kg.personas`, `kg.jobs` and so on list
    the entities of each class of the ontology, `kg.persona("name")`, `kg.job("code")` find one.

    >>> kg.slug, kg.generation
    ('northwind-bio', '000001')
    >>> [persona.name for persona in kg.personas][0]
    'Ansel the Protocol Pragmatist'
    """

    def __init__(self, tenant: Tenant, generation: Generation, vocabulary: Vocabulary) -> None:
        self._tenant, self._vocabulary = tenant, vocabulary
        self._reader = Reader(generation, vocabulary)

    @property
    def slug(self) -> str:
        """The short name of the tenant."""
        return self._tenant.slug

    @property
    def generation(self) -> str:
        """The name of the generation that is open."""
        return self._reader.generation.name

    @property
    def generations(self) -> list[str]:
        """The names of all generations that there are, the oldest first."""
        return [generation.name for generation in self._tenant.generations()]

    @property
    def counts(self) -> Mapping[str, int]:
        """The number of entities by class, the largest first."""
        return dict(self._reader.counts)

    @cached_property
    def _source(self) -> Source:
        return open_source(self._reader.store, self._reader.graphs)

    @cached_property
    def _questions(self) -> Mapping[str, Question]:
        return read_questions(self._vocabulary)

    @property
    def questions(self) -> pl.DataFrame:
        """The questions that `ask` answers: name, text, and the parameters that they take."""
        rows = [(q.name, q.text, [parameter.name for parameter in q.parameters]) for q in self._questions.values()]
        return pl.DataFrame(rows, schema={"question": str, "text": str, "parameters": pl.List(pl.String)}, orient="row")

    def query(self, sparql: str, /, **values: object) -> pl.DataFrame:
        """The answer to a SPARQL query as a polars table with typed columns; the usual prefixes need no declaration.

        Parameters
        ----------
        values : an entity, text, number, date or boolean, by the name of the variable that it stands for, which
            SELECT must name.

        Raises
        ------
        UsageError : the query does not parse, SELECT lacks a variable that has a value, or the value is none that a
            graph can hold.

        >>> text = "SELECT ?job ?importance { ?job jg:hasOutcome/jg:importanceScore ?importance } ORDER BY ?importance"
        >>> kg.query(text).schema
        Schema([('job', String), ('importance', Decimal(precision=38, scale=1))])
        """
        terms = {name: to_term(value) for name, value in values.items()}
        # Consumed here, in the thread that asked: another one would end the process.
        found = run_query(self._reader.store, sparql, graphs=self._reader.graphs, substitutions=terms)
        return to_table(found.columns, found.rows())

    def ask(self, question: str, /, **values: object) -> Answer:
        """The answer to a named question; `questions` lists them.

        Parameters
        ----------
        values : the parameters of the question by name; entities by object, IRI, code or name.

        Raises
        ------
        UsageError : the question or a parameter is unknown, or a value does not fit.

        >>> kg.ask("jobs_of_persona", persona="Wren the Curious Liaison").text
        'Which jobs does a persona do, and how does each come to it?'
        """
        found = find_question(self._questions, question)
        texts = {name: value.iri if isinstance(value, Entity) else value for name, value in values.items()}
        given = answer(self._reader.store, self._reader.graphs, found, texts)
        table = to_table(given.columns, given.rows)
        return Answer(found.text, table, {}, given.notes, self._reader.graphs.base, self._vocabulary)

    @property
    def analyses(self) -> pl.DataFrame:
        """The analyses that `analyze` runs: name, what each gives, and the choices that it takes."""
        rows = [(found.name, found.sentence, list(found.takes)) for found in ANALYSES.values()]
        return pl.DataFrame(rows, schema={"analysis": str, "gives": str, "takes": pl.List(pl.String)}, orient="row")

    def analyze(self, analysis: str, /, **choices: object) -> Answer:
        """The answer of a named analysis; `analyses` lists them with what they take.

        Parameters
        ----------
        choices : by name; entities by object, IRI, code or name.

        Raises
        ------
        UsageError : the analysis or a choice is unknown, or a choice does not fit.

        >>> kg.analyze("ranking", by="role", limit=1).table["name"].to_list()
        ['Real-World Evidence Lead']
        """
        found = find_analysis(analysis)
        given = analyze(self._source, found.name, to_choices(choices))
        return Answer(found.sentence, given.table, given.units, given.notes, self._reader.graphs.base, self._vocabulary)

    def opportunities(self, *, by: str | None = None, scheme: str | None = None, limit: int | None = None) -> Answer:
        """Outcomes by opportunity; or jobs, roles, personas, departments, functions or domains, as `by` says.

        >>> kg.opportunities(limit=1).table["opportunity"].to_list()
        [Decimal('15.800000')]
        """
        if by is None:
            return self.analyze("opportunities", scheme=scheme, limit=limit)
        return self.analyze("ranking", by=by, scheme=scheme, limit=limit)

    def gaps(self, *, levels: Mapping[str, str] | None = None) -> Answer:
        """Demand, coverage and gap of every job.

        Parameters
        ----------
        levels : what if these capabilities had these levels of maturity? Then only the jobs whose gap changes.

        >>> kg.gaps(levels={"Insight Synthesis": "expert"}).table.columns[:4]
        ['job', 'before', 'after', 'change']
        """
        return self.analyze("what-if", levels=levels) if levels else self.analyze("gaps")

    def inheritance(self) -> Answer:
        """Every persona with every job that it does: inherited from its role, direct, or both.

        >>> sorted(set(kg.inheritance().table["how"]))
        ['both', 'direct', 'inherited']
        """
        return self.analyze("inheritance")

    def dependencies(self, of: str | Entity | None = None) -> Answer:
        """All jobs in an order that keeps their dependencies; or what one job waits for, with the path to each.

        >>> kg.dependencies("PHARMA_MA_PUB_001").table.height > 0
        True
        """
        return self.analyze("order") if of is None else self.analyze("waits-for", entity=of)

    def coverage(self, *, by: str = "tenant") -> Answer:
        """How far the seven steps of the collection are, by tenant, function, department or role.

        >>> kg.coverage().table["step"].to_list()
        [1, 2, 3, 4, 5, 6, 7]
        """
        return self.analyze("progress", by=by)

    def findings(self) -> pl.DataFrame:
        """What the build stated that breaks a shape, the gravest first: what, where, and which rule.

        >>> kg.findings().columns
        ['severity', 'focus', 'path', 'value', 'component', 'shape', 'message']
        """
        from jobgraph.api.quality import read_findings

        return read_findings(self._reader.generation.path)

    def quarantined(self) -> pl.DataFrame:
        """What the build could not state: table, key, column, value and rule of each cell and row.

        >>> kg.quarantined().height
        0
        """
        from jobgraph.api.quality import read_quarantined

        return read_quarantined(self._reader.generation.path)

    def network(self, name: str) -> MultiDiGraph[str]:
        """A network as a graph of networkx, with IRIs as nodes: dependencies, work, organization and others.

        >>> kg.network("dependencies").number_of_edges()
        48
        """
        return to_networkx(read_network(self._source.views, name))

    def plot(self, name: str, *, scheme: str | None = None, by: str | None = None, top: int | None = None) -> Plot:
        """A plot that shows itself in a notebook, without a network: `save` writes SVG, PNG or HTML.

        Parameters
        ----------
        name : landscape, ranking, dependencies, gaps, inheritance or coverage.
        by : the kind of groups, where the plot has any.
        top : how many things it shows or lists.

        Raises
        ------
        UsageError : there is no such plot, or nothing to draw.

        >>> kg.plot("landscape").to_png()[1:4]
        b'PNG'
        """
        from jobgraph.plots import Subject, draw_plot

        return draw_plot(name, Subject(self._source, scheme, by, top))

    def entity(self, name: str) -> Entity:
        """The entity of any class with this IRI, code or name.

        Raises
        ------
        UsageError : there is none, or several have the name.

        >>> kg.entity("PHARMA_MA_PUB_001")
        <Job 'Publish study results in peer-reviewed journals'>
        """
        return Entity(self._reader, self._reader.find(name))

    def rdflib(self) -> RdflibGraph:
        """A read-only graph of rdflib over the open store: what is stated and what follows from it, as one.

        Nothing is copied, so it opens at once whatever the size. rdflib's own SPARQL on it is many times slower than
        `query`.

        >>> from rdflib import RDFS, Literal
        >>> next(kg.rdflib().subjects(RDFS.label, Literal("Wren the Curious Liaison"))) is not None
        True
        """
        from jobgraph.api.rdflib_store import to_rdflib_graph

        return to_rdflib_graph(self._reader.store, self._reader.graphs)

    def at(self, generation: str | int) -> KnowledgeGraph:
        """The same tenant as it was at another generation.

        Raises
        ------
        UsageError : there is none of this name or number, or it was pruned.

        >>> kg.at(1).generation
        '000001'
        """
        return KnowledgeGraph(self._tenant, self._tenant.generation(generation), self._vocabulary)

    def close(self) -> None:
        """Let go of the generation, so that it may be pruned; done by itself at the end of a `with` block."""
        self._reader.close()

    def __enter__(self) -> KnowledgeGraph:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 a list of entities or a way to find one, by the ontology
        if name.startswith("_"):
            raise AttributeError(name)
        names = self._reader.names
        if name in names.plural:
            return sorted_entities(Entity(self._reader, node) for node in self._reader.members(names.plural[name]))
        if name in names.singular:
            return partial(self._find, names.singular[name])
        near = get_close_matches(name, dir(self), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "see dir() of it."
        raise AttributeError(f"The graph of {self.slug} has no {name}; {hint}")

    def __dir__(self) -> list[str]:
        own = (name for name in super().__dir__() if not name.startswith("_"))
        return sorted({*own, *self._reader.names.plural, *self._reader.names.singular})

    def __repr__(self) -> str:
        return f"<KnowledgeGraph {self.slug} {self.generation}>"

    def _repr_html_(self) -> str:
        return to_html(self)

    def _find(self, class_iri: str, name: str) -> Entity:
        return Entity(self._reader, self._reader.naming.entity(class_iri, name))
