from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from itertools import product
from operator import add

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store
from tests.exports.profiles import BASE, JOBS, KEY, NAMES, generation, profile_text, store_of, to_profile, written

from jobgraph.errors import UsageError
from jobgraph.exports import ClassRule, Mask, Profile, Selection, profile_names, read_profile
from jobgraph.exports.profile import GraphKind
from jobgraph.exports.terms import Terms
from jobgraph.store import Home
from jobgraph.vocabulary import JG, RDF, RDFS, SKOS, XSD, Vocabulary

TYPE, LABEL = RDF + "type", RDFS + "label"
ASSERTED = NamedNode(NAMES.asserted)
GRAPHS: Mapping[GraphKind, NamedNode] = {
    "asserted": ASSERTED,
    "inferred": NamedNode(NAMES.inferred),
    "reference": NamedNode(NAMES.shared),
}
CODE = NamedNode("https://w3id.org/jobgraph/code/colour/red")
CODES = [Quad(CODE, NamedNode(SKOS + "notation"), Literal("red"), NamedNode(NAMES.ontology))]


def select(store: Store, profile: Profile, vocabulary: Vocabulary, key: bytes | None = KEY) -> Selection:
    return Selection(store, generation(), profile, vocabulary=vocabulary, key=key)


def thing(step: str, name: object) -> NamedNode:
    return NamedNode(f"{BASE}{step}/{name}")


def quad(subject: NamedNode, property_: str, value: object, graph: NamedNode = ASSERTED) -> Quad:
    term = value if isinstance(value, NamedNode | Literal | BlankNode) else Literal(str(value))
    return Quad(subject, NamedNode(property_), term, graph)


# A planted marker says where it stands, so that it tells by itself whether it may be found outside.


def marker(class_iri: str, property_: str, place: str) -> Literal:
    return Literal(f"marker|{class_iri}|{property_}|{place}")


OTHER_PLACES: Mapping[str, NamedNode | DefaultGraph] = {
    "metadata": NamedNode(NAMES.metadata),
    "other tenant": NamedNode(f"{BASE}graph/other/asserted"),
    "own graph": NamedNode(f"{BASE}graph/acme/mine"),
    "unnamed": DefaultGraph(),
}


def planted(terms: Terms) -> Iterator[Quad]:
    """For each class a thing with a marker in each property, and links to a thing of each other class."""
    places = {**{str(kind): graph for kind, graph in GRAPHS.items()}, **OTHER_PLACES}
    classes = sorted(terms.own_classes)
    things = {class_iri: thing("thing", class_iri.rpartition("/")[2]) for class_iri in classes}
    properties = sorted(terms.properties - {TYPE})
    links = sorted(terms.links)
    for number, class_iri in enumerate(classes):
        node = things[class_iri]
        yield Quad(node, NamedNode(TYPE), NamedNode(class_iri), ASSERTED)
        for path in properties:
            yield Quad(node, NamedNode(path), marker(class_iri, path, "asserted"), ASSERTED)
        for (place, graph), path in product(places.items(), sorted(terms.properties_of(class_iri))):
            yield Quad(node, NamedNode(path), marker(class_iri, path, place), graph)
            yield Quad(node, NamedNode(path), BlankNode(), graph)
        for step, path in enumerate(links):
            yield Quad(node, NamedNode(path), things[classes[(number + step) % len(classes)]], ASSERTED)
    for place, graph in places.items():
        stray = thing("thing", f"stray-{place.replace(' ', '-')}")
        yield Quad(stray, NamedNode(LABEL), marker("none", LABEL, place), graph)
        if graph not in (ASSERTED, *GRAPHS.values()):
            yield Quad(stray, NamedNode(TYPE), NamedNode(JG + "Job"), graph)


@pytest.fixture(scope="module")
def terms(shipped_vocabulary: Vocabulary) -> Terms:
    return Terms(shipped_vocabulary)


@pytest.fixture(scope="module")
def planted_store(terms: Terms) -> Store:
    return store_of(planted(terms))


