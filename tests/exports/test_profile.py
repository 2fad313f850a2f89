from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.exports.profiles import JOBS, POLICY, profile_text, written

from jobgraph.errors import InputError, JobgraphError, UsageError
from jobgraph.exports import Mask, profile_names, read_profile
from jobgraph.resources import resource_path
from jobgraph.store import Home
from jobgraph.turtle import format_files
from jobgraph.vocabulary import JG, RDF, RDFS, Vocabulary

JOB, LABEL, TYPE = JG + "Job", RDFS + "label", RDF + "type"


def shape(inner: str, target: str = "jg:Job") -> str:
    return f"ex:shape a sh:NodeShape ; sh:targetClass {target} ; {inner} ."


def limited(operator: str, value: str) -> str:
    return POLICY.replace(
        "odrl:action odrl:use",
        f"odrl:action odrl:use ; odrl:constraint [ odrl:leftOperand odrl:dateTime ; odrl:operator odrl:{operator} ;"
        f' odrl:rightOperand "{value}" ]',
    )


@pytest.mark.parametrize("name", profile_names())
def test_shipped_profile_can_be_read(name: str, shipped_vocabulary: Vocabulary) -> None:
    profile = read_profile(name, vocabulary=shipped_vocabulary)
    assert profile.name == name
    assert profile.iri == f"{JG}profile/{name}"
    assert profile.turtle == resource_path("data", "profiles", f"{name}.ttl").read_text()


def test_shipped_profiles_are_in_canonical_form() -> None:
    assert format_files([resource_path("data", "profiles"), resource_path("shapes", "exports")], check=True) == []


FAULTS = [
    pytest.param("", {}, "selects nothing", id="nothing"),
    pytest.param(JOBS, {"graphs": "jg:OntologyGraph"}, "no graph that has things", id="no_graph_for_classes"),
    pytest.param(JOBS, {"graphs": "jg:Everything"}, "names one graph at least", id="unknown_graph"),
    pytest.param(
        shape("jg:includesAllProperties true", "jg:Jop"), {}, f"<{JG}Jop>; did you mean <{JG}Job>?", id="class"
    ),
    pytest.param(shape("sh:property [ sh:path jg:labell ]"), {}, f"no property <{JG}labell>", id="property"),
    pytest.param(
        shape("jg:includesAllProperties true ; jg:excludesProperty jg:note"), {}, "did you mean", id="excluded"
    ),
    pytest.param(shape('rdfs:label "none"'), {}, "names properties with sh:property", id="no_property"),
    pytest.param(
        "ex:a sh:targetClass jg:Job ; jg:includesAllProperties true .", {}, "is a sh:NodeShape", id="no_shape"
    ),
    pytest.param(JOBS + JOBS.replace("ex:jobs", "ex:more"), {}, "two shapes select", id="class_twice"),
    pytest.param(JOBS, {"more": "; jg:excludesClass jg:Job"}, "selects and excludes", id="excluded_class"),
    pytest.param(
        shape("sh:property [ sh:path jg:notes ] ; jg:excludesProperty jg:notes"), {}, "lets out and excludes", id="both"
    ),
    pytest.param(JOBS, {"more": "; jg:excludesProperty rdfs:label"}, "lets out and excludes", id="excluded_everywhere"),
    pytest.param(shape("sh:property [ sh:path jg:email ]", "jg:User"), {}, "is personal data", id="personal_property"),
    pytest.param(shape("jg:includesAllProperties true", "jg:User"), {}, "are people", id="people"),
    pytest.param(
        shape("jg:includesAllProperties true ; jg:includesPersonalData true", "jg:User"),
        {"policy": "a odrl:Offer ; odrl:permission [ odrl:action odrl:use ] ."},
        "by an offer to anyone",
        id="personal_data_for_anyone",
    ),
    pytest.param(
        JOBS, {"policy": "a odrl:Agreement ; odrl:permission [ odrl:action odrl:use ] ."}, "policy", id="nobody"
    ),
    pytest.param(JOBS, {"policy": 'rdfs:label "none" .'}, "needs one policy", id="no_policy"),
    pytest.param(JOBS, {"policy": limited("lteq", "soon")}, "'soon' is no date", id="no_date"),
    pytest.param(JOBS, {"policy": limited("isPartOf", "2027-01-01")}, "bounds no time", id="no_bound"),
    pytest.param(JOBS, {"more": '; dcterms:format "word"'}, "one of turtle, trig", id="format"),
    pytest.param(JOBS, {"more": '; void:uriSpace "ftp://x"'}, "begins with http", id="base"),
    pytest.param(JOBS, {"more": '; jg:jsonLdFrame "{"^^rdf:JSON'}, "is no JSON", id="frame"),
    pytest.param(JOBS, {"more": '; jg:jsonLdFrame "[]"^^rdf:JSON'}, "no JSON object", id="frame_of_another_kind"),
    pytest.param(JOBS, {"more": "; jg:violationLimit -1"}, "whole number from 0", id="limit"),
    pytest.param(
        shape('sh:property [ sh:path dcterms:created ; jg:datePrecision "day" ]'), {}, "year or month", id="precision"
    ),
    pytest.param(
        shape('sh:property [ sh:path rdfs:label ; jg:datePrecision "year" ]'), {}, "does not fit", id="mask_of_text"
    ),
    pytest.param(
        shape("sh:property [ sh:path rdfs:label ; jg:textLength 3 ; jg:numberStep 2 ]"),
        {},
        "in one way",
        id="two_masks",
    ),
    pytest.param(
        shape("sh:property [ sh:path jg:dependsOn ; jg:isPseudonymised true ]"),
        {},
        "leads to things",
        id="mask_of_link",
    ),
    pytest.param(
        shape("sh:property [ sh:path [ sh:inversePath jg:dependsOn ] ]"), {}, "no property selects nothing", id="path"
    ),
    pytest.param(shape("sh:property [ sh:path rdfs:label ] ; sh:node ex:none"), {}, "described nowhere", id="shacl"),
    pytest.param("ex:x a prof:Profile .", {}, "names one graph", id="two_profiles"),
    pytest.param(JOBS + " ex:x ex:y", {}, "line", id="turtle"),
]


