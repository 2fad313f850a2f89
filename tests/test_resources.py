from __future__ import annotations

from pathlib import Path

import pytest

from jobgraph import resources


def hash_of(root: Path, monkeypatch: pytest.MonkeyPatch, **files: str) -> str:
    for part in ("ontology", "shapes"):
        (root / part).mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(resources, "resource_path", root.joinpath)
    return resources.terms_hash.__wrapped__()


@pytest.mark.parametrize(
    ("name", "n_hashes"),
    [
        pytest.param("ontology/core.ttl", 3, id="ontology"),
        pytest.param("ontology/codes/units.ttl", 3, id="folder_inside"),
        pytest.param("ontology/rules/10_rule.rq", 3, id="rule"),
        pytest.param("shapes/core.ttl", 3, id="shapes"),
        pytest.param("shapes/examples/core/wrong.ttl", 1, id="example"),
        pytest.param("ontology/questions/jobs.rq", 1, id="question"),
    ],
)
def test_hash_is_of_terms_and_rules(name: str, n_hashes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    none = hash_of(tmp_path, monkeypatch)
    some = [hash_of(tmp_path, monkeypatch, **{name: text}) for text in ("one", "two")]
    assert len({none, *some}) == n_hashes


def test_file_at_another_place_is_another_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = hash_of(tmp_path / "a", monkeypatch, **{"ontology/a.ttl": "same"})
    assert hash_of(tmp_path / "b", monkeypatch, **{"shapes/a.ttl": "same"}) != one
