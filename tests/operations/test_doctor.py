from __future__ import annotations

from pathlib import Path

import pytest
from tests.operations.checks.subjects import subject

from jobgraph.operations.checks.model import Finding, State, ok, warning
from jobgraph.operations.doctor import CHECKS, Named, examine, is_failing
from jobgraph.store.layout import FORMAT, write_format


def test_each_check_says_something(first_home: Path) -> None:
    assert {named.check for named in examine(subject(first_home, port=1))} == set(CHECKS)


def test_without_a_home_only_the_rest_is_looked_at(tmp_path: Path) -> None:
    found = list(examine(subject(tmp_path / "none")))
    assert [named.finding.state for named in found if named.check == "home"] == [State.FAILURE]
    assert "disk" not in {named.check for named in found}


def test_check_that_cannot_look_is_a_failure_and_the_others_go_on(home: Path) -> None:
    write_format(home, FORMAT + 1)
    (home / "access" / "tokens.json").write_text("{")
    failing = {named.check: named.finding.text for named in examine(subject(home)) if is_failing([named])}
    assert f"is of format {FORMAT + 1}" in failing["home"]
    assert "tokens.json is broken" in failing["tokens"]
    assert "audit log" not in failing


@pytest.mark.parametrize(
    ("finding", "fails"), [(ok("x"), False), (warning("x", "Y."), False), (Finding(State.FAILURE, "x"), True)]
)
def test_only_failures_fail(finding: Finding, fails: object) -> None:
    assert is_failing([Named("x", ok("y")), Named("x", finding)]) is fails