@pytest.mark.parametrize(("shapes", "options", "problem"), FAULTS)
def test_faulty_profile_is_refused_in_one_line(
    shapes: str, options: dict[str, str], problem: str, shipped_vocabulary: Vocabulary, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        read_profile(written(tmp_path, profile_text(shapes, **options)), vocabulary=shipped_vocabulary)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "own.ttl" in str(caught.value)


@pytest.mark.parametrize("name", ["open", "partner"])
def test_shipped_profile_cannot_be_made_to_let_out_people(
    name: str, shipped_vocabulary: Vocabulary, tmp_path: Path
) -> None:
    text = resource_path("data", "profiles", f"{name}.ttl").read_text()
    people = "<urn:p> a sh:NodeShape ; sh:targetClass jg:User ; jg:includesAllProperties true ; {} ."
    for words in ("jg:includesPersonalData true", "jg:includesPersonalData false"):
        with pytest.raises(InputError, match="contradicts itself"):
            read_profile(written(tmp_path, text + people.format(words)), vocabulary=shipped_vocabulary)


def test_classes_properties_and_masks_are_read(shipped_vocabulary: Vocabulary, tmp_path: Path) -> None:
    inner = (
        "jg:isPseudonymised true ; sh:property [ sh:path rdfs:label ; jg:isPseudonymised true ] , "
        '[ sh:path dcterms:created ; jg:datePrecision "month" ] , [ sh:path jg:situation ; jg:textLength 20 ] , '
        "[ sh:path jg:validationScore ; jg:numberStep 0.25 ] , [ sh:path jg:dependsOn ]"
    )
    text = profile_text(shape(inner))
    rule = read_profile(written(tmp_path, text), vocabulary=shipped_vocabulary).classes[JOB]
    assert rule.pseudonym
    assert rule.conditions == ()
    assert rule.properties == {
        TYPE: None,
        LABEL: Mask("pseudonym"),
        "http://purl.org/dc/terms/created": Mask("coarse", precision="month"),
        JG + "situation": Mask("coarse", length=20),
        JG + "validationScore": Mask("coarse", step="0.25"),
        JG + "dependsOn": None,
    }


def test_shorthand_leaves_out_what_is_excluded(shipped_vocabulary: Vocabulary, tmp_path: Path) -> None:
    inner = "jg:includesAllProperties true ; jg:excludesProperty jg:notes"
    text = profile_text(shape(inner), more="; jg:excludesProperty jg:belongsToTenant")
    properties = read_profile(written(tmp_path, text), vocabulary=shipped_vocabulary).classes[JOB].properties.keys()
    assert properties >= {LABEL, JG + "hasOutcome", JG + "dependsOn", JG + "hasStatus", TYPE}
    assert not properties & {JG + "notes", JG + "belongsToTenant", JG + "importanceScore"}


@pytest.mark.parametrize(
    ("operator", "first", "last"),
    [
        pytest.param("lteq", None, date(2027, 12, 31), id="until"),
        pytest.param("lt", None, date(2027, 12, 30), id="before"),
        pytest.param("gteq", date(2027, 12, 31), None, id="from"),
        pytest.param("gt", date(2028, 1, 1), None, id="after"),
        pytest.param("eq", date(2027, 12, 31), date(2027, 12, 31), id="on"),
    ],
)
def test_policy_holds_on_the_days_of_its_constraints(
    operator: str, first: date | None, last: date | None, shipped_vocabulary: Vocabulary, tmp_path: Path
) -> None:
    text = profile_text(policy=limited(operator, "2027-12-31"))
    policy = read_profile(written(tmp_path, text), vocabulary=shipped_vocabulary).policy
    assert (policy.valid_from, policy.valid_until) == (first, last)
    assert (policy.assigner, policy.assignee, policy.actions) == ("urn:us", "urn:them", ("use",))


def test_a_tenant_has_profiles_of_its_own(shipped_vocabulary: Vocabulary, tmp_path: Path) -> None:
    tenant = Home(tmp_path).tenant("acme", missing_ok=True)
    (tenant.path / "profiles").mkdir(parents=True)
    (tenant.path / "profiles" / "own.ttl").write_text(profile_text(), encoding="utf-8")
    assert profile_names(tenant) == ["full", "open", "own", "partner"]
    assert read_profile("own", vocabulary=shipped_vocabulary, tenant=tenant).name == "own"
    (tenant.path / "profiles" / "open.ttl").write_text(profile_text(), encoding="utf-8")
    with pytest.raises(UsageError, match="name of a shipped profile"):
        read_profile("open", vocabulary=shipped_vocabulary, tenant=tenant)


@pytest.mark.parametrize("name", ["opne", "../open", "", "open/../full", "missing.ttl"])
def test_unknown_profile_is_refused(name: str, shipped_vocabulary: Vocabulary) -> None:
    with pytest.raises(JobgraphError, match=r"no profile|cannot be read"):
        read_profile(name, vocabulary=shipped_vocabulary)
