"""What a build found wrong can be looked at as tables."""

from __future__ import annotations

from pathlib import Path

from tests.small_source import small_tables, write_tables

from jobgraph.api import build, open_graph
from jobgraph.api.quality import read_findings, read_quarantined


def test_flaws_of_a_build_are_tables(tmp_path: Path) -> None:
    tables = small_tables()
    tables["jtbd_outcomes"][0]["importance_score"] = "11.0"
    tables["jtbd_outcomes"][1]["jtbd_id"] = "nowhere"
    report = build(write_tables(tmp_path / "source", tables), home=tmp_path / "home")
    kg = open_graph("acme", home=tmp_path / "home")
    first = kg.findings().row(0, named=True)
    assert (first["severity"], first["focus"].rpartition("/")[2]) == ("Violation", "outcome-a1")
    assert kg.findings().height == next(tenant.findings for tenant in report.tenants if tenant.slug == "acme")
    assert "^hasOutcome" in kg.findings()["path"].to_list()
    assert "nowhere" in kg.quarantined()["value"].to_list()


def test_generation_without_a_report_has_no_flaws(tmp_path: Path) -> None:
    assert (read_findings(tmp_path).height, read_quarantined(tmp_path).height) == (0, 0)
