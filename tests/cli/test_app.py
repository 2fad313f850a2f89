"""The command line as a whole: help with an example everywhere, one line for each error, exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from tests.commands import finish, one_line, run, start

from jobgraph.cli.app import app, app_for
from jobgraph.store import Home


def iter_paths(command: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The words of every command and group."""
    inner = getattr(command, "commands", {})
    return [path, *(found for name, sub in inner.items() for found in iter_paths(sub, (*path, name)))]


PATHS = iter_paths(typer.main.get_command(app))


@pytest.mark.parametrize("path", [pytest.param(path, id=" ".join(path) or "jobgraph") for path in PATHS])
def test_help_has_an_example(path: tuple[str, ...]) -> None:
    outcome = run(*path, "--help")
    assert (outcome.code, f"Example: jobgraph {' '.join(path)}".rstrip() in outcome.out) == (0, True)


@pytest.mark.parametrize("path", [(), ("ontology",)])
def test_group_without_a_command_shows_its_help(path: tuple[str, ...]) -> None:
    outcome = run(*path)
    assert (outcome.code, "Commands:" in outcome.out) == (2, True)


@pytest.mark.parametrize(
    ("words", "made"),
    [
        pytest.param(["build", "--help"], {"build", "mapping"}, id="with_the_other_of_its_module"),
        pytest.param(["shards"], {"shards"}, id="group"),
        pytest.param([], {path[0] for path in PATHS if path}, id="no_word"),
        pytest.param(["nosuch"], {path[0] for path in PATHS if path}, id="unknown_word"),
    ],
)
def test_commands_that_are_not_named_are_not_made(words: list[str], made: set[str]) -> None:
    assert set(getattr(typer.main.get_command(app_for(words)), "commands", ())) == made


def test_version_is_printed() -> None:
    outcome = run("--version")
    assert (outcome.code, outcome.out.split()[0]) == (0, "jobgraph")


@pytest.mark.parametrize(
    ("words", "help_of"),
    [
        pytest.param(["nosuch"], "jobgraph", id="unknown_command"),
        pytest.param(["build"], "jobgraph build", id="missing_argument"),
        pytest.param(["build", "x", "--nope"], "jobgraph build", id="unknown_option"),
        pytest.param(["generations", "prune", "--keep", "many"], "jobgraph generations prune", id="bad_value"),
        pytest.param(["query", "a", "b"], "jobgraph query", id="one_argument_too_many"),
    ],
)
def test_slip_on_the_command_line_ends_with_2(words: list[str], help_of: str) -> None:
    outcome = run(*words)
    assert (outcome.code, outcome.out) == (2, "")
    assert one_line(outcome).endswith(f"; see {help_of} --help.")


def test_bad_setting_names_its_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBGRAPH_THREADS", "none")
    outcome = run("build", tmp_path, "--home", tmp_path / "home")
    assert (outcome.code, one_line(outcome).startswith("JOBGRAPH_THREADS: ")) == (2, True)


def test_home_comes_from_the_environment(built_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBGRAPH_HOME", str(built_home))
    assert "acme" in run("tenants").out


def test_reader_that_goes_away_is_no_error(built_home: Path) -> None:
    process = start("dump", "--home", built_home, "-t", "acme")
    assert process.stdout
    process.stdout.read(10)
    process.stdout.close()
    process.stdout = None
    outcome = finish(process)
    assert (outcome.code, outcome.err) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", [["dump"], ["query", "ASK { }"]])
def test_full_output_ends_with_74(built_home: Path, words: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        outcome = finish(start(*words, "--home", built_home, "-t", "acme", stdout=full))
    assert (outcome.code, one_line(outcome)) == (74, "Output: No space left on device.")


def test_interrupt_ends_with_130(built_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_home: Home) -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(Home, "tenants", interrupt)
    outcome = run("tenants", "--home", built_home)
    assert (outcome.code, one_line(outcome)) == (130, "Interrupted; what was published before is unchanged.")


def test_output_is_utf8_in_any_locale(built_home: Path) -> None:
    environment = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    outcome = finish(start("tenants", "--home", built_home, env=environment))
    assert (outcome.code, "│ acme" in outcome.out) == (0, True)
