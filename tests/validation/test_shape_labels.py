from __future__ import annotations

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode

from jobgraph.validation.shape_labels import Facts, ShapeLabels
from jobgraph.vocabulary import RDFS, SH

PUMP, POWER, NAMED, NAMELESS = NamedNode("ex:Pump"), NamedNode("ex:Pump-power"), BlankNode("a"), BlankNode("b")
FACTS: Facts = {
    PUMP: {RDFS + "label": [Literal("pump")], SH + "property": [POWER, NAMED, NAMELESS]},
    POWER: {SH + "path": [NamedNode("ex:ratedPower")]},
    NAMED: {SH + "name": [Literal("flow")]},
    NAMELESS: {SH + "path": [NamedNode("https://x/feeds")]},
    NamedNode("ex:Own"): {SH + "property": [NamedNode("ex:Own")]},
}


@pytest.mark.parametrize(
    ("shape", "label"),
    [
        pytest.param(PUMP, "pump", id="its_label"),
        pytest.param(NAMED, "flow", id="its_name"),
        pytest.param(POWER, "pump: power", id="column_of_the_shape_around"),
        pytest.param(NAMELESS, "pump: feeds", id="path_in_the_shape_around"),
        pytest.param(NamedNode("https://x/y#Z"), "Z", id="last_step_of_an_unknown_shape"),
        pytest.param(NamedNode("https://x/Own"), "Own", id="last_step_of_an_iri"),
        pytest.param(BlankNode("c"), "_:c", id="blank_node_itself"),
    ],
)
def test_people_call_a_shape(shape: object, label: str) -> None:
    assert ShapeLabels(FACTS).of(shape) == label


def test_shape_in_itself_is_called_by_its_iri() -> None:
    assert ShapeLabels(FACTS).of(NamedNode("ex:Own")) == "ex:Own"
