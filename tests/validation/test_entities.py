"""Who owns a thing: the nearest function and department along the links of rows, and no others are looked at."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from jobgraph.shacl.statements import Term
from jobgraph.store import GraphNames
from jobgraph.validation.entities import Entities, Owner
from jobgraph.vocabulary import JG, RDFS, Vocabulary

NAMES = GraphNames("https://jobgraph.example/id/", "acme")
OUTCOME, JOB, PERSONA, ROLE, UNIT, OTHER_UNIT, DEPARTMENT, AREA = (
    NamedNode(f"{NAMES.base}{path}")
    for path in ("outcome/1", "job/1", "persona/1", "role/1", "business-function/1", "business-function/2",
                 "department/1", "area/sales")
)  # fmt: skip
OUTCOME_OF_JOB = (JOB, "hasOutcome", OUTCOME)
JOB_IN_UNIT = (JOB, "belongsToFunction", UNIT)
JOB_IN_AREA = (JOB, "hasFunctionalArea", AREA)
IN_ROLE = (PERSONA, "playsRole", ROLE)
IN_DEPARTMENT = (PERSONA, "belongsToDepartment", DEPARTMENT)
ROLE_IN_UNIT = (ROLE, "sitsInFunction", UNIT)
DEPARTMENT_IN_OTHER = (DEPARTMENT, "isDepartmentOf", OTHER_UNIT)
LABELS = {UNIT: "Sales", OTHER_UNIT: "Access", DEPARTMENT: "Pricing", AREA: "sales area"}


def entities_of(*stated: tuple[NamedNode, str, NamedNode], without_label: NamedNode | None = None) -> Entities:
    store, graph = Store(), NamedNode(NAMES.asserted)
    store.extend(Quad(one, NamedNode(JG + link), other, graph) for one, link, other in stated)
    labels = {node: label for node, label in LABELS.items() if node != without_label}
    store.extend(Quad(node, NamedNode(RDFS + "label"), Literal(label), graph) for node, label in labels.items())
    return Entities(store, NAMES, Vocabulary())


@pytest.mark.parametrize(
    ("entity", "stated", "owner"),
    [
        (JOB, [JOB_IN_UNIT], Owner("Sales")),
        (OUTCOME, [OUTCOME_OF_JOB, JOB_IN_UNIT], Owner("Sales")),
        (OUTCOME, [OUTCOME_OF_JOB, JOB_IN_AREA], Owner("sales area")),
        (OUTCOME, [OUTCOME_OF_JOB, JOB_IN_AREA, JOB_IN_UNIT], Owner("Sales")),
        (PERSONA, [IN_DEPARTMENT, IN_ROLE, ROLE_IN_UNIT], Owner("Sales", "Pricing")),
        (PERSONA, [IN_DEPARTMENT, DEPARTMENT_IN_OTHER, IN_ROLE], Owner("Access", "Pricing")),
        (PERSONA, [IN_ROLE], Owner()),
        (UNIT, [], Owner("Sales")),
    ],
)
def test_owner_is_the_nearest_unit(
    entity: NamedNode, stated: list[tuple[NamedNode, str, NamedNode]], owner: Owner
) -> None:
    assert entities_of(*stated).owner(entity) == owner


def test_function_without_a_label_is_none_and_the_way_goes_on() -> None:
    stated = [(PERSONA, "belongsToFunction", UNIT), IN_DEPARTMENT, DEPARTMENT_IN_OTHER]
    assert entities_of(*stated, without_label=UNIT).owner(PERSONA) == Owner("Access", "Pricing")


def test_what_is_no_unit_is_not_looked_at_beside_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    entities, asked = entities_of(JOB_IN_UNIT), set()
    objects = entities.objects

    def noted(node: NamedNode, path: str) -> list[Term]:
        asked.add((node, path.removeprefix(JG)))
        return objects(node, path)

    monkeypatch.setattr(entities, "objects", noted)
    assert entities.owner(JOB) == Owner("Sales")
    assert {path for node, path in asked if node == JOB} == {"belongsToFunction", "hasFunctionalArea"}
