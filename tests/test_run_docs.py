"""What says how to run the server is true, as far as that shows without a container engine: settings, paths, units."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.deployment.engine import OPERATIONS, unit

from jobgraph.server.settings import ServerSettings
from jobgraph.settings import PREFIX, Settings, rules

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT.joinpath("docs", "run.md").read_text(encoding="utf-8")
DOCKERFILE = ROOT.joinpath("Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")
COMPOSE = ROOT.joinpath("compose.yaml").read_text(encoding="utf-8")
OPENED = [
    line[1:] for line in ROOT.joinpath(".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"
]


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} +(.*)$", DOCKERFILE, re.MULTILINE)


def copied() -> list[str]:
    """The paths that come from the repository."""
    lines = [words.split() for words in instructions("COPY") if not words.startswith("--from")]
    return [path for words in lines for path in words[:-1]]


def test_settings_table_has_each_field_of_the_server_in_order() -> None:
    fields = [(name, field) for name, field in rules(ServerSettings).items() if name not in rules(Settings)]
    rows = [f"| `{PREFIX}{name.upper()}` | `{field.default}` | {field.description} |" for name, field in fields]
    assert re.findall(r"^\| `JOBGRAPH_.*$", GUIDE, re.MULTILINE) == rows


@pytest.mark.parametrize("text", [GUIDE, COMPOSE, DOCKERFILE], ids=["guide", "compose", "dockerfile"])
def test_each_setting_that_is_named_exists(text: str) -> None:
    named = {name.lower() for name in re.findall(rf"{PREFIX}([A-Z_]+)", text)}
    assert named - set(rules(ServerSettings)) == set()


@pytest.mark.parametrize("path", sorted({*copied(), *OPENED}))
def test_path_that_the_image_is_made_of_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_engine_sees_all_that_is_copied_and_nothing_else() -> None:
    assert sorted(path.removeprefix("./") for path in copied()) == sorted(OPENED)


def test_all_that_the_wheel_is_built_from_is_copied() -> None:
    with ROOT.joinpath("pyproject.toml").open("rb") as stream:
        project: dict[str, Any] = tomllib.load(stream)
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    used = {
        *wheel["force-include"],
        *wheel["packages"],
        project["project"]["readme"],
        *project["project"]["license-files"],
    }
    assert {path.split("/")[0] for path in used} <= set(copied())


def test_base_image_has_a_whole_version() -> None:
    bases = {instructions("ARG")[0].removeprefix("PYTHON=")} | {
        words.split()[0] for words in instructions("FROM") if not words.startswith("${PYTHON}")
    }
    assert all(re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+(@sha256:[0-9a-f]{64})?", base) for base in bases)


def test_image_runs_as_a_user_without_rights() -> None:
    last = DOCKERFILE.rpartition("FROM ")[2]
    (user,) = re.findall(r"^USER (\d+):(\d+)$", last, re.MULTILINE)
    assert all(int(number) >= 1000 for number in user)
    assert last.index("USER ") < last.index("ENTRYPOINT")


@pytest.mark.parametrize(
    "line",
    [
        "read_only: true",
        'user: "10001:10001"',
        "cap_drop: [ALL]",
        'security_opt: ["no-new-privileges:true"]',
        'ports: ["127.0.0.1:7878:7878"]',
        "mem_limit: 8g",
        "pids_limit: 512",
    ],
)
def test_container_gets_no_more_than_it_needs(line: str) -> None:
    assert f"    {line}\n" in COMPOSE
    assert "privileged: true" not in COMPOSE


def test_home_folder_of_the_image_is_the_volume() -> None:
    assert "JOBGRAPH_HOME=/data" in DOCKERFILE
    assert instructions("VOLUME") == ["/data"]
    assert 'volumes: ["graphs:/data"]' in COMPOSE


@pytest.mark.parametrize("command", sorted(set(re.findall(r"jobgraph ((?:[a-z]+ )+)-", GUIDE))))
def test_command_exists(command: str) -> None:
    from typer.testing import CliRunner

    from jobgraph.cli.app import app

    result = CliRunner().invoke(app, [*command.split(), "--help"])
    assert result.exit_code == 0, result.output


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze, which checks units, is not installed")
def test_systemd_takes_each_unit_as_it_is(tmp_path: Path) -> None:
    program = Path(sys.prefix, "bin", "jobgraph")
    for guide in (GUIDE, OPERATIONS):
        for name in re.findall(r"`/etc/systemd/system/([a-z.-]+)`", guide):
            text = unit(guide, name).replace("/opt/jobgraph/bin/jobgraph", str(program))
            tmp_path.joinpath(name).write_text(text, encoding="utf-8")
    units = sorted(tmp_path.iterdir())
    assert [path.name for path in units] == ["jobgraph-backup.service", "jobgraph-backup.timer", "jobgraph.service"]
    assert complaints(*units) == []
    wrong = tmp_path / "jobgraph-wrong.service"
    wrong.write_text(units[-1].read_text(encoding="utf-8").replace("NoNewPrivileges", "NoMorePrivileges"))
    assert len(complaints(wrong)) == 1


def complaints(*units: Path) -> list[str]:
    """What systemd says of units, without what it says of others of the machine."""
    done = subprocess.run(["systemd-analyze", "verify", *units], check=False, capture_output=True, text=True)
    return [line for line in done.stderr.splitlines() if any(path.name in line for path in units)]
