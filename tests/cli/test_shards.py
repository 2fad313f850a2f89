from __future__ import annotations

from pathlib import Path

import pytest
from tests.commands import one_line, run
from tests.server.live import free_port

from jobgraph.server.shards.table import read_table


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text("k" * 40)
    return path


def test_plan_begins_a_table(tmp_path: Path, key: Path) -> None:
    table = tmp_path / "shards.json"
    words = ["--table", table, "--key", key, "--add", f"a=127.0.0.1:{free_port()}", "--add", "b=127.0.0.1:1,2"]
    shown = run("shards", "plan", *words)
    assert (shown.code, table.exists(), shown.out.count("does not answer")) == (0, False, 2)
    assert run("shards", "plan", *words, "--write").code == 0
    assert {host.name: host.weight for host in read_table(table).hosts.values()} == {"a": 1.0, "b": 2.0}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(["plan"], 65, "Make it with jobgraph shards plan --add", id="no_table"),
        pytest.param(["plan", "--add", "a=nowhere"], 2, "write it like 10.0.0.1:7878", id="no_address"),
        pytest.param(["plan", "--add", "a=h:1,much"], 2, "has no weight that is a number", id="no_weight"),
        pytest.param(["move", "acme"], 65, "Make it with jobgraph shards plan --add", id="move_without_table"),
    ],
)
def test_slip_is_said_in_a_line(tmp_path: Path, key: Path, words: list[str], code: int, said: str) -> None:
    outcome = run("shards", *words, "--table", tmp_path / "none.json", "--key", key)
    assert (outcome.code, said in one_line(outcome)) == (code, True)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(["--as", "a"], 2, "--shards-key", id="half_of_it"),
        pytest.param(["--public-url", "https://{tenant}.x.test"], 2, "--shards-key", id="name_alone"),
        pytest.param(
            ["--shards", "{table}", "--as", "a", "--shards-key", "{key}"], 2, "give one like --public-url", id="no_name"
        ),
        pytest.param(
            ["--shards", "{url}", "--as", "a", "--shards-key", "{key}", "--public-url", "https://{{tenant}}.x.test"],
            75,
            "The table of hosts cannot be read from http://127.0.0.1:",
            id="table_at_a_dead_address",
        ),
    ],
)
def test_server_that_cannot_be_one_of_several_does_not_start(
    tmp_path: Path, key: Path, words: list[str], code: int, said: str
) -> None:
    given = {"table": tmp_path / "shards.json", "url": f"http://127.0.0.1:{free_port()}/shards.json", "key": key}
    outcome = run(
        "serve",
        "--home",
        tmp_path,
        *(word.format(**given) if "{{" in word or word[0] == "{" else word for word in words),
    )
    assert (outcome.code, said in one_line(outcome)) == (code, True)
