"""`jobgraph export`."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from tests.commands import finish, one_line, run, start
from tests.exports.packages import PROFILE, TENANT

from jobgraph.exports.signing import create_key, create_secret


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    (tmp_path / "small.ttl").write_text(PROFILE)
    return tmp_path / "small.ttl"


def test_export_says_what_it_wrote(sample_home: Path, profile: Path, tmp_path: Path) -> None:
    public = create_key(tmp_path / "our.key")
    out = tmp_path / "package.zip"
    outcome = run(
        "export", "-p", profile, "-o", out, "--home", sample_home, "-t", TENANT, "--key", tmp_path / "our.key"
    )
    assert outcome.code == 0, outcome.err
    assert f"{out}: " in outcome.out
    assert public.name in outcome.out
    verified = run("package", "verify", out, "--key", tmp_path / "our.key.pub")
    assert verified.code == 0
    assert f"signature: good, made with {public.name}" in verified.out
    assert run("package", "verify", out, "--json").json["manifest"]["tenant"] == TENANT


def test_zip_goes_to_standard_output_alone(sample_home: Path, profile: Path) -> None:
    process = start("export", "-p", profile, "-o", "-", "--home", sample_home, "-t", TENANT, "--compression", "zstd")
    out, err = process.communicate(timeout=120)
    assert err == b""
    with zipfile.ZipFile(io.BytesIO(out)) as archive:
        assert "data/graph.nq.zst" in archive.namelist()
        assert archive.testzip() is None


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (["-p", "nothing"], 2, "There is no profile 'nothing'"),
        (["-p", "small.ttl", "--format", "word"], 2, "There is no format 'word'"),
        (["-p", "small.ttl", "--compression", "rar"], 2, "There is no compression 'rar'"),
        (["-p", "small.ttl", "--key", "nowhere"], 65, "nowhere cannot be read"),
        (["-p", "small.ttl", "--generation", "99"], 2, "has no generation 99"),
        (["-p", "nowhere.ttl"], 65, "nowhere.ttl cannot be read"),
    ],
)
def test_mistakes_are_named_and_nothing_is_written(
    sample_home: Path,
    profile: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    problem: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = run("export", *arguments, "-o", "package", "--home", sample_home, "-t", TENANT)
    assert outcome.code == code
    assert problem in one_line(outcome)
    assert list(tmp_path.iterdir()) == [profile]


def test_pseudonyms_need_their_secret(sample_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "masked.ttl"
    path.write_text(PROFILE.replace("sh:targetClass jg:Job ;", "sh:targetClass jg:Job ; jg:isPseudonymised true ;"))
    command = ["export", "-p", path, "--home", sample_home, "-t", TENANT]
    assert "need a key" in one_line(run(*command, "-o", tmp_path / "one"))
    create_secret(tmp_path / "secret")
    outcome = run(*command, "-o", tmp_path / "two", "--secret", tmp_path / "secret")
    assert outcome.code == 0, outcome.err
    assert run("package", "verify", tmp_path / "two").code == 0


def test_export_that_dies_leaves_nothing_under_its_name(sample_home: Path, profile: Path, tmp_path: Path) -> None:
    out = tmp_path / "package"
    process = start("export", "-p", profile, "-o", out, "--home", sample_home, "-t", TENANT)
    while not list(tmp_path.glob(".package.*.partial")) and process.poll() is None:
        pass
    process.kill()
    assert finish(process).code < 0
    assert not out.exists()
    assert run("export", "-p", profile, "-o", out, "--home", sample_home, "-t", TENANT).code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["package", "small.ttl"]
