"""What is said of one term: a class, a property, a code list or another thing, as a section of a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import BlankNode, Literal, NamedNode

from jobgraph.exports.markup import Child, Markup, join, said, tag
from jobgraph.exports.ontology_docs.headings import FROM_TERM, TO_TERM
from jobgraph.exports.ontology_docs.reference import (
    CLASS,
    CONCEPT,
    LINK,
    OWL,
    PROPERTIES,
    SCHEME,
    TYPE,
    Field,
    Reference,
    Rule,
    anchor,
    short,
)
from jobgraph.vocabulary import JG, RDFS, SH, SKOS, XSD
from jobgraph.vocabulary.graph import Term

_KIND_NAMES = {
    CLASS: "class",
    LINK: "link to things or codes",
    f"{OWL}DatatypeProperty": "property with values",
    f"{OWL}AnnotationProperty": "annotation",
    SCHEME: "code list",
    CONCEPT: "code",
}
_SEVERITIES = {f"{SH}Warning": "Warning", f"{SH}Info": "Hint"}
_ELSEWHERE = {"Codes", "Its terms", "Defined in"}  # what the place of a section shows already
_FEW = 6  # values one below the other
_SAID_BY_CODES = {
    TYPE,
    f"{RDFS}label",
    f"{RDFS}isDefinedBy",
    *(f"{SKOS}{name}" for name in ("definition", "notation", "hiddenLabel", "altLabel", "inScheme", "broader")),
    *(f"{SKOS}{name}" for name in ("narrower", "topConceptOf", "prefLabel")),
}


def kind_name(kind: str) -> str:
    """What a reader calls a kind of term."""
    return _KIND_NAMES.get(kind, "named thing")


def link(reference: Reference, iri: str) -> Markup:
    """The name of a term, which leads to where it is described."""
    address = reference.address(iri)
    if address:
        return tag("a", said(reference.name(iri)), href=address)
    if iri.startswith(("https://", "http://")) and not iri.startswith(XSD):
        return tag("a", said(reference.name(iri)), href=iri, rel="external noopener noreferrer")
    return tag("code", said(reference.name(iri)))


def scrolling(table: Markup | None, name: str) -> Markup | None:
    """A table that is moved sideways where the page is narrow, also with the keyboard."""
    return tag("div", table, class_="wide", role="region", aria_label=name, tabindex=0) if table else None


def class_section(reference: Reference, iri: str) -> Markup:
    """A class: what it means, where its things come from, what is said of them and what must hold."""
    table = reference.table(iri)
    source: list[tuple[str, list[Markup]]] = []
    if table:
        step = reference.vocabulary.class_step(iri)
        owner = reference.definition(f"{JG}{table.tenancy}Tenancy")
        source = [
            ("Source table", [join(tag("code", table.name), ", key ", tag("code", table.key))]),
            ("IRIs of its things", [join(tag("code", f"…/{step}/{{{table.key}}}"))]),
            ("Whose it is", [said(owner)] if owner else []),
        ]
    left_out = [join(tag("code", name), f": {why}") for name, why in reference.left_out(iri)]
    source.append(("Columns left out", left_out))
    return _section(
        reference,
        iri,
        _fact_list([*_facts(reference, iri), *source, *_used_properties(reference, iri)]),
        _field_table(reference, iri),
        _rule_list(reference.rules(iri)),
    )


def property_section(reference: Reference, iri: str) -> Markup:
    """A property: what it means, what it is said of, its values, and the columns that they come from."""
    chains = [join(_chain(reference, steps)) for steps in reference.chains(iri)]
    columns = [tag("code", column) for column in reference.columns(iri)]
    return _section(
        reference, iri, _fact_list([*_facts(reference, iri), ("Follows from", chains), ("Columns", columns)])
    )


def code_list_section(reference: Reference, iri: str) -> Markup:
    """A code list with its codes, narrower ones below the broader."""
    uses = [link(reference, use) for use in reference.code_list_uses(iri)]
    columns = [tag("code", column) for column in reference.columns(iri)]
    rows = [_code_row(reference, concept, depth) for concept, depth in ordered_codes(reference, iri)]
    head = tag("thead", tag("tr", [tag("th", name, scope="col") for name in _CODE_COLUMNS]))
    table = tag("table", head, tag("tbody", rows), class_="codes") if rows else None
    return _section(
        reference,
        iri,
        _fact_list([*_facts(reference, iri), ("Values of", uses), ("Columns", columns)]),
        scrolling(table, f"Codes of {reference.name(iri)}"),
    )


def thing_section(reference: Reference, iri: str) -> Markup:
    """A thing that the ontology names: all that is said of it."""
    shown = {f"{RDFS}label", f"{SKOS}definition", f"{RDFS}isDefinedBy", TYPE}
    rows = [
        (reference.name(property_), [_value(reference, term) for term in reference.values(iri, [property_])])
        for property_ in reference.graph.facts[NamedNode(iri)]
        if property_ not in shown
    ]
    return _section(reference, iri, _fact_list(sorted(rows, key=lambda row: row[0])))


_CODE_COLUMNS = ("Code", "Name", "Meaning", "Also written")


def ordered_codes(reference: Reference, scheme: str) -> Iterator[tuple[str, int]]:
    """The codes of a list with their depth, each broader one before its narrower ones, else by rank or name."""
    codes = reference.subjects(scheme, [f"{SKOS}inScheme"])
    narrower: dict[str, list[str]] = {code: [] for code in codes}
    tops = []
    for code in codes:
        broader = [term.value for term in reference.values(code, [f"{SKOS}broader"]) if term.value in narrower]
        broader += [other for other in reference.subjects(code, [f"{SKOS}narrower"]) if other in narrower]
        for other in dict.fromkeys(broader):
            narrower[other].append(code)
        if not broader:
            tops.append(code)
    seen: set[str] = set()
    # Codes in a circle have no top; they come last.
    for top in [*tops, *codes]:
        waiting = [(top, 0)]
        while waiting:
            code, depth = waiting.pop()
            if code not in seen:
                seen.add(code)
                yield code, depth
                waiting += [(inner, depth + 1) for inner in reversed(narrower[code])]


def _section(reference: Reference, iri: str, *content: Child) -> Markup:
    name, place = reference.name(iri), anchor(iri)
    kinds = [kind_name(kind.value) for kind in reference.graph.all(NamedNode(iri), TYPE) if kind.value in _KIND_NAMES]
    badges = kinds or [link(reference, kind) for kind in _types(reference, iri)]
    personal = [tag("span", "personal data", class_="badge warn")] if _is_personal(reference, iri) else []
    return tag(
        "section",
        tag(
            "h3",
            said(name),
            " ",
            tag("code", short(iri)),
            " ",
            tag("a", "#", href=f"#{(reference.address(iri) or '#').partition('#')[2]}", aria_label=f"Link to {name}"),
        ),
        tag("p", [(tag("span", badge, class_="badge"), " ") for badge in badges], personal, class_="badges"),
        tag("p", said(reference.definition(iri)), class_="lead") if reference.definition(iri) else None,
        *content,
        id=place,
        class_="term",
        aria_label=name,
    )


def _types(reference: Reference, iri: str) -> list[str]:
    return [kind.value for kind in reference.graph.all(NamedNode(iri), TYPE) if kind.value != f"{OWL}NamedIndividual"]


def _is_personal(reference: Reference, iri: str) -> bool:
    return reference.graph.text(NamedNode(iri), f"{JG}personalData") == "true"


def _facts(reference: Reference, iri: str) -> Iterator[tuple[str, list[Markup]]]:
    for title, properties in FROM_TERM.items():
        if title not in _ELSEWHERE:
            yield title, [_value(reference, term) for term in reference.values(iri, properties)]
    for title, properties in TO_TERM.items():
        if title not in _ELSEWHERE:
            yield title, [link(reference, subject) for subject in reference.subjects(iri, properties)]


def _used_properties(reference: Reference, iri: str) -> Iterator[tuple[str, list[Markup]]]:
    """The properties that are said of things of a class and no column states, and those that lead to it."""
    stated = {field.column.path for field in reference.fields(iri) if not field.column.inverse}
    own = [each for each in reference.subjects(iri, [f"{RDFS}domain"]) if each not in stated]
    yield "Also said of it", [link(reference, each) for each in own]
    yield "Led to by", [link(reference, each) for each in reference.subjects(iri, [f"{RDFS}range"])]


def _value(reference: Reference, term: Term) -> Markup:
    if isinstance(term, Literal):
        return tag("bdi", term.value, lang=term.language if term.language != "en" else None)
    return said("(a condition)") if isinstance(term, BlankNode) else link(reference, term.value)


def _chain(reference: Reference, steps: Sequence[tuple[str, bool]]) -> Iterator[Child]:
    for number, (iri, is_inverse) in enumerate(steps):
        yield ", then " if number else ""
        yield "backwards along " if is_inverse else ""
        yield link(reference, iri)


def _fact_list(rows: Iterable[tuple[str, list[Markup]]]) -> Markup | None:
    shown = [tag("div", tag("dt", title), _each(values)) for title, values in rows if values]
    return tag("dl", shown) if shown else None


def _each(values: list[Markup]) -> list[Markup]:
    if len(values) <= _FEW:
        return [tag("dd", value) for value in values]
    return [tag("dd", tag("ul", [tag("li", value) for value in values], class_="columns"))]


def _field_table(reference: Reference, iri: str) -> Markup | None:
    fields = reference.fields(iri)
    if not fields:
        return None
    names = ("Property", "Values", "How many", "Column", "What must hold")
    head = tag("thead", tag("tr", [tag("th", name, scope="col") for name in names]))
    rows = [_field_row(reference, field) for field in fields]
    return scrolling(tag("table", head, tag("tbody", rows)), f"What is stated of {reference.name(iri)}")


def _field_row(reference: Reference, field: Field) -> Markup:
    column = field.column
    name = link(reference, column.path)
    shown = join("of ", link(reference, field.values), " by ", name) if column.inverse else name
    personal = tag("span", "personal data", class_="badge warn") if column.personal else None
    return tag(
        "tr",
        tag("th", shown, personal, scope="row"),
        tag("td", link(reference, field.values)),
        tag("td", field.count),
        tag("td", tag("code", field.place), class_="column"),
        tag("td", _rule_words(Rule(column.message, column.severity))),
    )


def _rule_words(rule: Rule) -> Markup:
    severity = _SEVERITIES.get(rule.severity)
    return join(tag("b", f"{severity}: ") if severity else None, said(rule.message))


def _rule_list(rules: Sequence[Rule]) -> Markup | None:
    if not rules:
        return None
    return join(tag("h4", "What else must hold"), tag("ul", [tag("li", _rule_words(rule)) for rule in rules]))


def _code_row(reference: Reference, iri: str, depth: int) -> Markup:
    def texts(name: str) -> str:
        return ", ".join(term.value for term in reference.values(iri, [f"{SKOS}{name}"]))

    spellings = [tag("bdi", term.value) for term in reference.values(iri, [f"{SKOS}hiddenLabel", f"{SKOS}altLabel"])]
    further = [
        (reference.name(each), [_value(reference, term) for term in reference.values(iri, [each])])
        for each in sorted(reference.graph.facts[NamedNode(iri)].keys() - _SAID_BY_CODES)
    ]
    return tag(
        "tr",
        tag("th", tag("code", texts("notation") or anchor(iri)), scope="row", class_=f"depth-{min(depth, 5)}"),
        tag("td", said(reference.name(iri))),
        tag("td", said(reference.definition(iri)), _fact_list(further)),
        tag("td", [(", " if number else None, spelling) for number, spelling in enumerate(spellings)]),
        id=anchor(iri),
    )


SECTIONS = {
    CLASS: class_section,
    **dict.fromkeys(PROPERTIES, property_section),
    SCHEME: code_list_section,
    "": thing_section,
}
