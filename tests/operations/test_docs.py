"""What says how to look after a home is true: commands and options, settings, metrics, files."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.server.test_metrics import metrics
from typer.testing import CliRunner

from jobgraph.cli.app import app
from jobgraph.server.settings import ServerSettings
from jobgraph.settings import rules
from jobgraph.store.layout import FORMAT

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = DOCS.joinpath("operations.md").read_text(encoding="utf-8")
ALERTS = DOCS / "alerts.yml"
RULES: list[dict[str, Any]] = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"][0]["rules"]
COMMANDS = sorted(set(re.findall(r"(?:jobgraph|--rm [^`\n]*? server) ((?:[a-z]+ )*[a-z]+)((?: [^`\n]*)?)", GUIDE)))
COMMANDS = [(words, rest) for words, rest in COMMANDS if "--" in rest or rest == ""]


@pytest.mark.parametrize(("words", "rest"), COMMANDS, ids=[f"{words}{rest}"[:60] for words, rest in COMMANDS])
def test_command_has_the_options_that_are_named(words: str, rest: str) -> None:
    result = CliRunner().invoke(app, [*_command(words.split()), "--help"])
    assert result.exit_code == 0, result.output
    for option in re.findall(r"(?<=\s)--[a-z-]+", rest.partition("&&")[0]):
        assert option in result.output


def _command(words: list[str]) -> list[str]:
    """A command and, in a group, what is asked of it; words of a sentence that follow are none."""
    from typer.main import get_command

    group: Any = get_command(app)
    names = []
    for word in words:
        if word not in getattr(group, "commands", {}):
            break
        names.append(word)
        group = group.commands[word]
    assert names, words
    return names


def test_each_setting_that_is_named_exists() -> None:
    named = {name.lower() for name in re.findall(r"JOBGRAPH_([A-Z_]+)", GUIDE + ALERTS.read_text(encoding="utf-8"))}
    assert named - set(rules(ServerSettings)) == set()


def test_newest_format_is_explained() -> None:
    assert re.findall(r"^\| (\d+) \|", GUIDE, re.MULTILINE) == [str(number) for number in range(1, FORMAT + 1)]


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", GUIDE))))
def test_link_leads_to_a_file(target: str) -> None:
    assert (DOCS / target).exists()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_alert_is_whole_and_asks_for_what_the_server_exports(rule: dict[str, Any], tmp_path: Path) -> None:
    exported = metrics(tmp_path)
    exported.note("/sparql", "GET", 200, 0.5)
    text = exported.text().decode()
    named = re.findall(r"\b((?:jobgraph|process)_\w+)(?:\{([^}]*)\})?", rule["expr"])
    for name, _ in named:
        assert re.search(rf"^{name}[ {{]", text, re.MULTILINE), name
    for label in re.findall(r"(\w+)=~?\"", "".join(labels for _, labels in named)):
        assert label in {"job", "instance", "route", "method", "status", "le"}
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert set(rule["annotations"]) == {"summary", "description"}
    assert named or 'up{job="jobgraph"}' in rule["expr"]


def test_rules_are_those_of_prometheus() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    subprocess.run([promtool, "check", "rules", ALERTS], check=True, capture_output=True)
