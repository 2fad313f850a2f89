"""The README says what is true: its settings, its exit codes, its files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jobgraph import errors
from jobgraph.settings import Settings, rules

ROOT = Path(__file__).resolve().parent.parent
README = ROOT.joinpath("README.md").read_text(encoding="utf-8")
ERRORS = [
    value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, errors.JobgraphError)
]


def test_settings_table_has_each_field_in_order() -> None:
    fields = rules(Settings).items()
    rows = [f"| `JOBGRAPH_{name.upper()}` | `{field.default}` | {field.description} |" for name, field in fields]
    assert re.findall(r"^\| `JOBGRAPH_.*$", README, re.MULTILINE) == rows


def test_exit_code_of_each_error_is_explained() -> None:
    explained = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert {error.exit_code for error in ERRORS if error is not errors.JobgraphError} <= explained


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_link_leads_to_a_file(target: str) -> None:
    assert (ROOT / target).exists()


@pytest.mark.parametrize("picture", sorted(ROOT.glob("docs/images/*.png")), ids=lambda path: path.stem)
def test_picture_is_shown_and_small(picture: Path) -> None:
    assert f"]({picture.relative_to(ROOT)})" in README
    assert picture.stat().st_size < 200_000


@pytest.mark.parametrize("target", ["demo", "test"])
def test_first_screen_names_the_two_commands(target: str) -> None:
    assert f"make {target}" in "\n".join(README.splitlines()[:25])