OWN = profile_text(
    "ex:some a sh:NodeShape ; sh:targetClass jg:Job , jg:Persona , jg:Outcome ; jg:includesAllProperties true ; "
    "jg:excludesProperty jg:notes , jg:situation ."
    "ex:few a sh:NodeShape ; sh:targetClass jg:Role ;"
    " sh:property [ sh:path jg:reportsToRole ] , [ sh:path rdfs:label ] ."
    "ex:users a sh:NodeShape ; sh:targetClass jg:User ; jg:isPseudonymised true ; jg:includesAllProperties true .",
    graphs="jg:InferredGraph , jg:AssertedGraph",
)


@pytest.mark.parametrize("name", [*profile_names(), "own"])
def test_no_marker_leaves_that_the_profile_does_not_let_out(
    name: str,
    planted_store: Store,
    terms: Terms,
    shipped_vocabulary: Vocabulary,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    own = written(tmp_path_factory.mktemp("own"), OWN)
    profile = read_profile(own if name == "own" else name, vocabulary=shipped_vocabulary)
    found = set()
    classes: dict[object, str] = {}
    selection = select(planted_store, profile, shipped_vocabulary)
    leaving = {node for nodes in selection.things().values() for node in nodes}
    for quad_ in selection.quads():
        assert quad_.subject in leaving
        if isinstance(quad_.object, Literal):
            found.add(tuple(quad_.object.value.split("|")[1:]))
        elif quad_.predicate.value == TYPE:
            classes[quad_.subject] = str(quad_.object)
        else:
            assert quad_.object in leaving
    places = profile.graphs & {"asserted", "inferred", "reference"}
    asserted = {(c, p, "asserted") for c, rule in profile.classes.items() for p in rule.properties if p != TYPE}
    others = {(c, p, g) for c, p, g in _known(profile, terms) if g in places}
    expected = (asserted if "asserted" in places else set()) | others
    if places != {"reference"}:  # where things are not stated to be of a class, nothing leaves
        assert found == expected
        assert set(classes.values()) == {f"<{iri}>" for iri in profile.classes}
    else:
        assert found == set()


def _known(profile: Profile, terms: Terms) -> Iterator[tuple[str, str, str]]:
    for class_iri, rule in profile.classes.items():
        for path in rule.properties.keys() & terms.properties_of(class_iri):
            yield from ((class_iri, path, kind) for kind in GRAPHS)


@pytest.mark.parametrize("name", ["open", "partner"])
def test_personal_data_never_leave_to_others(name: str, shipped_vocabulary: Vocabulary) -> None:
    profile = read_profile(name, vocabulary=shipped_vocabulary)
    personal = {(t.class_iri, c.path) for t in shipped_vocabulary.tables.values() for c in t.columns if c.personal}
    let_out = {(class_iri, path) for class_iri, rule in profile.classes.items() for path in rule.properties}
    assert personal
    assert not personal & let_out
    assert not {class_iri for class_iri, _ in personal} & profile.classes.keys()


def test_partner_lets_out_no_free_form_data(shipped_vocabulary: Vocabulary) -> None:
    rules = read_profile("partner", vocabulary=shipped_vocabulary).classes
    columns = [(t.class_iri, c) for t in shipped_vocabulary.tables.values() for c in t.columns]
    free = {(class_iri, c.path) for class_iri, c in columns if c.datatype == RDF + "JSON"}
    assert not free & {(class_iri, path) for class_iri, rule in rules.items() for path in rule.properties}


# The law: what is selected is what a plain reading of the rules gives, over any graph.

CLASSES = [f"https://x.example/class/{name}" for name in "ABC"]
PATHS = [f"https://x.example/property/{name}" for name in "pqr"]
NODES = [thing("thing", name) for name in "abcde"]
PAGES = [NamedNode("https://web.example/page"), NamedNode("mailto:a@b.example"), NamedNode("HTTPS://X.example/ID/b")]
texts = st.sampled_from(["one", "two words"]).map(Literal)
tagged = st.builds(
    lambda text, tag: Literal(text, language=tag), st.sampled_from("xy"), st.sampled_from(["en", "de-at"])
)
dates = st.sampled_from(["2025-01-02", "2025-01-30", "2024-12-31"]).map(
    lambda text: Literal(text, datatype=NamedNode(XSD + "date"))
)
values = st.one_of(
    texts,
    tagged,
    dates,
    st.sampled_from([*NODES, *PAGES, CODE, NamedNode(f"{BASE}unknown/1")]),
    st.just(BlankNode("n")),
)
# Weighted, so that most of what is drawn is near to leaving: on things that leave, by properties that do.
graph_names = st.sampled_from(
    [*[ASSERTED] * 5, *GRAPHS.values(), NamedNode(NAMES.metadata), NamedNode(f"{BASE}graph/mine")]
)
subjects = st.sampled_from([*NODES[:2] * 4, *NODES, BlankNode("s")])
statements = st.builds(Quad, subjects, st.sampled_from(PATHS).map(NamedNode), values, graph_names)
typings = st.builds(
    lambda node, class_iri, graph: Quad(node, NamedNode(TYPE), NamedNode(class_iri), graph),
    subjects,
    st.sampled_from(CLASSES),
    graph_names,
)
masks = st.sampled_from(
    [None, None, None, None, Mask("pseudonym"), Mask("coarse", precision="month"), Mask("coarse", length=3)]
)
rules = st.builds(
    lambda class_iri, properties, excluded, pseudonym: ClassRule(
        class_iri,
        {TYPE: None} | {path: mask for path, mask in properties.items() if path not in excluded},
        (),
        pseudonym,
        frozenset(excluded),
    ),
    st.sampled_from(CLASSES),
    st.dictionaries(st.sampled_from(PATHS), masks, min_size=2),
    st.sampled_from([(), (), (PATHS[0],)]),
    st.booleans(),
)
profiles = st.builds(
    lambda found, graphs, base, languages, excluded: to_profile(
        found,
        graphs,
        base=base,
        languages=languages,
        excluded_classes=frozenset(excluded) - {r.class_iri for r in found},
    ),
    st.lists(rules, min_size=1, max_size=3, unique_by=lambda rule: rule.class_iri),
    st.sampled_from([{"asserted"}, {"asserted", "inferred"}, {"inferred"}, {"reference"}, set(GRAPHS)]),
    st.sampled_from([None, "https://partner.example/"]),
    st.sampled_from([(), ("en",)]),
    st.sets(st.sampled_from(CLASSES), max_size=1),
)
graphs_ = st.builds(add, st.lists(typings, min_size=4, max_size=12), st.lists(statements, min_size=12, max_size=40))


def plain_reading(profile: Profile, quads: list[Quad], selection: Selection) -> set[Quad]:
    """Quad by quad, by the words of the profile; names and masks are those of the selection."""
    typed_in = (
        set(GRAPHS.values())
        if "inferred" in profile.graphs
        else {GRAPHS[kind] for kind in profile.graphs if kind in GRAPHS}
    )
    classes: dict[object, set[str]] = {}
    for q in quads:
        if q.predicate.value == TYPE and q.graph_name in typed_in and isinstance(q.subject, NamedNode):
            classes.setdefault(q.subject, set()).add(str(q.object)[1:-1])
    leaving = {
        node: [profile.classes[c] for c in sorted(found & profile.classes.keys())]
        for node, found in classes.items()
        if found & profile.classes.keys() and not found & profile.excluded_classes
    }
    outside = selection._things.outside
    assert outside.keys() == leaving.keys()
    described: set[object] = {q.subject for q in quads}
    expected = set()
    for q in quads:
        kind = next((kind for kind, graph in GRAPHS.items() if graph == q.graph_name), None)
        if (
            kind is None
            or kind not in profile.graphs
            or not isinstance(q.subject, NamedNode)
            or q.subject not in leaving
        ):
            continue
        its_rules, path = leaving[q.subject], q.predicate.value
        if any(path in rule.excluded for rule in its_rules) or not any(path in rule.properties for rule in its_rules):
            continue
        asked = {mask for rule in its_rules if (mask := rule.properties.get(path))}
        if len(asked) > 1 and Mask("pseudonym") not in asked:
            continue  # two ways to make it coarser, neither of which hides all that the other does
        mask = Mask("pseudonym") if Mask("pseudonym") in asked else next(iter(asked), None)
        value = _read(profile, q.object, path, mask, outside, described)
        if value is not None:
            graph = NamedNode((profile.base or BASE) + GRAPHS[kind].value.removeprefix(BASE))
            expected.add(Quad(outside[q.subject], q.predicate, value, graph))
    return expected


def _read(
    profile: Profile,
    value: object,
    path: str,
    mask: Mask | None,
    outside: Mapping[NamedNode, NamedNode],
    described: set[object],
) -> NamedNode | Literal | None:
    if isinstance(value, NamedNode):
        if path == TYPE:
            return value if value.value in profile.classes else None
        if mask:
            return None
        is_page = value.value == "https://web.example/page" and value not in described
        return outside.get(value) or (value if value == CODE or is_page else None)
    if not isinstance(value, Literal) or (profile.languages and value.language not in (None, "en")):
        return None
    return _masked(value, mask, path)


def _masked(value: Literal, mask: Mask | None, path: str) -> Literal | None:
    from jobgraph.exports.masks import Pseudonyms

    if mask is None:
        return value
    if mask.kind == "pseudonym":
        return Pseudonyms(KEY, "urn:them").of_value(path, value)
    if mask.precision:
        is_date = value.datatype.value == XSD + "date"
        return Literal(value.value[:7], datatype=NamedNode(XSD + "gYearMonth")) if is_date else None
    text = value.value if len(value.value) <= 3 else value.value[:3] + "…"
    if value.language:
        return Literal(text, language=value.language)
    return Literal(text, datatype=value.datatype)


@settings(max_examples=150)
@given(profile=profiles, quads=graphs_, seed=st.integers(0, 9))
def test_selection_is_what_a_plain_reading_of_the_profile_gives(
    shipped_vocabulary: Vocabulary, profile: Profile, quads: list[Quad], seed: int
) -> None:
    selection = select(store_of([*quads, *CODES]), profile, shipped_vocabulary)
    found = list(selection.quads())
    assert set(found) == plain_reading(profile, list(dict.fromkeys(quads)), selection)
    assert len(found) == len(set(found)) == selection.counts.triples
    random.Random(seed).shuffle(quads)
    assert list(select(store_of([*quads, *CODES]), profile, shipped_vocabulary).quads()) == found
    triples = list(selection.triples())
    assert len(triples) == len(set(triples))
    assert set(triples) == {q.triple for q in found}
    assert [str(t.subject)[:-1] for t in triples] == sorted(str(t.subject)[:-1] for t in triples)


# Single behaviours.


def test_a_thing_that_does_not_conform_stays_and_so_do_links_to_it(
    shipped_vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shapes = (
        "ex:jobs a sh:NodeShape ; sh:targetClass jg:Job ; sh:node ex:high ;"
        ' sh:not [ sh:path jg:slug ; sh:hasValue "x" ] ;'
        " sh:property [ sh:path rdfs:label ] , [ sh:path jg:dependsOn ] ."
        "ex:high a sh:NodeShape ; sh:property [ sh:path jg:validationScore ; sh:minInclusive 0.5 ; sh:minCount 1 ] ."
    )
    path = written(tmp_path_factory.mktemp("p"), profile_text(shapes))
    profile = read_profile(path, vocabulary=shipped_vocabulary)
    first, second, third = (thing("job", number) for number in (1, 2, 3))
    quads = [quad(node, TYPE, NamedNode(JG + "Job")) for node in (first, second, third)]
    quads += [
        quad(third, JG + "slug", "x"),
        quad(third, JG + "validationScore", Literal("0.9", datatype=NamedNode(XSD + "decimal"))),
        quad(first, JG + "validationScore", Literal("0.7", datatype=NamedNode(XSD + "decimal"))),
        quad(second, JG + "validationScore", Literal("0.2", datatype=NamedNode(XSD + "decimal"))),
        quad(first, JG + "dependsOn", second),
    ]
    selection = select(store_of(quads), profile, shipped_vocabulary)
    assert selection.things() == {JG + "Job": [first]}
    assert list(selection.quads()) == [quad(first, TYPE, NamedNode(JG + "Job"))]
    assert selection.counts.links_left_out == {JG + "dependsOn": 1}


def test_pseudonyms_need_a_key(shipped_vocabulary: Vocabulary) -> None:
    profile = to_profile([ClassRule(CLASSES[0], {TYPE: None}, pseudonym=True)])
    with pytest.raises(UsageError, match="need a key"):
        select(store_of([]), profile, shipped_vocabulary, key=None)


def test_two_partners_cannot_join_their_pseudonyms(shipped_vocabulary: Vocabulary) -> None:
    store = store_of([quad(NODES[0], TYPE, NamedNode(CLASSES[0]))])
    profile = to_profile([ClassRule(CLASSES[0], {TYPE: None}, pseudonym=True)])
    other = to_profile(profile.classes.values(), policy_of="urn:others")
    first, second = (next(select(store, one, shipped_vocabulary).quads()).subject for one in (profile, other))
    assert first != second
    assert "thing/a" not in f"{first}{second}"


def test_ontology_leaves_whole_in_the_languages_asked_for(shipped_vocabulary: Vocabulary) -> None:
    graph = NamedNode(NAMES.ontology)
    english, german = Literal("red", language="en"), Literal("rot", language="de")
    quads = [*CODES, quad(CODE, LABEL, english, graph), quad(CODE, LABEL, german, graph)]
    selection = select(store_of(quads), to_profile([], ["ontology"], languages=("en",)), shipped_vocabulary)
    assert {q.object for q in selection.quads()} == {Literal("red"), english}
    assert selection.counts.kept_back == {LABEL: 1}


def test_full_lets_all_of_a_tenant_out(sample_home: object, shipped_vocabulary: Vocabulary) -> None:
    current = Home(sample_home).tenant("northwind-bio").current()  # type: ignore[arg-type]
    assert current
    profile = read_profile("full", vocabulary=shipped_vocabulary)
    with current.open() as store:
        selection = Selection(store, current, profile, vocabulary=shipped_vocabulary)
        assert selection.counts.graphs == current.manifest["counts"]
        assert selection.counts.links_left_out == {}


def test_default_is_nothing(shipped_vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = written(tmp_path_factory.mktemp("p"), profile_text(JOBS))
    profile = read_profile(path, vocabulary=shipped_vocabulary)
    assert {iri: set(rule.properties) for iri, rule in profile.classes.items()} == {JG + "Job": {TYPE, LABEL}}


PAGE = NamedNode("https://web.example/page")


@pytest.mark.parametrize(
    ("target", "leaves"),
    [
        pytest.param(NODES[0], True, id="thing_that_leaves"),
        pytest.param(NODES[1], False, id="thing_that_stays"),
        pytest.param(CODE, True, id="code"),
        pytest.param(PAGE, True, id="page"),
        pytest.param(NODES[2], False, id="nothing_known"),
        pytest.param(NamedNode("HTTPS://X.example/ID/job/1"), False, id="base_in_other_letters"),
        pytest.param(NamedNode("mailto:ann@x.example"), False, id="mail"),
        pytest.param(NamedNode("https://web.example/described"), False, id="page_that_the_store_describes"),
        pytest.param(BlankNode(), False, id="blank_node"),
    ],
)
def test_link_leaves_with_its_target_only(
    target: NamedNode | BlankNode, *, leaves: bool, shipped_vocabulary: Vocabulary
) -> None:
    elsewhere = NamedNode(f"{BASE}graph/mine")
    quads = [
        quad(NODES[0], TYPE, NamedNode(CLASSES[0])),
        quad(NODES[1], TYPE, NamedNode(CLASSES[1])),
        quad(NODES[0], PATHS[0], target),
        quad(NamedNode("https://web.example/described"), PATHS[0], "known", elsewhere),
    ]
    profile = to_profile([ClassRule(CLASSES[0], {TYPE: None, PATHS[0]: None})])
    selection = select(store_of([*quads, *CODES]), profile, shipped_vocabulary)
    assert (quads[2] in list(selection.quads())) is leaves


def test_thing_that_is_also_of_an_excluded_class_stays(shipped_vocabulary: Vocabulary) -> None:
    quads = [quad(NODES[0], TYPE, NamedNode(class_iri)) for class_iri in CLASSES[:2]]
    rule = ClassRule(CLASSES[0], {TYPE: None})
    excluded = to_profile([rule], excluded_classes=frozenset({CLASSES[1]}))
    assert list(select(store_of(quads), excluded, shipped_vocabulary).quads()) == []
    assert list(select(store_of(quads), to_profile([rule]), shipped_vocabulary).quads()) == quads[:1]
