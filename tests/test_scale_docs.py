"""What is said about scale is what was measured: tables made from the figures; links and settings that exist."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

import pytest
from tests.benchmarks.scale_docs import FIGURES, GUIDE, STAGES, exponent, extrapolated, with_tables

from jobgraph.server.settings import ServerSettings
from jobgraph.settings import rules

TEXT = GUIDE.read_text(encoding="utf-8")
MEASURED: dict[str, Any] = json.loads(FIGURES.read_text(encoding="utf-8"))


def test_tables_are_made_from_the_figures() -> None:
    assert with_tables(TEXT) == TEXT


def test_each_size_is_about_ten_times_the_one_before() -> None:
    triples = [size["triples"] for size in MEASURED["sizes"]]
    assert len(triples) > 1
    assert all(5 < after / before < 20 for before, after in pairwise(triples))


def test_every_size_has_every_stage_of_a_build() -> None:
    first, *others = [{found["stage"] for found in size["figures"]} for size in MEASURED["sizes"]]
    build = set(STAGES[: STAGES.index("build") + 1])
    assert all(build <= stages <= first for stages in others)
    assert set(STAGES) <= first


def test_figures_name_no_machine() -> None:
    assert {key for size in MEASURED["sizes"] for key in size["machine"]} == {
        "cores",
        "memory_gb",
        "python",
        "kernel",
        "libraries",
    }


@pytest.mark.parametrize("power", [0.5, 1.0, 1.3])
def test_exponent_of_a_power_is_found(power: float) -> None:
    sizes = [1e5, 1e6, 1e7]
    values = [3 * size**power for size in sizes]
    assert exponent(sizes, values) == pytest.approx(power)
    assert extrapolated(sizes, values, 1e8, least=1) == pytest.approx(values[-1] * 10 ** max(1, power))


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", TEXT))))
def test_link_leads_to_a_file(target: str) -> None:
    assert (GUIDE.parent / target).exists()


def test_each_setting_that_is_named_exists() -> None:
    named = {name.lower() for name in re.findall(r"JOBGRAPH_([A-Z_]+)", TEXT)}
    assert named - set(rules(ServerSettings)) == set()
